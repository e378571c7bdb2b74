"""What an administrator holds back stays held back, whatever becomes of its day."""

import datetime as dt

from sqlalchemy import select

from perfmgr.actions import reminders, reminders_due
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from tests.actions.reminding import LAST, By, at, close_on, hand_in, ledger, run
from tests.cast import ADMIN, FILLER, Cast


def hold(by: By, occurrence: str) -> None:
    """Pause the filler's lines of this occurrence by hand."""
    mine = select(Reminder).join(Person).where(Person.username == FILLER, Reminder.occurrence == occurrence)
    for line in db.session.scalars(mine).all():
        reminders.pause(line, "已电话通知", by(ADMIN))


def test_a_line_paused_by_hand_stays_paused_when_its_day_moves(by: By, cast: Cast, due: dict[str, int]) -> None:
    reminders_due.plan_due(at("2026-05-22"))  # the lines of a week before wait
    hold(by, "before-7@2026-05-31")
    close_on(cast, dt.date(2026, 6, 2))
    assert run(at("2026-05-23")) == [2]  # a month before the new day, which nobody held back
    held = ("paused", "by_hand", "before-7@2026-06-02", at("2026-05-26"), dt.date(2026, 6, 2))
    names = ("state", "reason", "occurrence", "due_at", "due_on")
    assert [row for row in ledger(*names) if row[0] == "paused"] == [held] * 2
    assert run(at("2026-05-26"), at("2026-05-27")) == [0, 0]
    close_on(cast, dt.date(2026, 6, 1))  # its time is past now, and still it is not made up for
    assert run(at("2026-05-27", 10), at("2026-05-28")) == [0, 0]
    assert run(at("2026-05-29")) == [2]  # three days before
    close_on(cast, LAST)
    assert {row[:2] for row in ledger("state", "reason", "occurrence") if row[2].startswith("before-7")} == {
        ("paused", "by_hand")
    }


def test_a_line_paused_by_hand_stays_paused_when_what_it_is_about_comes_back(by: By, due: dict[str, int]) -> None:
    reminders_due.plan_due(at("2026-05-22"))
    hold(by, "before-7@2026-05-31")
    hand_in(*due.values())
    reminders_due.plan_due(at("2026-05-23"))
    assert set(ledger("state", "reason")) == {("skipped", "done")}
    hand_in(*due.values(), state="open")
    assert run(at("2026-05-24")) == [0]
    back = {row[1:] for row in ledger("occurrence", "state", "reason", "note") if row[0].startswith("before-7")}
    assert back == {("paused", "by_hand", "已电话通知")}

"""What an administrator holds back stays held back, whatever becomes of its day."""

import datetime as dt

import pytest
from sqlalchemy import select

from perfmgr import times
from perfmgr.actions import people, reminders, reminders_due
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.queries import reminders as queries
from perfmgr.queries.people import viewer
from perfmgr.rules.absences import held_until
from perfmgr.rules.refusals import Conflict
from tests.actions.reminding import LAST, By, at, close_on, hand_in, ledger, run
from tests.cast import ADMIN, FILLER, Cast
from tests.reminders import NOON, line, rule


def hold(by: By, occurrence: str) -> None:
    """Pause the filler's lines of this occurrence by hand."""
    mine = select(Reminder).join(Person).where(Person.username == FILLER, Reminder.occurrence == occurrence)
    for found in db.session.scalars(mine).all():
        reminders.pause(found, "已电话通知", by(ADMIN))


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


# --- people who are away ------------------------------------------------------------------------


def test_an_absence_noted_by_who_is_over_some_posts_holds_back_those_alone(by: By, cast: Cast) -> None:
    boss, _password = people.create(by(ADMIN), "benbuguanli", "甲部门管理", [(cast.department, "administrator")])
    both = [(cast.unit, "filler"), (cast.other_unit, "filler")]
    person, _password = people.create(by(ADMIN), "liangchu", "两处填报", both)
    partly, wholly = viewer(boss.id), by(ADMIN)
    assert (reminders.reach(person, partly), reminders.reach(person, wholly)) == ([cast.department], None)
    of = rule(cast.area)
    own, other = (line(of, person.id, unit, subject_id=n) for n, unit in enumerate((cast.unit, cast.other_unit), 1))

    def states() -> list[str]:
        return [db.session.get_one(Reminder, n, populate_existing=True).state for n in (own, other)]

    until = times.day(NOON) + dt.timedelta(days=3)
    assert reminders.pause_person(person, until, "休假", partly, now=NOON) == 1
    assert states() == ["paused", "pending"]
    paths = [db.session.get_one(Unit, n).path for n in (cast.unit, cast.other_unit)]
    assert [held_until(person.preferences, path, until) for path in paths] == [until, None]
    assert reminders.pause_person(person, until, "借调", wholly, now=NOON) == 1
    assert states() == ["paused", "paused"]
    with pytest.raises(Conflict, match="请由该管理员恢复"):
        reminders.unpause_person(person, partly, now=NOON)
    assert reminders.unpause_person(person, wholly, now=NOON) == 2
    reminders.pause_person(person, until, "休假", partly, now=NOON)
    assert reminders.paused_until(person, partly) == until
    assert reminders.end_absences(NOON + dt.timedelta(days=4)) == 1
    assert states() == ["pending", "pending"]
    assert person.preferences == {}


def test_the_clock_tells_what_is_owed_elsewhere(cast: Cast, due: dict[str, int]) -> None:
    person = db.session.get_one(Person, cast.people[FILLER])
    person.preferences = {"reminders_paused_in": {str(cast.unit): "2026-05-25"}}
    db.session.commit()
    assert run(at("2026-05-24")) == [1]  # the department's own sheet, not the unit's
    assert {row for row in ledger("state", "reason") if row[0] != "pending"} == {("sent", ""), ("paused", "away")}
    shown = queries.preview([db.session.get_one(Unit, cast.area).path], at("2026-05-24", 8), 3)
    held = {(c.day.isoformat(), c.count, c.held_until) for c in shown.lines if c.person_id == person.id}
    assert held == {("2026-05-24", 1, dt.date(2026, 5, 25)), ("2026-05-24", 1, None)}

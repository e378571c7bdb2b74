"""What may be done to the lines of the ledger: repeat, pause, let go, take note; and people who are away."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import update

from perfmgr import times
from perfmgr.actions import reminders
from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.queries import _reminder_ledger as ledger
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, Cast
from tests.reminders import NOON, line, rule

By = Callable[[str], Viewer]
DAY = dt.timedelta(days=1)


@pytest.fixture
def sent(by: By, cast: Cast) -> Reminder:
    """A reminder of the filler's that went out an hour late and a half."""
    record = line(rule(cast.area), cast.people[FILLER], cast.unit, state="sent", sent_at=NOON + dt.timedelta(hours=1.5))
    return db.session.get_one(Reminder, record)


def steps(kind: str, record_id: int) -> list[tuple[str, str]]:
    """Return step and reason of a record's history."""
    rows = db.session.query(Event).filter_by(subject_kind=kind, subject_id=record_id).order_by(Event.id)
    return [(row.step, row.comment) for row in rows]


def test_sending_again_makes_a_line_of_its_own_and_never_a_second_one(by: By, cast: Cast, sent: Reminder) -> None:
    fresh = reminders.resend(sent, by(ADMIN), "没有收到", now=NOON + DAY)
    assert (fresh.occurrence, fresh.state, fresh.due_at) == ("before-7@2026-03-09#2", "pending", NOON + DAY)
    assert (fresh.person_id, fresh.subject_id, fresh.params) == (sent.person_id, 1, {"title": "社区服务经费"})
    assert (sent.state, sent.occurrence) == ("sent", "before-7@2026-03-09")
    with pytest.raises(Conflict, match="已有一次待发送"):
        reminders.resend(sent, by(ADMIN))
    assert db.session.query(Reminder).count() == 2
    db.session.execute(update(Reminder).where(Reminder.id == fresh.id).values(state="failed"))
    db.session.commit()
    third = reminders.resend(db.session.get_one(Reminder, fresh.id, populate_existing=True), by(ADMIN))
    assert third.occurrence == "before-7@2026-03-09#3"
    assert steps("reminder", fresh.id) == [("resend", "没有收到")]
    assert [row.id for row in ledger.siblings(sent)] == [sent.id, fresh.id, third.id]


def test_a_waiting_line_is_paused_for_a_reason_and_let_go(by: By, cast: Cast) -> None:
    record = db.session.get_one(Reminder, line(rule(cast.area), cast.people[FILLER], cast.unit))
    with pytest.raises(Refused, match="请填写原因"):
        reminders.pause(record, "　", by(ADMIN))
    with pytest.raises(Conflict, match="当前为“待发送”"):
        reminders.resend(record, by(ADMIN))
    reminders.pause(record, "已电话通知", by(ADMIN))
    assert (record.state, record.reason, record.note) == ("paused", "by_hand", "已电话通知")
    reminders.unpause(record, by(ADMIN))
    assert (record.state, record.reason, record.note) == ("pending", "", "")
    assert steps("reminder", record.id) == [("pause", "已电话通知"), ("unpause", "")]


def test_what_the_clock_has_just_claimed_is_not_paused(by: By, cast: Cast) -> None:
    record = db.session.get_one(Reminder, line(rule(cast.area), cast.people[FILLER], cast.unit))
    db.session.execute(update(Reminder).values(state="claimed").execution_options(synchronize_session=False))
    db.session.commit()
    assert record.state == "pending"  # as the page was opened
    with pytest.raises(Conflict, match="刚刚正在发送"):
        reminders.pause(record, "太晚", by(ADMIN))
    db.session.refresh(record)
    assert record.state == "claimed"
    assert steps("reminder", record.id) == []


@pytest.mark.parametrize("username", [FILLER, FINANCE, OUTSIDER])
def test_only_an_administrator_of_the_area_may(by: By, cast: Cast, sent: Reminder, username: str) -> None:
    for act in (
        lambda who: reminders.resend(sent, who),
        lambda who: reminders.pause(sent, "原因", who),
        lambda who: reminders.pause_person(db.session.get_one(Person, cast.people[FILLER_2]), NOON.date(), "休假", who),
    ):
        with pytest.raises(NotAllowed):
            act(by(username))


def test_who_was_told_or_an_administrator_takes_note_once(by: By, cast: Cast, sent: Reminder) -> None:
    with pytest.raises(NotAllowed):
        reminders.acknowledge(sent, by(FILLER_2))
    with pytest.raises(Refused, match="请填写原因"):
        reminders.acknowledge(sent, by(ADMIN))
    reminders.acknowledge(sent, by(FILLER), now=NOON + DAY)
    reminders.acknowledge(sent, by(ADMIN), "电话确认", now=NOON + 2 * DAY)
    assert sent.acknowledged_at == NOON + DAY
    assert steps("reminder", sent.id) == [("acknowledge", "")]


def test_a_person_who_is_away_gets_everything_afterwards(by: By, cast: Cast) -> None:
    of = rule(cast.area)
    away, elsewhere = cast.people[FILLER], cast.people[FILLER_2]
    ids = [line(of, who, cast.unit, subject_id=n) for n, who in enumerate((away, away, elsewhere), 1)]
    by_hand = line(of, away, cast.unit, subject_id=9, state="paused", reason="by_hand", note="不必")
    person = db.session.get_one(Person, away)
    until = times.day(NOON) + 3 * DAY
    with pytest.raises(Refused, match="应在今天到 2026-08-29 之间"):
        reminders.pause_person(person, times.day(NOON) - DAY, "休假", by(ADMIN), now=NOON)
    assert reminders.pause_person(person, until, "休假", by(ADMIN), now=NOON) == 2
    assert reminders.paused_until(person, by(ADMIN)) == until

    def states() -> list[str]:
        return [db.session.get_one(Reminder, n, populate_existing=True).state for n in (*ids, by_hand)]

    assert states() == ["paused", "paused", "pending", "paused"]
    with pytest.raises(Conflict, match="还在暂停接收期间"):
        reminders.unpause(db.session.get_one(Reminder, ids[0], populate_existing=True), by(ADMIN))
    assert reminders.end_absences(NOON + 3 * DAY) == 0
    assert reminders.end_absences(NOON + 4 * DAY, dry_run=True) == 1
    assert states() == ["paused", "paused", "pending", "paused"]
    assert reminders.end_absences(NOON + 4 * DAY) == 1
    assert states() == ["pending", "pending", "pending", "paused"]
    assert reminders.end_absences(NOON + 4 * DAY) == 0
    assert reminders.paused_until(db.session.get_one(Person, away, populate_existing=True), by(ADMIN)) is None
    reminders.pause_person(person, until, "借调", by(ADMIN), now=NOON)
    assert reminders.unpause_person(person, by(ADMIN)) == 2
    assert states() == ["pending", "pending", "pending", "paused"]
    assert steps("person", away) == [("pause", "休假"), ("pause", "借调"), ("unpause", "")]


def test_the_ledger_counts_what_was_due_and_what_came_late(by: By, cast: Cast, sent: Reminder) -> None:
    of, filler = sent.rule_id, cast.people[FILLER]
    for n, (state, more) in enumerate(
        (
            ("pending", {}),
            ("failed", {"failed_at": NOON}),
            ("skipped", {"reason": "done"}),
            ("sent", {"sent_at": NOON + dt.timedelta(minutes=5)}),
            ("pending", {"due_at": NOON - DAY}),
        ),
        2,
    ):
        line(of, filler, cast.unit, subject_id=n, state=state, **more)
    line(of, cast.people[OUTSIDER], cast.other_unit, subject_id=20)
    now = NOON + dt.timedelta(minutes=10)
    admin = by(ADMIN)
    page, counts = ledger.page(admin, ledger.LedgerFilters(), now)
    assert (page.total, counts) == (7, {"pending": 3, "sent": 2, "failed": 1, "skipped": 1})
    assert [(row.subject_id, row.late) for row in page.rows if row.late] == [(1, 1), (6, 1)]
    late, _counts = ledger.page(admin, ledger.LedgerFilters(late=True), now)
    assert [row.subject_id for row in late.rows] == [1, 6]
    midnight = NOON - dt.timedelta(hours=12)
    today = ledger.totals(admin, midnight, midnight + DAY)
    assert (today.due, today.sent, today.failed, today.unsent) == (6, 2, 1, 3)
    assert ledger.overdue(admin, midnight) == 1
    for asked, expected in (
        (ledger.LedgerFilters(search="林填"), 6),
        (ledger.LedgerFilters(search="%"), 0),
        (ledger.LedgerFilters(department_id=cast.department), 6),
        (ledger.LedgerFilters(person_id=cast.people[OUTSIDER]), 1),
        (ledger.LedgerFilters(duty="declaring"), 0),
        (ledger.LedgerFilters(since=midnight), 6),
        (ledger.LedgerFilters(until=midnight), 1),
        (ledger.LedgerFilters(state="skipped"), 1),
    ):
        assert ledger.page(admin, asked, now)[0].total == expected, asked
    assert ledger.page(by(FINANCE), ledger.LedgerFilters(), now)[0].total == 0
    assert len(list(ledger.stream(admin, ledger.LedgerFilters(), now, 3))) == 3

"""Reminding: planned in the ledger, told once to those who must act, never for what is done."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from perfmgr.actions import _reminder_issue, _reminder_plan, _reminder_tell, cycles, notices, people, reminders_due
from perfmgr.documents import reminder_rules
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.message import Message, MessageReminder
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.queries import duties
from perfmgr.queries.people import Viewer
from perfmgr.rules import reminder_texts
from perfmgr.rules.cycles import Span
from tests import cast as make
from tests import records
from tests.cast import ADMIN, ALWAYS, FILLER, REVIEWER, Cast

By = Callable[[str], Viewer]
LAST = dt.date(2026, 5, 31)


def at(day: str, hour: int = 9, minute: int = 0) -> dt.datetime:
    """Return this hour of a day in Beijing."""
    return dt.datetime.fromisoformat(f"{day}T{hour:02d}:{minute:02d}:00+08:00")


def run(*instants: dt.datetime) -> list[int]:
    """Let the clock plan and tell at these instants; returns how many lines were told at each."""
    told = []
    for instant in instants:
        reminders_due.plan_due(instant)
        told.append(reminders_due.issue_due(instant))
    return told


def close_on(cast: Cast, last: dt.date) -> None:
    """Move the last day of the self-evaluation."""
    cycle = db.session.get_one(Cycle, cast.cycle)
    windows = {**ALWAYS, "self_evaluation": Span(dt.date(2026, 1, 1), last)}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, cast.viewer(ADMIN))


@pytest.fixture
def due(app: Flask, cast: Cast, by: By, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Two open sheets of 甲部门 since New Year, due on 31 May 2026; there is a mail server."""
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    make.budgeted(cast)
    close_on(cast, LAST)
    ids = make.opened(cast)
    started = (Event.subject_kind == "evaluation", Event.step == "start")
    db.session.execute(update(Event).where(*started).values(at=at("2026-01-01", 0, 5)))
    db.session.commit()
    return ids


def hand_in(*sheets: int, state: str = "submitted") -> None:
    """Let sheets be handed in on 2 May 2026."""
    for sheet in sheets:
        db.session.get_one(Evaluation, sheet).state = state
        event = {"subject_kind": "evaluation", "subject_id": sheet, "step": "submit", "state_to": state, "comment": ""}
        db.session.execute(insert(Event).values(**event, at=at("2026-05-02")))
    db.session.commit()


@dataclass(frozen=True)
class Told:
    """One notice: to whom, of how many duties, how many of them overdue."""

    name: str
    count: int
    late: int
    days: int = 0


def told() -> list[Told]:
    """Return all notices of reminders, oldest first."""
    db.session.rollback()
    rows = db.session.execute(
        select(Person.username, Notice.kind, Notice.params)
        .join(Notice, Notice.person_id == Person.id)
        .where(Notice.kind.startswith("reminder"))
        .order_by(Notice.id)
    )
    return [
        Told(row.username, row.params.get("count", 1), int(row.params["late"]), row.params.get("days", 0))
        for row in rows
    ]


def ledger(*names: str) -> list[tuple[Any, ...]]:
    """Return these columns of every line of the filler, by occurrence and record."""
    db.session.rollback()
    lines = db.session.scalars(
        select(Reminder).join(Person).where(Person.username == FILLER).order_by(Reminder.occurrence, Reminder.id)
    )
    return [tuple(getattr(line, name) for name in names) for line in lines]


# --- which time it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "occurrence", "late"),
    [
        ("2026-01-01", "start@2026-01-01", 0),
        ("2026-04-30", "start@2026-01-01", 0),
        ("2026-05-01", "before-30@2026-05-31", 0),
        ("2026-05-23", "before-30@2026-05-31", 0),
        ("2026-05-24", "before-7@2026-05-31", 0),
        ("2026-05-28", "before-3@2026-05-31", 0),
        ("2026-05-30", "before-1@2026-05-31", 0),
        ("2026-05-31", "due@2026-05-31", 0),
        ("2026-06-01", "after-1@2026-05-31", 2),
        ("2026-12-31", "after-59@2026-05-31", 2),
    ],
)
def test_after_a_pause_only_the_newest_time_is_told(due: dict[str, int], day: str, occurrence: str, late: int) -> None:
    assert run(at(day))[0] in (2, 4)  # at last the reviewer hears of both, too
    assert {row[0] for row in ledger("occurrence", "state") if row[1] == "sent"} == {occurrence}
    assert [(t.count, t.late) for t in told() if t.name == FILLER] == [(2, late)]


def test_nobody_is_told_twice_of_the_same_time(due: dict[str, int]) -> None:
    days = ("2026-01-01", "2026-01-02", "2026-04-30", "2026-05-01", "2026-05-02", "2026-05-31", "2026-06-01")
    assert run(*(at(day) for day in days)) == [2, 0, 0, 2, 0, 2, 2]
    assert told() == [Told(FILLER, 2, 0), Told(FILLER, 2, 0), Told(FILLER, 2, 0), Told(FILLER, 2, 2)]


def test_the_clock_off_for_three_days(cast: Cast, due: dict[str, int]) -> None:
    settings = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "digest": False}
    db.session.add(ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating", settings=settings))
    db.session.commit()
    assert run(at("2026-06-01")) == [2]  # and lines wait for the 2nd, 3rd and 4th
    hand_in(due["甲部门"])
    run(at("2026-06-05", 10))
    assert [line for line in told()[2:] if line.name == FILLER] == [Told(FILLER, 1, 1, 5)]
    sheet = [row[1:] for row in ledger("subject_id", "occurrence", "state", "reason") if row[0] == due["社区服务经费"]]
    assert sheet == [
        ("after-1@2026-05-31", "sent", ""),
        ("after-2@2026-05-31", "skipped", "superseded"),
        ("after-3@2026-05-31", "skipped", "superseded"),
        ("after-4@2026-05-31", "skipped", "superseded"),
        ("after-5@2026-05-31", "sent", ""),
        ("after-6@2026-05-31", "pending", ""),
        ("after-7@2026-05-31", "pending", ""),
        ("after-8@2026-05-31", "pending", ""),
    ]
    done = {row[1:] for row in ledger("subject_id", "state", "reason") if row[0] == due["甲部门"]}
    assert done == {("sent", ""), ("skipped", "done")}


def test_in_quiet_hours_nobody_is_told_and_in_the_morning_everybody(due: dict[str, int]) -> None:
    evening, night, dawn, morning = (
        at("2026-05-27", 20),
        at("2026-05-27", 23, 59),
        at("2026-05-28", 7, 59),
        at("2026-05-28", 8),
    )
    assert run(evening, night, dawn, morning) == [0, 0, 0, 2]


def test_before_the_window_nobody_is_told(cast: Cast, due: dict[str, int]) -> None:
    db.session.execute(update(Event).where(Event.subject_kind == "evaluation").values(at=at("2025-12-30")))
    db.session.commit()
    assert run(at("2025-12-31", 19)) == [0]


def test_the_turn_of_the_year_and_a_leap_day(cast: Cast, due: dict[str, int]) -> None:
    close_on(cast, dt.date(2026, 12, 31))
    days = ("2026-12-24", "2026-12-30", "2026-12-31", "2027-01-01")
    assert run(*(at(day) for day in days)) == [2, 2, 2, 2]
    assert [(t.late, t.days) for t in told()] == [(0, 0), (0, 0), (0, 0), (2, 0)]
    close_on(cast, dt.date(2028, 2, 29))
    assert run(at("2028-02-28"), at("2028-02-29", 8), at("2028-02-29"), at("2028-03-01")) == [2, 0, 2, 2]


# --- the ledger follows the duty ----------------------------------------------------------------


def test_a_later_last_day_moves_what_waits_and_reminds_of_the_new_day(cast: Cast, due: dict[str, int]) -> None:
    assert run(at("2026-05-28")) == [2]  # three days before; the line of the last day but one waits
    waiting = [row for row in ledger("id", "occurrence", "state") if row[2] == "pending"]
    assert [row[1] for row in waiting] == ["before-1@2026-05-31"] * 2 + ["due@2026-05-31"] * 2
    hand_in(due["甲部门"])
    close_on(cast, dt.date(2026, 6, 30))
    reminders_due.plan_due(at("2026-05-29"))
    moved = {row[0]: row[1:] for row in ledger("id", "occurrence", "state", "reason", "due_at", "due_on")}
    kept, done = (row[0] for row in waiting[:2])
    if moved[kept][1] != "pending":
        kept, done = done, kept
    assert moved[kept] == ("before-1@2026-06-30", "pending", "", at("2026-06-29"), dt.date(2026, 6, 30))
    assert moved[done][1:3] == ("skipped", "done")
    days = (
        "2026-05-29",
        "2026-05-31",
        "2026-06-22",
        "2026-06-23",
        "2026-06-27",
        "2026-06-29",
        "2026-06-30",
        "2026-07-01",
    )
    filler = _told_each_day(days)
    assert filler == [
        "",
        "before-30@2026-06-30",
        "",
        "before-7@2026-06-30",
        "before-3@2026-06-30",
        "before-1@2026-06-30",
        "due@2026-06-30",
        "after-1@2026-06-30",
    ]
    db.session.expire_all()
    sheets = {name: db.session.get_one(Evaluation, due[name]).due_on for name in ("社区服务经费", "甲部门")}
    assert sheets == {"社区服务经费": dt.date(2026, 6, 30), "甲部门": LAST}


def _told_each_day(days: tuple[str, ...]) -> list[str]:
    """Return what the filler was told by one rule on each day, in words of the ledger."""
    found = []
    for day in days:
        run(at(day))
        sent = [row[0] for row in ledger("occurrence", "sent_at") if row[1] == at(day)]
        found.append(" ".join(sent))
    return found


def test_an_earlier_last_day_and_back_again(cast: Cast, due: dict[str, int]) -> None:
    assert run(at("2026-05-01"), at("2026-05-22")) == [2, 0]  # before-7 waits for the 24th
    close_on(cast, dt.date(2026, 5, 24))
    assert run(at("2026-05-22", 10), at("2026-05-23")) == [
        2,
        2,
    ]  # three days before, but for a day; then the last but one
    close_on(cast, LAST)
    assert run(at("2026-05-23", 10), at("2026-05-24")) == [0, 2]
    assert {row[0] for row in ledger("occurrence", "state") if row[1] == "sent"} == {
        "before-30@2026-05-31",
        "before-3@2026-05-24",
        "before-1@2026-05-24",
        "before-7@2026-05-31",
    }


def test_who_has_handed_everything_in_is_left_in_peace(due: dict[str, int]) -> None:
    reminders_due.plan_due(at("2026-04-29"))
    for state in ("submitted", "confirmed"):
        hand_in(*due.values(), state=state)
        reminders_due.issue_due(at("2026-05-01"))
        assert told() == []
    assert set(ledger("state", "reason")) == {("skipped", "done")}


def test_what_is_taken_back_is_reminded_of_again(due: dict[str, int]) -> None:
    assert run(at("2026-05-28")) == [2]
    hand_in(*due.values())
    reminders_due.plan_due(at("2026-05-28", 12))
    assert {row[1] for row in ledger("occurrence", "reason") if row[0].startswith("before-1")} == {"done"}
    hand_in(*due.values(), state="open")
    assert run(at("2026-05-30")) == [2]


def test_only_what_is_still_owed_is_told(due: dict[str, int]) -> None:
    hand_in(due["甲部门"])
    run(at("2026-05-02"))
    assert [t for t in told() if t.name == FILLER] == [Told(FILLER, 1, 0)]


def test_a_project_that_owes_none_any_more_is_not_reminded_of(due: dict[str, int]) -> None:
    reminders_due.plan_due(at("2026-04-30"))
    db.session.execute(update(Project).values(exempt_reason="涉密"))
    db.session.commit()
    reminders_due.issue_due(at("2026-05-01"))
    assert told() == [Told(FILLER, 1, 0)]


def test_people_who_come_and_go(cast: Cast, by: By, due: dict[str, int]) -> None:
    people.create(by(ADMIN), "benji", "本级填报", [(cast.unit, "filler")])
    people.create(
        by(ADMIN), "liangchu", "两处填报", [(cast.unit, "filler"), (cast.department, "filler"), (cast.area, "filler")]
    )
    reminders_due.plan_due(at("2026-04-30"))
    db.session.get_one(Person, cast.people[FILLER]).active = False
    db.session.commit()
    reminders_due.issue_due(at("2026-05-01"))
    assert told() == [Told("benji", 1, 0), Told("liangchu", 2, 0)]
    assert set(ledger("state", "reason")) == {("skipped", "person")}
    db.session.get_one(Person, cast.people[FILLER]).active = True
    db.session.commit()
    assert run(at("2026-05-01", 10), at("2026-05-01", 11)) == [2, 0]


def test_somebody_away_is_told_afterwards(cast: Cast, due: dict[str, int]) -> None:
    person = db.session.get_one(Person, cast.people[FILLER])
    person.preferences = {"reminders_paused_until": "2026-05-25"}
    db.session.commit()
    assert run(at("2026-05-24"), at("2026-05-25")) == [0, 0]
    assert {row for row in ledger("state", "reason") if row[0] != "pending"} == {("paused", "away")}


def test_a_closed_year_reminds_nobody(cast: Cast, by: By, due: dict[str, int]) -> None:
    reminders_due.plan_due(at("2026-04-30"))
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    assert run(at("2026-05-01")) == [0]


def test_a_rule_switched_off_holds_back_and_goes_on(due: dict[str, int]) -> None:
    reminders_due.plan_due(at("2026-04-30"))
    rule = db.session.scalars(select(ReminderRule).where(ReminderRule.code == "evaluating")).one()
    rule.active = False
    db.session.commit()
    assert reminders_due.issue_due(at("2026-05-01")) == 0
    assert set(ledger("state", "reason")) == {("paused", "rule_off")}
    rule.active = True
    db.session.commit()
    assert run(at("2026-05-02")) == [2]


def test_a_rule_of_the_areas_own_takes_the_place_of_the_built_in_one(cast: Cast, due: dict[str, int]) -> None:
    reminders_due.plan_due(at("2026-04-30"))
    settings = {"before": [20], "digest": False}
    db.session.add(ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating", settings=settings))
    db.session.commit()
    assert run(at("2026-05-01"), at("2026-05-11")) == [0, 2]
    assert set(ledger("occurrence", "state", "reason")) == {
        ("start@2026-01-01", "skipped", "rule"),
        ("before-30@2026-05-31", "skipped", "rule"),
        ("before-20@2026-05-31", "sent", ""),
    }
    assert told() == [Told(FILLER, 1, 0), Told(FILLER, 1, 0)]


# --- what is said -------------------------------------------------------------------------------


def sentences() -> list[str]:
    """Return the sentences of all notices of reminders, oldest first."""
    db.session.rollback()
    rows = db.session.scalars(select(Notice).where(Notice.kind.startswith("reminder")).order_by(Notice.id)).all()
    return [reminder_texts.sentence(row.kind, row.params) for row in rows]


def test_the_sentences_before_and_after_the_last_day_and_to_the_superior(due: dict[str, int]) -> None:
    hand_in(due["甲部门"], state="confirmed")
    run(at("2026-05-24"), at("2026-06-03"), at("2026-06-05"))
    title = "“社区服务经费”（2025 年度）"
    assert sentences() == [
        f"请填报绩效自评：{title}，截止 2026-05-31。",
        f"已逾期 3 天，请尽快填报绩效自评：{title}，截止日期为 2026-05-31。",
        f"已逾期 5 天，请尽快填报绩效自评：{title}，截止日期为 2026-05-31。",
        f"请督促办理：甲部门（本级）{title}需要填报绩效自评，截止 2026-05-31，已逾期 5 天。",
    ]
    notice = db.session.scalars(select(Notice).where(Notice.kind == "reminder_evaluating").order_by(Notice.id)).first()
    assert notice is not None
    assert (notice.subject_kind, notice.subject_id, notice.created_at) == (
        "evaluation",
        due["社区服务经费"],
        at("2026-05-24"),
    )


def test_a_missing_table_of_holidays_is_said(cast: Cast, due: dict[str, int]) -> None:
    settings = {"before": [5], "before_workdays": True}
    db.session.add(ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating", settings=settings))
    db.session.commit()
    close_on(cast, dt.date(2097, 5, 31))
    run(at("2097-05-31"))
    assert [text[-1] for text in sentences()] == ["）"]
    assert "放假安排尚未录入" in sentences()[0]


def test_reading_the_notice_acknowledges_what_it_told(cast: Cast, by: By, due: dict[str, int]) -> None:
    run(at("2026-05-24"), at("2026-05-28"))
    first, _second = db.session.scalars(select(Notice).where(Notice.kind == "reminders").order_by(Notice.id))
    notices.read(first)
    assert [bool(row[1]) for row in ledger("occurrence", "acknowledged_at") if row[0].startswith("before-7")] == [
        True
    ] * 2
    assert [bool(row[1]) for row in ledger("occurrence", "acknowledged_at") if row[0].startswith("before-3")] == [
        False
    ] * 2
    notices.read_all(by(FILLER))
    assert [bool(row[1]) for row in ledger("occurrence", "acknowledged_at") if row[0].startswith("before-3")] == [
        True
    ] * 2


def test_single_notices_and_too_many_of_them(cast: Cast, due: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"before": [20, 19], "digest": False}
    db.session.add(ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating", settings=settings))
    db.session.commit()
    monkeypatch.setattr(_reminder_tell, "MOST_SINGLE", 2)
    assert run(at("2026-05-11")) == [2]
    assert told() == [Told(FILLER, 1, 0)] * 2
    settings = {"on_day": True, "digest": False}
    db.session.add(
        ReminderRule(
            unit_id=cast.area, code="more", duty="evaluating", settings={"before": [20], "hour": "10:00", **settings}
        )
    )
    db.session.commit()
    assert run(at("2026-05-11", 10)) == [2]
    assert told()[2:] == [Told(FILLER, 2, 0)]


def test_the_outbox_is_filled_in_the_same_transaction(
    cast: Cast, due: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.get_one(Person, cast.people[FILLER]).email = "lin@example.gov.cn"
    db.session.commit()
    reminders_due.plan_due(at("2026-05-24"))

    def broken(*rest: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_reminder_issue, "_settle", broken)
        with pytest.raises(KeyboardInterrupt):
            reminders_due.issue_due(at("2026-05-24"))
    assert (told(), db.session.scalar(select(func.count()).select_from(Message))) == ([], 0)
    assert reminders_due.issue_due(at("2026-05-24", 10)) == 2
    message = db.session.scalars(select(Message)).one()
    assert [item["kind"] for item in message.content] == ["reminder_evaluating"] * 2
    assert db.session.scalar(select(func.count()).select_from(MessageReminder)) == 2
    assert message.person_id == cast.people[FILLER]


def test_one_bad_line_stops_nobody_else(
    cast: Cast, by: By, due: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    people.create(by(ADMIN), "benji", "本级填报", [(cast.unit, "filler")])
    write = _reminder_tell._notice

    def bad(telling: Any, now: dt.datetime) -> Any:
        if telling.person_id == cast.people[FILLER]:
            raise ValueError("bad")
        return write(telling, now)

    monkeypatch.setattr(_reminder_tell, "_notice", bad)
    assert run(at("2026-05-24")) == [1]
    assert told() == [Told("benji", 1, 0)]
    assert set(ledger("state", "reason", "note", "failed_at")) == {("failed", "error", "ValueError", at("2026-05-24"))}


# --- any number of clocks, at any time ----------------------------------------------------------


def test_a_dry_run_counts_and_writes_nothing(app: Flask, due: dict[str, int]) -> None:
    db.session.rollback()
    before = records.snapshot(app)
    planned = reminders_due.plan_due(at("2026-05-01"), dry_run=True)
    assert (planned.made, planned.moved, planned.dropped) == (2, 0, 0)
    reminders_due.issue_due(at("2026-05-01"), dry_run=True)
    assert records.snapshot(app) == before
    reminders_due.plan_due(at("2026-05-01"))
    assert reminders_due.issue_due(at("2026-05-01"), dry_run=True) == 2
    assert told() == []


def test_planning_and_telling_twice_changes_nothing(app: Flask, due: dict[str, int]) -> None:
    instant = at("2026-05-28")
    run(instant)
    db.session.rollback()
    before = records.snapshot(app)
    assert (reminders_due.plan_due(instant).total, reminders_due.issue_due(instant)) == (0, 0)
    assert records.snapshot(app) == before


def test_planning_that_broke_off_half_way_is_finished_by_the_next_run(
    due: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, runs = _reminder_plan._write, iter((True, False))

    def dying(changes: Any) -> Any:
        if next(runs):
            return write(changes)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(duties, "CHUNK", 1)
        patch.setattr(_reminder_plan, "_write", dying)
        with pytest.raises(KeyboardInterrupt):
            reminders_due.plan_due(at("2026-05-28"))
    assert len(ledger("id")) == 3  # of one sheet: three days before, the day before, the last day
    assert reminders_due.plan_due(at("2026-05-28")).total == 3
    assert (len(ledger("id")), reminders_due.plan_due(at("2026-05-28")).total) == (6, 0)
    assert reminders_due.issue_due(at("2026-05-28")) == 2


def test_a_clock_set_back_or_forth_tells_nothing_twice_and_misses_nothing(due: dict[str, int]) -> None:
    assert run(at("2026-05-28", 9, 30), at("2026-05-28", 8, 30), at("2026-05-28", 9, 30)) == [2, 0, 0]
    assert run(at("2026-05-29", 9), at("2026-05-28", 9)) == [0, 0]
    # An hour before the line of the 30th, then after it, then before it again.
    assert run(at("2026-05-30", 8, 30), at("2026-05-30", 9, 30), at("2026-05-30", 8, 30), at("2026-05-30", 10)) == [
        0,
        2,
        0,
        0,
    ]


def test_a_clock_that_jumps_ahead_tells_once_and_not_all_that_lies_between(due: dict[str, int]) -> None:
    run(at("2026-05-01"))
    assert run(at("2036-01-01"), at("2036-01-02")) == [4, 0]  # of two sheets, to the filler and the reviewer
    assert run(at("2026-05-21"), at("2026-05-24"), at("2026-05-28")) == [0, 2, 2]


def test_clocks_that_run_at_once_tell_everybody_once(app: Flask, cast: Cast, by: By, due: dict[str, int]) -> None:
    for n in range(5):
        people.create(by(ADMIN), f"person{n}", "填报人", [(cast.department, "filler")])
    db.session.rollback()

    def clock(_n: int) -> int:
        with app.app_context():
            return sum(run(at("2026-05-24"), at("2026-05-24", 9, 1)))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(clock, range(4))) == 12
    assert sorted(told(), key=lambda t: t.name) == [
        Told(name, 2, 0) for name in (FILLER, *(f"person{n}" for n in range(5)))
    ]
    assert set(ledger("state", "reason")) == {("sent", "")}


def test_a_thousand_lines_take_a_bounded_number_of_statements(
    app: Flask, cast: Cast, due: dict[str, int], count_queries: Any
) -> None:
    person = db.session.get_one(Person, cast.people[FILLER])
    rows = [
        {
            "username": f"many{n}",
            "name": "填报人",
            "password_hash": person.password_hash,
            "email": f"m{n}@example.gov.cn",
            "preferences": {},
        }
        for n in range(500)
    ]
    ids = list(db.session.scalars(insert(Person).returning(Person.id), rows))
    db.session.execute(
        insert(Appointment), [{"person_id": id_, "unit_id": cast.department, "role": "filler"} for id_ in ids]
    )
    db.session.commit()
    assert reminders_due.plan_due(at("2026-05-24")).made == 1002
    with count_queries() as statements:
        assert reminders_due.issue_due(at("2026-05-24")) == 1002
    assert len(told()) == 501
    assert db.session.scalar(select(func.count()).select_from(Message)) == 500
    assert len(statements) < 60
    with count_queries() as statements:
        assert reminders_due.plan_due(at("2026-05-24")).total == 0
    assert len(statements) < 40


def test_the_built_in_rules_are_taken_in_once_and_follow_the_program(app: Flask, by: By) -> None:
    assert reminders_due.take_in(reminder_rules.built_in()) == 0
    rule = db.session.scalars(select(ReminderRule).where(ReminderRule.code == "reviewing")).one()
    rule.settings, rule.active = {"wait": 9}, False
    db.session.commit()
    assert reminders_due.take_in(reminder_rules.built_in()) == 1
    db.session.expire_all()
    assert (rule.settings["wait"], rule.active) == (5, False)


def test_reviewers_who_sit_on_something_are_reminded_and_then_their_superior(cast: Cast, due: dict[str, int]) -> None:
    hand_in(*due.values())  # on Saturday 2 May: five working days later is Monday 11 May (the 9th is worked)
    days = ("2026-05-06", "2026-05-07", "2026-05-08", "2026-05-09", "2026-05-11", "2026-05-12", "2026-05-18")
    found = []
    for day in days:
        run(at(day))
        db.session.rollback()
        rows = db.session.execute(
            select(Person.username, Reminder.occurrence)
            .join(Person, Person.id == Reminder.person_id)
            .where(Reminder.sent_at == at(day), Reminder.duty == "reviewing", Person.username != "finance")
            .order_by(Person.username)
        )
        found.append([(row.username, row.occurrence.partition("@")[0]) for row in rows])
    assert found == [
        [],
        [],
        [(REVIEWER, "before-2")],
        [],
        [(REVIEWER, "due")],
        [],
        [(ADMIN, "escalate-1"), (ADMIN, "escalate-1"), (REVIEWER, "after-7")],
    ]

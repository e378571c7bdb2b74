"""Reminding: any number of clocks, at any time, as often as they like."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from perfmgr.actions import _reminder_plan, people, reminders_due
from perfmgr.documents import reminder_rules
from perfmgr.extensions import db
from perfmgr.models.message import Message
from perfmgr.models.person import Appointment, Person
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.queries import duties
from tests import records
from tests.actions.reminding import By, Told, at, hand_in, ledger, run, told
from tests.cast import ADMIN, FILLER, REVIEWER, Cast

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

    def dying(*arguments: Any) -> Any:
        if next(runs):
            return write(*arguments)
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

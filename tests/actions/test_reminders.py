"""Reminding: which time is told, and how the ledger follows the duty."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from perfmgr.actions import cycles, people, reminders_due
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.person import Person
from perfmgr.models.project import Project
from perfmgr.models.reminder import ReminderRule
from tests.actions.reminding import LAST, By, Told, at, close_on, hand_in, ledger, run, told
from tests.cast import ADMIN, FILLER, Cast

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

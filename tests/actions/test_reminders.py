"""Reminding: once per stage of the window, only those who still owe something, only the present stage after a pause."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import cycles, evaluations_due, people
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.notice import Notice
from perfmgr.models.person import Person
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import Span
from tests import cast as make
from tests.cast import ADMIN, ALWAYS, FILLER, Cast

By = Callable[[str], Viewer]
LAST = dt.date(2026, 5, 31)


def at(day: str, hour: int = 9) -> dt.datetime:
    """Return this hour of a day in Beijing."""
    return dt.datetime.fromisoformat(f"{day}T{hour:02d}:00:00+08:00")


@pytest.fixture
def due(cast: Cast, by: By) -> dict[str, int]:
    """Two open sheets of 甲部门, due on 31 May 2026."""
    make.budgeted(cast)
    cycle = db.session.get_one(Cycle, cast.cycle)
    windows = {**ALWAYS, "self_evaluation": Span(dt.date(2026, 1, 1), LAST)}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, by(ADMIN))
    return make.opened(cast)


def told() -> list[tuple[str, str, int]]:
    """Return all reminders as (user name, stage, number of sheets)."""
    db.session.rollback()
    rows = db.session.execute(
        select(Person.username, Notice.occurrence, Notice.params)
        .join(Notice, Notice.person_id == Person.id)
        .where(Notice.kind == "evaluations_due")
        .order_by(Notice.id)
    )
    return [(row.username, row.occurrence.split(":")[0], row.params["count"]) for row in rows]


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ("2026-01-01", "day-open"),
        ("2026-04-30", "day-open"),
        ("2026-05-01", "day-30"),
        ("2026-05-23", "day-30"),
        ("2026-05-24", "day-7"),
        ("2026-05-28", "day-3"),
        ("2026-05-30", "day-1"),
        ("2026-05-31", "day-1"),
        ("2026-06-01", "overdue"),
        ("2026-12-31", "overdue"),
    ],
)
def test_each_day_belongs_to_one_stage(due: dict[str, int], day: str, stage: str) -> None:
    assert evaluations_due.remind_due(at(day)) == 1
    assert told() == [(FILLER, stage, 2)]


def test_nobody_is_told_twice_in_a_stage(due: dict[str, int]) -> None:
    days = (
        "2026-01-01",
        "2026-01-02",
        "2026-04-30",
        "2026-05-01",
        "2026-05-02",
        "2026-05-31",
        "2026-06-01",
        "2026-07-01",
    )
    assert [evaluations_due.remind_due(at(day)) for day in days] == [1, 0, 0, 1, 0, 1, 1, 0]
    assert [stage for _name, stage, _count in told()] == ["day-open", "day-30", "day-1", "overdue"]


def test_an_extended_window_moves_the_due_days_and_begins_the_stages_anew(
    cast: Cast, by: By, due: dict[str, int]
) -> None:
    assert evaluations_due.remind_due(at("2026-05-31")) == 1
    db.session.get_one(Evaluation, due["甲部门"]).state = "submitted"
    db.session.commit()
    cycle = db.session.get_one(Cycle, cast.cycle)
    windows = {**ALWAYS, "self_evaluation": Span(dt.date(2026, 1, 1), dt.date(2026, 6, 30))}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, by(ADMIN))
    assert [evaluations_due.remind_due(at(day)) for day in ("2026-06-29", "2026-06-30", "2026-07-01")] == [1, 0, 1]
    assert [stage for _name, stage, _count in told()] == ["day-1", "day-1", "overdue"]
    db.session.expire_all()
    days = {name: db.session.get_one(Evaluation, due[name]).due_on for name in ("社区服务经费", "甲部门")}
    assert days == {"社区服务经费": dt.date(2026, 6, 30), "甲部门": LAST}


def test_after_a_pause_only_the_present_stage_is_told(due: dict[str, int]) -> None:
    evaluations_due.remind_due(at("2026-01-01"))
    evaluations_due.remind_due(at("2026-05-29"))
    assert [stage for _name, stage, _count in told()] == ["day-open", "day-3"]


def test_before_the_window_nobody_is_told(due: dict[str, int]) -> None:
    assert evaluations_due.remind_due(at("2025-12-31", 23)) == 0


def test_who_has_handed_everything_in_is_left_in_peace(due: dict[str, int]) -> None:
    for state in ("submitted", "confirmed"):
        for sheet in db.session.scalars(select(Evaluation)):
            sheet.state = state
        db.session.commit()
        assert evaluations_due.remind_due(at("2026-05-01")) == 0


def test_only_what_is_still_owed_is_counted(due: dict[str, int]) -> None:
    db.session.get_one(Evaluation, due["甲部门"]).state = "submitted"
    db.session.get_one(Evaluation, due["社区服务经费"]).state = "returned"
    db.session.commit()
    evaluations_due.remind_due(at("2026-05-01"))
    assert told() == [(FILLER, "day-30", 1)]


def test_a_filler_of_one_unit_hears_only_of_that_unit(cast: Cast, by: By, due: dict[str, int]) -> None:
    people.create(by(ADMIN), "benji", "本级填报", [(cast.unit, "filler")])
    evaluations_due.remind_due(at("2026-05-01"))
    assert told() == [(FILLER, "day-30", 2), ("benji", "day-30", 1)]


def test_somebody_appointed_twice_counts_each_sheet_once(cast: Cast, by: By, due: dict[str, int]) -> None:
    people.create(
        by(ADMIN), "liangchu", "两处填报", [(cast.unit, "filler"), (cast.department, "filler"), (cast.area, "filler")]
    )
    evaluations_due.remind_due(at("2026-05-01"))
    assert told() == [(FILLER, "day-30", 2), ("liangchu", "day-30", 2)]


def test_disabled_people_are_not_told(cast: Cast, due: dict[str, int]) -> None:
    db.session.get_one(Person, cast.people[FILLER]).active = False
    db.session.commit()
    assert evaluations_due.remind_due(at("2026-05-01")) == 0


def test_a_closed_year_reminds_nobody(cast: Cast, by: By, due: dict[str, int]) -> None:
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    assert evaluations_due.remind_due(at("2026-05-01")) == 0


def test_a_dry_run_counts_and_tells_nobody(due: dict[str, int]) -> None:
    assert evaluations_due.remind_due(at("2026-05-01"), dry_run=True) == 1
    assert told() == []


def test_a_reminder_says_year_number_and_last_day(due: dict[str, int]) -> None:
    evaluations_due.remind_due(at("2026-05-01"))
    notice = db.session.scalars(select(Notice).where(Notice.kind == "evaluations_due")).one()
    assert notice.params == {"year": 2025, "count": 2, "due_on": "2026-05-31"}
    assert notice.created_at == at("2026-05-01")


def test_clocks_that_run_at_once_tell_everybody_once(app: Flask, due: dict[str, int]) -> None:
    db.session.rollback()

    def run(_n: int) -> int:
        with app.app_context():
            return evaluations_due.remind_due(at("2026-05-01"))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 1
    assert told() == [(FILLER, "day-30", 2)]

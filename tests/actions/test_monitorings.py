"""Monitoring: made once by the clock, filled, submitted with its problems, reviewed, and closed item by item."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from perfmgr import times
from perfmgr.actions import cycles, monitorings, monitorings_due, projects
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.monitoring import Monitoring, MonitoringItem, MonitoringLine
from perfmgr.models.project import Project
from perfmgr.queries import monitorings as queries
from perfmgr.queries import notices
from perfmgr.queries.filters import Filters
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import Span
from perfmgr.rules.monitoring_entries import LineEntry, SheetEntry
from perfmgr.rules.monitorings import Entry
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from tests import cast as make
from tests.cast import ADMIN, ALWAYS, FILLER, FILLER_2, FINANCE, NOON, REVIEWER, WAN, YEAR, Cast

By = Callable[[str], Viewer]
AUGUST = dt.datetime(YEAR, 8, 4, 1, tzinfo=dt.UTC)
ENTRY = Entry(("staff",), "人手不足", "增派人员", "林填报", dt.date(YEAR, 9, 30))
# The targets are 190 个, 95 %, 570 万元 at most, 60,000 人次 and 90 %; by July 7/12 of them are due.
ACTUALS = ("120", "95", "300", "1000", "88")


def sheet(**changes: Any) -> SheetEntry:
    """Return a complete sheet: one red indicator with what it demands, the others green."""
    lines = [LineEntry(Decimal(value), forecast=Decimal(value), likelihood="sure") for value in ACTUALS]
    lines[3] = replace(lines[3], likelihood="maybe", entry=ENTRY)
    whole = SheetEntry(lines, 300 * WAN, 570 * WAN, 200 * WAN, 400 * WAN, "已完成大半。")
    return replace(whole, **changes)


@pytest.fixture
def made(cast: Cast, by: By) -> Monitoring:
    """The sheet of one project for January to July."""
    make.budgeted(cast)
    assert monitorings_due.open_due(AUGUST) == 1
    found = queries.find(db.session.scalars(select(Monitoring.id)).one(), by(FILLER))
    assert found is not None
    return found


def test_the_clock_makes_one_sheet_for_each_project_that_owes_one(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    exempt = make.budgeted(cast, "豁免项目")
    make.declare(cast, "没有批复的项目")
    project = db.session.scalars(select(Project).where(Project.name == "豁免项目")).one()
    projects.set_exemption(project, "上级下达", by(ADMIN))
    assert exempt
    july = AUGUST.replace(month=7, day=31, hour=4)
    assert [monitorings_due.open_due(july), monitorings_due.open_due(AUGUST, True)] == [0, 1]
    assert [monitorings_due.open_due(AUGUST) for _n in range(3)] == [1, 0, 0]
    record = db.session.scalars(select(Monitoring)).one()
    assert (record.cut_off, record.state, record.light, record.initial, record.executed) == (
        7,
        "open",
        "none",
        570 * WAN,
        Decimal("541.8") * WAN,
    )
    assert record.general_initial == 570 * WAN
    declaration = db.session.scalars(select(Declaration).where(Declaration.project_id == record.project_id)).one()
    assert [(x.position, x.name, x.sign, x.target_value, x.weight) for x in record.lines] == [
        (x.position, x.name, x.sign, x.target_value, x.weight) for x in declaration.indicators
    ]


def test_clocks_at_once_make_everything_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        for n in range(6):
            make.budgeted(cast, f"项目 {n}")

    def run(_n: int) -> int:
        with app.app_context():
            return monitorings_due.open_due(AUGUST)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(run, range(3))) == 6
    with app.app_context():
        numbers = [db.session.scalar(select(func.count()).select_from(m)) for m in (Monitoring, MonitoringLine)]
        started = db.session.scalar(select(func.count()).where(Event.subject_kind == "monitoring"))
    assert (numbers, started) == ([6, 30], 6)


def test_more_projects_take_no_more_statements(
    cast: Cast, by: By, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counted = []
    for names in (("一",), ("二", "三", "四")):
        for name in names:
            make.budgeted(cast, name)
        with count_queries() as statements:
            assert monitorings_due.open_due(AUGUST) == len(names)
        counted.append(len(statements))
    assert counted[0] == counted[1]


def test_other_months_are_made_and_due_in_their_turn(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    cycle = db.session.get_one(Cycle, cast.cycle)
    window = Span(dt.date(YEAR, 5, 1), dt.date(YEAR, 12, 10))
    windows = {**ALWAYS, "monitoring": window}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, by(ADMIN), cut_offs=[4, 7, 10])
    assert monitorings_due.open_due(AUGUST) == 2
    assert monitorings_due.open_due(AUGUST.replace(month=11)) == 1
    windows["monitoring"] = Span(window.opens_on, dt.date(YEAR, 12, 20))
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, by(ADMIN))
    rows = db.session.execute(select(Monitoring.cut_off, Monitoring.due_on).order_by(Monitoring.cut_off)).all()
    assert [tuple(row) for row in rows] == [
        (4, dt.date(YEAR, 5, 31)),
        (7, dt.date(YEAR, 8, 31)),
        (10, dt.date(YEAR, 12, 20)),
    ]


def test_a_sheet_goes_its_way_and_its_problem_is_tracked_until_it_is_closed(
    cast: Cast, by: By, made: Monitoring, told: Callable[[], list[tuple[str, str]]]
) -> None:
    before = made.version
    monitorings.save(made, sheet(), by(FILLER), before)
    assert made.version > before
    assert (made.light, made.budget_light, [line.light for line in made.lines]) == (
        "red",
        "green",
        ["green", "green", "green", "red", "green"],
    )
    assert queries.items(by(FILLER), Filters(YEAR))[0].total == 0  # not handed in yet
    assert queries.of_project(made.project_id, YEAR) is None
    assert monitorings.submit(made, sheet(), by(FILLER)) == []
    with pytest.raises(NotAllowed):
        monitorings.take(made, "approve", by(FINANCE))
    with pytest.raises(Refused):
        monitorings.take(made, "return", by(REVIEWER))
    monitorings.take(made, "return", by(REVIEWER), comment="请核对人次")
    assert monitorings.submit(made, sheet(), by(FILLER)) == []
    monitorings.take(made, "approve", by(REVIEWER))
    assert (made.state, made.confirmed_at is not None) == ("confirmed", True)
    ours = [entry for entry in told() if entry[1].startswith("monitoring")]
    assert ours == [
        (REVIEWER, "monitoring_submit"),
        (FILLER, "monitoring_return"),
        (REVIEWER, "monitoring_submit"),
        (FILLER, "monitoring_approve"),
    ]
    page, counts = queries.items(by(REVIEWER), Filters(YEAR))
    assert ([(row.line_name, row.owner, row.due_on) for row in page.rows], counts) == (
        [("惠及居民人次", "林填报", dt.date(YEAR, 9, 30))],
        {"open": 1},
    )
    assert queries.items(by(FILLER_2), Filters(YEAR))[0].total == 0
    outcome = queries.of_project(made.project_id, YEAR)
    assert outcome is not None
    assert [item.name for item in outcome.open_items] == ["惠及居民人次"]
    item = made.items[0]
    with pytest.raises(Refused):
        monitorings.close_item(item, "  ", by(FILLER))
    with pytest.raises(NotAllowed):
        monitorings.close_item(item, "已补足", by(REVIEWER))
    assert monitorings.close_item(item, "已补足人员", by(FILLER), NOON)
    assert not monitorings.close_item(item, "再写一次", by(FILLER))
    item = db.session.get_one(MonitoringItem, item.id)
    assert (item.state, item.closing_note, item.closed_on) == ("closed", "已补足人员", dt.date(2026, 3, 1))
    outcome = queries.of_project(made.project_id, YEAR)
    assert outcome is not None
    assert outcome.open_items == []


def test_what_red_demands_stands_between_a_sheet_and_its_submission(by: By, made: Monitoring) -> None:
    lines = list(sheet().lines)
    lines[3] = replace(lines[3], entry=Entry(("staff",)))
    findings = monitorings.submit(made, sheet(lines=lines), by(FILLER))
    assert [f.field for f in findings] == ["lines.3.measure", "lines.3.owner", "lines.3.due_on"]
    assert findings[0].sentence() == "第 4 项“惠及居民人次”为红灯，请写明整改措施。"
    assert (made.state, made.lines[0].actual_value) == ("open", Decimal(120))  # saved, and not handed in
    with pytest.raises(Invalid):
        monitorings.take(made, "submit", by(FILLER))
    assert made.state == "open"


def test_a_problem_that_was_closed_stays_when_the_sheet_is_returned(by: By, made: Monitoring) -> None:
    monitorings.submit(made, sheet(), by(FILLER))
    monitorings.close_item(made.items[0], "已补足人员", by(FILLER))
    monitorings.take(made, "return", by(REVIEWER), comment="请核对")
    lines = list(sheet().lines)
    lines[3] = replace(lines[3], entry=Entry(("staff",)))
    assert monitorings.submit(made, sheet(lines=lines), by(FILLER)) == []
    assert [(item.state, item.measure) for item in made.items] == [("closed", "增派人员")]


def test_a_problem_that_was_emptied_is_forgotten(by: By, made: Monitoring) -> None:
    monitorings.save(made, sheet(), by(FILLER))
    lines = [replace(line, entry=Entry()) for line in sheet().lines]
    monitorings.save(made, sheet(lines=lines), by(FILLER))
    assert made.items == []


def test_nobody_saves_over_another_or_into_a_sheet_that_is_out_of_hand(by: By, made: Monitoring) -> None:
    old = made.version
    monitorings.save(made, sheet(), by(FILLER), old)
    with pytest.raises(Conflict):
        monitorings.save(made, sheet(goal_progress="另一个人"), by(FILLER), old)
    with pytest.raises(NotAllowed):
        monitorings.save(made, sheet(), by(REVIEWER))
    with pytest.raises(Invalid) as refused:
        monitorings.save(made, sheet(forecast=Decimal(1)), by(FILLER))
    assert [f.field for f in refused.value.findings] == ["forecast", "general_forecast"]
    assert made.forecast == 570 * WAN
    monitorings.submit(made, sheet(), by(FILLER))
    with pytest.raises(Conflict):
        monitorings.save(made, sheet(), by(FILLER))


def test_what_waits_is_on_the_to_do_list(by: By, made: Monitoring) -> None:
    def waiting(username: str) -> list[tuple[str, str]]:
        return [(row.subject, row.state) for row in notices.waiting(by(username), times.today()).rows]

    assert ("monitoring", "open") in waiting(FILLER)
    assert waiting(REVIEWER) == []
    monitorings.submit(made, sheet(), by(FILLER))
    assert ("monitoring", "submitted") in waiting(REVIEWER)
    assert ("monitoring", "open") not in waiting(FILLER)


def test_the_list_counts_by_state_and_by_light(cast: Cast, by: By, made: Monitoring) -> None:
    make.budgeted(cast, "第二项目", "100", "90")
    monitorings_due.open_due(AUGUST)
    monitorings.save(made, sheet(), by(FILLER))
    page, counts = queries.page(by(FILLER), Filters(YEAR, category="red"))
    assert ([row.name for row in page.rows], page.total) == (["社区服务经费"], 1)
    assert (counts.states, counts.lights) == ({"open": 1}, {"red": 1, "none": 1})
    assert [row.name for row in queries.stream(by(FINANCE), Filters(YEAR))] == ["第二项目", "社区服务经费"]
    assert queries.page(by(FILLER), Filters(YEAR, search="第二"))[0].total == 1
    assert queries.page(by(FILLER_2), Filters(YEAR))[0].total == 0

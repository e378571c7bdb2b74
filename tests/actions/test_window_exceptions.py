"""Exceptions of windows: they hold wherever somebody asks until when, for records made before and after."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import literal, select

from perfmgr.actions import (
    cycles,
    declarations,
    evaluations,
    evaluations_due,
    monitorings,
    monitorings_due,
    reminders_due,
    units,
    window_exceptions,
)
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle, WindowException
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.monitoring import Monitoring
from perfmgr.models.notice import Notice
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.queries import calendar, notices
from perfmgr.queries import cycles as cycle_queries
from perfmgr.queries import declarations as declaration_queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import WINDOWS, Span
from perfmgr.rules.notices import sentence
from perfmgr.rules.refusals import Invalid, NotAllowed, Refused
from perfmgr.rules.years import usual_windows
from tests import cast as make
from tests.cast import ADMIN, FILLER, FILLER_2, OUTSIDER, REVIEWER, YEAR, Cast

By = Callable[[str], Viewer]
day = dt.date


def noon(year: int, month: int, number: int) -> dt.datetime:
    """Return noon of a day in Beijing."""
    return dt.datetime(year, month, number, 4, tzinfo=dt.UTC)


@pytest.fixture
def cycle(cast: Cast, by: By) -> Cycle:
    """The cast's cycle with the usual windows."""
    found = db.session.get_one(Cycle, cast.cycle)
    schemes = (found.project_scheme_id, found.department_scheme_id)
    cycles.update(found, *schemes, usual_windows(YEAR), by(ADMIN))
    return found


def put(cycle: Cycle, unit_id: int, kind: str, first: dt.date, last: dt.date, by: Viewer) -> WindowException:
    """Give a unit other days."""
    unit = db.session.get_one(Unit, unit_id)
    return window_exceptions.put(cycle, unit, kind, Span(first, last), "机构改革，交接未完。", by)


def due(model: Any) -> dict[int, dt.date]:
    """Return the due day of every sheet by unit, as stored."""
    return {row.unit_id: row.due_on for row in db.session.execute(select(model.unit_id, model.due_on))}


def test_a_unit_with_more_time_submits_when_others_are_too_late(cast: Cast, by: By, cycle: Cycle) -> None:
    ids = {}
    cycles.update(
        cycle,
        cycle.project_scheme_id,
        cycle.department_scheme_id,
        {**usual_windows(YEAR), "declaration": make.ALWAYS["declaration"]},
        by(ADMIN),
    )
    for unit in (cast.unit, cast.unit_2):
        ids[unit] = make.declare(cast, f"项目{unit}", unit=unit)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    put(cycle, cast.unit_2, "declaration", day(2024, 8, 1), day(2025, 1, 20), by(ADMIN))
    late = noon(2025, 1, 20)

    def submit(unit: int, now: dt.datetime) -> bool:
        found = declaration_queries.find(ids[unit], by(FILLER))
        assert found is not None
        return declarations.take(found, "submit", by(FILLER), now=now)

    with pytest.raises(Refused, match="已于 2024年12月31日 截止"):
        submit(cast.unit, late)
    assert submit(cast.unit_2, late)
    put(cycle, cast.unit_2, "declaration", day(2024, 8, 1), day(2024, 12, 31), by(ADMIN))
    draft = make.ProjectDraft("", "新", "specific")
    with pytest.raises(Refused, match="已于 2024年12月31日 截止"):
        declarations.create(db.session.get_one(Unit, cast.unit_2), draft, YEAR, by(FILLER), late)


def test_sheets_made_before_and_after_follow_the_unit_s_window(cast: Cast, by: By, cycle: Cycle) -> None:
    cycles.update(
        cycle, cycle.project_scheme_id, cycle.department_scheme_id, {**usual_windows(YEAR), **make.ALWAYS}, by(ADMIN)
    )
    for unit in (cast.unit, cast.unit_2):
        make.budgeted(cast, f"项目{unit}", unit=unit)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    longer = put(cycle, cast.unit_2, "self_evaluation", day(2026, 1, 1), day(2026, 6, 20), by(ADMIN))
    put(cycle, cast.unit_2, "monitoring", day(2025, 7, 1), day(2025, 9, 15), by(ADMIN))
    monitorings_due.open_due(noon(2025, 8, 5))
    evaluations_due.open_due(noon(2026, 1, 2))
    assert due(Monitoring) == {cast.unit: day(2025, 8, 31), cast.unit_2: day(2025, 9, 15)}
    assert due(Evaluation) == {
        cast.unit: day(2026, 5, 31),
        cast.unit_2: day(2026, 6, 20),
        cast.department: day(2026, 5, 31),
    }
    # What is there already moves too, and the nearer exception holds.
    put(cycle, cast.department, "self_evaluation", day(2026, 1, 1), day(2026, 6, 5), by(ADMIN))
    assert due(Evaluation)[cast.department] == due(Evaluation)[cast.unit] == day(2026, 6, 5)
    assert due(Evaluation)[cast.unit_2] == day(2026, 6, 20)
    on_list = {row.unit_name: row.due_on for row in notices.waiting(by(FILLER), day(2026, 6, 1)).rows if row.name}
    assert on_list["甲部门服务中心"] in (day(2025, 9, 15), day(2026, 6, 20))
    window_exceptions.remove(longer, by(ADMIN))
    assert due(Evaluation)[cast.unit_2] == day(2026, 6, 5)
    # Everybody is reminded of their own last day.
    reminders_due.plan_due(noon(2026, 6, 4))
    assert reminders_due.issue_due(noon(2026, 6, 4)) > 0
    told = select(Reminder.due_on).where(Reminder.duty == "evaluating", Reminder.state == "sent")
    assert set(db.session.scalars(told)) == {day(2026, 6, 5)}


def test_a_unit_that_begins_earlier_gets_its_sheets_alone(cast: Cast, by: By, cycle: Cycle) -> None:
    cycles.update(
        cycle, cycle.project_scheme_id, cycle.department_scheme_id, {**usual_windows(YEAR), **make.ALWAYS}, by(ADMIN)
    )
    for unit in (cast.unit, cast.unit_2):
        make.budgeted(cast, f"项目{unit}", unit=unit)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    put(cycle, cast.unit_2, "self_evaluation", day(2025, 12, 1), day(2026, 2, 1), by(ADMIN))
    before = noon(2025, 12, 15)
    assert (evaluations_due.open_due(before, dry_run=True), evaluations_due.open_due(before)) == (1, 1)
    assert due(Evaluation) == {cast.unit_2: day(2026, 2, 1)}
    reminders_due.plan_due(before)
    assert reminders_due.issue_due(before) == 2  # the unit's filler and the department's
    assert evaluations_due.open_due(noon(2026, 1, 1)) == 2


def test_the_statement_and_the_object_say_the_same(cast: Cast, by: By, cycle: Cycle) -> None:
    put(cycle, cast.department, "review", day(2026, 2, 1), day(2026, 10, 1), by(ADMIN))
    put(cycle, cast.unit_2, "review", day(2026, 3, 1), day(2026, 11, 1), by(ADMIN))
    put(cycle, cast.other_unit, "declaration", day(2024, 9, 1), day(2024, 12, 1), by(ADMIN))
    sub = units.create(
        db.session.get_one(Unit, cast.unit_2), units.tidied("unit", "other", "219009", "下级"), by(ADMIN)
    )
    db.session.expire_all()
    for unit in db.session.scalars(select(Unit)).all():
        for kind in WINDOWS:
            columns = [
                cycle_queries.window_day(which, kind, literal(cycle.id), Unit.path)
                for which in ("opens_on", "closes_on")
            ]
            row = db.session.execute(select(*columns).where(Unit.id == unit.id)).one()
            span = cycle.span(kind, unit.path)
            assert span is not None
            assert tuple(row) == (span.opens_on, span.closes_on), (unit.name, kind)
    assert cycle.span("review", sub.path) == Span(day(2026, 3, 1), day(2026, 11, 1))


def test_the_calendar_names_who_has_other_days(cast: Cast, by: By, cycle: Cycle) -> None:
    put(cycle, cast.unit_2, "review", day(2026, 3, 1), day(2026, 11, 1), by(ADMIN))

    def reviews(username: str) -> list[tuple[str, dt.date]]:
        known = cycle_queries.listed(by(username))
        return [(t.unit_name, t.span.closes_on) for t in calendar.timings(by(username), known) if t.kind == "review"]

    usual = ("", day(2026, 9, 30))
    own = ("甲部门服务中心", day(2026, 11, 1))
    assert (reviews(FILLER), reviews(FILLER_2), reviews(OUTSIDER)) == ([usual, own], [own], [usual])


def test_who_may_and_what_is_refused(cast: Cast, by: By, cycle: Cycle) -> None:
    span = (day(2026, 1, 1), day(2026, 6, 30))
    unit = db.session.get_one(Unit, cast.unit)
    with pytest.raises(NotAllowed):
        put(cycle, cast.unit, "review", *span, by(REVIEWER))
    with pytest.raises(Invalid) as refused:
        window_exceptions.put(cycle, unit, "review", Span(span[1], span[0]), " ", by(ADMIN))
    assert [finding.field for finding in refused.value.findings] == ["closes_on", "reason"]
    with pytest.raises(Refused, match="没有设置这项时间"):
        put(cycle, cast.unit, "lunch", *span, by(ADMIN))
    with pytest.raises(Refused, match="按这个年度周期办理"):
        put(cycle, cast.area, "review", *span, by(ADMIN))
    exception = put(cycle, cast.unit, "review", *span, by(ADMIN))
    version = cycle.version
    again = put(cycle, cast.unit, "review", span[0], day(2026, 7, 1), by(ADMIN))
    assert (again.id, again.closes_on, cycle.version) == (exception.id, day(2026, 7, 1), version + 1)
    cycles.set_closed(cycle, True, by(ADMIN))
    with pytest.raises(Refused, match="已经结束"):
        window_exceptions.remove(again, by(ADMIN))


def test_asking_for_many_units_costs_no_more_statements(
    cast: Cast, by: By, cycle: Cycle, count_queries: Callable[[], Any]
) -> None:
    def counted() -> int:
        viewer = by(FILLER)
        db.session.rollback()
        db.session.expunge_all()
        with count_queries() as statements:
            known = cycle_queries.listed(viewer)
            calendar.timings(viewer, known)
            [c.span("review", "/1/2/3/") for c in known for _n in range(5)]
        return len(statements)

    one = counted()
    for unit in (cast.unit, cast.unit_2, cast.department, cast.other_unit):
        put(db.session.get_one(Cycle, cast.cycle), unit, "review", day(2026, 3, 1), day(2026, 11, 1), by(ADMIN))
    assert counted() == one


def test_a_sheet_that_comes_back_has_the_day_its_window_has_now(cast: Cast, by: By, cycle: Cycle) -> None:
    schemes = (cycle.project_scheme_id, cycle.department_scheme_id)
    cycles.update(cycle, *schemes, {**usual_windows(YEAR), **make.ALWAYS}, by(ADMIN))
    make.budgeted(cast)
    cycles.update(cycle, *schemes, usual_windows(YEAR), by(ADMIN))
    monitorings_due.open_due(noon(2025, 8, 5))
    evaluations_due.open_due(noon(2026, 1, 2))
    period = db.session.scalars(select(Monitoring)).one()
    sheet = db.session.scalars(select(Evaluation).where(Evaluation.kind == "project")).one()
    for back, person in (("withdraw", FILLER), ("return", REVIEWER)):
        period.state = sheet.state = "submitted"
        db.session.commit()
        before = (period.due_on, sheet.due_on)
        put(cycle, cast.unit, "monitoring", day(2025, 7, 1), before[0] + dt.timedelta(9), by(ADMIN))
        put(cycle, cast.unit, "self_evaluation", day(2026, 1, 1), before[1] + dt.timedelta(9), by(ADMIN))
        assert (period.due_on, sheet.due_on) == before  # what is done keeps its day
        monitorings.take(period, back, by(person), comment="请补充", now=noon(2025, 8, 6))
        evaluations.take(sheet, back, by(person), comment="请补充", now=noon(2026, 1, 3))
        assert (period.due_on, sheet.due_on) == (before[0] + dt.timedelta(9), before[1] + dt.timedelta(9))


def test_units_are_told_of_what_changes_for_them(cast: Cast, by: By, cycle: Cycle) -> None:
    def told(username: str) -> list[str]:
        rows = select(Notice).where(Notice.person_id == cast.people[username], Notice.subject_kind == "window")
        return [sentence(n.kind, n.params) for n in db.session.scalars(rows.order_by(Notice.id))]

    own = put(cycle, cast.unit_2, "review", day(2026, 2, 1), day(2026, 10, 1), by(ADMIN))
    first = "“甲部门服务中心”2025 年度“复核评审”另行安排时间，改为 2026-02-01 至 2026-10-01。"
    assert (told(FILLER), told(FILLER_2), told(REVIEWER), told(OUTSIDER)) == ([first], [first], [], [])
    # The same days with another reason are no news; what holds for the department does not reach who has own days.
    put(cycle, cast.unit_2, "review", day(2026, 2, 1), day(2026, 10, 1), by(ADMIN))
    put(cycle, cast.department, "review", day(2026, 2, 1), day(2026, 11, 1), by(ADMIN))
    assert told(FILLER_2) == [first]
    assert told(FILLER)[1:] == ["“甲部门”2025 年度“复核评审”另行安排时间，改为 2026-02-01 至 2026-11-01。"]
    window_exceptions.remove(own, by(ADMIN))
    back = "“甲部门服务中心”2025 年度“复核评审”的例外时间已取消，改为 2026-02-01 至 2026-11-01。"
    assert told(FILLER_2) == [first, back]
    assert told(FILLER)[2:] == [back]

"""Monitoring: the year's list with its lights, single sheets, and the problems to be put right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.monitoring import Monitoring, MonitoringItem
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import schemes
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.monitoring_entries import Judged, SheetEntry, entered, judge
from perfmgr.rules.workflow import FILLER_STATES


def find(monitoring_id: int, by: Viewer) -> Monitoring | None:
    """Return the sheet with its lines, problems, project and unit, if this person may see it."""
    return db.session.scalar(
        select(Monitoring)
        .join(Monitoring.unit)
        .where(Monitoring.id == monitoring_id, Monitoring.unit_id.in_(unit_ids(by.paths())))
        .options(
            contains_eager(Monitoring.unit),
            joinedload(Monitoring.department),
            joinedload(Monitoring.project),
            joinedload(Monitoring.cycle),
            selectinload(Monitoring.lines),
            selectinload(Monitoring.items),
        )
    )


def find_item(item_id: int, by: Viewer) -> MonitoringItem | None:
    """Return a problem with its sheet, if this person may see it."""
    return db.session.scalar(
        select(MonitoringItem)
        .join(MonitoringItem.monitoring)
        .where(MonitoringItem.id == item_id, Monitoring.unit_id.in_(unit_ids(by.paths())))
        .options(contains_eager(MonitoringItem.monitoring).joinedload(Monitoring.unit))
    )


def judged(monitoring: Monitoring, typed: SheetEntry | None = None) -> Judged:
    """Return the lights of the sheet as it is stored, or with what was typed, by its own scheme version."""
    money, lines = monitoring.as_money(), monitoring.as_lines()
    if typed is not None:
        money, lines = entered(money, lines, typed)
    return judge(schemes.by_id(monitoring.scheme_id).monitoring, money, lines, monitoring.cut_off)


# --- the list ---------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _counted(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(Monitoring.state, Monitoring.light, func.count())
        .where(*within(Monitoring, shape))
        .group_by(Monitoring.state, Monitoring.light)
    )
    if not shape.search:
        return statement
    joined = statement.join(Unit, Unit.id == Monitoring.unit_id).join(Project, Project.id == Monitoring.project_id)
    return joined.where(matching(Project.name, Unit.name))


@lru_cache(maxsize=64)
def _rows(shape: Shape) -> Select[*tuple[Any, ...]]:
    open_items = (
        select(func.count())
        .where(MonitoringItem.monitoring_id == Monitoring.id, MonitoringItem.state == "open")
        .scalar_subquery()
    )
    statement: Select[*tuple[Any, ...]] = (
        select(
            Monitoring.id,
            Monitoring.year,
            Monitoring.cut_off,
            Monitoring.state,
            Monitoring.due_on,
            Monitoring.adjusted,
            Monitoring.executed,
            Monitoring.forecast,
            Monitoring.budget_light,
            Monitoring.light,
            Project.code,
            Project.name,
            Unit.name.label("unit_name"),
            open_items.label("open_items"),
        )
        .join(Unit, Unit.id == Monitoring.unit_id)
        .join(Project, Project.id == Monitoring.project_id)
        .where(*within(Monitoring, shape))
        .order_by(Monitoring.id.desc())
    )
    if shape.search:
        statement = statement.where(matching(Project.name, Unit.name))
    if shape.state:
        statement = statement.where(chosen(Monitoring.state, "state"))
    return statement.where(chosen(Monitoring.light, "category")) if shape.category else statement


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sheets the list has by state within the chosen light, and by light in any state."""

    states: dict[str, int]
    lights: dict[str, int]
    total: int


def counts(by: Viewer, filters: Filters) -> Counts:
    """Return the numbers above the list, whatever state and light are chosen there."""
    states: dict[str, int] = {}
    lights: dict[str, int] = {}
    total = 0
    for state, light, number in db.session.execute(_counted(filters.shape(by)), filters.params(by)):
        lights[light] = lights.get(light, 0) + number
        if filters.category in ("", light):
            states[state] = states.get(state, 0) + number
            total += number if filters.state in ("", state) else 0
    return Counts(states, lights, total)


def page(by: Viewer, filters: Filters) -> tuple[Page, Counts]:
    """Return one page of the year's sheets, newest first, and the numbers above it."""
    numbers = counts(by, filters)
    statement = _rows(filters.shape(by)).limit(PAGE_SIZE).offset(bindparam("offset"))
    rows = db.session.execute(statement, filters.params(by)).all()
    return Page(rows, filters.page, numbers.total), numbers


def stream(by: Viewer, filters: Filters) -> Iterator[Any]:
    """Yield every row of the list, in its order."""
    yield from db.session.execute(_rows(filters.shape(by)), filters.params(by), execution_options={"yield_per": 500})


# --- problems to be put right -----------------------------------------------------------------


def items(by: Viewer, filters: Filters) -> tuple[Page, dict[str, int]]:
    """Return one page of the problems noted in the year, open ones first by the day they are due, and counts by state.

    What is noted on a sheet that was never handed in is not yet a problem to be put right.
    """
    shape = filters.shape(by)
    conditions = [*within(Monitoring, shape), Monitoring.submitted_at.is_not(None)]
    if shape.search:
        conditions.append(matching(Project.name, Unit.name, MonitoringItem.owner))
    source = (
        select(MonitoringItem)
        .join(MonitoringItem.monitoring)
        .join(Project, Project.id == Monitoring.project_id)
        .join(Unit, Unit.id == Monitoring.unit_id)
        .where(*conditions)
    )
    counted = source.with_only_columns(MonitoringItem.state, func.count()).group_by(MonitoringItem.state)
    numbers = {row[0]: row[1] for row in db.session.execute(counted, filters.params(by))}
    listed = source.with_only_columns(
        MonitoringItem.id,
        MonitoringItem.position,
        MonitoringItem.name.label("line_name"),
        MonitoringItem.measure,
        MonitoringItem.owner,
        MonitoringItem.due_on,
        MonitoringItem.state,
        MonitoringItem.closing_note,
        MonitoringItem.closed_on,
        Monitoring.id.label("monitoring_id"),
        Monitoring.state.label("monitoring_state"),
        Monitoring.cut_off,
        Project.name,
        Unit.name.label("unit_name"),
        Unit.path,
    )
    if shape.state:
        listed = listed.where(chosen(MonitoringItem.state, "state"))
    order = (case((MonitoringItem.state == "open", 0), else_=1), MonitoringItem.due_on.is_(None), MonitoringItem.due_on)
    rows = db.session.execute(
        listed.order_by(*order, MonitoringItem.id).limit(PAGE_SIZE).offset(bindparam("offset")), filters.params(by)
    ).all()
    number = numbers.get(filters.state, 0) if filters.state else sum(numbers.values())
    return Page(rows, filters.page, number), numbers


# --- shown again in the self-evaluation -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What monitoring found about a project in a year: the latest sheet, and the problems of all of them."""

    latest: Monitoring
    items: Sequence[MonitoringItem]

    @property
    def open_items(self) -> list[MonitoringItem]:
        """The problems that are not put right yet."""
        return [item for item in self.items if item.state == "open"]


def of_project(project_id: int | None, year: int) -> Outcome | None:
    """Return what monitoring found, from the sheets that were handed in; None when there are none.

    The caller has loaded the project's self-evaluation among those the person may see.
    """
    if project_id is None:
        return None
    sheets = db.session.scalars(
        select(Monitoring)
        .where(Monitoring.project_id == project_id, Monitoring.year == year, Monitoring.state.not_in(FILLER_STATES))
        .order_by(Monitoring.cut_off.desc())
        .options(selectinload(Monitoring.lines), selectinload(Monitoring.items))
    ).all()
    if not sheets:
        return None
    return Outcome(sheets[0], [item for sheet in reversed(sheets) for item in sheet.items])

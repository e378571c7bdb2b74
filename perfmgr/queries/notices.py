"""Notices and the to-do list: what somebody was told, and what waits for them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Integer, Row, Select, Subquery, case, cast, extract, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.monitoring import Monitoring
from perfmgr.models.notice import Notice
from perfmgr.models.project import Project
from perfmgr.models.rectification import Rectification
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.queries.evaluations import still_owed
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import prune, unit_ids
from perfmgr.rules.roles import DEPARTMENT_REVIEWER, FILLER, FINANCE_REVIEWER


def page(by: Viewer, number: int) -> Page:
    """Return one page of the person's own notices, newest first."""
    own = Notice.person_id == by.id
    total = db.session.scalar(select(func.count()).where(own)) or 0
    rows = db.session.scalars(
        select(Notice).where(own).order_by(Notice.id.desc()).limit(PAGE_SIZE).offset(offset(number))
    ).all()
    return Page(rows, number, total)


def find(notice_id: int, by: Viewer) -> Notice | None:
    """Return one of the person's own notices, or None."""
    return db.session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == by.id))


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of waiting work: which records, in which states, for which role."""

    subject: str
    states: tuple[str, ...]
    role: str
    kind: str = ""


DUTIES = (
    Duty("declaration", ("returned", "draft"), FILLER),
    Duty("evaluation", ("returned", "open"), FILLER),
    Duty("monitoring", ("returned", "open"), FILLER),
    Duty("declaration", ("submitted",), DEPARTMENT_REVIEWER),
    Duty("declaration", ("department_approved",), FINANCE_REVIEWER),
    Duty("monitoring", ("submitted",), DEPARTMENT_REVIEWER),
    Duty("evaluation", ("submitted",), DEPARTMENT_REVIEWER, "project"),
    Duty("evaluation", ("submitted",), FINANCE_REVIEWER, "department"),
)

MODELS: dict[str, Any] = {"declaration": Declaration, "evaluation": Evaluation, "monitoring": Monitoring}


def _due_on(duty: Duty) -> Any:
    """Return the day a duty is due, as a column: fillers follow the window, reviewers the one of their own work."""

    def closes(kind: str) -> Any:
        return cycles.window_day("closes_on", kind, Cycle.id, Unit.path)

    if duty.subject == "monitoring":
        return Monitoring.due_on
    if duty.subject == "evaluation":
        return Evaluation.due_on if duty.role == FILLER else closes("review")
    last = closes("declaration") if duty.role == FILLER else func.coalesce(closes("approval"), closes("declaration"))
    # An adjustment waits for no window: it is due when the year's self-evaluation begins.
    return case((Declaration.adjusts_id.is_(None), last))


def _waiting(duty: Duty, by: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the records of one duty in cycles that are not closed, with the day they are due."""
    model: Any = MODELS[duty.subject]
    statement: Select[*tuple[Any, ...]] = (
        select(
            literal(duty.subject).label("subject"),
            model.id,
            model.state,
            model.year,
            model.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            _due_on(duty).label("due_on"),
            literal(duty.role).label("role"),
            (Declaration.adjusts_id if duty.subject == "declaration" else cast(null(), Integer)).label("adjusts_id"),
            (Cycle.version + model.version).label("changes"),
        )
        .join(Unit, Unit.id == model.unit_id)
        .outerjoin(Project, Project.id == model.project_id)
        .join(Cycle, Cycle.id == model.cycle_id)
        .where(
            model.state.in_(duty.states),
            model.unit_id.in_(unit_ids(by.paths({duty.role}))),
            Cycle.closed_at.is_(None),
        )
    )
    if duty.subject == "evaluation":
        statement = statement.where(still_owed())
    if duty.subject == "monitoring":
        statement = statement.where(Project.owes)
    return statement.where(Evaluation.kind == duty.kind) if duty.kind else statement


def _to_continue(by: Viewer, today: dt.date) -> list[Select[*tuple[Any, ...]]]:
    """Return what is to be declared once more, one part for each cycle whose window is open for this person's units."""
    mine = by.paths({FILLER})
    parts = []
    for cycle in cycles.open_in("declaration", today):
        area = cycle.unit.path
        paths = prune(
            [area for path in mine if area.startswith(path)] + [path for path in mine if path.startswith(area)]
        )
        if paths:
            parts.append(_continuing(cycle, paths, today))
    return parts


def _continuing(cycle: Cycle, paths: Sequence[str], today: dt.date) -> Select[*tuple[Any, ...]]:
    """Return the projects to be declared once more in this cycle: approved last time, not over, still owing.

    Not over is a project whose term reaches into the year, or one without term that was declared
    for the year before. They wait from the opening of the declaration's window until it closes;
    the declaration that is then begun waits in its place.
    """
    last, earlier, same, other = aliased(Declaration), aliased(Declaration), aliased(Declaration), aliased(Cycle)
    newest = (
        select(func.max(earlier.year))
        .where(earlier.project_id == Project.id, earlier.year < cycle.year, earlier.adjusts_id.is_(None))
        .correlate(Project)
        .scalar_subquery()
    )
    declared = (
        select(same.id)
        .where(same.project_id == Project.id, same.year == cycle.year, same.adjusts_id.is_(None))
        .correlate(Project)
        .exists()
    )
    # Units with a cycle of their own for the year, and what lies below them, do not follow this one.
    area = aliased(Unit)
    nearer = (
        select(other.id)
        .join(area, area.id == other.unit_id)
        .where(
            other.year == cycle.year,
            func.length(area.path) > len(cycle.unit.path),
            func.substr(Unit.path, 1, func.length(area.path)) == area.path,
        )
        .correlate(Unit)
        .exists()
    )
    ends = extract("year", Project.end_on)
    return (
        select(
            literal("project").label("subject"),
            Project.id,
            literal("continuing").label("state"),
            literal(cycle.year).label("year"),
            last.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            cycles.window_day("closes_on", "declaration", cycle.id, Unit.path).label("due_on"),
            literal(FILLER).label("role"),
            cast(null(), Integer).label("adjusts_id"),
            (Project.version + cycle.version).label("changes"),
        )
        .join(Unit, Unit.id == Project.unit_id)
        .join(last, (last.project_id == Project.id) & (last.year == newest) & last.adjusts_id.is_(None))
        .where(
            Project.unit_id.in_(unit_ids(paths)),
            Project.owes,
            or_(ends >= cycle.year, Project.end_on.is_(None) & (last.year == cycle.year - 1)),
            last.state == "approved",
            Unit.active,
            ~declared,
            ~nearer,
            cycles.window_open("declaration", today, cycle.id, Unit.path),
        )
    )


@dataclass(frozen=True, slots=True)
class Rectifying:
    """Rectifications in these states wait for this role; finance judges those of whole departments."""

    states: tuple[str, ...]
    role: str


RECTIFYING = (
    Rectifying(("returned", "open"), FILLER),
    Rectifying(("answered",), DEPARTMENT_REVIEWER),
    Rectifying(("answered",), FINANCE_REVIEWER),
)


def _rectifications(duty: Rectifying, by: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the rectifications of one duty; they outlive the cycle of their year."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            literal("rectification").label("subject"),
            Rectification.id,
            Rectification.state,
            Rectification.year,
            Rectification.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            Rectification.due_on.label("due_on"),
            literal(duty.role).label("role"),
            cast(null(), Integer).label("adjusts_id"),
            Rectification.version.label("changes"),
        )
        .join(Unit, Unit.id == Rectification.unit_id)
        .outerjoin(Rectification.project)
        .where(Rectification.state.in_(duty.states), Rectification.unit_id.in_(unit_ids(by.paths({duty.role}))))
    )
    if duty.role == DEPARTMENT_REVIEWER:
        return statement.where(Rectification.project_id.is_not(None))
    return statement if duty.role == FILLER else statement.where(Rectification.project_id.is_(None))


def _budgets_to_release(by: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the budget lines whose targets are approved and which finance has not released yet."""
    return (
        select(
            literal("budget").label("subject"),
            BudgetLine.id,
            BudgetLine.state,
            BudgetLine.year,
            Declaration.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            cast(null(), Date).label("due_on"),
            literal(FINANCE_REVIEWER).label("role"),
            cast(null(), Integer).label("adjusts_id"),
            (Cycle.version + BudgetLine.version).label("changes"),
        )
        .join(BudgetLine.project)
        .join(Unit, Unit.id == BudgetLine.unit_id)
        .join(
            Declaration,
            (Declaration.project_id == BudgetLine.project_id)
            & (Declaration.year == BudgetLine.year)
            & Declaration.adjusts_id.is_(None),
        )
        .join(Cycle, Cycle.id == Declaration.cycle_id)
        .where(
            BudgetLine.state == "proposed",
            BudgetLine.unit_id.in_(unit_ids(by.paths({FINANCE_REVIEWER}))),
            Declaration.state == "approved",
            Cycle.closed_at.is_(None),
        )
    )


def _all(by: Viewer, today: dt.date) -> Subquery | None:
    """Return everything that waits for the person, None when nothing ever can."""
    parts = [_waiting(duty, by) for duty in DUTIES if duty.role in by.roles]
    if FINANCE_REVIEWER in by.roles:
        parts.append(_budgets_to_release(by))
    if FILLER in by.roles:
        parts += _to_continue(by, today)
    parts += [_rectifications(duty, by) for duty in RECTIFYING if duty.role in by.roles]
    if not parts:
        return None
    return (parts[0].union_all(*parts[1:]) if len(parts) > 1 else parts[0]).subquery()


def _in_order(source: Subquery) -> Select[*tuple[Any, ...]]:
    columns = source.c
    return select(source).order_by(
        columns.due_on.is_(None), columns.due_on, columns.state.desc(), columns.subject, columns.id
    )


def waiting(by: Viewer, today: dt.date, number: int = 1) -> Page:
    """Return one page of the person's to-do list: what is due first comes first."""
    source = _all(by, today)
    if source is None:
        return Page([], 1, 0)
    total = db.session.scalar(select(func.count()).select_from(source)) or 0
    statement = _in_order(source).limit(PAGE_SIZE).offset(offset(number))
    return Page(db.session.execute(statement).all(), number, total)


def due_between(by: Viewer, today: dt.date, first: dt.date, last: dt.date, most: int) -> Sequence[Row[Any]]:
    """Return what waits for the person and is due on these days, both included, at most so many rows."""
    source = _all(by, today)
    if source is None:
        return []
    return db.session.execute(_in_order(source).where(source.c.due_on.between(first, last)).limit(most)).all()


def due_counts(by: Viewer, today: dt.date, first: dt.date, last: dt.date) -> Sequence[Row[Any]]:
    """Return how much is due on each of these days: day, subject, state, whether an adjustment, count."""
    source = _all(by, today)
    if source is None:
        return []
    columns = source.c
    adjusting = columns.adjusts_id.is_not(None).label("adjusting")
    groups = (columns.due_on, columns.subject, columns.state, adjusting)
    statement = select(*groups, func.count().label("count")).where(columns.due_on.between(first, last))
    return db.session.execute(
        statement.group_by(*groups).order_by(columns.due_on, columns.subject, columns.state)
    ).all()

"""What waits for whom: one statement for each kind of record and role, for the to-do list and the reminders."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, case, cast, extract, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.monitoring import Monitoring
from perfmgr.models.project import Project
from perfmgr.models.rectification import Rectification
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.queries.evaluations import still_owed
from perfmgr.queries.scopes import prune, unit_ids
from perfmgr.rules.roles import DEPARTMENT_REVIEWER, FILLER, FINANCE_REVIEWER


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records of one kind that wait for one role: what is owed in which state.

    ``of`` limits them to those of projects or of whole departments; ``review``: nobody may do it
    with what they prepared themselves.
    """

    subject: str
    duties: Mapping[str, str]
    role: str
    of: str = ""
    review: bool = False


def _waiting(subject: str, role: str, of: str = "", review: bool = False, **duties: str) -> Waiting:
    return Waiting(subject, MappingProxyType(duties), role, of, review)


WAITING = (
    _waiting("declaration", FILLER, draft="declaring", returned="resubmitting"),
    _waiting("evaluation", FILLER, open="evaluating", returned="resubmitting"),
    _waiting("monitoring", FILLER, open="monitoring", returned="resubmitting"),
    _waiting("rectification", FILLER, open="rectifying", returned="rectifying"),
    _waiting("declaration", DEPARTMENT_REVIEWER, review=True, submitted="reviewing"),
    _waiting("declaration", FINANCE_REVIEWER, review=True, department_approved="approving"),
    _waiting("monitoring", DEPARTMENT_REVIEWER, review=True, submitted="reviewing"),
    _waiting("evaluation", DEPARTMENT_REVIEWER, "project", review=True, submitted="reviewing"),
    _waiting("evaluation", FINANCE_REVIEWER, "department", review=True, submitted="reviewing"),
    _waiting("rectification", DEPARTMENT_REVIEWER, "project", review=True, answered="accepting"),
    _waiting("rectification", FINANCE_REVIEWER, "department", review=True, answered="accepting"),
    _waiting("budget", FINANCE_REVIEWER, proposed="approving"),
)
MODELS: dict[str, Any] = {
    "declaration": Declaration,
    "evaluation": Evaluation,
    "monitoring": Monitoring,
    "rectification": Rectification,
    "budget": BudgetLine,
}
# States that a record is in from the beginning: what is owed then counts from its first event, not from its last.
BEGINNING = ("draft", "open")
_WINDOWS = {"declaration": "declaration", "evaluation": "self_evaluation"}


def model_of(waiting: Waiting) -> Any:
    """Return the model whose records wait."""
    return MODELS[waiting.subject]


def statement(waiting: Waiting) -> Select[*tuple[Any, ...]]:
    """Return the records of one kind that wait, in cycles that are not closed; rectifications outlive theirs.

    Columns: subject, id, state, year, updated_at, name (of the project), unit_name, due_on, role, adjusts_id,
    changes (rises whenever the record or its year changes).
    """
    model = model_of(waiting)
    found: Select[*tuple[Any, ...]] = (
        select(
            literal(waiting.subject).label("subject"),
            model.id,
            model.state,
            model.year,
            _updated_at(waiting).label("updated_at"),
            Project.name,
            Unit.name.label("unit_name"),
            _due_on(waiting).label("due_on"),
            literal(waiting.role).label("role"),
            (Declaration.adjusts_id if model is Declaration else cast(null(), Integer)).label("adjusts_id"),
            (model.version if waiting.subject == "rectification" else Cycle.version + model.version).label("changes"),
        )
        .select_from(model)
        .join(Unit, Unit.id == model.unit_id)
        .outerjoin(Project, Project.id == model.project_id)
        .where(model.state.in_(tuple(waiting.duties)))
    )
    return _limited(found, waiting)


def _updated_at(waiting: Waiting) -> Any:
    return Declaration.updated_at if waiting.subject == "budget" else model_of(waiting).updated_at


def _due_on(waiting: Waiting) -> ColumnElement[Any]:
    """Return the day it is due, as a column: fillers follow the window, reviewers the one of their own work."""

    def closes(kind: str) -> ColumnElement[Any]:
        return cycles.window_day("closes_on", kind, Cycle.id, Unit.path)

    if waiting.subject == "budget":
        return cast(null(), Date)
    if waiting.subject == "declaration":
        own = closes("declaration")
        last = own if waiting.role == FILLER else func.coalesce(closes("approval"), own)
        # An adjustment waits for no window: it is due when the year's self-evaluation begins.
        return case((Declaration.adjusts_id.is_(None), last))
    if waiting.subject == "evaluation" and waiting.role != FILLER:
        return closes("review")
    column: ColumnElement[Any] = model_of(waiting).due_on
    return column


def _limited(found: Select[*tuple[Any, ...]], waiting: Waiting) -> Select[*tuple[Any, ...]]:
    """Limit a statement to what is really wanted of each kind of record."""
    model = model_of(waiting)
    if waiting.of:
        found = found.where(model.project_id.is_not(None) if waiting.of == "project" else model.project_id.is_(None))
    if waiting.subject == "rectification":
        return found
    if waiting.subject == "budget":
        # Its targets are approved; only then finance can release it.
        same = (Declaration.project_id == BudgetLine.project_id) & (Declaration.year == BudgetLine.year)
        found = found.join(Declaration, same & Declaration.adjusts_id.is_(None)).where(Declaration.state == "approved")
        return found.join(Cycle, Cycle.id == Declaration.cycle_id).where(Cycle.closed_at.is_(None))
    found = found.join(Cycle, Cycle.id == model.cycle_id).where(Cycle.closed_at.is_(None))
    if waiting.subject == "evaluation":
        found = found.where(still_owed())
    return found.where(Project.owes) if waiting.subject == "monitoring" else found


def timed(waiting: Waiting) -> Select[*tuple[Any, ...]]:
    """Return the same records with what a reminder needs besides.

    Columns added: unit_id, project_id, path, opens_on (of the window), entered_at (when it began to
    wait), filled_by_id, begun_by_id (null: the clock's, or not in its beginning). A draft that nobody
    demands (an adjustment, a project that owes none) is left out.
    """
    model = model_of(waiting)
    found = statement(waiting).add_columns(
        model.unit_id,
        model.project_id,
        Unit.path,
        _opens_on(waiting).label("opens_on"),
        _entered_at(waiting).label("entered_at"),
        (cast(null(), Integer) if model is BudgetLine else model.filled_by_id).label("filled_by_id"),
        _begun_by_id(waiting).label("begun_by_id"),
    )
    if waiting.subject == "declaration" and waiting.role == FILLER:
        found = found.where(or_(Declaration.state != "draft", Declaration.adjusts_id.is_(None) & Project.owes))
    return found


def _opens_on(waiting: Waiting) -> ColumnElement[Any]:
    """Return the first day of the window of what is filled in within one, as a column."""
    kind = _WINDOWS.get(waiting.subject) if waiting.role == FILLER else None
    return cycles.window_day("opens_on", kind, Cycle.id, Unit.path) if kind else cast(null(), Date)


def _entered_at(waiting: Waiting) -> ColumnElement[Any]:
    model = model_of(waiting)
    if model is BudgetLine:
        return func.coalesce(Declaration.approved_at, Declaration.updated_at)
    events = (Event.subject_kind == waiting.subject, Event.subject_id == model.id)
    first = select(func.min(Event.at)).where(*events).correlate(model).scalar_subquery()
    entered = select(func.max(Event.at)).where(*events, Event.state_to == model.state)
    since = case((model.state.in_(BEGINNING), first), else_=entered.correlate(model).scalar_subquery())
    return func.coalesce(since, model.updated_at)


def _begun_by_id(waiting: Waiting) -> ColumnElement[Any]:
    """Return who began what waits for whoever fills it in, as a column."""
    model = model_of(waiting)
    if waiting.role != FILLER:
        return cast(null(), Integer)
    events = (Event.subject_kind == waiting.subject, Event.subject_id == model.id)
    first = select(Event.person_id).where(*events).order_by(Event.id).limit(1).correlate(model).scalar_subquery()
    return case((model.state.in_(BEGINNING), first))


def to_continue(paths: Sequence[str] | None, today: dt.date) -> list[tuple[int, Select[*tuple[Any, ...]]]]:
    """Return what is to be declared once more in these subtrees, by the id of each cycle whose window is open.

    None: everywhere; these statements are made to be read to the end in the order of the projects.
    """
    parts = []
    for cycle in cycles.open_in("declaration", today):
        area = cycle.unit.path
        if paths is None:
            parts.append((cycle.id, _continuing(cycle, _anywhere_below(area), today)))
            continue
        inside = prune(
            [area for path in paths if area.startswith(path)] + [path for path in paths if path.startswith(area)]
        )
        if inside:
            parts.append((cycle.id, _continuing(cycle, Project.unit_id.in_(unit_ids(inside)), today)))
    return parts


def _anywhere_below(area: str) -> ColumnElement[bool]:
    """Return the condition that a project lies in an area, so that no index of units can answer it.

    Beginning with the units, every part of the projects in their order would sort all that are left.
    """
    return (Project.unit_id + 0).in_(unit_ids([area]))


def _continuing(cycle: Cycle, inside: ColumnElement[bool], today: dt.date) -> Select[*tuple[Any, ...]]:
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
        .select_from(Project)
        .join(Unit, Unit.id == Project.unit_id)
        .join(last, (last.project_id == Project.id) & (last.year == newest) & last.adjusts_id.is_(None))
        .where(
            inside,
            Project.owes,
            or_(ends >= cycle.year, Project.end_on.is_(None) & (last.year == cycle.year - 1)),
            last.state == "approved",
            Unit.active,
            ~declared,
            ~nearer,
            cycles.window_open("declaration", today, cycle.id, Unit.path),
        )
    )

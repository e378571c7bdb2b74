"""Self-evaluations that are due: creating what each cycle owes."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, insert, literal, select, update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._due import by_span, in_parts, insert_new, inside
from perfmgr.actions._sections import INDICATOR_FIELDS
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.rules.workflow import FILLER_STATES

COPIED = ("position", *INDICATOR_FIELDS)


def _owing_projects(cycle: Cycle, today: dt.date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Unit.path,
            BudgetLine.project_id,
            BudgetLine.unit_id,
            BudgetLine.department_id,
            BudgetLine.initial,
            BudgetLine.adjusted,
            BudgetLine.executed,
            Declaration.goals,
        )
        .join(Project, Project.id == BudgetLine.project_id)
        .join(Unit, Unit.id == BudgetLine.unit_id)
        .outerjoin(
            Declaration,
            and_(
                Declaration.project_id == BudgetLine.project_id,
                Declaration.year == BudgetLine.year,
                Declaration.state == "approved",
                Declaration.adjusts_id.is_(None),
            ),
        )
        .outerjoin(
            Evaluation,
            and_(Evaluation.project_id == BudgetLine.project_id, Evaluation.year == BudgetLine.year),
        )
        .where(
            BudgetLine.year == cycle.year,
            BudgetLine.state == "approved",
            Project.owes,
            Evaluation.id.is_(None),
            *inside(cycle, BudgetLine),
            cycles.window_open("self_evaluation", today, cycle.id, Unit.path),
        )
        .order_by(BudgetLine.project_id)
    )


def _owing_departments(cycle: Cycle, today: dt.date) -> Select[*tuple[Any, ...]]:
    money = [func.sum(getattr(BudgetLine, name)).label(name) for name in ("initial", "adjusted", "executed")]
    return (
        select(Unit.path, BudgetLine.department_id, *money)
        .join(Unit, Unit.id == BudgetLine.department_id)
        .outerjoin(
            Evaluation,
            and_(
                Evaluation.department_id == BudgetLine.department_id,
                Evaluation.year == BudgetLine.year,
                Evaluation.kind == "department",
            ),
        )
        .where(
            BudgetLine.year == cycle.year,
            BudgetLine.state == "approved",
            Evaluation.id.is_(None),
            *inside(cycle, BudgetLine),
            cycles.window_open("self_evaluation", today, cycle.id, Unit.path),
        )
        .group_by(BudgetLine.department_id, Unit.path)
        .order_by(BudgetLine.department_id)
    )


def _sheet(cycle: Cycle, kind: str, path: str, now: dt.datetime) -> dict[str, Any]:
    span = cycle.span("self_evaluation", path)
    return {
        "kind": kind,
        "year": cycle.year,
        "cycle_id": cycle.id,
        "scheme_id": cycle.project_scheme_id if kind == "project" else cycle.department_scheme_id,
        "state": "open",
        "due_on": span.closes_on if span else times.day(now),
        "updated_at": now,
    }


@action
def _create_projects(cycle: Cycle, rows: Sequence[Any], now: dt.datetime) -> int:
    sheets = [
        {
            **_sheet(cycle, "project", row.path, now),
            "project_id": row.project_id,
            "unit_id": row.unit_id,
            "department_id": row.department_id,
            "initial": row.initial,
            "adjusted": row.adjusted,
            "executed": row.executed,
            "goal_expected": row.goals or "",
        }
        for row in rows
    ]
    ids = [row.id for row in insert_new(Evaluation, sheets, Evaluation.id)]
    targets = (
        select(Evaluation.id, *(getattr(Indicator, name) for name in COPIED), literal(False))
        .select_from(Evaluation)
        .join(
            Declaration,
            and_(
                Declaration.project_id == Evaluation.project_id,
                Declaration.year == Evaluation.year,
                Declaration.state == "approved",
                Declaration.adjusts_id.is_(None),
            ),
        )
        .join(Indicator, Indicator.declaration_id == Declaration.id)
        .where(Evaluation.id.in_(ids))
        .order_by(Evaluation.id, Indicator.position)
    )
    _copy_lines(targets)
    # The scheme a project is scored by is the one its targets were set under.
    _take_declared_schemes(ids)
    _write_started(ids, now)
    return len(ids)


def _copy_lines(source: Select[*tuple[Any, ...]]) -> None:
    texts = ("na_reason", "reason", "measure")
    db.session.execute(
        insert(EvaluationLine).from_select(
            ["evaluation_id", *COPIED, "not_applicable", "actual_text", "tier", *texts],
            source.add_columns(literal(""), literal(""), *(literal("") for _ in texts)),
        )
    )


def _take_declared_schemes(ids: Sequence[int]) -> None:
    declared = (
        select(Declaration.scheme_id)
        .where(
            Declaration.project_id == Evaluation.project_id,
            Declaration.year == Evaluation.year,
            Declaration.state == "approved",
            Declaration.adjusts_id.is_(None),
        )
        .scalar_subquery()
    )
    db.session.execute(
        Evaluation.__table__.update()  # type: ignore[attr-defined]
        .where(Evaluation.id.in_(ids))
        .values(scheme_id=func.coalesce(declared, Evaluation.scheme_id))
    )


def _write_started(ids: Iterable[int], now: dt.datetime) -> None:
    rows = [
        {"subject_kind": "evaluation", "subject_id": id_, "step": "start", "state_to": "open", "at": now} for id_ in ids
    ]
    if rows:
        db.session.execute(insert(Event), rows)


@action
def _create_departments(cycle: Cycle, rows: Sequence[Any], now: dt.datetime) -> int:
    sheets = [
        {
            **_sheet(cycle, "department", row.path, now),
            "unit_id": row.department_id,
            "department_id": row.department_id,
            "initial": row.initial,
            "adjusted": row.adjusted,
            "executed": row.executed,
        }
        for row in rows
    ]
    ids = [row.id for row in insert_new(Evaluation, sheets, Evaluation.id)]
    _copy_last_year(ids, cycle)
    _write_started(ids, now)
    return len(ids)


def _copy_last_year(ids: Sequence[int], cycle: Cycle) -> None:
    """Give a department's new sheet the indicators of its last one under the same scheme, without values."""
    new, old = Evaluation, Evaluation.__table__.alias("old")
    earlier = Evaluation.__table__.alias("earlier")
    newest = (
        select(func.max(earlier.c.year))
        .where(
            earlier.c.department_id == new.department_id,
            earlier.c.kind == "department",
            earlier.c.year < cycle.year,
            earlier.c.scheme_id == new.scheme_id,
        )
        .correlate(new)
        .scalar_subquery()
    )
    _copy_lines(
        select(new.id, *(getattr(EvaluationLine, name) for name in COPIED), literal(False))
        .select_from(new)
        .join(
            old,
            and_(old.c.department_id == new.department_id, old.c.kind == "department", old.c.year == newest),
        )
        .join(EvaluationLine, EvaluationLine.evaluation_id == old.c.id)
        .where(new.id.in_(ids))
        .order_by(new.id, EvaluationLine.position)
    )


def open_due(now: dt.datetime, dry_run: bool = False) -> int:
    """Create the self-evaluations owed in every cycle whose window is open, none twice; returns how many."""
    made = 0
    for cycle in cycles.open_in("self_evaluation", times.day(now)):
        made += create_for(cycle, now, dry_run)
    db.session.rollback()
    return made


def create_for(cycle: Cycle, now: dt.datetime, dry_run: bool = False) -> int:
    """Create what one cycle still lacks where the window is open: a sheet per owing project and per whole department."""
    today = times.day(now)
    if dry_run:
        return len(db.session.execute(_owing_projects(cycle, today)).all()) + len(
            db.session.execute(_owing_departments(cycle, today)).all()
        )
    made = 0
    for rows in in_parts(_owing_projects(cycle, today), BudgetLine.project_id):
        made += _create_projects(cycle, rows, now)
    departments = db.session.execute(_owing_departments(cycle, today)).all()
    return made + (_create_departments(cycle, departments, now) if departments else 0)


def move_due(cycle: Cycle) -> None:
    """Let what waits for its filler follow the windows, in the transaction of their change; what is done stays."""
    for span, inside_it in by_span(cycle, "self_evaluation", Evaluation.unit_id):
        db.session.execute(
            update(Evaluation)
            .where(Evaluation.cycle_id == cycle.id, Evaluation.state.in_(FILLER_STATES), inside_it)
            .values(due_on=span.closes_on)
        )

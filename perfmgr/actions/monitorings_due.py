"""Monitoring that is due: one sheet per owing project and cut-off, made when the month is over."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Select, and_, insert, literal, select, update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._due import by_span, in_parts, insert_new, inside
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration, Fund, Indicator
from perfmgr.models.event import Event
from perfmgr.models.monitoring import Monitoring, MonitoringLine
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.rules.monitorings import due_on, over
from perfmgr.rules.workflow import FILLER_STATES

COPIED = ("position", "category", "subcategory", "name", "sign", "target_value", "target_text", "unit", "weight")
_TEXTS = ("actual_text", "tier", "forecast_text", "likelihood", "explanation", "remark")


def _in_force(project_id: Any, year: Any) -> Any:
    """Return the condition that a declaration holds the approved targets of this project and year."""
    return and_(
        Declaration.project_id == project_id,
        Declaration.year == year,
        Declaration.state == "approved",
        Declaration.adjusts_id.is_(None),
    )


def _owing(cycle: Cycle, month: int, today: dt.date) -> Select[*tuple[Any, ...]]:
    """Return the projects with approved targets and budget that have no sheet for this cut-off yet."""
    return (
        select(
            Unit.path,
            BudgetLine.project_id,
            BudgetLine.unit_id,
            BudgetLine.department_id,
            BudgetLine.initial,
            BudgetLine.adjusted,
            BudgetLine.executed,
            BudgetLine.executed_at,
            Declaration.goals,
            Declaration.scheme_id,
            Fund.amount.label("general"),
        )
        .join(Project, Project.id == BudgetLine.project_id)
        .join(Unit, Unit.id == BudgetLine.unit_id)
        .join(Declaration, _in_force(BudgetLine.project_id, BudgetLine.year))
        .outerjoin(Fund, and_(Fund.declaration_id == Declaration.id, Fund.source == "general_public"))
        .outerjoin(
            Monitoring,
            and_(
                Monitoring.project_id == BudgetLine.project_id,
                Monitoring.year == BudgetLine.year,
                Monitoring.cut_off == month,
            ),
        )
        .where(
            BudgetLine.year == cycle.year,
            BudgetLine.state == "approved",
            Project.owes,
            Monitoring.id.is_(None),
            *inside(cycle, BudgetLine),
            cycles.window_open("monitoring", today, cycle.id, Unit.path),
        )
        .order_by(BudgetLine.project_id)
    )


def _sheet(cycle: Cycle, month: int, row: Any, now: dt.datetime) -> dict[str, Any]:
    window = cycle.span("monitoring", row.path)
    return {
        "project_id": row.project_id,
        "year": cycle.year,
        "cut_off": month,
        "cycle_id": cycle.id,
        "scheme_id": row.scheme_id,
        "unit_id": row.unit_id,
        "department_id": row.department_id,
        "state": "open",
        "due_on": due_on(cycle.year, month, cycle.cut_offs, window) if window else times.day(now),
        "initial": row.initial,
        "adjusted": row.adjusted,
        # What was entered so far is a first value; the filler sets it to the end of the month.
        "executed": row.executed if row.executed_at else None,
        "general_initial": min(row.general or 0, row.initial),
        "goal_expected": row.goals or "",
        "goal_progress": "",
        "budget_causes": [],
        "budget_explanation": "",
        "budget_light": "none",
        "light": "none",
        "updated_at": now,
    }


@action
def _create(cycle: Cycle, month: int, rows: Sequence[Any], now: dt.datetime) -> int:
    sheets = [_sheet(cycle, month, row, now) for row in rows]
    ids = [row.id for row in insert_new(Monitoring, sheets, Monitoring.id)]
    lines = (
        select(
            Monitoring.id,
            *(getattr(Indicator, name) for name in COPIED),
            literal("none"),
            literal([], JSON),
            *(literal("") for _name in _TEXTS),
        )
        .select_from(Monitoring)
        .join(Declaration, _in_force(Monitoring.project_id, Monitoring.year))
        .join(Indicator, Indicator.declaration_id == Declaration.id)
        .where(Monitoring.id.in_(ids))
        .order_by(Monitoring.id, Indicator.position)
    )
    columns = ["monitoring_id", *COPIED, "light", "causes", *_TEXTS]
    db.session.execute(insert(MonitoringLine).from_select(columns, lines))
    started = {"subject_kind": "monitoring", "step": "start", "state_to": "open", "at": now}
    if ids:
        db.session.execute(insert(Event), [{**started, "subject_id": id_} for id_ in ids])
    return len(ids)


def create_for(cycle: Cycle, now: dt.datetime, dry_run: bool = False) -> int:
    """Create what one cycle still lacks for the cut-offs that are over where the window is open; returns how many."""
    made, today = 0, times.day(now)
    for month in sorted(cycle.cut_offs):
        if not over(cycle.year, month, today):
            continue
        statement = _owing(cycle, month, today)
        if dry_run:
            made += len(db.session.execute(statement).all())
            continue
        for rows in in_parts(statement, BudgetLine.project_id):
            made += _create(cycle, month, rows, now)
    return made


def open_due(now: dt.datetime, dry_run: bool = False) -> int:
    """Create the sheets owed in every cycle whose window is open, none twice; returns how many."""
    made = sum(create_for(cycle, now, dry_run) for cycle in cycles.open_in("monitoring", times.day(now)))
    db.session.rollback()
    return made


def move_due(cycle: Cycle) -> None:
    """Let what waits for its filler follow the windows and cut-offs, in the transaction of their change."""
    waiting = update(Monitoring).where(Monitoring.cycle_id == cycle.id, Monitoring.state.in_(FILLER_STATES))
    for span, inside_it in by_span(cycle, "monitoring", Monitoring.unit_id):
        for month in range(1, 13):
            db.session.execute(
                waiting.where(Monitoring.cut_off == month, inside_it).values(
                    due_on=due_on(cycle.year, month, cycle.cut_offs, span)
                )
            )

"""Self-evaluations that are due: creating what each cycle owes, and reminding those who must fill it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, insert, literal, select, update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._due import CHUNK, by_span, insert_new, inside
from perfmgr.actions._sections import INDICATOR_FIELDS
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles, evaluations
from perfmgr.rules.roles import FILLER
from perfmgr.rules.workflow import FILLER_STATES

REMIND_DAYS = (30, 7, 3, 1)
COPIED = ("position", *INDICATOR_FIELDS)


# --- creating the year's self-evaluations -----------------------------------------------------


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
    made = last = 0
    # From the last one on: what lies before is made, by us or by another clock, and is not read again.
    owing = _owing_projects(cycle, today)
    while rows := db.session.execute(owing.where(BudgetLine.project_id > last).limit(CHUNK)).all():
        made += _create_projects(cycle, rows, now)
        last = rows[-1].project_id
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


# --- reminding those who must fill them -------------------------------------------------------


def _stage(days_left: int) -> str:
    """Return which reminder is due when so many days are left: the latest one, earlier ones are past."""
    if days_left < 0:
        return "overdue"
    return f"day-{min((d for d in REMIND_DAYS if days_left <= d), default=0) or 'open'}"


def _fillers() -> dict[int, list[int]]:
    """Return the active fillers by the unit they are appointed to."""
    rows = db.session.execute(
        select(Appointment.unit_id, Appointment.person_id).join(Person).where(Appointment.role == FILLER, Person.active)
    )
    by_unit: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_unit[row.unit_id].append(row.person_id)
    return by_unit


def remind_due(now: dt.datetime, dry_run: bool = False) -> int:
    """Tell every filler how many self-evaluations wait for them, once per stage of the window.

    Stages are the opening, 30, 7, 3 and 1 days before the end, and overdue. After a pause only
    the present stage is told, and nobody whose sheets are all done is told anything.
    Returns how many notices were written (or would be, in a dry run).
    """
    told = 0
    fillers = _fillers()
    for cycle in cycles.begun_in("self_evaluation", times.day(now)):
        counts: dict[tuple[int, dt.date], int] = defaultdict(int)
        for row in evaluations.unfinished([cycle.id]):
            span = cycle.span("self_evaluation", row.path)
            if span is None or span.opens_on > times.day(now):
                continue
            above = (int(part) for part in row.path.strip("/").split("/"))
            # Somebody appointed to a department and to one of its units fills the sheet once.
            for person_id in {person_id for unit_id in above for person_id in fillers.get(unit_id, ())}:
                counts[person_id, span.closes_on] += 1
        rows = [
            {
                "person_id": person_id,
                "kind": "evaluations_due",
                "subject_kind": "cycle",
                "subject_id": cycle.id,
                # With the last day in it: when that is moved, the stages begin anew.
                "occurrence": f"{_stage((due_on - times.day(now)).days)}:{due_on.isoformat()}",
                "params": {"year": cycle.year, "count": count, "due_on": due_on.isoformat()},
                "created_at": now,
            }
            for (person_id, due_on), count in sorted(counts.items())
        ]
        told += len(rows) if dry_run else _tell(rows)
    db.session.rollback()
    return told


@action
def _tell(rows: Sequence[dict[str, Any]]) -> int:
    told = 0
    for start in range(0, len(rows), CHUNK):
        told += len(insert_new(Notice, rows[start : start + CHUNK], Notice.id))
    return told

"""Notices and the to-do list: what somebody was told, and what waits for them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Integer, Select, case, cast, exists, func, literal, null, select

from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalExpert, AppraisalQuestion
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle, Window
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.monitoring import Monitoring
from perfmgr.models.notice import Notice
from perfmgr.models.project import Project
from perfmgr.models.rectification import Rectification
from perfmgr.models.unit import Unit
from perfmgr.queries.evaluations import still_owed
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.appraisals import EXPECTED, ORGANISERS, RUNNING
from perfmgr.rules.roles import DEPARTMENT_REVIEWER, EXPERT, FILLER, FINANCE_REVIEWER


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


def _waiting(duty: Duty, by: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the records of one duty in cycles that are not closed, with the day they are due."""
    model: Any = MODELS[duty.subject]
    window = "declaration" if duty.subject == "declaration" else "self_evaluation"
    # An adjustment waits for no window: it is due when the year's self-evaluation begins.
    due_on: Any = Window.closes_on
    adjusts_id: Any = cast(null(), Integer)
    if duty.subject == "declaration":
        due_on = case((Declaration.adjusts_id.is_(None), Window.closes_on))
        adjusts_id = Declaration.adjusts_id
    elif duty.subject == "monitoring":
        due_on = Monitoring.due_on
    statement: Select[*tuple[Any, ...]] = (
        select(
            literal(duty.subject).label("subject"),
            model.id,
            model.state,
            model.year,
            model.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            due_on.label("due_on"),
            literal(duty.role).label("role"),
            adjusts_id.label("adjusts_id"),
        )
        .join(Unit, Unit.id == model.unit_id)
        .outerjoin(Project, Project.id == model.project_id)
        .join(Cycle, Cycle.id == model.cycle_id)
        .outerjoin(Window, (Window.cycle_id == Cycle.id) & (Window.kind == window))
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
        )
        .join(Unit, Unit.id == Rectification.unit_id)
        .outerjoin(Rectification.project)
        .where(Rectification.state.in_(duty.states), Rectification.unit_id.in_(unit_ids(by.paths({duty.role}))))
    )
    if duty.role == DEPARTMENT_REVIEWER:
        return statement.where(Rectification.project_id.is_not(None))
    return statement if duty.role == FILLER else statement.where(Rectification.project_id.is_(None))


def _appraisals(by: Viewer) -> list[Select[*tuple[Any, ...]]]:
    """Return what evaluations by experts want: marks, answers, and a report when all marks are in."""
    parts = []
    if EXPERT in by.roles:
        own = AppraisalExpert.person_id == by.id
        sheets = _of_appraisal("appraisal_expert", AppraisalExpert.state, EXPERT).join(Appraisal.experts)
        parts.append(sheets.where(own, Appraisal.state == "marking", AppraisalExpert.state.in_(EXPECTED)))
    if FILLER in by.roles:
        open_question = exists().where(
            AppraisalQuestion.appraisal_id == Appraisal.id, AppraisalQuestion.answered_at.is_(None)
        )
        asked = _of_appraisal("appraisal_question", literal("asked"), FILLER)
        units = Appraisal.unit_id.in_(unit_ids(by.paths({FILLER})))
        parts.append(asked.where(units, Appraisal.state.in_(RUNNING), open_question))
    for kind, role in ORGANISERS.items():
        if role in by.roles:
            ready = _of_appraisal("appraisal", Appraisal.state, role)
            units = Appraisal.unit_id.in_(unit_ids(by.paths({role})))
            parts.append(ready.where(units, Appraisal.state == "consolidating", Appraisal.kind == kind))
    return parts


def _of_appraisal(subject: str, state: Any, role: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal(subject).label("subject"),
            Appraisal.id,
            state.label("state"),
            Appraisal.year,
            Appraisal.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            Appraisal.due_on.label("due_on"),
            literal(role).label("role"),
            cast(null(), Integer).label("adjusts_id"),
        )
        .select_from(Appraisal)
        .join(Unit, Unit.id == Appraisal.unit_id)
        .join(Appraisal.project)
    )


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


def waiting(by: Viewer, number: int = 1) -> Page:
    """Return one page of the person's to-do list: what is due first comes first."""
    parts = [_waiting(duty, by) for duty in DUTIES if duty.role in by.roles]
    if FINANCE_REVIEWER in by.roles:
        parts.append(_budgets_to_release(by))
    parts += [_rectifications(duty, by) for duty in RECTIFYING if duty.role in by.roles]
    parts += _appraisals(by)
    if not parts:
        return Page([], 1, 0)
    source = (parts[0].union_all(*parts[1:]) if len(parts) > 1 else parts[0]).subquery()
    total = db.session.scalar(select(func.count()).select_from(source)) or 0
    statement = (
        select(source)
        .order_by(source.c.due_on.is_(None), source.c.due_on, source.c.state.desc(), source.c.subject, source.c.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page(db.session.execute(statement).all(), number, total)

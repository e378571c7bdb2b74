"""Coverage: who owes, who has done it, by department, unit, project and money; and the list behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, func, or_, select

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.coverage import Share
from perfmgr.rules.projects import OWING_CATEGORIES
from perfmgr.rules.workflow import DONE_EVALUATIONS

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts and yuan of one stage in one department (or over all): done and owed on every basis."""

    department_id: int | None
    name: str
    units: Share
    projects: Share
    money: Share
    departments: Share


def _within(model: Any, by: Viewer, year: int, department_id: int | None) -> list[ColumnElement[bool]]:
    conditions = [model.year == year, model.unit_id.in_(unit_ids(by.paths()))]
    if department_id:
        conditions.append(model.department_id == department_id)
    return conditions


def owed_targets(by: Viewer, year: int, department_id: int | None = None) -> Subquery:
    """Return the projects that owe targets in this year: declared ones, and budgeted ones without declaration.

    Columns: project_id, unit_id, department_id, money (declared amount, else initial budget),
    done (1 when finance has approved the targets).
    """
    declared: Select[*tuple[Any, ...]] = (
        select(
            Declaration.project_id,
            Declaration.unit_id,
            Declaration.department_id,
            Declaration.annual_amount.label("money"),
            case((Declaration.state == "approved", 1), else_=0).label("done"),
            Declaration.id.label("record_id"),
            Declaration.state,
        )
        .join(Declaration.project)
        .where(*_within(Declaration, by, year, department_id), Project.owes)
    )
    undeclared: Select[*tuple[Any, ...]] = (
        select(
            BudgetLine.project_id,
            BudgetLine.unit_id,
            BudgetLine.department_id,
            BudgetLine.initial.label("money"),
            case((BudgetLine.id.is_(None), 1), else_=0).label("done"),
            Declaration.id.label("record_id"),
            Declaration.state,
        )
        .join(BudgetLine.project)
        .outerjoin(
            Declaration, and_(Declaration.project_id == BudgetLine.project_id, Declaration.year == BudgetLine.year)
        )
        .where(*_within(BudgetLine, by, year, department_id), Project.owes, Declaration.id.is_(None))
    )
    return declared.union_all(undeclared).subquery()


def owed_evaluations(by: Viewer, year: int, department_id: int | None = None) -> Subquery:
    """Return the projects that owe a self-evaluation: those with an approved budget line of this year.

    Columns as in :func:`owed_targets`; money is the spending of the year, done is 1 when the
    self-evaluation was submitted.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(
            BudgetLine.project_id,
            BudgetLine.unit_id,
            BudgetLine.department_id,
            BudgetLine.executed.label("money"),
            case((Evaluation.state.in_(DONE_EVALUATIONS), 1), else_=0).label("done"),
            Evaluation.id.label("record_id"),
            Evaluation.state,
        )
        .join(BudgetLine.project)
        .outerjoin(Evaluation, and_(Evaluation.project_id == BudgetLine.project_id, Evaluation.year == BudgetLine.year))
        .where(*_within(BudgetLine, by, year, department_id), BudgetLine.state == "approved", Project.owes)
    )
    return statement.subquery()


def owed(stage: str, by: Viewer, year: int, department_id: int | None = None) -> Subquery:
    """Return the projects owing at this stage (``targets`` or ``self_evaluation``)."""
    return {"targets": owed_targets, "self_evaluation": owed_evaluations}[stage](by, year, department_id)


def _money_done(source: Subquery) -> ColumnElement[Any]:
    # A product would lose the column's type and come out in fen.
    return func.coalesce(func.sum(case((source.c.done == 1, source.c.money))), 0)


def by_department(stage: str, by: Viewer, year: int, department_id: int | None = None) -> list[Tally]:
    """Return one tally per department that owes something at this stage, largest first.

    A unit counts as covered when all of its owing projects are done. The share on the basis of
    departments is about the whole-department self-evaluation; for targets it is empty.
    """
    source = owed(stage, by, year, department_id)
    per_unit = (
        select(
            source.c.department_id,
            func.count().label("projects"),
            func.sum(source.c.done).label("projects_done"),
            func.sum(source.c.money).label("money"),
            _money_done(source).label("money_done"),
        )
        .group_by(source.c.department_id, source.c.unit_id)
        .subquery()
    )
    unit_done = case((per_unit.c.projects == per_unit.c.projects_done, 1), else_=0)
    statement = (
        select(
            per_unit.c.department_id,
            Unit.name,
            func.count().label("units"),
            func.sum(unit_done).label("units_done"),
            func.sum(per_unit.c.projects).label("projects"),
            func.sum(per_unit.c.projects_done).label("projects_done"),
            func.sum(per_unit.c.money).label("money"),
            func.sum(per_unit.c.money_done).label("money_done"),
        )
        .join(Unit, Unit.id == per_unit.c.department_id)
        .group_by(per_unit.c.department_id, Unit.name)
        .order_by(func.sum(per_unit.c.money).desc(), per_unit.c.department_id)
    )
    whole = _whole_departments(by, year, department_id) if stage == "self_evaluation" else {}
    tallies = [
        Tally(
            row.department_id,
            row.name,
            units=Share(Decimal(row.units_done), Decimal(row.units)),
            projects=Share(Decimal(row.projects_done), Decimal(row.projects)),
            money=Share(row.money_done, row.money),
            departments=whole.pop(row.department_id, (row.name, Share(ZERO, ZERO)))[1],
        )
        for row in db.session.execute(statement)
    ]
    nothing = Share(ZERO, ZERO)
    return tallies + [Tally(key, name, nothing, nothing, nothing, share) for key, (name, share) in whole.items()]


def _whole_departments(by: Viewer, year: int, department_id: int | None) -> dict[int, tuple[str, Share]]:
    """Return, for each department with an approved budget, whether its whole-department evaluation is done."""
    budgeted = (
        select(BudgetLine.department_id)
        .where(*_within(BudgetLine, by, year, department_id), BudgetLine.state == "approved")
        .distinct()
    )
    statement = (
        select(Unit.id, Unit.name, Evaluation.state)
        .outerjoin(
            Evaluation,
            and_(Evaluation.department_id == Unit.id, Evaluation.year == year, Evaluation.kind == "department"),
        )
        .where(or_(Unit.id.in_(budgeted)))
        .order_by(Unit.path)
    )
    return {
        row.id: (row.name, Share(Decimal(row.state in DONE_EVALUATIONS), Decimal(1)))
        for row in db.session.execute(statement)
    }


def total(tallies: Sequence[Tally]) -> Tally:
    """Return the sum of all tallies."""

    def summed(basis: str) -> Share:
        shares = [getattr(tally, basis) for tally in tallies]
        return Share(sum((s.part for s in shares), ZERO), sum((s.whole for s in shares), ZERO))

    return Tally(None, "合计", summed("units"), summed("projects"), summed("money"), summed("departments"))


def exempt(by: Viewer, year: int, department_id: int | None = None) -> tuple[int, Decimal]:
    """Return count and yuan (initial budget) of projects left out by an administrator, with a reason."""
    row = db.session.execute(
        select(func.count().label("number"), func.coalesce(func.sum(BudgetLine.initial), 0).label("money"))
        .join(BudgetLine.project)
        .where(
            *_within(BudgetLine, by, year, department_id),
            Project.category.in_(OWING_CATEGORIES),
            Project.exempt_reason != "",
        )
    ).one()
    return row.number, row.money


@dataclass(frozen=True, slots=True)
class Behind:
    """Which list is asked for: the stage, which part of it (all, done, missing), and where."""

    stage: str
    part: str
    year: int
    department_id: int | None = None
    page: int = 1


def projects_behind(by: Viewer, wanted: Behind) -> Page:
    """Return the projects behind a coverage figure, one page at a time.

    The number of rows of the whole list equals the figure. Row columns: project id, code, name,
    unit, money, done, record id and state (None when nothing was started).
    """
    source = owed(wanted.stage, by, wanted.year, wanted.department_id)
    conditions = {
        "all": [],
        "done": [source.c.done == 1],
        "missing": [source.c.done == 0],
    }[wanted.part]
    number = db.session.scalar(select(func.count()).select_from(source).where(*conditions)) or 0
    statement: Select[*tuple[Any, ...]] = (
        select(
            Project.id,
            Project.code,
            Project.name,
            Unit.name.label("unit_name"),
            source.c.money,
            source.c.done,
            source.c.record_id,
            source.c.state,
        )
        .join(source, source.c.project_id == Project.id)
        .join(Unit, Unit.id == source.c.unit_id)
        .where(*conditions)
        .order_by(source.c.money.desc(), Project.id)
        .limit(PAGE_SIZE)
        .offset(offset(wanted.page))
    )
    return Page(db.session.execute(statement).all(), wanted.page, number)


def units_behind(by: Viewer, wanted: Behind) -> Sequence[Row[Any]]:
    """Return the units behind a coverage figure with their owed and done projects and yuan."""
    source = owed(wanted.stage, by, wanted.year, wanted.department_id)
    done = func.sum(source.c.done)
    statement: Select[*tuple[Any, ...]] = (
        select(
            Unit.id,
            Unit.code,
            Unit.name,
            func.count().label("projects"),
            done.label("projects_done"),
            func.sum(source.c.money).label("money"),
            _money_done(source).label("money_done"),
        )
        .join(Unit, Unit.id == source.c.unit_id)
        .group_by(Unit.id, Unit.code, Unit.name)
        .order_by(Unit.code, Unit.id)
    )
    if wanted.part != "all":
        statement = statement.having(func.count() == done if wanted.part == "done" else func.count() > done)
    return db.session.execute(statement).all()


def exempt_behind(by: Viewer, year: int, department_id: int | None = None) -> Sequence[Row[Any]]:
    """Return the projects left out of the coverage, with the administrator's reason."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Project.id,
            Project.code,
            Project.name,
            Unit.name.label("unit_name"),
            BudgetLine.initial.label("money"),
            Project.exempt_reason,
        )
        .join(BudgetLine.project)
        .join(Unit, Unit.id == BudgetLine.unit_id)
        .where(
            *_within(BudgetLine, by, year, department_id),
            Project.category.in_(OWING_CATEGORIES),
            Project.exempt_reason != "",
        )
        .order_by(BudgetLine.initial.desc(), Project.id)
        .limit(500)
    )
    return db.session.execute(statement).all()

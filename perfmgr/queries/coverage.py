"""Coverage: who owes, who has done it, by department, unit, project and money; and the list behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, bindparam, case, func, select

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.filters import Shape, within
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import range_params, units_within
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


def _params(by: Viewer, year: int, department_id: int | None) -> dict[str, Any]:
    return {"year": year, "department": department_id, **range_params(by.paths())}


def _shape(by: Viewer, department_id: int | None) -> Shape:
    return Shape(len(by.paths()), department=bool(department_id))


def _owed_targets(shape: Shape) -> Subquery:
    """Return the projects that owe targets: declared ones, and budgeted ones without declaration.

    Columns: project_id, unit_id, department_id, money (declared amount, else initial budget),
    done (1 when finance has approved the targets), record_id and state of the declaration.
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
        .where(*within(Declaration, shape), Declaration.adjusts_id.is_(None), Project.owes)
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
            Declaration,
            and_(
                Declaration.project_id == BudgetLine.project_id,
                Declaration.year == BudgetLine.year,
                Declaration.adjusts_id.is_(None),
            ),
        )
        .where(*within(BudgetLine, shape), Project.owes, Declaration.id.is_(None))
    )
    return declared.union_all(undeclared).subquery()


def _owed_evaluations(shape: Shape) -> Subquery:
    """Return the projects that owe a self-evaluation: those with an approved budget line.

    Columns as in :func:`_owed_targets`; money is the spending of the year, done is 1 when the
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
        .where(*within(BudgetLine, shape), BudgetLine.state == "approved", Project.owes)
    )
    return statement.subquery()


def _owed(stage: str, shape: Shape) -> Subquery:
    """Return the projects owing at this stage (``targets`` or ``self_evaluation``)."""
    return {"targets": _owed_targets, "self_evaluation": _owed_evaluations}[stage](shape)


def _money_done(source: Subquery) -> ColumnElement[Any]:
    # A product would lose the column's type and come out in fen.
    return func.coalesce(func.sum(case((source.c.done == 1, source.c.money))), 0)


@lru_cache(maxsize=32)
def _tallied(stage: str, shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement for the sums of one stage by department, largest first."""
    source = _owed(stage, shape)
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
    return (
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


def by_department(stage: str, by: Viewer, year: int, department_id: int | None = None) -> list[Tally]:
    """Return one tally per department that owes something at this stage, largest first.

    A unit counts as covered when all of its owing projects are done. The share on the basis of
    departments is about the whole-department self-evaluation; for targets it is empty.
    """
    shape, params = _shape(by, department_id), _params(by, year, department_id)
    whole = _whole_departments(shape, params) if stage == "self_evaluation" else {}
    tallies = [
        Tally(
            row.department_id,
            row.name,
            units=Share(Decimal(row.units_done), Decimal(row.units)),
            projects=Share(Decimal(row.projects_done), Decimal(row.projects)),
            money=Share(row.money_done, row.money),
            departments=whole.pop(row.department_id, (row.name, Share(ZERO, ZERO)))[1],
        )
        for row in db.session.execute(_tallied(stage, shape), params)
    ]
    nothing = Share(ZERO, ZERO)
    return tallies + [Tally(key, name, nothing, nothing, nothing, share) for key, (name, share) in whole.items()]


@lru_cache(maxsize=16)
def _evaluated_departments(shape: Shape) -> Select[*tuple[Any, ...]]:
    budgeted = select(BudgetLine.department_id).where(*within(BudgetLine, shape), BudgetLine.state == "approved")
    return (
        select(
            Unit.id, Unit.name, Evaluation.id.label("record_id"), Evaluation.state, Evaluation.total, Evaluation.grade
        )
        .outerjoin(
            Evaluation,
            and_(
                Evaluation.department_id == Unit.id,
                Evaluation.year == bindparam("year"),
                Evaluation.kind == "department",
            ),
        )
        # A unit's staff do not see the sheet of the whole department, so they do not count it either.
        .where(Unit.id.in_(budgeted.distinct()), Unit.id.in_(units_within(shape.ranges)))
        .order_by(Unit.path)
    )


def _whole_departments(shape: Shape, params: dict[str, Any]) -> dict[int, tuple[str, Share]]:
    """Return, for each department with an approved budget, whether its whole-department evaluation is done."""
    return {
        row.id: (row.name, Share(Decimal(row.state in DONE_EVALUATIONS), Decimal(1)))
        for row in db.session.execute(_evaluated_departments(shape), params)
    }


def total(tallies: Sequence[Tally]) -> Tally:
    """Return the sum of all tallies."""

    def summed(basis: str) -> Share:
        shares = [getattr(tally, basis) for tally in tallies]
        return Share(sum((s.part for s in shares), ZERO), sum((s.whole for s in shares), ZERO))

    return Tally(None, "合计", summed("units"), summed("projects"), summed("money"), summed("departments"))


def _exempted(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    """Limit a statement over budget lines to the projects left out by an administrator."""
    return statement.join(BudgetLine.project).where(
        *within(BudgetLine, shape), Project.category.in_(OWING_CATEGORIES), Project.exempt_reason != ""
    )


@lru_cache(maxsize=16)
def _exempt_sums(shape: Shape) -> Select[*tuple[Any, ...]]:
    money = func.coalesce(func.sum(BudgetLine.initial), 0).label("money")
    return _exempted(select(func.count().label("number"), money).select_from(BudgetLine), shape)


def exempt(by: Viewer, year: int, department_id: int | None = None) -> tuple[int, Decimal]:
    """Return count and yuan (initial budget) of projects left out by an administrator, with a reason."""
    params = _params(by, year, department_id)
    row = db.session.execute(_exempt_sums(_shape(by, department_id)), params).one()
    return row.number, row.money


@dataclass(frozen=True, slots=True)
class Behind:
    """Which list is asked for: the stage, which part of it (all, done, missing), and where."""

    stage: str
    part: str
    year: int
    department_id: int | None = None
    page: int = 1


def projects_behind(by: Viewer, wanted: Behind) -> tuple[Page, Decimal]:
    """Return the projects behind a coverage figure, one page at a time, and the yuan of the whole list.

    The number of rows and the yuan of the whole list equal the figures. Row columns: project id,
    code, name, unit, money, done, record id and state (None when nothing was started).
    """
    source = _owed(wanted.stage, _shape(by, wanted.department_id))
    params = _params(by, wanted.year, wanted.department_id)
    conditions = {
        "all": [],
        "done": [source.c.done == 1],
        "missing": [source.c.done == 0],
    }[wanted.part]
    sums = select(func.count().label("number"), func.coalesce(func.sum(source.c.money), 0).label("money"))
    whole = db.session.execute(sums.select_from(source).where(*conditions), params).one()
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
    return Page(db.session.execute(statement, params).all(), wanted.page, whole.number), whole.money


def departments_behind(by: Viewer, wanted: Behind) -> list[Row[Any]]:
    """Return the departments that owe a whole-department self-evaluation, with its record, state, total and grade."""
    shape, params = _shape(by, wanted.department_id), _params(by, wanted.year, wanted.department_id)
    rows = db.session.execute(_evaluated_departments(shape), params).all()
    part = {"all": (True, False), "done": (True,), "missing": (False,)}[wanted.part]
    return [row for row in rows if (row.state in DONE_EVALUATIONS) in part]


def units_behind(by: Viewer, wanted: Behind) -> Sequence[Row[Any]]:
    """Return the units behind a coverage figure with their owed and done projects and yuan."""
    source = _owed(wanted.stage, _shape(by, wanted.department_id))
    params = _params(by, wanted.year, wanted.department_id)
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
    return db.session.execute(statement, params).all()


def exempt_behind(by: Viewer, year: int, department_id: int | None = None) -> Sequence[Row[Any]]:
    """Return the projects left out of the coverage, with the administrator's reason."""
    statement: Select[*tuple[Any, ...]] = select(
        Project.id,
        Project.code,
        Project.name,
        Unit.name.label("unit_name"),
        BudgetLine.initial.label("money"),
        Project.exempt_reason,
    ).select_from(BudgetLine)
    statement = _exempted(statement, _shape(by, department_id)).join(Unit, Unit.id == BudgetLine.unit_id)
    statement = statement.order_by(BudgetLine.initial.desc(), Project.id)
    return db.session.execute(statement, _params(by, year, department_id)).all()

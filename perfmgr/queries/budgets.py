"""Budget lines: the year's list with sums, by department, by kind of expenditure and by function."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import contains_eager

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.numbers import percent
from perfmgr.rules.projects import BASIC_CATEGORIES

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of initial budget, adjusted budget and spending in yuan."""

    name: str
    initial: Decimal = ZERO
    adjusted: Decimal = ZERO
    executed: Decimal = ZERO

    @property
    def completion(self) -> Decimal | None:
        """Spending as a percentage of the initial budget (完成年初预算的百分比), two decimals."""
        return percent(self.executed, self.initial)

    @property
    def rate(self) -> Decimal | None:
        """Spending as a percentage of the adjusted budget (预算执行率), two decimals."""
        return percent(self.executed, self.adjusted)

    def plus(self, other: "Totals") -> "Totals":
        """Return the sum of both under this one's name."""
        return Totals(
            self.name,
            self.initial + other.initial,
            self.adjusted + other.adjusted,
            self.executed + other.executed,
        )


def total(name: str, parts: Iterable[Totals]) -> Totals:
    """Return the sum of all parts under this name."""
    result = Totals(name)
    for part in parts:
        result = result.plus(part)
    return result


def _sums() -> list[ColumnElement[Any]]:
    return [
        func.coalesce(func.sum(BudgetLine.initial), 0).label("initial"),
        func.coalesce(func.sum(BudgetLine.adjusted), 0).label("adjusted"),
        func.coalesce(func.sum(BudgetLine.executed), 0).label("executed"),
    ]


def find(line_id: int, by: Viewer) -> BudgetLine | None:
    """Return the budget line with its project and unit, if this person may see it."""
    return db.session.scalar(
        select(BudgetLine)
        .join(BudgetLine.project)
        .join(BudgetLine.unit)
        .where(BudgetLine.id == line_id, BudgetLine.unit_id.in_(unit_ids(by.paths())))
        .options(contains_eager(BudgetLine.project), contains_eager(BudgetLine.unit))
    )


def of_project(project_id: int, year: int) -> BudgetLine | None:
    """Return the project's budget line for this year, or None."""
    return db.session.scalar(select(BudgetLine).where(BudgetLine.project_id == project_id, BudgetLine.year == year))


def _listed(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    """Limit a statement over budget lines and projects to the rows of the list."""
    statement = statement.join(BudgetLine.project).where(*within(BudgetLine, shape))
    if shape.state:
        statement = statement.where(chosen(BudgetLine.state, "state"))
    if shape.category:
        statement = statement.where(chosen(Project.category, "category"))
    return statement.where(matching(Project.name, beginning=Project.code)) if shape.search else statement


@lru_cache(maxsize=64)
def _summed(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(func.count().label("number"), *_sums()).select_from(BudgetLine)
    return _listed(statement, shape)


@lru_cache(maxsize=64)
def _rows(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(
        BudgetLine.id,
        BudgetLine.version,
        BudgetLine.state,
        BudgetLine.initial,
        BudgetLine.adjusted,
        BudgetLine.executed,
        Project.id.label("project_id"),
        Project.code,
        Project.name,
        Project.category,
        Unit.name.label("unit_name"),
        Declaration.state.label("declaration_state"),
        Project.owes.label("owes"),
    ).select_from(BudgetLine)
    declared = and_(
        Declaration.project_id == BudgetLine.project_id,
        Declaration.year == BudgetLine.year,
        Declaration.adjusts_id.is_(None),
    )
    statement = _listed(statement, shape).join(Unit, Unit.id == BudgetLine.unit_id).outerjoin(Declaration, declared)
    return statement.order_by(BudgetLine.id.desc()).limit(PAGE_SIZE).offset(bindparam("offset"))


def page(by: Viewer, filters: Filters) -> tuple[Page, Totals]:
    """Return one page of the year's budget lines and the sums of the whole list."""
    shape, params = filters.shape(by), filters.params(by)
    counted = db.session.execute(_summed(shape), params).one()
    rows = db.session.execute(_rows(shape), params).all()
    sums = Totals("合计", counted.initial, counted.adjusted, counted.executed)
    return Page(rows, filters.page, counted.number), sums


def by_kind(department_id: int, year: int) -> dict[str, Totals]:
    """Return a department's sums for ``basic`` (基本支出) and ``project`` (项目支出) expenditure."""
    kind = case((Project.category.in_(BASIC_CATEGORIES), "basic"), else_="project").label("kind")
    rows = db.session.execute(
        select(kind, *_sums())
        .join(BudgetLine.project)
        .where(BudgetLine.department_id == department_id, BudgetLine.year == year, BudgetLine.state == "approved")
        .group_by(kind)
    )
    sums = {row.kind: Totals(row.kind, row.initial, row.adjusted, row.executed) for row in rows}
    return {kind: sums.get(kind, Totals(kind)) for kind in ("basic", "project")}


def by_function(department_id: int, year: int) -> Sequence[Row[Any]]:
    """Return a department's sums by function code (功能分类 项), in the order of the codes."""
    statement: Select[*tuple[Any, ...]] = (
        select(Project.function_code, *_sums())
        .join(BudgetLine.project)
        .where(BudgetLine.department_id == department_id, BudgetLine.year == year, BudgetLine.state == "approved")
        .group_by(Project.function_code)
        .order_by(Project.function_code)
    )
    return db.session.execute(statement).all()


def any_of_project(project_id: int) -> bool:
    """Tell whether the project has a budget line of any year."""
    found = db.session.scalar(select(BudgetLine.id).where(BudgetLine.project_id == project_id).limit(1))
    return found is not None


def of_department(department_id: int, year: int) -> Totals:
    """Return a department's sums over all approved budget lines of the year."""
    row = db.session.execute(
        select(*_sums()).where(
            BudgetLine.department_id == department_id, BudgetLine.year == year, BudgetLine.state == "approved"
        )
    ).one()
    return Totals("合计", row.initial, row.adjusted, row.executed)

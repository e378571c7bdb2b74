"""Declarations: one page of the year's list, and single ones with everything on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list page was asked for; empty fields filter nothing."""

    year: int
    department_id: int | None = None
    state: str = ""
    category: str = ""
    search: str = ""
    page: int = 1


def find(declaration_id: int, by: Viewer) -> Declaration | None:
    """Return the declaration with project, unit, department and cycle, if this person may see it."""
    return db.session.scalar(
        select(Declaration)
        .join(Declaration.project)
        .join(Declaration.unit)
        .where(Declaration.id == declaration_id, Declaration.unit_id.in_(unit_ids(by.paths())))
        .options(
            contains_eager(Declaration.project),
            contains_eager(Declaration.unit),
            joinedload(Declaration.department),
            joinedload(Declaration.cycle),
        )
    )


def of_project(project_id: int, year: int) -> Declaration | None:
    """Return the project's declaration for this year, or None."""
    return db.session.scalar(select(Declaration).where(Declaration.project_id == project_id, Declaration.year == year))


def latest_before(project_id: int, year: int) -> Declaration | None:
    """Return the project's newest declaration of an earlier year, or None."""
    return db.session.scalar(
        select(Declaration)
        .where(Declaration.project_id == project_id, Declaration.year < year)
        .order_by(Declaration.year.desc())
        .limit(1)
    )


def _conditions(by: Viewer, filters: Filters) -> list[ColumnElement[bool]]:
    conditions = [Declaration.year == filters.year, Declaration.unit_id.in_(unit_ids(by.paths()))]
    if filters.department_id:
        conditions.append(Declaration.department_id == filters.department_id)
    if filters.category:
        conditions.append(Project.category == filters.category)
    if filters.search:
        conditions.append(
            or_(
                Project.name.contains(filters.search, autoescape=True),
                Project.code.startswith(filters.search, autoescape=True),
            )
        )
    return conditions


def state_counts(by: Viewer, filters: Filters) -> dict[str, int]:
    """Return how many declarations the list has in each state, whatever state is chosen."""
    statement = select(Declaration.state, func.count()).where(*_conditions(by, filters)).group_by(Declaration.state)
    if filters.category or filters.search:
        statement = statement.join(Declaration.project)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _rows(by: Viewer, filters: Filters) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Declaration.id,
            Project.code,
            Project.name,
            Unit.name.label("unit_name"),
            Project.category,
            Declaration.annual_amount,
            Declaration.state,
            Declaration.updated_at,
        )
        .join(Declaration.project)
        .join(Unit, Unit.id == Declaration.unit_id)
        .where(*_conditions(by, filters))
        .order_by(Declaration.id.desc())
    )
    if filters.state:
        statement = statement.where(Declaration.state == filters.state)
    return statement


def page(by: Viewer, filters: Filters) -> tuple[Page, dict[str, int]]:
    """Return one page of the list, newest first, and the counts by state."""
    counts = state_counts(by, filters)
    total = counts.get(filters.state, 0) if filters.state else sum(counts.values())
    rows = db.session.execute(_rows(by, filters).limit(PAGE_SIZE).offset(offset(filters.page))).all()
    return Page(rows, filters.page, total), counts


def stream(by: Viewer, filters: Filters) -> Iterator[Row[Any]]:
    """Yield every row of the list for an export, a thousand at a time, so that memory stays flat."""
    result = db.session.execute(_rows(by, filters).execution_options(yield_per=1000))
    yield from result


def any_approved(project_id: int) -> bool:
    """Tell whether targets of the project were ever approved by finance."""
    return bool(
        db.session.scalar(
            select(Declaration.id)
            .where(Declaration.project_id == project_id, Declaration.approved_at.is_not(None))
            .limit(1)
        )
    )

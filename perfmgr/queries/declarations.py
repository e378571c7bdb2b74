"""Declarations: one page of the year's list, and single ones with everything on them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import adjustments
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import range_params, units_within


def find(declaration_id: int, by: Viewer) -> Declaration | None:
    """Return the declaration with project, unit, department and cycle, if this person may see it."""
    paths = by.paths()
    return db.session.scalar(_single(len(paths)), {"id": declaration_id, **range_params(paths)})


@lru_cache(maxsize=16)
def _single(ranges: int) -> Select[Declaration]:
    return (
        select(Declaration)
        .join(Declaration.project)
        .join(Declaration.unit)
        .where(Declaration.id == bindparam("id"), Declaration.unit_id.in_(units_within(ranges)))
        .options(
            contains_eager(Declaration.project),
            contains_eager(Declaration.unit),
            joinedload(Declaration.department),
            joinedload(Declaration.cycle),
        )
    )


def of_project(project_id: int, year: int) -> Declaration | None:
    """Return the project's declaration for this year, or None."""
    return db.session.scalar(
        select(Declaration).where(
            Declaration.project_id == project_id, Declaration.year == year, Declaration.adjusts_id.is_(None)
        )
    )


def latest_before(project_id: int, year: int) -> Declaration | None:
    """Return the project's newest declaration of an earlier year, or None."""
    return db.session.scalar(
        select(Declaration)
        .where(Declaration.project_id == project_id, Declaration.year < year, Declaration.adjusts_id.is_(None))
        .order_by(Declaration.year.desc())
        .limit(1)
    )


def _listed(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    """Limit a statement over declarations and projects to the rows of the list, whatever their state.

    An adjustment is no row of its own: the list says of a declaration that it is being adjusted.
    """
    statement = statement.where(*within(Declaration, shape), Declaration.adjusts_id.is_(None))
    if shape.category:
        statement = statement.where(chosen(Project.category, "category"))
    if shape.search:
        statement = statement.where(matching(Project.name, beginning=Project.code))
    return statement


@lru_cache(maxsize=64)
def _counted(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(Declaration.state, func.count()).group_by(Declaration.state)
    if shape.category or shape.search:
        statement = statement.join(Declaration.project)
    return _listed(statement, shape)


def state_counts(by: Viewer, filters: Filters) -> dict[str, int]:
    """Return how many declarations the list has in each state, whatever state is chosen."""
    return {row[0]: row[1] for row in db.session.execute(_counted(filters.shape(by)), filters.params(by))}


_COLUMNS = (
    Project.code,
    Project.name,
    Unit.name.label("unit_name"),
    Project.category,
    Declaration.annual_amount,
    Declaration.state,
)


@lru_cache(maxsize=64)
def _rows(shape: Shape, whole: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement for one page of the list, or for the whole of it."""
    adjusting = adjustments.on_its_way().label("adjusting")
    columns = _COLUMNS if whole else (Declaration.id, Declaration.updated_at, adjusting, *_COLUMNS)
    statement: Select[*tuple[Any, ...]] = select(*columns).select_from(Declaration).join(Declaration.project)
    statement = _listed(statement.join(Unit, Unit.id == Declaration.unit_id), shape).order_by(Declaration.id.desc())
    if shape.state:
        statement = statement.where(chosen(Declaration.state, "state"))
    return statement if whole else statement.limit(PAGE_SIZE).offset(bindparam("offset"))


def page(by: Viewer, filters: Filters) -> tuple[Page, dict[str, int]]:
    """Return one page of the list, newest first, and the counts by state."""
    counts = state_counts(by, filters)
    total = counts.get(filters.state, 0) if filters.state else sum(counts.values())
    rows = db.session.execute(_rows(filters.shape(by), whole=False), filters.params(by)).all()
    return Page(rows, filters.page, total), counts


def stream(by: Viewer, filters: Filters) -> Iterator[Row[Any]]:
    """Return every row of the list for an export: code, name, unit, category, yuan and state.

    The rows come a thousand at a time over a connection of their own, so that memory stays flat
    and the answer can be sent after the request has ended.
    """
    statement, params, engine = _rows(filters.shape(by), whole=True), filters.params(by), db.engine

    def rows() -> Iterator[Row[Any]]:
        with engine.connect().execution_options(readonly=True, yield_per=1000) as connection:
            yield from connection.execute(statement, params)

    return rows()


def any_approved(project_id: int) -> bool:
    """Tell whether targets of the project were ever approved by finance."""
    return bool(
        db.session.scalar(
            select(Declaration.id)
            .where(Declaration.project_id == project_id, Declaration.approved_at.is_not(None))
            .limit(1)
        )
    )


# --- exports with targets -----------------------------------------------------------------------

_DEPARTMENT = aliased(Unit)
_TARGETS = (
    Project.code,
    Project.name,
    Unit.name.label("unit_name"),
    _DEPARTMENT.name.label("department_name"),
    Project.category,
    Declaration.annual_amount,
    Declaration.state,
    Declaration.scheme_id,
    Indicator.category.label("indicator_category"),
    Indicator.subcategory,
    Indicator.name.label("indicator_name"),
    Indicator.sign,
    Indicator.target_value,
    Indicator.target_text,
    Indicator.unit,
    Indicator.weight,
    Indicator.evidence,
)


@lru_cache(maxsize=64)
def _target_rows(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(*_TARGETS).select_from(Declaration).join(Declaration.project)
    statement = statement.join(Unit, Unit.id == Declaration.unit_id)
    statement = statement.join(_DEPARTMENT, _DEPARTMENT.id == Declaration.department_id)
    statement = statement.outerjoin(Indicator, Indicator.declaration_id == Declaration.id)
    statement = _listed(statement, shape).order_by(Declaration.id.desc(), Indicator.position)
    return statement.where(chosen(Declaration.state, "state")) if shape.state else statement


def stream_targets(by: Viewer, filters: Filters) -> Iterator[Row[Any]]:
    """Return every indicator of the list with its project, as :func:`stream` does; one line for a project without."""
    statement, params, engine = _target_rows(filters.shape(by)), filters.params(by), db.engine

    def rows() -> Iterator[Row[Any]]:
        with engine.connect().execution_options(readonly=True, yield_per=1000) as connection:
            yield from connection.execute(statement, params)

    return rows()


def ids(by: Viewer, filters: Filters) -> list[int]:
    """Return the ids of every declaration of the list, oldest first."""
    statement = _rows(filters.shape(by), whole=True).with_only_columns(Declaration.id).order_by(None)
    return list(db.session.scalars(statement.order_by(Declaration.id), filters.params(by)))

"""Rectifications: the ledger, single ones, and what is still open of a project."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import contains_eager, joinedload

from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.rectification import Rectification
from perfmgr.models.unit import Unit
from perfmgr.queries import schemes
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import range_params, units_within
from perfmgr.rules.rectifications import FINISHED, due_after
from perfmgr.rules.reminder_times import BEIJING


def find(rectification_id: int, by: Viewer) -> Rectification | None:
    """Return the rectification with project and units, if this person may see it."""
    paths = by.paths()
    return db.session.scalar(_single(len(paths)), {"id": rectification_id, **range_params(paths)})


@lru_cache(maxsize=16)
def _single(ranges: int) -> Select[Rectification]:
    return (
        select(Rectification)
        .join(Rectification.unit)
        .where(Rectification.id == bindparam("id"), Rectification.unit_id.in_(units_within(ranges)))
        .options(
            contains_eager(Rectification.unit),
            joinedload(Rectification.department),
            joinedload(Rectification.project),
            joinedload(Rectification.evaluation),
        )
    )


def of_evaluation(evaluation_id: int) -> Rectification | None:
    """Return the rectification of an evaluation, or None."""
    return db.session.scalar(select(Rectification).where(Rectification.evaluation_id == evaluation_id))


def usual_due(evaluation: Evaluation, today: dt.date) -> dt.date:
    """Return until when what this evaluation found is to be put right: by the year's window, or so many days from today.

    A window that is over, or that the year does not have, leaves the days of the scheme.
    """
    return _usual_due(evaluation.cycle, evaluation.unit.path, evaluation.scheme_id, today)


def _usual_due(cycle: Cycle, path: str, scheme_id: int, today: dt.date) -> dt.date:
    span = cycle.span("rectification", path)
    if span and span.closes_on > today:
        return span.closes_on
    return due_after(today, schemes.by_id(scheme_id).consequences.rectify_days)


def usual_days(cycle: Cycle) -> dict[int, tuple[dt.date, dt.date]]:
    """Return, for what is not finished of a cycle's evaluations, its last day and the usual one by the windows now."""
    statement = (
        select(Rectification.id, Rectification.due_on, Rectification.created_at, Evaluation.scheme_id, Unit.path)
        .join(Evaluation, Evaluation.id == Rectification.evaluation_id)
        .join(Unit, Unit.id == Rectification.unit_id)
        .where(Evaluation.cycle_id == cycle.id, Rectification.state != FINISHED)
    )
    return {
        row.id: (row.due_on, _usual_due(cycle, row.path, row.scheme_id, row.created_at.astimezone(BEIJING).date()))
        for row in db.session.execute(statement)
    }


def unfinished(project_ids: Collection[int]) -> dict[int, int]:
    """Return how many rectifications of each of these projects are not finished; none is left out."""
    statement = (
        select(Rectification.project_id, func.count())
        .where(Rectification.project_id.in_(project_ids), Rectification.state != FINISHED)
        .group_by(Rectification.project_id)
    )
    found: dict[int, int] = {row[0]: row[1] for row in db.session.execute(statement) if row[0]}
    return found


def of_project(project_id: int) -> Sequence[Rectification]:
    """Return the rectifications of a project, newest year first."""
    statement = select(Rectification).where(Rectification.project_id == project_id).order_by(Rectification.year.desc())
    return db.session.scalars(statement).all()


def _listed(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    """Limit a statement over rectifications, units and projects to the rows of the list, whatever their state."""
    statement = statement.where(*within(Rectification, shape))
    if shape.category:
        statement = statement.where(chosen(Rectification.kind, "category"))
    return statement.where(matching(Project.name, Unit.name)) if shape.search else statement


@lru_cache(maxsize=64)
def _counted(shape: Shape) -> Select[*tuple[Any, ...]]:
    late = func.sum(case((Rectification.due_on < bindparam("today"), 1), else_=0))
    statement: Select[*tuple[Any, ...]] = (
        select(Rectification.state, func.count(), late)
        .join(Unit, Unit.id == Rectification.unit_id)
        .outerjoin(Rectification.project)
        .group_by(Rectification.state)
    )
    return _listed(statement, shape)


@lru_cache(maxsize=64)
def _rows(shape: Shape, paged: bool) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Rectification.id,
            Rectification.year,
            Rectification.kind,
            Rectification.state,
            Rectification.problem,
            Rectification.demand,
            Rectification.measures,
            Rectification.evidence,
            Rectification.due_on,
            Project.code,
            Project.name,
            Unit.name.label("unit_name"),
        )
        .select_from(Rectification)
        .join(Unit, Unit.id == Rectification.unit_id)
        .outerjoin(Rectification.project)
    )
    statement = _listed(statement, shape)
    if shape.state:
        statement = statement.where(chosen(Rectification.state, "state"))
    # What is not finished first, and of that what is due first.
    finished = case((Rectification.state == FINISHED, 1), else_=0)
    statement = statement.order_by(finished, Rectification.due_on, Rectification.id)
    return statement.limit(PAGE_SIZE).offset(bindparam("offset")) if paged else statement


def page(by: Viewer, filters: Filters, today: dt.date) -> tuple[Page, dict[str, int], int]:
    """Return one page of the year's rectifications, counts by state, and how many are overdue."""
    shape, params = filters.shape(by), {**filters.params(by), "today": today}
    groups = db.session.execute(_counted(shape), params).all()
    counts = {row[0]: row[1] for row in groups}
    late = sum(int(row[2] or 0) for row in groups if row[0] != FINISHED)
    number = counts.get(filters.state, 0) if filters.state else sum(counts.values())
    rows = db.session.execute(_rows(shape, True), params).all()
    return Page(rows, filters.page, number), counts, late


def stream(by: Viewer, filters: Filters) -> Iterator[Any]:
    """Yield every row of the list, in its order."""
    yield from db.session.execute(_rows(filters.shape(by), False), filters.params(by))

"""Cycles: which fiscal year's rules apply to a unit."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle, Window, WindowException
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ids_on, range_params, ranges, units_within


def for_unit(path: str, year: int) -> Cycle | None:
    """Return the cycle of this year that applies to the unit with this path: the nearest upwards."""
    return db.session.scalar(_nearest(), {"year": year, "above": ids_on(path)})


@lru_cache(maxsize=1)
def _nearest() -> Select[Cycle]:
    return (
        select(Cycle)
        .join(Unit, Unit.id == Cycle.unit_id)
        .where(Cycle.year == bindparam("year"), Cycle.unit_id.in_(bindparam("above", expanding=True)))
        .order_by(func.length(Unit.path).desc())
        .limit(1)
        .options(joinedload(Cycle.unit))
    )


def listed(by: Viewer) -> Sequence[Cycle]:
    """Return the cycles of this person's units and of the areas above, newest first."""
    above = {unit_id for post in by.places for unit_id in ids_on(post.path)}
    statement = (
        select(Cycle)
        .join(Unit, Unit.id == Cycle.unit_id)
        .where(or_(ranges(Unit.path, by.paths()), Cycle.unit_id.in_(above)))
        .order_by(Cycle.year.desc(), Unit.path)
        .options(
            joinedload(Cycle.unit),
            joinedload(Cycle.project_scheme),
            joinedload(Cycle.department_scheme),
            selectinload(Cycle.windows),
            selectinload(Cycle.exceptions),
        )
    )
    return db.session.scalars(statement).all()


def find(cycle_id: int, by: Viewer) -> Cycle | None:
    """Return a cycle of an area this administrator manages, or None."""
    return db.session.scalar(
        select(Cycle)
        .join(Unit, Unit.id == Cycle.unit_id)
        .where(Cycle.id == cycle_id, ranges(Unit.path, by.paths({"administrator"})))
    )


def years(by: Viewer) -> list[int]:
    """Return the fiscal years this person has cycles for, newest first."""
    paths = by.paths()
    above = {unit_id for post in by.places for unit_id in ids_on(post.path)}
    return list(db.session.scalars(_years(len(paths)), {"above": list(above), **range_params(paths)}))


@lru_cache(maxsize=16)
def _years(ranges: int) -> Select[int]:
    above: BindParameter[list[int]] = bindparam("above", expanding=True)
    return (
        select(Cycle.year)
        .where(or_(Cycle.unit_id.in_(units_within(ranges)), Cycle.unit_id.in_(above)))
        .distinct()
        .order_by(Cycle.year.desc())
    )


def window_day(which: str, kind: str, cycle_id: Any, path: Any) -> ColumnElement[Any]:
    """Return ``opens_on`` or ``closes_on`` of a window for the unit at ``path``, as a column of a statement.

    The same answer as ``Cycle.span``: of the nearest exception upwards, else of the cycle's window.
    ``cycle_id`` and ``path`` are columns (or values) of the statement around it.
    """
    at = aliased(Unit)
    nearest = (
        select(getattr(WindowException, which))
        .join(at, at.id == WindowException.unit_id)
        .where(
            WindowException.cycle_id == cycle_id,
            WindowException.kind == kind,
            func.substr(path, 1, func.length(at.path)) == at.path,
        )
        .order_by(func.length(at.path).desc())
        .limit(1)
        .correlate_except(WindowException, at)
        .scalar_subquery()
    )
    usual = (
        select(getattr(Window, which))
        .where(Window.cycle_id == cycle_id, Window.kind == kind)
        .correlate_except(Window)
        .scalar_subquery()
    )
    column: ColumnElement[Any] = func.coalesce(nearest, usual)
    return column


def window_open(kind: str, today: dt.date, cycle_id: Any, path: Any) -> ColumnElement[bool]:
    """Return the condition that a window is open today for the unit at ``path``."""
    return and_(
        window_day("opens_on", kind, cycle_id, path) <= today, window_day("closes_on", kind, cycle_id, path) >= today
    )


def _begun(model: Any, kind: str, today: dt.date) -> ColumnElement[bool]:
    return exists().where(model.cycle_id == Cycle.id, model.kind == kind, model.opens_on <= today)


def _open(model: Any, kind: str, today: dt.date) -> ColumnElement[bool]:
    return _begun(model, kind, today).where(model.closes_on >= today)


def open_in(kind: str, today: dt.date) -> Sequence[Cycle]:
    """Return the unclosed cycles whose window of this kind is open today, if only for some unit."""
    statement = (
        select(Cycle)
        .where(or_(_open(Window, kind, today), _open(WindowException, kind, today)), Cycle.closed_at.is_(None))
        .order_by(Cycle.id)
        .options(joinedload(Cycle.unit))
    )
    return db.session.scalars(statement).all()


def begun_in(kind: str, today: dt.date) -> Sequence[Cycle]:
    """Return the unclosed cycles whose window of this kind has opened, if only for some unit."""
    statement = (
        select(Cycle)
        .where(or_(_begun(Window, kind, today), _begun(WindowException, kind, today)), Cycle.closed_at.is_(None))
        .order_by(Cycle.id)
    )
    return db.session.scalars(statement).all()


def below(cycle: Cycle) -> list[int]:
    """Return the ids of areas below the cycle's own that have their own cycle for the same year."""
    statement = (
        select(Cycle.unit_id)
        .join(Unit, Unit.id == Cycle.unit_id)
        .where(Cycle.year == cycle.year, Cycle.id != cycle.id, ranges(Unit.path, [cycle.unit.path]))
    )
    return list(db.session.scalars(statement))


def inside(cycle: Cycle, model: Any) -> list[Any]:
    """Return the conditions for units that follow this cycle: below its area, not below another cycle."""
    conditions = [model.unit_id.in_(select(Unit.id).where(ranges(Unit.path, [cycle.unit.path])))]
    other = below(cycle)
    if other:
        paths = list(db.session.scalars(select(Unit.path).where(Unit.id.in_(other))))
        conditions.append(model.unit_id.not_in(select(Unit.id).where(ranges(Unit.path, paths))))
    return conditions

"""Cycles: which fiscal year's rules apply to a unit."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle, Window
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import range_params, ranges, units_within


def _above(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/")]


def for_unit(path: str, year: int) -> Cycle | None:
    """Return the cycle of this year that applies to the unit with this path: the nearest upwards."""
    return db.session.scalar(_nearest(), {"year": year, "above": _above(path)})


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
    above = {unit_id for post in by.places for unit_id in _above(post.path)}
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
    above = {unit_id for post in by.places for unit_id in _above(post.path)}
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


def open_in(kind: str, today: dt.date) -> Sequence[Cycle]:
    """Return the unclosed cycles whose window of this kind is open today."""
    statement = (
        select(Cycle)
        .join(Window, Window.cycle_id == Cycle.id)
        .where(Window.kind == kind, Window.opens_on <= today, Window.closes_on >= today, Cycle.closed_at.is_(None))
        .order_by(Cycle.id)
        .options(joinedload(Cycle.unit))
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

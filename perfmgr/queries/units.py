"""Units: what this person may see of the tree, and who is whose department."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select

from perfmgr.extensions import db
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import range_params, ranges, units_within


def find(unit_id: int, by: Viewer, roles: Collection[str] | None = None) -> Unit | None:
    """Return the unit if it lies in a subtree over which the person holds a role (one of ``roles``)."""
    return db.session.scalar(select(Unit).where(Unit.id == unit_id, ranges(Unit.path, by.paths(roles))))


def listed(by: Viewer, kinds: Collection[str] = (), roles: Collection[str] | None = None) -> Sequence[Unit]:
    """Return the units this person may see, in the order of the tree."""
    statement = select(Unit).where(ranges(Unit.path, by.paths(roles))).order_by(Unit.path)
    if kinds:
        statement = statement.where(Unit.kind.in_(kinds))
    return db.session.scalars(statement).all()


def departments(by: Viewer) -> list[tuple[int, str]]:
    """Return id and name of every department this person sees something of, in tree order.

    Somebody appointed to a single unit sees that unit's department by name.
    """
    rows = db.session.execute(_departments(len(by.paths())), range_params(by.paths()))
    return [(row.id, row.name) for row in rows]


@lru_cache(maxsize=16)
def _departments(ranges: int) -> Select[*tuple[Any, ...]]:
    inside = select(Unit.department_id).where(Unit.id.in_(units_within(ranges)), Unit.department_id.is_not(None))
    return select(Unit.id, Unit.name).where(Unit.id.in_(inside)).order_by(Unit.path)


def budget_units(by: Viewer, roles: Collection[str]) -> Sequence[Unit]:
    """Return the active units for which somebody in one of these roles may declare projects."""
    statement = (
        select(Unit).where(ranges(Unit.path, by.paths(roles)), Unit.kind == "unit", Unit.active).order_by(Unit.path)
    )
    return db.session.scalars(statement).all()


def tree_order(units: Sequence[Unit]) -> list[tuple[int, Unit]]:
    """Return the units as (depth, unit) in the order of a printed tree: siblings by code."""
    ids = {unit.id for unit in units}
    children: dict[int | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent_id if unit.parent_id in ids else None, []).append(unit)
    ordered: list[tuple[int, Unit]] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for unit in sorted(children.get(parent_id, ()), key=lambda u: (u.code, u.id)):
            ordered.append((depth, unit))
            walk(unit.id, depth + 1)

    walk(None, 0)
    return ordered

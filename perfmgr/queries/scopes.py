"""Limiting queries to subtrees of the organisation."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from perfmgr.models.unit import Unit, subtree_end


def prune(paths: Iterable[str]) -> list[str]:
    """Return the paths without those that lie below another one."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def ranges(column: InstrumentedAttribute[str], paths: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a unit's path lies in one of these subtrees (none: nothing matches)."""
    return or_(false(), *(and_(column >= path, column < subtree_end(path)) for path in paths))


def units_within(count: int) -> Select[Any]:
    """Return a subquery with the ids of all units in ``count`` subtrees, with places for their bounds."""
    places = (and_(Unit.path >= bindparam(f"low_{n}"), Unit.path < bindparam(f"high_{n}")) for n in range(count))
    return select(Unit.id).where(or_(false(), *places))


def range_params(paths: Collection[str]) -> dict[str, str]:
    """Return the values for the places of :func:`units_within`."""
    params: dict[str, str] = {}
    for n, path in enumerate(paths):
        params |= {f"low_{n}": path, f"high_{n}": subtree_end(path)}
    return params


def ids_on(path: str) -> list[int]:
    """Return the ids of the units on a path, from the root down to the unit itself."""
    return [int(part) for part in path.strip("/").split("/")]


def unit_ids(paths: Collection[str]) -> Select[Any]:
    """Return a subquery with the ids of all units in these subtrees."""
    return select(Unit.id).where(ranges(Unit.path, paths))

"""Filters of list pages, and statements that are built once per shape instead of once per request.

Building a statement costs Python more than the database needs to answer it; a statement with
places (``bindparam``) is built once for each combination of filters and kept.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_
from sqlalchemy.orm import InstrumentedAttribute

from perfmgr.queries.paging import offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import range_params, units_within

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which filters are set, and over how many subtrees: what a kept statement depends on."""

    ranges: int
    department: bool = False
    state: bool = False
    category: bool = False
    search: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list page was asked for; empty fields filter nothing."""

    year: int
    department_id: int | None = None
    state: str = ""
    category: str = ""
    search: str = ""
    page: int = 1

    def shape(self, by: Viewer) -> Shape:
        """Return the shape of the statement for this person."""
        flags = (self.department_id, self.state, self.category, self.search)
        return Shape(len(by.paths()), *(bool(flag) for flag in flags))

    def params(self, by: Viewer) -> dict[str, Any]:
        """Return the values for the places of the statement."""
        literal = self.search.replace("/", "//").replace("%", "/%").replace("_", "/_")
        return {
            "year": self.year,
            "department": self.department_id,
            "state": self.state,
            "category": self.category,
            "anywhere": f"%{literal}%",
            "beginning": f"{literal}%",
            "offset": offset(self.page),
            **range_params(by.paths()),
        }


def within(model: Any, shape: Shape) -> list[Condition]:
    """Return the conditions every list has: the year, the person's units, the department if one is chosen."""
    conditions = [model.year == bindparam("year"), model.unit_id.in_(units_within(shape.ranges))]
    if shape.department:
        conditions.append(model.department_id == bindparam("department"))
    return conditions


def matching(*names: InstrumentedAttribute[str], beginning: InstrumentedAttribute[str] | None = None) -> Condition:
    """Return the condition for the search: contained in one of the names, or the beginning of another column."""
    conditions = [name.ilike(bindparam("anywhere"), escape="/") for name in names]
    if beginning is not None:
        conditions.append(beginning.like(bindparam("beginning"), escape="/"))
    return or_(*conditions)


def chosen(column: InstrumentedAttribute[str], what: str) -> Condition:
    """Return the condition that a column equals the chosen ``state`` or ``category``."""
    return column == bindparam(what)

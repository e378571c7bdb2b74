"""Making what is due by the clock: rows that break no unique key, for the units that follow a cycle."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, true

from perfmgr.actions._bulk import insert_new
from perfmgr.models.cycle import Cycle
from perfmgr.queries.cycles import inside
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.cycles import Span

CHUNK = 1000

__all__ = ["CHUNK", "by_span", "insert_new", "inside"]


def by_span(cycle: Cycle, kind: str, unit_id: Any) -> Iterator[tuple[Span, ColumnElement[bool]]]:
    """Yield every span of a window with the condition for the units it reaches, the whole cycle first.

    A unit may be in several of them: the last one is the one that holds there.
    """
    usual = cycle.usual_span(kind)
    if usual:
        yield usual, true()
    for deviation in sorted(cycle.deviations(), key=lambda d: len(d.path)):
        if deviation.kind == kind:
            yield deviation.span, unit_id.in_(unit_ids([deviation.path]))

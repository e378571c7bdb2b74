"""Making what is due by the clock: rows that break no unique key, for the units that follow a cycle."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, true

from perfmgr.actions._bulk import insert_new
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.queries.cycles import inside
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.cycles import Span

CHUNK = 1000

__all__ = ["CHUNK", "by_span", "in_parts", "insert_new", "inside"]


def in_parts(statement: Select[*tuple[Any, ...]], key: Any) -> Iterator[Sequence[Any]]:
    """Yield the rows of a statement in its order, at most ``CHUNK`` at a time, without those another clock has made meanwhile.

    First which they are, then what they are by key: so no part sorts all that are left.
    """
    ids = db.session.scalars(statement.with_only_columns(key)).all()
    part = statement.where(key.in_(bindparam("wanted", expanding=True)))
    for start in range(0, len(ids), CHUNK):
        rows = db.session.execute(part, {"wanted": ids[start : start + CHUNK]}).all()
        if rows:
            yield rows


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

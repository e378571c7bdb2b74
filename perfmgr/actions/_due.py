"""Making what is due by the clock: rows that break no unique key, for the units that follow a cycle."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.dialects import postgresql, sqlite

from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.queries.scopes import ranges, unit_ids
from perfmgr.rules.cycles import Span

CHUNK = 1000


def insert_new(model: Any, rows: Sequence[dict[str, Any]], *returning: Any) -> list[Any]:
    """Insert the rows that break no unique key, and return the given columns of those inserted."""
    if not rows:
        return []
    dialect = db.engine.dialect.name
    # Rows as parameters, not as values: one statement is compiled for all of them, not one per thousand.
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(model.__table__)
    return list(db.session.execute(statement.on_conflict_do_nothing().returning(*returning), list(rows)).all())


def inside(cycle: Cycle, model: Any) -> list[Any]:
    """Return the conditions for units that follow this cycle: below its area, not below another cycle."""
    conditions = [model.unit_id.in_(select(Unit.id).where(ranges(Unit.path, [cycle.unit.path])))]
    other = cycles.below(cycle)
    if other:
        paths = list(db.session.scalars(select(Unit.path).where(Unit.id.in_(other))))
        conditions.append(model.unit_id.not_in(select(Unit.id).where(ranges(Unit.path, paths))))
    return conditions


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

"""Making what is due by the clock: rows that break no unique key, for the units that follow a cycle."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.queries.scopes import ranges

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

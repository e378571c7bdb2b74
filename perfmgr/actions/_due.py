"""Making what is due by the clock: rows that break no unique key, for the units that follow a cycle."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from perfmgr.extensions import db
from perfmgr.queries.cycles import inside

CHUNK = 1000

__all__ = ["CHUNK", "insert_new", "inside"]


def insert_new(model: Any, rows: Sequence[dict[str, Any]], *returning: Any) -> list[Any]:
    """Insert the rows that break no unique key, and return the given columns of those inserted."""
    if not rows:
        return []
    dialect = db.engine.dialect.name
    # Rows as parameters, not as values: one statement is compiled for all of them, not one per thousand.
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(model.__table__)
    return list(db.session.execute(statement.on_conflict_do_nothing().returning(*returning), list(rows)).all())

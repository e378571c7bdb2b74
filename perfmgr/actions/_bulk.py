"""Writing thousands of rows in one statement: on PostgreSQL a column is one array, on SQLite a row one call."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, column, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from perfmgr.extensions import db


def insert_new(model: Any, rows: Sequence[dict[str, Any]], *returning: Any) -> list[Any]:
    """Insert the rows that break no unique key, and return the given columns of those inserted.

    All rows have the keys of the first.
    """
    if not rows:
        return []
    table = model.__table__
    if db.engine.dialect.name == "postgresql":
        source = _unnested(table, {name: name for name in rows[0]}, rows)
        values = postgresql.insert(table).from_select(list(rows[0]), select(*source.c))
        return list(db.session.execute(values.on_conflict_do_nothing().returning(*returning)).all())
    # Rows as parameters, not as values: one statement is compiled for all of them, not one per thousand.
    statement = sqlite.insert(table).on_conflict_do_nothing().returning(*returning)
    return list(db.session.execute(statement, list(rows)).all())


def update_rows(model: Any, rows: Sequence[dict[str, Any]], names: Sequence[str], was: Sequence[str] = ()) -> int:
    """Set these columns of the rows with the given ``id``; returns how many there were.

    ``was`` are columns that must still be as the key ``was_<column>`` says.
    """
    if not rows:
        return 0
    table = model.__table__
    ordered = sorted(rows, key=lambda row: row["id"])
    if db.engine.dialect.name == "postgresql":
        known = {"id": "id", **{name: name for name in names}, **{f"was_{name}": name for name in was}}
        source = _unnested(table, known, ordered)
        statement = update(table).where(table.c.id == source.c.id, *(table.c[n] == source.c[f"was_{n}"] for n in was))
        done: Any = db.session.execute(statement.values({name: source.c[name] for name in names}))
        return int(done.rowcount)
    conditions = [table.c.id == bindparam("at_id"), *(table.c[name] == bindparam(f"was_{name}") for name in was)]
    statement = update(table).where(*conditions).values({name: bindparam(f"new_{name}") for name in names})
    sets = [
        {"at_id": row["id"], **{f"new_{n}": row[n] for n in names}, **{f"was_{n}": row[f"was_{n}"] for n in was}}
        for row in ordered
    ]
    done = db.session.connection().execute(statement, sets)
    return int(done.rowcount)


def _unnested(table: Table, columns: Mapping[str, str], rows: Sequence[dict[str, Any]]) -> Any:
    """Return the rows as a source of a statement; ``columns`` says of which column's type each key is."""
    arrays = (
        bindparam(f"all_{key}", [row[key] for row in rows], type_=postgresql.ARRAY(table.c[name].type, dimensions=1))
        for key, name in columns.items()
    )
    places = (column(key, table.c[name].type) for key, name in columns.items())
    return func.unnest(*arrays).table_valued(*places, name="given").render_derived()

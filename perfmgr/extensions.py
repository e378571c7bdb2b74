"""Extensions: made here, bound to an application in ``app.py``."""

from typing import Any

from flask import g, has_request_context
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

# After a commit the request only says where to go on; reading its records anew would cost a query each.
db = SQLAlchemy(session_options={"autoflush": False, "expire_on_commit": False})
csrf = CSRFProtect()

BUSY_MILLISECONDS = 10_000


class ReadOnlyError(RuntimeError):
    """A page that only shows something tried to change something: a mistake of ours."""


def prepare_engine(engine: Engine) -> None:
    """Set up SQLite for many readers and one writer at a time; other databases need nothing.

    Every writing transaction starts with BEGIN IMMEDIATE: a transaction that reads first and
    writes later would otherwise fail at once when another writer came between.
    """
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("impatient"):
        connection.exec_driver_sql("BEGIN" if options.get("readonly") else "BEGIN IMMEDIATE")
        return
    # Whoever is impatient does without rather than wait for another writer.
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def begin_reading() -> None:
    """Make the request's session read-only: no write lock on SQLite, and no flush anywhere."""
    g.reading = True
    db.session.connection(execution_options={"readonly": True})


def end_reading() -> None:
    """Give the read-only connection back; what comes now may write, in a transaction of its own."""
    db.session.rollback()
    g.reading = False


@event.listens_for(Session, "before_flush")
def _refuse_flush(session: Session, *rest: Any) -> None:
    if has_request_context() and g.get("reading") and (session.new or session.dirty or session.deleted):
        raise ReadOnlyError("a GET request must not write")

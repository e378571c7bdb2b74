"""The state of the database schema: is it current, bring it up or down."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import config
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_


def _config(connection: Connection | None = None) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(config.ROOT / "migrations"))
    settings.set_main_option("file_template", "%%(rev)s")
    settings.attributes["connection"] = connection
    return settings


def head() -> str:
    """Return the newest revision the code knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError("there is no migration")
    return found


def current(engine: Engine) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    with engine.connect().execution_options(readonly=True) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_current(engine: Engine) -> None:
    """Raise Refused with the remedy when the database is not at the newest revision."""
    if current(engine) != head():
        raise Refused(N_("数据库结构不是最新的，请先运行 python -m perfmgr migrate。"), code="MIGRATE")


def migrate(engine: Engine, target: str = "head") -> None:
    """Bring the schema up (or, with an older revision or ``base``, down) to the target."""
    with engine.connect() as connection, _without_foreign_keys(connection):
        settings = _config(connection)
        if target == "head" or current(engine) is None:
            command.upgrade(settings, target)
        else:
            _move(settings, connection, target)
        connection.commit()


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild tables: dropping the old copy of one would delete the rows that belong to it.

    The switch has no effect inside a transaction, so it is turned before the first one begins.
    """
    raw = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        lost = raw.execute("PRAGMA foreign_key_check").fetchall()
        if lost:
            raise RuntimeError(f"rows without the record they belong to: {lost[:5]}")
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def _move(settings: Config, connection: Connection, target: str) -> None:
    """Go down when the target lies before the present revision, up otherwise."""
    here = MigrationContext.configure(connection).get_current_revision()
    revisions = [s.revision for s in ScriptDirectory.from_config(settings).walk_revisions("base", "heads")]
    older = target == "base" or (target in revisions and here in revisions[: revisions.index(target)])
    (command.downgrade if older else command.upgrade)(settings, target)

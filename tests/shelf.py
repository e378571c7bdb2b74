"""States of the test database, kept aside and put back whole: faster than deleting and building anew.

What every test begins with (nothing, the cast, the world of records) is built once by the real actions;
afterwards its rows, the numbers of its sequences and its stored files are put back as they were.
"""

import copy
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Engine, text

from perfmgr.extensions import db
from perfmgr.models import Base

T = TypeVar("T")
EMPTY = "empty"
BUILT_IN = ("function", "library_entry", "reminder_rule", "scheme_version")  # hardly ever changed, and long


class _SQLite:
    """Whole databases in memory, copied page by page."""

    def __init__(self, engine: Engine) -> None:
        self.path = str(engine.url.database)
        self.kept: dict[str, sqlite3.Connection] = {}

    def keep(self, name: str) -> None:
        self.kept[name] = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.path)) as now:
            now.backup(self.kept[name])

    def put_back(self, name: str) -> None:
        with closing(sqlite3.connect(self.path, timeout=10)) as now:
            self.kept[name].backup(now)


class _PostgreSQL:
    """A schema with a copy of every table, and a function that puts them back in one round trip."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def keep(self, name: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA kept_{name}"))
            steps = []
            for table in Base.metadata.sorted_tables:
                now, kept = f'public."{table.name}"', f'kept_{name}."{table.name}"'
                connection.execute(text(f"CREATE TABLE {kept} AS TABLE {now}"))
                step = f"DELETE FROM {now};"
                if connection.scalar(text(f"SELECT count(*) FROM {kept}")):
                    step += f" INSERT INTO {now} SELECT * FROM {kept};"
                if table.name in BUILT_IN:
                    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
                    differs = f"(SELECT string_agg(t::text, '' ORDER BY {key}) FROM %s t)"
                    step = f"IF {differs % now} IS DISTINCT FROM {differs % kept} THEN {step} END IF;"
                steps.append(step)
            sequences = connection.execute(
                text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
            )
            for sequence, last in sequences:
                steps.append(f"PERFORM setval('public.\"{sequence}\"', {last or 1}, {'true' if last else 'false'});")
            body = "\n".join(steps)
            connection.execute(
                text(
                    f"CREATE FUNCTION kept_{name}.put_back() RETURNS void LANGUAGE plpgsql"
                    " SET session_replication_role = replica"  # no foreign key is checked: the whole is consistent
                    f" AS $body$ BEGIN {body} END $body$"
                )
            )

    def put_back(self, name: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(f"SELECT kept_{name}.put_back()"))


class Shelf:
    """The kept states of one application's database and stored files."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            engine = db.engine
        self.database = (_SQLite if engine.dialect.name == "sqlite" else _PostgreSQL)(engine)
        self.files = Path(app.config["VAR"]) / "attachments"
        self.results: dict[str, Any] = {}
        self._keep(EMPTY, None)

    def make(self, name: str, build: Callable[[], T]) -> T:
        """Keep what ``build`` adds to the present state under a name; needs an application context."""
        made = build()
        self._keep(name, made)
        return made

    def take(self, name: str, kind: type[T]) -> T:
        """Put the state with this name back and return a copy of what was built, an object of this kind."""
        self.put_back(name)
        result = copy.deepcopy(self.results[name])
        assert isinstance(result, kind)
        return result

    def made(self, name: str, build: Callable[[], int]) -> int:
        """Return the id of what ``build`` adds to the cast, which nothing was added to before; build it only once."""
        return self.take(name, int) if name in self.results else self.make(name, build)

    def _keep(self, name: str, result: Any) -> None:
        self.database.keep(name)
        if self.files.exists():
            shutil.copytree(self.files, self._files_of(name))
        self.results[name] = result

    def put_back(self, name: str) -> None:
        """Make database and files what they were; what sessions have not written is lost."""
        db.session.rollback()
        self.database.put_back(name)
        if self._files_of(name).exists():
            shutil.copytree(self._files_of(name), self.files, dirs_exist_ok=True)

    def _files_of(self, name: str) -> Path:
        return self.files.with_name(f"kept_{name}")

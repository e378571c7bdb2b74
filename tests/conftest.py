"""Fixtures: the application on SQLite and on PostgreSQL, an empty database for each test, the cast."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import create_engine, text

import config
from perfmgr import migrations
from perfmgr.actions import people as people_actions
from perfmgr.actions import sessions
from perfmgr.app import create_app
from perfmgr.cli.database import take_in_built_ins
from perfmgr.extensions import db
from tests import cast as cast_module
from tests import records
from tests.browser import Visitor
from tests.cast import Cast
from tests.parts import PARTS, missing
from tests.shelf import EMPTY, Shelf

POSTGRES = "PERFMGR_TEST_POSTGRES"

# Real hashes, cheap ones: the suite signs in hundreds of times.
sessions.hasher = people_actions.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
cast_module.hasher = records.hasher = sessions.hasher


# Where pytest makes its temporary folders: in memory where there is room, for every commit waits for the disk.
MEMORY = "/dev/shm"  # noqa: S108  only the root: pytest makes a private folder below it
ROOM = 2 << 30  # bytes; a whole run leaves less than a tenth of it


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary files into memory, start one PostgreSQL cluster for the run; workers inherit both."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)
    if hasattr(config, "workerinput") or POSTGRES in os.environ or "postgresql" in missing():
        return
    from tests.cluster import Cluster

    cluster = Cluster()
    config.stash[CLUSTER] = cluster
    os.environ[POSTGRES] = cluster.url("{database}")


CLUSTER: pytest.StashKey[Any] = pytest.StashKey()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the cluster that this process started."""
    cluster = config.stash.get(CLUSTER, None)
    if cluster:
        os.environ.pop(POSTGRES, None)
        cluster.stop()


def need(part: str) -> None:
    """Skip the test when a system part is missing; in CI that is a failure."""
    if part in missing():
        sentence = PARTS[part][1]
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(sentence)
        pytest.skip(sentence)


def new_database(kind: str, name: str, folder: Any) -> str:
    """Return the address of a new empty database."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/{name}.sqlite3"
    need("postgresql")
    template = os.environ[POSTGRES]
    engine = create_engine(template.replace("{database}", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return template.replace("{database}", name)


def test_settings(url: str, **changes: Any) -> dict[str, Any]:
    """Return settings for the test suite with this database."""
    return {**config.load("testing", {}), "DATABASE_URL": url, **changes}


test_settings.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Flask]:
    """An application on a migrated database with the built-in schemes, once per worker and database."""
    folder = tmp_path_factory.mktemp("database")
    url = new_database(request.param, f"perfmgr_{worker_id}", folder)
    app = create_app(test_settings(url, VAR=str(folder)))
    with app.app_context():
        migrations.migrate(db.engine)
        take_in_built_ins()
    app.extensions["tests_shelf"] = Shelf(app)
    stock(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def another_app(app: Flask) -> Iterator[Callable[..., Flask]]:
    """A function that returns a second application on the same database with other settings."""
    made: list[Flask] = []

    def making(**changes: Any) -> Flask:
        changes = {"VAR": app.config["VAR"], **changes}
        made.append(create_app(test_settings(app.config["DATABASE_URL"], **changes)))
        return made[-1]

    yield making
    for other in made:
        with other.app_context():
            db.engine.dispose()


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application with an empty database (but for the built-in schemes, function codes and indicators)."""
    yield migrated_app
    empty(migrated_app)


def empty(migrated_app: Flask) -> None:
    """Delete everything but the built-in schemes, function codes, indicators and reminder rules."""
    with migrated_app.app_context():
        shelf(migrated_app).put_back(EMPTY)
    for kept in ("perfmgr_schemes", "perfmgr_library"):
        migrated_app.extensions.pop(kept, None)


def stock(app: Flask) -> None:
    """Build what many tests begin with, all at the time of today: some tests travel in time."""
    with app.app_context():
        made = shelf(app).make("cast", cast_module.build)
        shelf(app).make("declaration", lambda: cast_module.declare(made))
        shelf(app).put_back("cast")
        shelf(app).make("world", lambda: records.build(made))
    empty(app)


def shelf(app: Flask) -> Shelf:
    """Return the kept states of this application's database."""
    kept: Shelf = app.extensions["tests_shelf"]
    return kept


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The cast, in the database."""
    with app.app_context():
        return shelf(app).take("cast", Cast)


@pytest.fixture
def visit(app: Flask, cast: Cast) -> Callable[[str | None], Visitor]:
    """A function that returns a visitor signed in as a member of the cast (None: signed out)."""
    return lambda username: Visitor(app, cast, username)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], Any]:
    """A context manager that collects the SQL statements of what runs inside it."""
    from contextlib import contextmanager

    from sqlalchemy import event

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting

"""What the drills of the clock start from: fillers with units and addresses of their own, and reminders that are due."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, insert, select, text

import config
from benchmarks.receivers import SECRET, Receiver
from perfmgr import migrations, times
from perfmgr.actions import endpoints, reminders_due, units
from perfmgr.actions._action import action
from perfmgr.actions.endpoints import EndpointDraft
from perfmgr.app import create_app
from perfmgr.channels.sealing import seal
from perfmgr.cli.database import take_in_built_ins
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.reminder import ReminderRule
from perfmgr.models.unit import Unit
from tests import cast as make
from tests.cluster import Cluster

EACH = 20  # reminders of one person and day; more would become one notice
CHUNK = 2000
DAYS = 3
ROOT = config.ROOT


@contextmanager
def databases(folder: Path, only: str | None) -> Iterator[Any]:
    """Yield a function that returns the address of a new database, by kind; None for a kind that is not asked for."""
    cluster = Cluster() if only != "sqlite" else None

    def new(kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{folder}/{name}.sqlite3"
        assert cluster
        engine = create_engine(cluster.url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        return cluster.url(name)

    try:
        yield new
    finally:
        if cluster:
            cluster.stop()


def settings(url: str, folder: Path, mail: Receiver, hooks: Receiver, **more: object) -> dict[str, str]:
    """Return the environment of the drill's processes: this database, these receivers."""
    given = {
        "PLACE": "testing",
        "SECRET_KEY": "drills-of-the-clock-0123456789abcdefghijklmnop",
        "DATABASE_URL": url,
        "VAR": folder,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": mail.port,
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "jixiao@example.gov.cn",
        "PUBLIC_URL": "https://jx.example.gov.cn",
        "WEBHOOK_HOSTS": f"127.0.0.1:{hooks.port}",
        "WORKERS": 1,
        "LOG_LEVEL": "WARNING",
        **more,
    }
    return {**os.environ, **{f"PERFMGR_{name}": str(value) for name, value in given.items()}}


def application(environment: dict[str, str]) -> Any:
    """Return the application with these settings."""
    return create_app(config.load("testing", environment))


def build() -> make.Cast:
    """Make the database with the cast, a self-evaluation that closes in three days, and one rule without a digest."""
    migrations.migrate(db.engine)
    take_in_built_ins()
    cast = make.build()
    _close_soon(cast)
    return cast


@action
def _close_soon(cast: make.Cast) -> None:
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycle.cut_offs = []
    window = next(window for window in cycle.windows if window.kind == "self_evaluation")
    window.closes_on = times.day(times.now()) + dt.timedelta(days=DAYS)
    given = {"before": [DAYS], "hour": "00:00", "quiet_from": None, "quiet_to": None, "digest": False, "by_law": True}
    rule = ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating")
    rule.settings = {"name": "绩效自评到期", **given}
    db.session.add(rule)


def address(number: int, poison: int = 0) -> str:
    """Return the address of a filler; every ``poison``-th is refused for good or for now, hangs, or drops the line."""
    manners = ("never", "later", "hang", "drop")
    manner = manners[number // poison % 4] if poison and number % poison == 0 else "lin"
    return f"{manner}.{number}@example.gov.cn"


@action
def seed(count: int, cast: make.Cast, hooked: int = 0, *, start: int = 0, each: int = EACH, poison: int = 0) -> int:
    """Write so many self-evaluations that are due, ``each`` per filler; returns the department of the first ``hooked``.

    The others are in a second new department, so that an endpoint of the first is told of those alone.
    ``start``: how many were written before.
    """
    top, people = db.session.get_one(Unit, cast.area), -(-count // each)
    told, quiet = _department(top), _department(top)
    password = db.session.get_one(Person, cast.people[make.FILLER]).password_hash
    scheme = db.session.get_one(Cycle, cast.cycle).project_scheme_id
    due_on, now = times.day(times.now()) + dt.timedelta(days=DAYS), times.now()
    first = {model: (db.session.scalar(select(func.max(model.id))) or 0) + 1 for model in (Unit, Person, Project)}
    rows: dict[Any, list[dict[str, Any]]]
    for chunk in range(0, people, CHUNK // each):
        rows = {Unit: [], Person: [], Appointment: [], Project: [], BudgetLine: [], Evaluation: []}
        for n in range(chunk, min(chunk + CHUNK // each, people)):
            over = told if n * each < hooked else quiet
            unit, person = first[Unit] + n, first[Person] + n
            rows[Unit].append(
                {
                    "id": unit,
                    "parent_id": over.id,
                    "area_id": cast.area,
                    "department_id": over.id,
                    "kind": "unit",
                    "code": f"{start // each + n:06d}",
                    "name": f"单位 {start // each + n}",
                    "path": f"{over.path}{unit}/",
                    "duties": "",
                    "key_tasks": "",
                }
            )
            rows[Person].append(
                {
                    "id": person,
                    "username": f"filler-{start // each + n}",
                    "name": f"填报人 {n}",
                    "password_hash": password,
                    "must_change_password": False,
                    "email": seal(address(start // each + n, poison)),
                }
            )
            rows[Appointment].append({"person_id": person, "unit_id": unit, "role": "filler"})
            at = {"unit_id": unit, "department_id": over.id}
            for k in range(n * each, min((n + 1) * each, count)):
                project = first[Project] + k
                rows[Project].append(
                    {
                        "id": project,
                        "code": f"21029125T{start + k:012d}",
                        "name": f"项目 {start + k}",
                        "category": "specific",
                        **at,
                    }
                )
                money = {"initial": 500_000, "adjusted": 520_000, "executed": 480_000}
                rows[BudgetLine].append({"project_id": project, "year": make.YEAR, "state": "approved", **money, **at})
                rows[Evaluation].append(
                    {
                        "kind": "project",
                        "year": make.YEAR,
                        "cycle_id": cast.cycle,
                        "scheme_id": scheme,
                        "project_id": project,
                        "due_on": due_on,
                        "updated_at": now,
                        **money,
                        **at,
                    }
                )
        for model, new in rows.items():
            db.session.execute(insert(model.__table__), new)
    _reset_sequences(Unit, Person, Project)
    return told.id


def _department(top: Unit) -> Unit:
    number = db.session.scalar(select(func.count()).where(Unit.kind == "department")) or 0
    return units.add_unit(top, units.tidied("department", "administrative", f"{500 + number}", f"演练部门 {number}"))


def _reset_sequences(*models: Any) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    for model in models:
        table = model.__tablename__
        db.session.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        )


def hook(cast: make.Cast, department: int, hooks: Receiver) -> None:
    """Set up the webhook of the department whose reminders are told by webhook too."""
    draft = EndpointDraft("演练", f"http://127.0.0.1:{hooks.port}/hook", SECRET)
    endpoints.create(department, "webhook", draft, cast.viewer(make.ADMIN))


def plan(count: int) -> None:
    """Write the ledger's lines; they are due from this midnight on."""
    made = reminders_due.plan_due(times.now()).made
    assert made == count, (made, count)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


COMMAND = (sys.executable, "-m", "perfmgr")


def start(environment: dict[str, str], *command: str) -> "subprocess.Popen[bytes]":
    """Start a process of perfmgr."""
    return subprocess.Popen([*COMMAND, *command], env=environment, cwd=ROOT)

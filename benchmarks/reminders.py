"""Planning and issuing 100,000 reminders, beside inserting the same rows and nothing else; twice, and once only."""

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update

import config
from benchmarks.evaluations import counted, peak
from perfmgr import migrations
from perfmgr.actions import cycles, reminders_due, units
from perfmgr.app import create_app
from perfmgr.cli.database import take_in_built_ins
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.message import Message, MessageReminder
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.rules.cycles import Span
from tests import cast as make

CHUNK = 2000
OF_ONE = 100  # duties of one filler, of one unit
DAYS = (dt.date(2026, 1, 1), dt.date(2026, 3, 31))
# A week before the last day: one line for each duty, the next is due beyond the horizon of planning.
NOW = dt.datetime.fromisoformat("2026-03-24T09:30:00+08:00")
BEFORE = dt.datetime.fromisoformat("2026-01-01T00:05:00+08:00")
MADE = (Reminder, Notice, Message, MessageReminder)


def application(url: str) -> Any:
    """Return the application on this database, with a mail server so that messages are laid out."""
    return create_app({**config.load("testing", {}), "DATABASE_URL": url, "SMTP_HOST": "127.0.0.1"})


# --- what is owed -------------------------------------------------------------------------------


def prepare() -> make.Cast:
    """Write one department whose fillers owe the sheets of 2025 and the targets of 2026 by the same day."""
    migrations.migrate(db.engine)
    take_in_built_ins()
    cast = make.build()
    by, now = cast.viewer(make.ADMIN), db.session.get_one(Cycle, cast.cycle)
    windows = {**make.ALWAYS, "declaration": Span(*DAYS)}
    cycles.create(
        db.session.get_one(Unit, cast.area), make.YEAR + 1, now.project_scheme_id, now.department_scheme_id, windows, by
    )
    return cast


def _parts(first: int, last: int) -> Iterator[range]:
    for start in range(first, last, CHUNK):
        yield range(start, min(start + CHUNK, last))


def seed(first: int, last: int, cast: make.Cast) -> None:
    """Write the projects ``first`` to ``last`` (not included): each owes one sheet and is to be declared once more."""
    scheme = db.session.get_one(Cycle, cast.cycle).project_scheme_id
    places = _units(first // (OF_ONE // 2), -(-last // (OF_ONE // 2)), cast)
    for numbers in _parts(first, last):
        rows: dict[Any, list[dict[str, Any]]] = {Project: [], Declaration: [], Evaluation: [], Event: []}
        for n in numbers:
            at = {"unit_id": places[n // (OF_ONE // 2)], "department_id": cast.department}
            year = {"project_id": n, "year": make.YEAR, "cycle_id": cast.cycle, "scheme_id": scheme}
            rows[Project].append(
                {"id": n, "code": f"21029125T{n:012d}", "name": f"项目 {n}", "category": "specific", **at}
            )
            rows[Declaration].append({**year, **at, "id": n, "state": "approved", "updated_at": BEFORE})
            rows[Evaluation].append(
                {
                    **year,
                    **at,
                    "id": n,
                    "kind": "project",
                    "state": "open",
                    "due_on": DAYS[1],
                    "adjusted": 520_000,
                    "updated_at": BEFORE,
                }
            )
            rows[Event].append(
                {"subject_kind": "evaluation", "subject_id": n, "step": "start", "state_to": "open", "at": BEFORE}
            )
        for model, new in rows.items():
            db.session.execute(insert(model.__table__), new)
    db.session.commit()
    analyse()


def _units(first: int, last: int, cast: make.Cast) -> dict[int, int]:
    """Write units with one filler each; returns their ids by number."""
    department = db.session.get_one(Unit, cast.department)
    places = {}
    for n in range(first, last):
        place = units.add_unit(department, units.tidied("unit", "administrative", f"{n:06d}", f"单位 {n}"))
        person = Person(username=f"many{n}", name=f"填报 {n}", password_hash="-", email=f"m{n}@example.gov.cn")
        person.appointments = [Appointment(unit_id=place.id, role="filler")]
        db.session.add(person)
        places[n] = place.id
    db.session.execute(delete(Appointment).where(Appointment.unit_id == cast.department, Appointment.role == "filler"))
    db.session.commit()
    return places


def analyse() -> None:
    """Let PostgreSQL count what is there, as its daemon does within a minute."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


# --- measuring ----------------------------------------------------------------------------------


def worker(url: str) -> None:
    """Plan and issue in a process of its own; prints lines, seconds, own seconds and statements of both, and memory."""
    with application(url).app_context():
        db.session.execute(select(1))
        before, answers = peak(), []
        for step in (lambda: reminders_due.plan_due(NOW).total, lambda: reminders_due.issue_due(NOW)):
            with counted() as statements:
                begin, worked = time.perf_counter(), time.process_time()
                done = step()
                spent = time.perf_counter() - begin, time.process_time() - worked
                answers += [str(done), *(f"{seconds:.3f}" for seconds in spent), str(statements[0])]
        print(*answers, f"{before:.0f} {peak():.0f}", flush=True)


def run(url: str) -> list[float]:
    """Return what the worker says."""
    command = [sys.executable, "-m", "benchmarks.reminders", "--worker", url]
    return [
        float(word) for word in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-10:]
    ]


def bare() -> tuple[float, float]:
    """Insert the same rows again and nothing else; returns the seconds for the lines, and for what tells them."""
    rows = {model: [dict(row._mapping) for row in db.session.execute(select(model.__table__))] for model in MADE}
    empty()
    begin = time.perf_counter()
    _insert(Reminder, rows[Reminder])
    planned = time.perf_counter() - begin
    begin = time.perf_counter()
    for model in MADE[1:]:
        _insert(model, rows[model])
    db.session.execute(update(Reminder).values(state="sent", sent_at=NOW))
    db.session.commit()
    return planned, time.perf_counter() - begin


def _insert(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        row.pop("notice_id", None)  # the notice comes later
    for start in range(0, len(rows), CHUNK):
        db.session.execute(insert(model.__table__), rows[start : start + CHUNK])
    db.session.commit()


def empty() -> None:
    """Delete what a run has made."""
    db.session.rollback()
    for model in reversed(MADE):
        db.session.execute(delete(model))
    db.session.commit()


def check(count: int) -> None:
    """Every duty has one line, told once, and every line one notice and one message."""
    lines = select(func.count(), func.count(func.distinct(Reminder.subject_kind)))
    total, kinds = db.session.execute(lines.where(Reminder.state == "sent", Reminder.notice_id.is_not(None))).one()
    about = select(Reminder.subject_kind, Reminder.subject_id).distinct().subquery()
    distinct = db.session.scalar(select(func.count()).select_from(about))
    links = db.session.scalar(select(func.count(func.distinct(MessageReminder.reminder_id))))
    people = db.session.scalar(select(func.count()).select_from(Message))
    db.session.rollback()
    assert (total, kinds, distinct, links, people) == (count, 2, count, count, count // OF_ONE)


def measure(url: str, counts: list[int]) -> None:
    """Measure each count on one database that grows."""
    with application(url).app_context():
        cast = prepare()
        print(
            f"\n{db.engine.dialect.name}: seconds, of these the processor's for this process; ratio to inserting the same rows\n"
            "   lines      plan  processor  per 1,000  ratio  statements"
            "     issue  processor  per 1,000  ratio  statements  memory"
        )
        there, slowest = 1, []
        for count in counts:
            assert count % OF_ONE == 0, "whole hundreds, please"
            seed(there if there > 1 else OF_ONE // 2, count // 2 + OF_ONE // 2, cast)
            there = count // 2 + OF_ONE // 2
            planned, plan_s, plan_c, plan_q, told, issue_s, issue_c, issue_q, before, most = run(url)
            assert (planned, told) == (count, count), (planned, told)
            check(count)
            again = run(url)
            assert (again[0], again[4]) == (0, 0), again
            floor = bare()
            shown = [
                f"{wall:>7.1f} s {own:>8.1f} s {wall / count * 1000:>8.3f} s {wall / bare_s:>6.1f} {number:>11.0f}"
                for wall, own, number, bare_s in (
                    (plan_s, plan_c, plan_q, floor[0]),
                    (issue_s, issue_c, issue_q, floor[1]),
                )
            ]
            print(f"{count:>8,} {shown[0]} {shown[1]}  {before:.0f}→{most:.0f} MB", flush=True)
            print(f"{'again':>8} {again[1]:>7.1f} s, {again[5]:.1f} s: nothing planned, nothing told", flush=True)
            slowest.append((plan_c + issue_c) / count)
            empty()
        print(f"processor time per line at {counts[-1]:,} beside {counts[0]:,}: {slowest[-1] / slowest[0]:.2f}")


def main() -> None:
    """Measure on SQLite and, where it is installed, on PostgreSQL."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--worker")
    chosen = parser.parse_args()
    if chosen.worker:
        worker(chosen.worker)
        return
    if chosen.database != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            measure(f"sqlite:///{Path(folder)}/clock.sqlite3", chosen.counts)
    if chosen.database != "sqlite":
        from tests.cluster import Cluster

        cluster = Cluster()
        try:
            measure(cluster.url(), chosen.counts)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()

"""Creating 100,000 self-evaluations in one run of the clock, beside inserting the same rows and nothing else."""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import delete, event, func, insert, select, text

import config
from perfmgr import migrations, times
from perfmgr.actions import evaluations_due
from perfmgr.app import create_app
from perfmgr.cli.database import take_in_built_ins
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from tests import cast as make
from tests.cluster import Cluster

LINES = 8
CHUNK = 2000


def application(url: str) -> Any:
    """Return the application on this database."""
    return create_app({**config.load("testing", {}), "DATABASE_URL": url})


def seed(count: int, cast: make.Cast) -> None:
    """Write so many projects with approved targets of eight indicators and an approved budget."""
    at = {"unit_id": cast.unit, "department_id": cast.department}
    scheme = db.session.get_one(Cycle, cast.cycle).project_scheme_id
    now, wan = times.now(), Decimal(10_000)
    first = (db.session.scalar(select(func.max(Project.id))) or 0) + 1
    for start in range(first, first + count, CHUNK):
        numbers = range(start, min(start + CHUNK, first + count))
        rows: dict[Any, list[dict[str, Any]]] = {Project: [], Declaration: [], Indicator: [], BudgetLine: []}
        for n in numbers:
            rows[Project].append(
                {"id": n, "code": f"21029125T{n:012d}", "name": f"项目 {n}", "category": "specific", **at}
            )
            rows[Declaration].append(
                {
                    "id": n,
                    "project_id": n,
                    "year": make.YEAR,
                    "cycle_id": cast.cycle,
                    "scheme_id": scheme,
                    "state": "approved",
                    "goals": "全年开展服务项目二百个，惠及居民六万人次。",
                    "updated_at": now,
                    **at,
                }
            )
            rows[Indicator] += [
                {
                    "declaration_id": n,
                    "position": k,
                    "category": "output",
                    "name": f"指标 {k}",
                    "sign": "ge",
                    "target_value": Decimal(90 + k),
                    "unit": "%",
                    "weight": Decimal("11.25"),
                }
                for k in range(1, LINES + 1)
            ]
            rows[BudgetLine].append(
                {
                    "project_id": n,
                    "year": make.YEAR,
                    "state": "approved",
                    "initial": 50 * wan,
                    "adjusted": 52 * wan,
                    "executed": 48 * wan,
                    **at,
                }
            )
        for model, new in rows.items():
            db.session.execute(insert(model.__table__), new)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        for model in (Project, Declaration):
            table = model.__tablename__
            db.session.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )
        db.session.commit()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the statements sent inside the block."""
    number = [0]

    def add(*_arguments: Any) -> None:
        number[0] += 1

    event.listen(db.engine, "before_cursor_execute", add)
    try:
        yield number
    finally:
        event.remove(db.engine, "before_cursor_execute", add)


def create(cycle_id: int) -> int:
    """Create what the cycle owes, as the clock does."""
    made = evaluations_due.create_for(db.session.get_one(Cycle, cycle_id), times.now())
    db.session.rollback()
    return made


def bare(cycle_id: int) -> None:
    """Insert the same sheets, lines and events in four statements, with no check and no chunks."""
    now, cycle = times.now(), db.session.get_one(Cycle, cycle_id)
    projects = [
        {
            "kind": "project",
            "year": make.YEAR,
            "cycle_id": cycle.id,
            "scheme_id": cycle.project_scheme_id,
            "state": "open",
            "due_on": times.day(now),
            "updated_at": now,
            "goal_expected": row.goals,
            **{name: getattr(row, name) for name in ("project_id", "unit_id", "department_id")},
            **{name: getattr(row, name) for name in ("initial", "adjusted", "executed")},
        }
        for row in db.session.execute(
            select(*BudgetLine.__table__.c, Declaration.goals).join(
                Declaration, Declaration.project_id == BudgetLine.project_id
            )
        )
    ]
    db.session.execute(insert(Evaluation.__table__), projects)
    evaluations_due._copy_lines(
        select(Evaluation.id, *(getattr(Indicator, name) for name in evaluations_due.COPIED), text("false"))
        .select_from(Evaluation)
        .join(Declaration, Declaration.project_id == Evaluation.project_id)
        .join(Indicator, Indicator.declaration_id == Declaration.id)
    )
    started = [
        {"subject_kind": "evaluation", "subject_id": id_, "step": "start", "state_to": "open", "at": now}
        for id_ in db.session.scalars(select(Evaluation.id))
    ]
    db.session.execute(insert(Event), started)
    db.session.commit()


def analyze() -> None:
    """Let PostgreSQL know how large the tables are by now, as its own housekeeping does between two days."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def empty() -> None:
    """Delete what a run has made."""
    db.session.rollback()
    db.session.execute(delete(Event).where(Event.subject_kind == "evaluation"))
    for model in (EvaluationLine, Evaluation):
        db.session.execute(delete(model))
    db.session.commit()
    analyze()


def totals() -> tuple[int, int, int, int]:
    """Return how many sheets, distinct projects, lines and start events there are."""
    found = (
        db.session.scalar(select(func.count()).select_from(Evaluation).where(Evaluation.kind == "project")),
        db.session.scalar(select(func.count(func.distinct(Evaluation.project_id)))),
        db.session.scalar(
            select(func.count())
            .select_from(EvaluationLine)
            .join(Evaluation, Evaluation.id == EvaluationLine.evaluation_id)
            .where(Evaluation.kind == "project")
        ),
        db.session.scalar(
            select(func.count())
            .select_from(Event)
            .join(Evaluation, Evaluation.id == Event.subject_id)
            .where(Event.subject_kind == "evaluation", Event.step == "start", Evaluation.kind == "project")
        ),
    )
    db.session.rollback()
    sheets, projects, lines, started = (each or 0 for each in found)
    return sheets, projects, lines, started


def peak() -> float:
    """Return the most memory this process has had so far, in MB; getrusage would begin with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def worker(url: str, cycle_id: int) -> None:
    """Create in a process of its own, and say what it took: seconds, statements, memory before and at its peak, CPU."""
    with application(url).app_context():
        db.session.execute(select(1))
        before = peak()
        with counted() as statements:
            begin, busy = time.perf_counter(), time.process_time()
            made = create(cycle_id)
            seconds, busy = time.perf_counter() - begin, time.process_time() - busy
        print(f"{made} {seconds:.3f} {statements[0]} {before:.0f} {peak():.0f} {busy:.3f}", flush=True)


def command(url: str, cycle_id: int) -> list[str]:
    return [sys.executable, "-m", "benchmarks.evaluations", "--worker", url, "--cycle", str(cycle_id)]


def measure(url: str, sizes: list[int], kills: int) -> None:
    """Measure each size on one database that grows, then kill the clock again and again on the largest."""
    app = application(url)
    with app.app_context():
        migrations.migrate(db.engine)
        take_in_built_ins()
        cast = make.build()
        print(
            f"\n{db.engine.dialect.name}\nprojects   seconds  per 1,000  its CPU  statements   memory   bare s   ratio"
        )
        there = 0
        for size in sizes:
            seed(size - there, cast)
            there = size
            analyze()
            begin = time.perf_counter()
            bare(cast.cycle)
            floor = time.perf_counter() - begin
            empty()
            answer = subprocess.run(command(url, cast.cycle), check=True, capture_output=True, text=True).stdout.split()
            seconds = float(answer[1])
            assert totals() == (size, size, size * LINES, size), totals()
            print(
                f"{size:>8,} {seconds:>9.1f} {seconds / size * 1000:>8.3f} s "
                f"{float(answer[5]) / size * 1000:>6.3f} s {answer[2]:>11} "
                f"{answer[3]:>4}→{answer[4]} MB {floor:>6.1f} {seconds / floor:>7.2f}",
                flush=True,
            )
            assert create(cast.cycle) == 0
            empty()
        killed = kill(url, cast.cycle, seconds, kills)
        assert totals() == (there, there, there * LINES, there), totals()
        print(f"killed {killed} times at random moments, then run to the end: {there:,} sheets, each once, all lines")


def kill(url: str, cycle_id: int, seconds: float, times_: int) -> int:
    """Start the clock's work and kill it at a random moment, several times; then let it finish."""
    chance, killed = random.Random(1), 0
    for _n in range(times_):
        process = subprocess.Popen(command(url, cycle_id), stdout=subprocess.DEVNULL)
        # A fresh process needs a moment before it writes.
        time.sleep(1.5 + chance.random() * seconds / times_)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
        sheets, projects, lines, started = totals()
        assert sheets == projects == started, (sheets, projects, started)
        assert lines == sheets * LINES, (lines, sheets)
    subprocess.run(command(url, cycle_id), check=True, stdout=subprocess.DEVNULL)
    return killed


def main() -> None:
    """Measure on SQLite and, where it is installed, on PostgreSQL."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--worker")
    parser.add_argument("--cycle", type=int, default=0)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    if chosen.worker:
        worker(chosen.worker, chosen.cycle)
        return
    if chosen.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            measure(f"sqlite:///{Path(folder)}/clock.sqlite3", chosen.sizes, chosen.kills)
    if chosen.only != "sqlite":
        cluster = Cluster()
        try:
            measure(cluster.url(), chosen.sizes, chosen.kills)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()

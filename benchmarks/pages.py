"""Pages of the application beside the floor program: same database, same web server, in turns, as ratios."""

import argparse
import html
import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
APP, FLOOR = 8791, 8792
AIMS = {"list": 3, "list filtered": 3, "project page": 4, "coverage": 3, "create": 6, "save line": 5, "export csv": 2}


class Client:
    """One keep-alive connection with a cookie jar for one host."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = ""
        self.signed_in = False

    def request(self, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """Return status, location and body of one exchange."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        body = urllib.parse.urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read().decode()
        if answer.getheader("Set-Cookie") and not self.signed_in:
            self.cookie = answer.getheader("Set-Cookie", "").split(";")[0]
        return answer.status, answer.getheader("Location", ""), content

    def get(self, path: str) -> str:
        """Return the body of a page that must be there."""
        status, _location, body = self.request("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status}")
        return body

    def sign_in(self, username: str, password: str) -> str:
        """Sign in and return the CSRF token of the session."""
        token = csrf(self.get("/sign-in"))
        form = {"csrf_token": token, "username": username, "password": password}
        status, _location, _body = self.request("POST", "/sign-in", form)
        if status != 303:
            raise RuntimeError(f"sign-in: {status}")
        token = csrf(self.get("/password"))
        # From here on the cookie stays: a browser would show the messages in it after each post,
        # here nobody does, and they would pile up.
        self.signed_in = True
        return token


def csrf(page: str) -> str:
    """Return the CSRF token in a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if not found:
        raise RuntimeError("no CSRF token")
    return html.unescape(found[1])


@dataclass
class Case:
    """One thing to measure: the same work in the application and on the floor."""

    name: str
    app: Callable[[], None]
    floor: Callable[[], None]
    rounds: int
    mine: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Take turns in batches, so that noise of the machine falls on both."""
        for work in (self.app, self.floor):
            for _n in range(3):
                work()
        batches = max(1, self.rounds // 10)
        for _batch in range(batches):
            for work, times in ((self.app, self.mine), (self.floor, self.floors)):
                for _n in range(self.rounds // batches):
                    begin = time.perf_counter()
                    work()
                    times.append((time.perf_counter() - begin) * 1000)


@contextmanager
def servers(database: Path, threads: int) -> Iterator[dict[str, int]]:
    """Run both programs under the same web server with one worker; yields the worker's process ids."""
    environment = {**os.environ, "PERFMGR_VAR": str(database.parent), "PERFMGR_DATABASE_URL": f"sqlite:///{database}"}
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "-k",
        "gthread",
        "--threads",
        str(threads),
        "-w",
        "1",
        "--keep-alive",
        "75",
    ]
    quiet = ["--log-level", "error", "--chdir", str(ROOT)]
    programs = {
        "app": [*gunicorn, *quiet, "-b", f"127.0.0.1:{APP}", "perfmgr.app:create_app()"],
        "floor": [*gunicorn, *quiet, "-b", f"127.0.0.1:{FLOOR}", "benchmarks.floor:app"],
    }
    running = {name: subprocess.Popen(command, env=environment, cwd=ROOT) for name, command in programs.items()}
    try:
        workers = {name: _worker(process.pid) for name, process in running.items()}
        for port, path in ((APP, "/healthz"), (FLOOR, "/list?year=2000")):
            _wait(port, path)
        yield workers
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait(20)


def _worker(parent: int) -> int:
    path = Path(f"/proc/{parent}/task/{parent}/children")
    for _n in range(200):
        if path.read_text().split():
            return int(path.read_text().split()[0])
        time.sleep(0.1)
    raise RuntimeError("the web server has no worker")


def _wait(port: int, path: str) -> None:
    for _n in range(200):
        try:
            Client(port).get(path)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers on port {port}")


def memory(pid: int) -> str:
    """Return RSS and USS of a process in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = {key: int(value) for key, value in re.findall(r"(\w+):\s+(\d+) kB", text)}
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return f"{kilobytes['Rss'] // 1024} MB (own {own // 1024})"


def seed(folder: Path, projects: int) -> Path:
    """Write a database with a demonstration district of so many projects."""
    environment = {**os.environ, "PERFMGR_VAR": str(folder)}
    begin = time.perf_counter()
    for command in (["migrate"], ["demo", "--projects", str(projects)]):
        subprocess.run(
            [sys.executable, "-m", "perfmgr", *command],
            env=environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    print(f"seeded {projects:,} projects in {time.perf_counter() - begin:.1f} s")
    return folder / "perfmgr.sqlite3"


def facts(database: Path) -> dict[str, Any]:
    """Return ids to ask for: a declaration with ten indicators, an open self-evaluation, a unit and a cycle."""
    import sqlite3

    connection = sqlite3.connect(database)

    def one(query: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = connection.execute(query).fetchone()
        return row

    year = one("SELECT max(year) FROM cycle")[0]
    declaration = one(
        "SELECT declaration_id FROM indicator JOIN declaration d ON d.id = declaration_id WHERE d.state = 'approved' "
        "GROUP BY declaration_id ORDER BY count(*) DESC, declaration_id LIMIT 1"
    )[0]
    evaluation = one("SELECT id FROM evaluation WHERE state = 'open' AND kind = 'project' ORDER BY id LIMIT 1")[0]
    lines = connection.execute(
        "SELECT id FROM evaluation_line WHERE evaluation_id = ? ORDER BY position", (evaluation,)
    ).fetchall()
    unit = one("SELECT id, department_id FROM unit WHERE kind = 'unit' ORDER BY id LIMIT 1")
    cycle = one("SELECT id, project_scheme_id FROM cycle ORDER BY id DESC LIMIT 1")
    owner = one(f"SELECT department_id FROM evaluation WHERE id = {evaluation}")[0]
    filler = one(
        "SELECT p.username FROM person p JOIN appointment a ON a.person_id = p.id "
        f"WHERE a.role = 'filler' AND a.unit_id = {owner}"
    )[0]
    creator = one(
        "SELECT p.username FROM person p JOIN appointment a ON a.person_id = p.id "
        f"WHERE a.role = 'filler' AND a.unit_id = {unit[1]}"
    )[0]
    connection.close()
    return {
        "year": year,
        "declaration": declaration,
        "evaluation": evaluation,
        "lines": [line[0] for line in lines],
        "unit": unit,
        "cycle": cycle,
        "filler": filler,
        "creator": creator,
    }


def indicator_fields() -> dict[str, str]:
    """Return ten indicators as a posted table."""
    fields = {}
    weights = ("10", "10", "10", "10", "10", "10", "10", "10", "5", "5")
    for n, weight in enumerate(weights):
        category = "output" if n < 5 else "benefit" if n < 8 else "satisfaction"
        row = {"category": category, "name": f"指标 {n + 1}", "sign": "ge", "target": "95", "unit": "%"}
        fields |= {f"indicators-{n}-{key}": value for key, value in {**row, "weight": weight}.items()}
    return fields


def cases(at: dict[str, Any], rounds: int) -> list[Case]:
    """Return everything that is measured."""
    from perfmgr.demonstration.department import PASSWORD

    year = at["year"]
    reader, filler, creator, floor = Client(APP), Client(APP), Client(APP), Client(FLOOR)
    reader.sign_in("qu-caizheng", PASSWORD)
    token = filler.sign_in(at["filler"], PASSWORD)
    maker = creator.sign_in(at["creator"], PASSWORD)
    serial = iter(range(1, 1_000_000))

    def pair(path: str, floor_path: str) -> tuple[Callable[[], None], Callable[[], None]]:
        return (lambda: void(reader.get(path))), (lambda: void(floor.get(floor_path)))

    def post(client: Client, path: str, form: dict[str, Any], expected: int) -> str:
        status, location, body = client.request("POST", path, form)
        if status != expected:
            raise RuntimeError(f"POST {path}: {status} {re.sub('<[^>]+>', ' ', body)[:400]}")
        return location

    def create() -> None:
        form = {
            "name": f"基准项目 {next(serial)}",
            "unit_id": at["unit"][0],
            "year": year,
            "category": "specific",
            "attribute": "new",
            "csrf_token": maker,
        }
        section = post(creator, "/projects", form, 303)
        indicators = section.replace("/overview", "/indicators")
        post(creator, indicators, {**indicator_fields(), "csrf_token": maker}, 303)

    def create_floor() -> None:
        number = next(serial)
        form = {
            "name": f"地板项目 {number}",
            "code": f"F{number:020d}",
            "unit_id": at["unit"][0],
            "department_id": at["unit"][1],
            "year": year,
            "cycle_id": at["cycle"][0],
            "scheme_id": at["cycle"][1],
        }
        post(floor, "/create", {**form, **indicator_fields()}, 200)

    def save() -> None:
        form: dict[str, Any] = {"csrf_token": token, "goal_actual": "按期完成。", "execution_reason": ""}
        for n, _line in enumerate(at["lines"]):
            form |= {f"lines-{n}-actual": str(next(serial)), f"lines-{n}-reason": "说明", f"lines-{n}-measure": ""}
        post(filler, f"/evaluations/{at['evaluation']}/edit", form, 303)

    def save_floor() -> None:
        post(floor, f"/line/{at['lines'][0]}", {"actual": str(next(serial)), "reason": "说明"}, 200)

    filtered = f"year={year}&state=approved&category=specific"
    return [
        Case("list", *pair(f"/projects?year={year}", f"/list?year={year}"), rounds),
        Case("list filtered", *pair(f"/projects?{filtered}", f"/list?{filtered}"), rounds),
        Case("project page", *pair(f"/declarations/{at['declaration']}", f"/detail/{at['declaration']}"), rounds),
        Case("coverage", *pair(f"/coverage?year={year}", f"/coverage?year={year}"), rounds // 2),
        Case("create", create, create_floor, rounds // 2),
        Case("save line", save, save_floor, rounds // 2),
        Case(
            "export csv", *pair(f"/projects/export.csv?year={year}", f"/export.csv?year={year}"), max(10, rounds // 20)
        ),
    ]


def void(_value: object) -> None:
    """Take a value and do nothing with it."""


def queries(database: Path, at: dict[str, Any]) -> dict[str, int]:
    """Return how many SQL statements each page takes, counted in process."""
    from sqlalchemy import event

    import config
    from perfmgr.actions import sessions
    from perfmgr.app import create_app
    from perfmgr.extensions import db
    from perfmgr.queries import people
    from perfmgr.times import now
    from perfmgr.web.gate import TOKEN

    settings = config.load("testing", {"PERFMGR_DATABASE_URL": f"sqlite:///{database}"})
    app = create_app(settings)
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
        person = people.find_by_username("qu-caizheng")
        person_id = person.id if person else 0
        db.session.rollback()
        token = sessions._open_session(person_id, now())
    client = app.test_client()
    with client.session_transaction() as session:
        session[TOKEN] = token
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    counted = {}
    year = at["year"]
    for name, path in {
        "list": f"/projects?year={year}",
        "list filtered": f"/projects?year={year}&state=approved&category=specific",
        "project page": f"/declarations/{at['declaration']}",
        "coverage": f"/coverage?year={year}",
        "export csv": f"/projects/export.csv?year={year}",
    }.items():
        for _warm in range(2):
            statements.clear()
            client.get(path).get_data()
        counted[name] = len(statements)
    return counted


def measure(projects: int, rounds: int, threads: int) -> None:
    """Print the table for one size."""
    with tempfile.TemporaryDirectory() as folder:
        database = seed(Path(folder), projects)
        at = facts(database)
        counted = queries(database, at)
        with servers(database, threads) as workers:
            print(f"worker memory at start: app {memory(workers['app'])}, floor {memory(workers['floor'])}")
            print(f"{'page':<15}{'p50 ms':>9}{'p95 ms':>9}{'floor':>9}{'p95':>9}{'ratio':>8}{'aim':>6}{'queries':>9}")
            for case in cases(at, rounds):
                case.run()
                mine, floor = statistics.median(case.mine), statistics.median(case.floors)
                late = [sorted(times)[int(len(times) * 0.95) - 1] for times in (case.mine, case.floors)]
                print(
                    f"{case.name:<15}{mine:>9.2f}{late[0]:>9.2f}{floor:>9.2f}{late[1]:>9.2f}"
                    f"{mine / floor:>8.2f}{'≤ ' + str(AIMS[case.name]):>6}{counted.get(case.name, ''):>9}",
                    flush=True,
                )
            print(f"worker memory at end: app {memory(workers['app'])}, floor {memory(workers['floor'])}")


def main() -> None:
    """Measure 1,000 and 10,000 projects (or the sizes given)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--projects", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--threads", type=int, default=4)
    chosen = parser.parse_args()
    for projects in chosen.projects:
        print(
            f"\n{projects:,} projects, SQLite, one gunicorn worker with {chosen.threads} threads, {chosen.rounds} rounds"
        )
        measure(projects, chosen.rounds, chosen.threads)


if __name__ == "__main__":
    main()

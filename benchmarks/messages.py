"""Sending 100,000 reminders by several clocks beside web processes: each once, and how fast beside a bare loop.

The bare loop sends the same letters, written beforehand, over one connection of smtplib to the same server.
"""

import argparse
import contextlib
import os
import random
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import func, select

from benchmarks import due
from benchmarks.pages import Client
from benchmarks.receivers import Accepted, Receiver, running
from perfmgr import times
from perfmgr.actions import messages_due, reminders_due
from perfmgr.channels import letters
from perfmgr.extensions import db
from perfmgr.models.message import Message
from perfmgr.models.notice import Notice
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from tests import cast as make

BARE = 2000
SENDER = "jixiao@example.gov.cn"
AIM = 0.7


def bare(mail: Receiver, data: list[bytes]) -> float:
    """Send letters that are ready over one connection; returns how many a second."""
    with smtplib.SMTP("127.0.0.1", mail.port, "localhost", timeout=30) as smtp:
        smtp.ehlo()
        begin = time.perf_counter()
        for letter in data:
            smtp.sendmail(SENDER, "bare@example.gov.cn", letter)
        return len(data) / (time.perf_counter() - begin)


def ready(count: int) -> list[bytes]:
    """Return letters of the outbox, written; with ids of their own."""
    rows = db.session.execute(
        select(Message.key, Message.content, Person.name)
        .join(Person, Person.id == Message.person_id)
        .where(Message.channel == "email")
        .order_by(Message.id)
        .limit(count)
    ).all()
    db.session.rollback()
    return [letters.write(f"bare:{row.key}", "bare@example.gov.cn", row.name, row.content, times.now()) for row in rows]


def alone(mail: Receiver, count: int) -> tuple[float, float]:
    """Send so many messages of the outbox in this process; returns letters a second, and of bare loops around it."""
    data = ready(min(count, BARE))
    before = bare(mail, data)
    begin = time.perf_counter()
    sent = messages_due.send_due(times.now(), count, only=messages_due.EMAIL)
    rate = sent / (time.perf_counter() - begin)
    assert sent == count, sent
    return rate, (before + bare(mail, data)) / 2


# --- clocks and web processes ------------------------------------------------------------------


class Web:
    """A person who uses one web process: looks at the reminders, and takes note of them, as fast as it answers."""

    def __init__(self, port: int, username: str, pause: float) -> None:
        self._port, self._username, self._pause = port, username, pause
        self._engine = db.engine
        self._stop = threading.Event()
        self.requests, self.failures = 0, 0
        self._thread = threading.Thread(target=self._use, daemon=True)
        self._thread.start()

    def _use(self) -> None:
        client = Client(self._port)
        token = client.sign_in(self._username, make.PASSWORD)
        while not self._stop.wait(self._pause):
            client.connection.close()  # the server has closed it meanwhile; the next request opens another
            for path in ("/", "/notices"):
                self._note(client.request("GET", path)[0] == 200)
            for number in self._reminders()[:2]:
                status = client.request("POST", f"/notices/reminders/{number}/acknowledgement", {"csrf_token": token})[
                    0
                ]
                self._note(status == 303)

    def _note(self, good: bool) -> None:
        self.requests += 1
        self.failures += not good

    def _reminders(self) -> list[int]:
        """Return reminders of this person that were sent and nobody took note of."""
        with self._engine.connect() as connection:
            return list(
                connection.scalars(
                    select(Reminder.id)
                    .join(Person, Person.id == Reminder.person_id)
                    .where(
                        Person.username == self._username, Reminder.state == "sent", Reminder.acknowledged_at.is_(None)
                    )
                )
            )

    def stop(self) -> None:
        """Let the person go home."""
        self._stop.set()
        self._thread.join(30)


@contextlib.contextmanager
def processes(environment: dict[str, str], clocks: int, webs: int) -> Iterator[list[int]]:
    """Run real clock and web processes; yields the ports of the latter."""
    ports = [_free_port() for _n in range(webs)]
    running_ = [due.start({**environment, "PERFMGR_PORT": str(port)}, "web") for port in ports]
    try:
        for port in ports:
            _wait(port)
        running_ += [due.start(environment, "clock") for _n in range(clocks)]
        yield ports
    finally:
        for process in running_:
            process.terminate()
        for process in running_:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _n in range(600):
        with contextlib.suppress(OSError, RuntimeError):
            Client(port).get("/healthz")
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


def by_hand(environment: dict[str, str], over: threading.Event, seconds: float) -> None:
    """Run the same jobs by hand while the clocks run, as an impatient administrator does."""
    names = ("issue_reminders", "send_messages", "send_webhooks")
    while not over.wait(seconds):
        subprocess.run(
            [*due.COMMAND, "run", random.choice(names)],
            env=environment,
            cwd=due.ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )


# --- what came of it ---------------------------------------------------------------------------


def untold() -> int:
    """Return how many reminders nobody was told of yet."""
    open_ = Reminder.state.in_(("pending", "claimed"))
    return _count(select(func.count()).select_from(Reminder).where(open_))


def unsent() -> int:
    """Return how many messages are not sent yet."""
    return _count(select(func.count()).select_from(Message).where(Message.state != "sent"))


def _count(statement: Any) -> int:
    found = db.session.scalar(statement) or 0
    db.session.rollback()
    return int(found)


def check(count: int, hooked: int, mail: Receiver, hooks: Receiver, twice: Collection[str] = frozenset()) -> list[str]:
    """Return what is not as promised: every reminder once in the ledger, the site, the letters and the webhooks.

    ``twice``: ids that may have come again, because a clock was killed before it could mark them.
    """
    keys = {
        channel: set(db.session.scalars(select(Message.key).where(Message.channel == channel)))
        for channel in ("email", "webhook")
    }
    found = {
        "ledger": db.session.scalar(select(func.count()).select_from(Reminder).where(Reminder.state == "sent")),
        "notices": db.session.scalar(select(func.count()).select_from(Notice)),
        "notices told of": db.session.scalar(select(func.count(func.distinct(Reminder.notice_id)))),
        "messages marked": db.session.scalar(select(func.count()).select_from(Message).where(Message.state == "sent")),
    }
    db.session.rollback()
    wanted = dict.fromkeys(found, count) | {"messages marked": count + hooked}
    faults = [f"{name}: {found[name]:,} instead of {wanted[name]:,}" for name in found if found[name] != wanted[name]]
    came = Counter(a.id for a in mail.accepted() if not a.to.startswith("bare"))
    faults += _compare("letters", came, {letters.message_id(key, SENDER) for key in keys["email"]}, count, twice)
    faults += _compare("webhooks", Counter(unquote(a.id) for a in hooks.accepted()), keys["webhook"], hooked, twice)
    return faults


def _compare(what: str, came: Counter[str], wanted: set[str], count: int, twice: Collection[str]) -> list[str]:
    faults = []
    if len(wanted) != count:
        faults.append(f"{what}: {len(wanted):,} in the outbox instead of {count:,}")
    if set(came) != wanted:
        faults.append(f"{what}: {len(wanted - set(came)):,} lost, {len(set(came) - wanted):,} unknown")
    if again := sum(n - 1 for id_, n in came.items() if id_ not in twice):
        faults.append(f"{what}: {again:,} came twice")
    return faults


def rate_of(accepted: list[Accepted]) -> float:
    """Return how many letters a second were accepted between the first and the last."""
    instants = [a.at for a in accepted if not a.to.startswith("bare")]
    return len(instants) / (max(instants) - min(instants)) if len(instants) > 1 else 0.0


def drill(new: Any, kind: str, folder: Path, chosen: argparse.Namespace) -> list[str]:
    """Measure one clock alone, then let all run; prints a table and returns what is not as promised."""
    folder = folder / kind
    folder.mkdir()
    count, clocks = chosen.count, chosen.clocks
    if kind == "sqlite":
        count, clocks = min(count, chosen.sqlite), 2
    first = min(count // 2, chosen.alone)
    hooked = min(count // 10, 10_000) // due.EACH * due.EACH
    with running(folder) as (mail, hooks):
        environment = due.settings(new(kind, "messages"), folder, mail, hooks, CLOCK_MINUTES=60)
        with due.application(environment).app_context():
            cast = due.build()
            department = due.seed(first, cast)
            due.plan(first)
            assert reminders_due.issue_due(times.now()) == first
            rate, floor = alone(mail, first)
            print(f"\n{kind:<24} {'letters':>8} {'per second':>11} {'bare loop':>11} {'ratio':>7}")
            line("one clock alone", first, rate, floor)
            faults = [f"{kind}: {fault}" for fault in check(first, 0, mail, hooks)]
            faults += [f"{kind}: slower than {AIM}"] if chosen.strict and rate / floor < AIM else []
            department = due.seed(count - first, cast, hooked, start=first)
            due.hook(cast, department, hooks)
            due.plan(count - first)
            before = len(mail.accepted())
            done = together(environment, clocks, chosen, mail)
            pace = rate_of(mail.accepted()[before:])
            floor = (floor + bare(mail, ready(min(count, BARE)))) / 2
            line(f"{clocks} clocks, {chosen.webs} webs", count - first, pace, floor)
            print(
                f"{'':12}told in {done.told:.0f} s while the mail server was away, then sent in {done.sent:.0f} s with "
                f"{hooked:,} webhooks; {done.answered:,} requests to the web, {done.failed} of them failed",
                flush=True,
            )
            failed = done.failed
            faults += [f"{kind}: {fault}" for fault in check(count, hooked, mail, hooks)]
            faults += [f"{kind}: {failed} requests failed"] if failed else []
            db.session.close()
            db.engine.dispose()
    return faults


def line(what: str, count: int, rate: float, floor: float) -> None:
    """Print one line of the table."""
    print(f"  {what:<22} {count:>8,} {rate:>11.0f} {floor:>11.0f} {rate / floor:>7.2f}", flush=True)


@dataclass
class Done:
    """What it took until nothing was due: seconds until all were told and sent, and what the web answered."""

    told: float
    sent: float
    answered: int
    failed: int


def together(environment: dict[str, str], clocks: int, chosen: argparse.Namespace, mail: Receiver) -> Done:
    """Run clocks, web processes and jobs by hand until nothing is due.

    The mail server is away until everybody is told, so that its letters a second are those of sending alone.
    """
    over = threading.Event()
    hand = threading.Thread(target=by_hand, args=(environment, over, chosen.hand))
    mail.stop()
    with processes(environment, clocks, chosen.webs) as ports:
        people = [Web(port, f"filler-{n}", chosen.pause) for n, port in enumerate(ports)]
        hand.start()
        told = _wait_for(untold)
        mail.start()
        sent = _wait_for(unsent)
        for person in people:
            person.stop()
        over.set()
        hand.join()
    return Done(told, sent, sum(p.requests for p in people), sum(p.failures for p in people))


def _wait_for(count: Callable[[], int]) -> float:
    begin = time.monotonic()
    while count() and time.monotonic() - begin < 3600:
        time.sleep(2)
    return time.monotonic() - begin


def main() -> None:
    """Run the drill; ends with 1 when a promise is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000, help="reminders on PostgreSQL")
    parser.add_argument("--sqlite", type=int, default=10_000, help="at most so many on SQLite")
    parser.add_argument("--alone", type=int, default=10_000, help="of these, sent by one clock alone first")
    parser.add_argument("--clocks", type=int, default=4)
    parser.add_argument("--webs", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two looks of a person at the web")
    parser.add_argument("--hand", type=float, default=20, help="seconds between two jobs run by hand")
    parser.add_argument("--strict", action="store_true", help=f"fail below a ratio of {AIM} for one clock alone")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    faults = []
    with tempfile.TemporaryDirectory() as name, due.databases(Path(name), chosen.only) as new:
        os.chmod(name, 0o755)
        for kind in (chosen.only,) if chosen.only else ("postgresql", "sqlite"):
            faults += drill(new, kind, Path(name), chosen)
    for fault in faults:
        print(f"BROKEN {fault}")
    print("every reminder once, in the ledger, on the site and at the receivers" if not faults else "")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

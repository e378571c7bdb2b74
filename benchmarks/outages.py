"""A day without a mail server, and recipients that never work: nobody is delayed, nothing lost, poison is parked.

The clock is told the time (as by ``run --now``), so that the day passes in minutes. A server that hangs is given
one second instead of thirty.
"""

import argparse
import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks import due
from benchmarks.receivers import Receiver, running
from perfmgr import logs, times
from perfmgr.actions import messages_due, reminders_due
from perfmgr.channels import carriers, mail
from perfmgr.extensions import db
from perfmgr.models.message import Message
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder

POISON = 20  # every so-manieth recipient
MINUTE = dt.timedelta(minutes=1)


def good(server: Receiver) -> Counter[str]:
    """Return how many letters each recipient got that works."""
    return Counter(a.to for a in server.accepted())


def found() -> Counter[tuple[str, int]]:
    """Return how many messages are in which state after how many tries."""
    statement = select(Message.state, Message.tries, func.count()).group_by(Message.state, Message.tries)
    counts = {(row[0], row[1]): row[2] for row in db.session.execute(statement)}
    db.session.rollback()
    return Counter(counts)


def be_away(server: Receiver, now: dt.datetime) -> dt.datetime:
    """Let a day pass: eight hours without a server, eight of maintenance, eight in which all are put off."""
    for mode in ("", "closed", "later"):
        server.stop()
        if mode:
            server.start(mode)
        for _round in range(8 * 6):
            messages_due.send_due(now, only=messages_due.EMAIL)
            now += 10 * MINUTE
    return now


def drill(new: Any, kind: str, folder: Path, count: int) -> list[str]:
    """Run through the outage on one kind of database; prints a table and returns what is not as promised."""
    folder = folder / kind
    folder.mkdir()
    poison = -(-count // POISON)
    with running(folder) as (server, hooks):
        environment = due.settings(new(kind, "outages"), folder, server, hooks)
        with due.application(environment).app_context():
            cast = due.build()
            due.seed(count, cast, each=1, poison=POISON)
            due.plan(count)
            now = times.now()
            assert reminders_due.issue_due(now) == count
            now = be_away(server, now)
            after_day = found()
            server.start()
            rounds, begin = 0, now
            while len(good(server)) < count - poison and rounds < 100:
                messages_due.send_due(now, only=messages_due.EMAIL)
                rounds += 1
                now += MINUTE / 2
            delay = now - begin
            for _round in range(12 * 12):
                messages_due.send_due(now, only=messages_due.EMAIL)
                now += 5 * MINUTE
            at_end, failed = found(), _failed()
            faults = _check(count, poison, after_day, at_end, failed, server)
            if rounds > 2:
                faults.append(f"the last good recipient waited for {rounds} rounds")
            db.session.close()
            db.engine.dispose()
    print(f"\n{kind}: {count:,} letters, {poison} to recipients that refuse, put off, hang or drop the connection")
    print(f"  after 24 hours of outage   {_table(after_day)}")
    print(f"  the good ones arrived in   {rounds} round(s) of the clock, {delay.total_seconds():.0f} s")
    print(f"  twelve hours later         {_table(at_end)}", flush=True)
    return [f"{kind}: {fault}" for fault in faults]


def _table(states: Counter[tuple[str, int]]) -> str:
    return ", ".join(f"{count:,} {state} after {tries} tries" for (state, tries), count in sorted(states.items()))


def _failed() -> int:
    """Return how many reminders failed, of people whose letters are parked."""
    parked = select(Message.person_id).where(Message.state == "parked")
    statement = select(func.count()).select_from(Reminder).join(Person, Person.id == Reminder.person_id)
    failed = db.session.scalar(statement.where(Reminder.state == "failed", Person.id.in_(parked))) or 0
    db.session.rollback()
    return failed


def _check(
    count: int,
    poison: int,
    after_day: Counter[tuple[str, int]],
    at_end: Counter[tuple[str, int]],
    failed: int,
    server: Receiver,
) -> list[str]:
    for_good = len([n for n in range(0, count, POISON) if due.address(n, POISON).startswith("never")])
    wanted = {("sent", 0): count - poison, ("parked", 1): for_good, ("parked", 8): poison - for_good}
    faults = []
    if after_day != {("waiting", 0): count}:
        faults.append(f"after the outage {_table(after_day)}")
    if at_end != wanted:
        faults.append(f"at the end {_table(at_end)}")
    if failed != poison:
        faults.append(f"{failed} reminders failed instead of {poison}")
    came = good(server)
    if len(came) != count - poison or max(came.values()) > 1:
        faults.append(f"{len(came)} recipients got a letter, some of them {max(came.values())}")
    return faults


def main() -> None:
    """Run the drill on both databases; ends with 1 when a promise is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    logs.set_up("CRITICAL")
    mail.SECONDS, carriers.SILENT_SECONDS = 1, 0.2
    faults = []
    with tempfile.TemporaryDirectory() as name, due.databases(Path(name), chosen.only) as new:
        for kind in (chosen.only,) if chosen.only else ("sqlite", "postgresql"):
            faults += drill(new, kind, Path(name), chosen.count)
    for fault in faults:
        print(f"BROKEN {fault}")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

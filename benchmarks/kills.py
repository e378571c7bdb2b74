"""Killing a clock a hundred times while 1,000 reminders are due by e-mail and webhook: nothing lost, little twice.

The clock is a process of its own that runs the jobs' own functions and kills itself with signal 9: while it tells
people (at a random statement), when it has claimed, when the other side has accepted, and when that is marked.
"""

import argparse
import datetime as dt
import os
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import event, select

from benchmarks import due
from benchmarks.messages import SENDER, check, unsent
from benchmarks.receivers import Receiver, running
from perfmgr import logs, times
from perfmgr.actions import _reminder_issue, messages_due, reminders_due
from perfmgr.actions._mail_round import AHEAD
from perfmgr.channels import letters
from perfmgr.extensions import db
from perfmgr.models.message import Message

POINTS = ("issuing", "claimed", "accepted", "marked")
LINES = 100  # told in one transaction, so that there are many of them


def killed(work: Callable[..., None], *arguments: Any) -> bool:
    """Run this in a process of its own; tells whether it was killed."""
    process = os.fork()
    if process == 0:
        try:
            work(*arguments)
        finally:
            os._exit(0)
    _process, status = os.waitpid(process, 0)
    if not os.WIFSIGNALED(status):
        return False
    assert os.WTERMSIG(status) == signal.SIGKILL, status
    return True


def clock(environment: dict[str, str], point: str, passing: int, only: str, now: dt.datetime) -> None:
    """Do the work of a clock, and die at the so-manieth passing of a point."""
    left = [passing]

    def at(name: str) -> None:
        left[0] -= name == point
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with due.application(environment).app_context():
        if point == "issuing":
            event.listen(db.engine, "after_cursor_execute", lambda *_rest: at("issuing"))
            _reminder_issue.CHUNK = LINES
            reminders_due.issue_due(now)
        else:
            messages_due.send_due(now, only=only, at=at)


@dataclass
class Tally:
    """What was accepted and not marked when clocks died."""

    mail: Receiver
    hooks: Receiver
    gaps: set[str] = field(default_factory=set)
    widest: int = 0

    def came(self) -> Counter[str]:
        """Return how often each id was accepted."""
        return Counter([*(a.id for a in self.mail.accepted()), *(unquote(a.id) for a in self.hooks.accepted())])

    def note(self) -> None:
        """Note what is in the gap now."""
        rows = db.session.execute(select(Message.channel, Message.key).where(Message.state == "sent")).all()
        db.session.rollback()
        marked = {letters.message_id(row.key, SENDER) if row.channel == "email" else row.key for row in rows}
        gap = set(self.came()) - marked
        self.widest = max(self.widest, len(gap - self.gaps))
        self.gaps |= gap


def drill(new: Any, kind: str, folder: Path, count: int, kills: int, chance: random.Random) -> list[str]:
    """Kill so many clocks on one kind of database; prints a table and returns what is not as promised."""
    folder = folder / kind
    folder.mkdir()
    with running(folder) as (mail, hooks):
        environment = due.settings(new(kind, "kills"), folder, mail, hooks)
        with due.application(environment).app_context():
            cast = due.build()
            due.hook(cast, due.seed(count, cast, count), hooks)
            due.plan(count)
            tally, deaths, now = Tally(mail, hooks), Counter[str](), times.now()
            each = kills // len(POINTS)
            while deaths["issuing"] < each:
                # Early ones leave something to do for the others; who comes to the end dies on another day.
                deaths["issuing"] += killed(clock, environment, "issuing", chance.randint(1, 20), "", now)
            reminders_due.issue_due(now)
            while deaths.total() < each * len(POINTS) and unsent():
                point, only = chance.choice([p for p in POINTS if deaths[p] < each]), chance.choice(("email", "robots"))
                passing = 1 if point == "claimed" else chance.randint(1, max(2, 2 * count // kills))
                deaths[point] += killed(clock, environment, point, passing, only, now)
                tally.note()
                now += dt.timedelta(minutes=6)  # the claims of the dead end
            while messages_due.send_due(now):
                now += dt.timedelta(minutes=6)
            faults = check(count, count, mail, hooks, twice=tally.gaps)
            came = tally.came()
            db.session.close()
            db.engine.dispose()
    again = {id_: n for id_, n in came.items() if n > 1}
    by_mail = sum(n - 1 for id_, n in again.items() if id_.startswith("<"))
    print(f"\n{kind}: killed {deaths.total()} times: " + ", ".join(f"{deaths[p]} {p}" for p in POINTS))
    print(f"  letters  {count:,} distinct, none lost, {by_mail} came twice, each with the same Message-ID")
    print(
        f"  webhooks {count:,} distinct ids, {sum(again.values()) - len(again) - by_mail} came twice with the same id"
    )
    print(
        f"  in the gap between acceptance and mark: at most {tally.widest} at one death, {len(tally.gaps)} in all",
        flush=True,
    )
    if deaths.total() < each * len(POINTS):
        faults.append(f"only {deaths.total()} clocks died")
    if tally.widest > AHEAD:
        faults.append(f"{tally.widest} messages in the gap")
    return [f"{kind}: {fault}" for fault in faults]


def main() -> None:
    """Run the drill on both databases; ends with 1 when a promise is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    logs.set_up("CRITICAL")
    chance, faults = random.Random(chosen.seed), []
    with tempfile.TemporaryDirectory() as name, due.databases(Path(name), chosen.only) as new:
        for kind in (chosen.only,) if chosen.only else ("sqlite", "postgresql"):
            faults += drill(new, kind, Path(name), chosen.count, chosen.kills, chance)
    for fault in faults:
        print(f"BROKEN {fault}")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

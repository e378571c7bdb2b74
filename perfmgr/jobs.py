"""Scheduled work: CLOCK is the whole schedule; every job can also be run by hand, and twice."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from perfmgr.actions import evaluations_due, imports, sessions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job did (or, in a dry run, would do)."""

    name: str
    done: int
    text: str


def open_evaluations(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Create the self-evaluations that are due."""
    made = evaluations_due.open_due(now, dry_run)
    return Outcome("open_evaluations", made, f"建立自评 {made} 份")


def remind_evaluations(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Remind the fillers of self-evaluations that are due."""
    told = evaluations_due.remind_due(now, dry_run)
    return Outcome("remind_evaluations", told, f"发出提醒 {told} 条")


def forget_sessions(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Delete sign-ins that began more than 30 days ago."""
    count = sessions.forget(now - dt.timedelta(days=30), dry_run)
    return Outcome("forget_sessions", count, f"清理过期登录 {count} 条")


def continue_imports(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Go on with confirmed imports whose page was closed."""
    count = imports.continue_left(now, dry_run)
    return Outcome("continue_imports", count, f"继续导入 {count} 项")


def forget_imports(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Delete imports that are some days old, with the workbooks kept for them."""
    count = imports.forget(now, dry_run)
    return Outcome("forget_imports", count, f"清理导入记录 {count} 份")


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the schedule: the function, and when it runs (None: every CLOCK_MINUTES)."""

    run: Callable[..., Outcome]
    at: str | None = None  # hour and minute in Beijing


CLOCK: dict[str, Job] = {
    "open_evaluations": Job(open_evaluations),
    "remind_evaluations": Job(remind_evaluations),
    "forget_sessions": Job(forget_sessions, "03:30"),
    "continue_imports": Job(continue_imports),
    "forget_imports": Job(forget_imports, "03:40"),
}

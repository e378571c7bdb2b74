"""Planning reminders: the lines the ledger should have, compared with those it has."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._bulk import insert_new, update_rows
from perfmgr.actions._due import CHUNK
from perfmgr.actions._reminder_compare import CHANGED, LINE, Changes, Timetable, compare
from perfmgr.actions._reminder_hold import hold_rules
from perfmgr.extensions import db
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.queries import duties
from perfmgr.queries.duties import Posts
from perfmgr.queries.reminders import Rulebook
from perfmgr.rules.refusals import Conflict

MOST_RUNS = 5  # how often planning begins anew because somebody is changing rules


@dataclass(slots=True)
class Planned:
    """How many lines were added, moved and dropped."""

    made: int = 0
    moved: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        """How many lines were touched."""
        return self.made + self.moved + self.dropped


class _RulesChangedError(Exception):
    """Somebody changed a rule while this run planned by it."""


def plan(now: dt.datetime, dry_run: bool = False) -> Planned:
    """Write, move and drop lines of the ledger until it says what the duties open now and the rules say."""
    planned = Planned()
    for _run in range(MOST_RUNS):
        try:
            _plan(planned, now, dry_run)
            break
        except _RulesChangedError:  # what is written already is right by the rules it was written by; look again
            continue
    db.session.rollback()
    return planned


def _plan(planned: Planned, now: dt.datetime, dry_run: bool) -> None:
    if not dry_run:
        planned.dropped += _follow_switches()
    start_reading()
    book, posts = Rulebook.load(), Posts()
    timetable = Timetable(book, now)
    still_open: set[tuple[str, str, int]] = set()
    for chunk in duties.open_duties(times.day(now)):
        still_open.update(duty.subject for duty in chunk)
        _carry_out(compare(chunk, timetable, posts, now), book, planned, dry_run)
    for rows in _waiting_lines(still_open):
        changes = Changes()
        for row in rows:
            changes.drop(row, "done")
        _carry_out(changes, book, planned, dry_run)


def start_reading() -> None:
    """Begin a transaction that takes no write lock on SQLite."""
    db.session.rollback()
    db.session.connection(execution_options={"readonly": True})


def _carry_out(changes: Changes, book: Rulebook, planned: Planned, dry_run: bool) -> None:
    if not changes:
        return
    if dry_run:
        made, moved, dropped = len(changes.new), len(changes.moved), len(changes.dropped)
    else:
        db.session.rollback()
        try:
            made, moved, dropped = _write(changes, book)
        except Conflict:  # another clock was faster; the next run sees what is left
            made = moved = dropped = 0
        start_reading()
    planned.made += made
    planned.moved += moved
    planned.dropped += dropped


@action
def _write(changes: Changes, book: Rulebook) -> tuple[int, int, int]:
    if hold_rules() != book.stamp:
        raise _RulesChangedError
    # Only what is still in the state in which it was read: another clock may have claimed it.
    moved, dropped = (update_rows(Reminder, rows, CHANGED, ("state",)) for rows in (changes.moved, changes.dropped))
    return len(insert_new(Reminder, changes.new, Reminder.id)), moved, dropped


@action
def _follow_switches() -> int:
    """Hold back what waits by rules that are switched off, and let go on what waits by rules that are on again."""
    waits = Reminder.state == "pending"
    held = (Reminder.state == "paused") & (Reminder.reason == "rule_off")
    changed = 0
    for condition, active, values in (
        (waits, False, {"state": "paused", "reason": "rule_off"}),
        (held, True, {"state": "pending", "reason": ""}),
    ):
        rules = select(ReminderRule.id).where(ReminderRule.active.is_(active))
        statement = update(Reminder).where(condition, Reminder.rule_id.in_(rules)).values(**values)
        result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
        changed += result.rowcount
    return changed


def _waiting_lines(still_open: Collection[tuple[str, str, int]]) -> Iterable[Sequence[Any]]:
    """Yield the lines that are still to be sent about what is not open any more, in parts.

    All of them are looked through once, by their subject alone: those about what is open were compared already.
    """
    for state in ("pending", "paused"):
        statement = select(Reminder.id, Reminder.duty, Reminder.subject_kind, Reminder.subject_id)
        waiting = db.session.execute(statement.where(Reminder.state == state).execution_options(yield_per=CHUNK))
        over = [row.id for row in waiting if (row.duty, row.subject_kind, row.subject_id) not in still_open]
        for start in range(0, len(over), CHUNK):
            ids = sorted(over[start : start + CHUNK])
            yield db.session.execute(select(*LINE).where(Reminder.id.in_(ids), Reminder.state == state)).all()

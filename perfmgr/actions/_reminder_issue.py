"""Telling people what is due: claiming lines of the ledger, looking again whether they still hold, writing notices."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import OperationalError

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._bulk import update_rows
from perfmgr.actions._due import CHUNK
from perfmgr.actions._reminder_hold import hold_rules
from perfmgr.actions._reminder_plan import start_reading
from perfmgr.actions._reminder_tell import Batch, Line, tell
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.queries import duties
from perfmgr.queries.duties import Duty, Posts, Source
from perfmgr.queries.reminders import Rule, Rulebook
from perfmgr.rules.absences import held_until
from perfmgr.rules.reminder_texts import kind_of
from perfmgr.rules.reminder_times import Occurrence, due_day, is_late, is_quiet
from perfmgr.rules.reminders import AGAIN, AWAY
from perfmgr.rules.roles import ADMINISTRATOR

log = structlog.get_logger()

_Table: Any = Reminder.__table__


@dataclass(frozen=True, slots=True)
class _Run:
    """What holds for a whole run: its instant, the rules as it found them, and how the duties of the day are read."""

    now: dt.datetime
    book: Rulebook
    sources: Sequence[Source]


@dataclass(slots=True)
class _Share:
    """People whose lines are issued in one transaction: the ids of their due lines by person."""

    lines: dict[int, list[int]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(map(len, self.lines.values()))


def issue(now: dt.datetime, dry_run: bool = False) -> int:
    """Tell everybody what is due by now and still waits for them; returns how many lines were told.

    Any number of clocks may do this at once: whose lines another one holds is passed over.
    """
    start_reading()
    book, sources = Rulebook.load(), duties.sources(times.day(now))
    conditions = (Reminder.state == "pending", Reminder.due_at <= now, Reminder.rule_id.not_in(_quiet(book, now)))
    due = db.session.execute(select(Reminder.person_id, Reminder.id).where(*conditions)).all()
    db.session.rollback()
    if dry_run:
        return len(due)
    run = _Run(now, book, sources)
    return sum(_issue_safely(share, run) for share in _shares(due))


def _quiet(book: Rulebook, now: dt.datetime) -> list[int]:
    return [rule.id for rule in book.rules.values() if is_quiet(rule.settings, now, book.workdays)]


def _shares(due: Sequence[Any]) -> Iterator[_Share]:
    """Yield parts of about ``CHUNK`` lines; a person's lines stay together, so that one message tells all."""
    share = _Share()
    for person_id, lines in groupby(sorted(tuple(row) for row in due), itemgetter(0)):
        ids = [line for _person, line in lines]
        if share.lines and share.size + len(ids) > CHUNK:
            yield share
            share = _Share()
        share.lines[person_id] = ids
    if share.lines:
        yield share


def _issue_safely(share: _Share, run: _Run) -> int:
    """Issue one part; when something is wrong with it, everybody alone, so that one bad line stops nobody else."""
    try:
        return _issue(share, run)
    except OperationalError:  # the database was busy or went away: the next run takes it up
        log.exception("reminders not issued")
        return 0
    except Exception as error:
        if len(share.lines) > 1:
            alone = (_Share({person_id: ids}) for person_id, ids in share.lines.items())
            return sum(_issue_safely(one, run) for one in alone)
        (person_id,) = share.lines
        log.exception("reminders failed", person=person_id)
        _note_failure(share.lines[person_id], type(error).__name__, _quiet(run.book, run.now), run.now)
        return 0


@action
def _note_failure(ids: Sequence[int], note: str, quiet: Sequence[int], now: dt.datetime) -> None:
    for part in _parts(ids):
        db.session.execute(
            update(_Table)
            .where(*_due(part, quiet, now))
            .values(state="failed", reason="error", failed_at=now, note=note[:200])
        )


@action
def _issue(share: _Share, run: _Run) -> int:
    now, book = run.now, run.book
    if hold_rules() != book.stamp:  # somebody changed a rule since this run began
        book = Rulebook.load()
    rows = _claim(share, _quiet(book, now), now)
    if not rows:
        return 0
    batch = Batch(now)
    _judge(batch, rows, book, run.sources)
    _leave_newest(batch)
    told = tell(batch)
    _settle(batch)
    return told


def _claim(share: _Share, quiet: Sequence[int], now: dt.datetime) -> list[Any]:
    """Claim the due lines of these people, but for people whom another clock is just telling (PostgreSQL).

    On SQLite the transaction has the only write lock there is. In both the change is conditional.
    """
    people: Collection[int] = share.lines
    if db.engine.dialect.name == "postgresql":
        # The people are locked, not their lines: two clocks sharing a person's lines would send two messages.
        locked = select(Person.id).where(Person.id.in_(list(people))).order_by(Person.id)
        people = db.session.scalars(locked.with_for_update(key_share=True, skip_locked=True)).all()
    rows: list[Any] = []
    for part in _parts([line for person_id in people for line in share.lines[person_id]]):
        claim = update(_Table).where(*_due(part, quiet, now)).values(state="claimed", claimed_at=now)
        rows += db.session.execute(claim.returning(*_Table.c)).all()
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def _parts(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield sorted(ids[start : start + CHUNK])


def _due(ids: Sequence[int], quiet: Sequence[int], now: dt.datetime) -> list[ColumnElement[bool]]:
    """Return the condition for those of these lines that are still due.

    The state is asked in a way no index can answer, or SQLite would look through all that is due for each part.
    """
    return [
        Reminder.id.in_(ids),
        Reminder.state.concat("") == "pending",
        Reminder.due_at <= now,
        Reminder.rule_id.not_in(quiet),
    ]


# --- does it still hold? --------------------------------------------------------------------------


def _judge(batch: Batch, rows: Sequence[Any], book: Rulebook, sources: Sequence[Source]) -> None:
    """Decide for every claimed line whether it is told, waits on, or falls away."""
    only: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in rows:
        only[(row.duty, row.subject_kind)].add(row.subject_id)
    found = [duty for chunk in duties.open_duties(times.day(batch.now), only=only, known=sources) for duty in chunk]
    still_open = {duty.subject: duty for duty in found}
    own = duties.prepared(found)
    posts, preferences = Posts({row.person_id for row in rows}), _preferences(rows)
    for row in rows:
        duty = still_open.get((row.duty, row.subject_kind, row.subject_id))
        rule = book.rules.get(row.rule_id)
        if duty is None:
            batch.settle(row, "skipped", "done")
        elif rule is None or rule not in book.in_force(duty.duty, duty.path):
            switched_off = rule is not None and not rule.active
            batch.settle(row, *(("paused", "rule_off") if switched_off else ("skipped", "rule")))
        elif not _may_act(row, duty, rule, posts, own.get((duty.subject_kind, duty.subject_id), set())):
            batch.settle(row, "skipped", "person")
        elif held_until(preferences.get(row.person_id), duty.path, times.day(batch.now)):
            batch.settle(row, "paused", AWAY)
        else:
            _look_at_times(batch, row, duty, rule, book)


def _preferences(rows: Sequence[Any]) -> dict[int, Any]:
    """Return the preferences of the people told, which say whether they are away."""
    statement = select(Person.id, Person.preferences).where(Person.id.in_({row.person_id for row in rows}))
    return {row.id: row.preferences for row in db.session.execute(statement)}


def _may_act(row: Any, duty: Duty, rule: Rule, posts: Posts, own: set[int]) -> bool:
    """Tell whether the person still does it, or is still a superior of those who do."""
    if not row.occurrence.startswith("escalate-"):
        return row.person_id in posts.holders(duty.path, duty.role) and row.person_id not in own
    roles = {rule.settings.escalate_to, ADMINISTRATOR}
    return any(row.person_id in posts.holders(duty.path, role) for role in roles)


def _look_at_times(batch: Batch, row: Any, duty: Duty, rule: Rule, book: Rulebook) -> None:
    """Take the line up when its time has come as things stand now; otherwise it waits for the next plan."""
    occurrence = next((o for o in book.times(rule, duty)[1] if o.name == row.occurrence), None)
    if occurrence is None and AGAIN not in row.occurrence:
        batch.settle(row, "pending")
    elif occurrence and occurrence.at > batch.now:
        batch.settle(row, "pending", due_at=occurrence.at)
    else:
        batch.lines.append(Line(row, duty, rule, _item(row, duty, rule, occurrence, book, batch.now)))


def _item(
    row: Any, duty: Duty, rule: Rule, occurrence: Occurrence | None, book: Rulebook, now: dt.datetime
) -> dict[str, Any]:
    """Return what is told of one duty, as notices and messages hold it: overdue is what is overdue now."""
    due, today = due_day(rule.settings, duty.since, duty.due_on, book.workdays), times.day(now)
    params = {
        "title": duty.title,
        "unit": duty.unit_name,
        "year": duty.year,
        "due_on": due.day.isoformat() if due else "",
        "days": max(0, (today - due.day).days) if due else 0,
        "late": due is not None and is_late(rule.settings, due.day, today),
        "escalated": row.occurrence.startswith("escalate-"),
        "uncertain": not (occurrence.certain if occurrence else due is None or due.certain),
    }
    return {
        "kind": kind_of(duty.duty),
        "subject_kind": duty.subject_kind,
        "subject_id": duty.subject_id,
        "params": params,
    }


def _leave_newest(batch: Batch) -> None:
    """Of several lines by one rule about one duty to one person tell the newest: the others were missed."""
    newest: dict[Any, Line] = {}
    for line in batch.lines:  # in the order in which they were due
        row = line.row
        about = row.occurrence if AGAIN in row.occurrence else line.item["params"]["escalated"]
        key = (row.person_id, row.rule_id, row.subject_kind, row.subject_id, about)
        if key in newest:
            batch.settle(newest[key].row, "skipped", "superseded")
        newest[key] = line
    batch.lines = list(newest.values())


# --- writing it down ------------------------------------------------------------------------------


def _settle(batch: Batch) -> None:
    """Write down what became of every claimed line."""
    names = ("state", "reason", "due_at", "sent_at", "notice_id", "params")
    update_rows(Reminder, [{"id": line, **fate} for line, fate in batch.fates.items()], names)

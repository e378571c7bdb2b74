"""Telling people what is due: claiming lines of the ledger, looking again whether they still hold, writing notices."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import structlog
from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.exc import OperationalError

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._due import CHUNK
from perfmgr.actions._reminder_plan import start_reading
from perfmgr.actions._reminder_tell import Batch, Line, tell
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.queries import duties
from perfmgr.queries.duties import Duty, Posts
from perfmgr.queries.reminders import Rule, Rulebook
from perfmgr.rules.reminder_texts import kind_of
from perfmgr.rules.reminder_times import Occurrence, due_day, is_late, is_quiet
from perfmgr.rules.reminders import AGAIN, AWAY, AWAY_UNTIL
from perfmgr.rules.roles import ADMINISTRATOR

log = structlog.get_logger()

_Table: Any = Reminder.__table__


def issue(now: dt.datetime, dry_run: bool = False) -> int:
    """Tell everybody what is due by now and still waits for them; returns how many lines were told.

    Any number of clocks may do this at once: whose lines another one holds is passed over.
    """
    start_reading()
    book = Rulebook.load()
    quiet = [rule.id for rule in book.rules.values() if is_quiet(rule.settings, now, book.workdays)]
    due = select(Reminder.person_id, func.count().label("lines")).where(*_due(now, quiet))
    counts = db.session.execute(due.group_by(Reminder.person_id).order_by(Reminder.person_id)).all()
    db.session.rollback()
    if dry_run:
        return sum(row.lines for row in counts)
    return sum(_issue_safely(people, book, quiet, now) for people in _batches(counts))


def _due(now: dt.datetime, quiet: Sequence[int]) -> list[ColumnElement[bool]]:
    return [Reminder.state == "pending", Reminder.due_at <= now, Reminder.rule_id.not_in(quiet)]


def _batches(counts: Sequence[Any]) -> Iterator[list[int]]:
    """Yield people in parts of about ``CHUNK`` lines; a person's lines stay together, so that one message tells all."""
    people: list[int] = []
    lines = 0
    for row in counts:
        if people and lines + row.lines > CHUNK:
            yield people
            people, lines = [], 0
        people.append(row.person_id)
        lines += row.lines
    if people:
        yield people


def _issue_safely(people: list[int], book: Rulebook, quiet: Sequence[int], now: dt.datetime) -> int:
    """Issue one batch; when something is wrong with it, everybody alone, so that one bad line stops nobody else."""
    try:
        return _issue(people, book, quiet, now)
    except OperationalError:  # the database was busy or went away: the next run takes it up
        log.exception("reminders not issued")
        return 0
    except Exception as error:
        if len(people) > 1:
            return sum(_issue_safely([person], book, quiet, now) for person in people)
        log.exception("reminders failed", person=people[0])
        _note_failure(people[0], type(error).__name__, quiet, now)
        return 0


@action
def _note_failure(person_id: int, note: str, quiet: Sequence[int], now: dt.datetime) -> None:
    db.session.execute(
        update(_Table)
        .where(_Table.c.person_id == person_id, *_due(now, quiet))
        .values(state="failed", reason="error", failed_at=now, note=note[:200])
    )


@action
def _issue(people: list[int], book: Rulebook, quiet: Sequence[int], now: dt.datetime) -> int:
    rows = _claim(people, quiet, now)
    if not rows:
        return 0
    batch = Batch(now)
    _judge(batch, rows, book)
    _leave_newest(batch)
    told = tell(batch)
    _settle(batch)
    return told


def _claim(people: list[int], quiet: Sequence[int], now: dt.datetime) -> list[Any]:
    """Claim the due lines of these people, but for people whom another clock is just telling (PostgreSQL).

    On SQLite the transaction has the only write lock there is. In both the change is conditional.
    """
    if db.engine.dialect.name == "postgresql":
        # The people are locked, not their lines: two clocks sharing a person's lines would send two messages.
        locked = select(Person.id).where(Person.id.in_(people)).order_by(Person.id)
        people = list(db.session.scalars(locked.with_for_update(key_share=True, skip_locked=True)))
    claim = (
        update(_Table)
        .where(_Table.c.person_id.in_(people), *_due(now, quiet))
        .values(state="claimed", claimed_at=now)
        .returning(*_Table.c)
    )
    return sorted(db.session.execute(claim).all(), key=lambda row: (row.due_at, row.id)) if people else []


# --- does it still hold? --------------------------------------------------------------------------


def _judge(batch: Batch, rows: Sequence[Any], book: Rulebook) -> None:
    """Decide for every claimed line whether it is told, waits on, or falls away."""
    only: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        only[row.subject_kind].add(row.subject_id)
    found = [duty for chunk in duties.open_duties(times.day(batch.now), only=only) for duty in chunk]
    still_open = {duty.subject: duty for duty in found}
    own = duties.prepared(found)
    posts, away = Posts({row.person_id for row in rows}), _away(rows, batch.now)
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
        elif row.person_id in away:
            batch.settle(row, "paused", AWAY)
        else:
            _look_at_times(batch, row, duty, rule, book)


def _away(rows: Sequence[Any], now: dt.datetime) -> set[int]:
    """Return who of them is away today, as an administrator noted."""
    statement = select(Person.id, Person.preferences).where(Person.id.in_({row.person_id for row in rows}))
    today = times.day(now).isoformat()
    return {
        row.id for row in db.session.execute(statement) if str((row.preferences or {}).get(AWAY_UNTIL) or "") >= today
    }


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
    statement = update(_Table).where(_Table.c.id == bindparam("line")).values({n: bindparam(f"new_{n}") for n in names})
    rows = [
        {"line": line, **{f"new_{name}": fate[name] for name in names}} for line, fate in sorted(batch.fates.items())
    ]
    db.session.connection().execute(statement, rows)

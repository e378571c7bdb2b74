"""Planning reminders: the lines the ledger should have, compared with those it has."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._due import CHUNK, insert_new
from perfmgr.extensions import db
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.queries import duties
from perfmgr.queries.duties import Duty, Posts
from perfmgr.queries.reminders import Rule, Rulebook, told
from perfmgr.rules.refusals import Conflict
from perfmgr.rules.reminder_times import Due, Occurrence
from perfmgr.rules.reminders import AGAIN, REVIVED

# So far ahead lines are written. Far enough that the ledger shows what was missed while no clock ran.
HORIZON = dt.timedelta(days=3)
SET_BACK = dt.timedelta(days=1)

_Key = tuple[int, str, int, int]  # person, kind of subject, subject, rule
_LINE = (
    Reminder.id,
    Reminder.person_id,
    Reminder.rule_id,
    Reminder.duty,
    Reminder.subject_kind,
    Reminder.subject_id,
    Reminder.occurrence,
    Reminder.due_on,
    Reminder.due_at,
    Reminder.state,
    Reminder.reason,
    Reminder.sent_at,
)


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


@dataclass(slots=True)
class _Changes:
    """What is to be done with the lines of one chunk of duties."""

    new: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.moved or self.dropped)

    def move(self, row: Any, occurrence: Occurrence, due: Due | None) -> None:
        self.moved.append(_change(row, "pending", "", occurrence.name, occurrence.at, due.day if due else None))

    def drop(self, row: Any, reason: str) -> None:
        self.dropped.append(_change(row, "skipped", reason, row.occurrence, row.due_at, row.due_on))


def _change(
    row: Any, state: str, reason: str, occurrence: str, due_at: dt.datetime, due_on: dt.date | None
) -> dict[str, Any]:
    return {
        "line": row.id,
        "was": row.state,
        "state": state,
        "reason": reason,
        "occurrence": occurrence,
        "due_at": due_at,
        "due_on": due_on,
    }


def plan(now: dt.datetime, dry_run: bool = False) -> Planned:
    """Write, move and drop lines of the ledger until it says what the duties open now and the rules say."""
    planned = Planned()
    if not dry_run:
        planned.dropped += _follow_switches()
    start_reading()
    timetable, posts = _Timetable(Rulebook.load(), now), Posts()
    still_open: set[tuple[str, str, int]] = set()
    for chunk in duties.open_duties(times.day(now)):
        still_open.update(duty.subject for duty in chunk)
        _carry_out(_compare(chunk, timetable, posts, now), planned, dry_run)
    for rows in _waiting_lines():
        changes = _Changes()
        for row in rows:
            if (row.duty, row.subject_kind, row.subject_id) not in still_open:
                changes.drop(row, "done")
        _carry_out(changes, planned, dry_run)
    db.session.rollback()
    return planned


def start_reading() -> None:
    """Begin a transaction that takes no write lock on SQLite."""
    db.session.rollback()
    db.session.connection(execution_options={"readonly": True})


def _carry_out(changes: _Changes, planned: Planned, dry_run: bool) -> None:
    if not changes:
        return
    if dry_run:
        made, moved, dropped = len(changes.new), len(changes.moved), len(changes.dropped)
    else:
        db.session.rollback()
        try:
            made, moved, dropped = _write(changes)
        except Conflict:  # another clock was faster; the next run sees what is left
            made = moved = dropped = 0
        start_reading()
    planned.made += made
    planned.moved += moved
    planned.dropped += dropped


@action
def _write(changes: _Changes) -> tuple[int, int, int]:
    moved, dropped = _update(changes.moved), _update(changes.dropped)
    return len(insert_new(Reminder, changes.new, Reminder.id)), moved, dropped


def _update(rows: list[dict[str, Any]]) -> int:
    """Change lines that are still in the state in which they were read; the clock may have claimed them."""
    if not rows:
        return 0
    table: Any = Reminder.__table__
    statement = update(table).where(table.c.id == bindparam("line"), table.c.state == bindparam("was"))
    names = ("state", "reason", "occurrence", "due_at", "due_on")
    statement = statement.values({name: bindparam(f"new_{name}") for name in names})
    sets = [
        {"line": row["line"], "was": row["was"], **{f"new_{name}": row[name] for name in names}}
        for row in sorted(rows, key=lambda row: row["line"])
    ]
    result: Any = db.session.connection().execute(statement, sets)
    return int(result.rowcount)


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


def _waiting_lines() -> Iterable[Sequence[Any]]:
    """Yield the lines that are still to be sent, in parts."""
    last = 0
    statement = select(*_LINE).where(Reminder.state.in_(("pending", "paused"))).order_by(Reminder.id).limit(CHUNK)
    while rows := db.session.execute(statement.where(Reminder.id > last)).all():
        last = rows[-1].id
        yield rows


# --- comparing one chunk of duties ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Times:
    """When the same people are reminded: what is to come within the horizon, the newest that is past, all by key."""

    due: Due | None
    any: Occurrence
    coming: dict[str, Occurrence]
    newest: Occurrence | None
    by_key: dict[str, Occurrence]


class _Timetable:
    """The times of every rule as seen now, for the duty's doers and for each superior apart."""

    def __init__(self, book: Rulebook, now: dt.datetime) -> None:
        self.book, self.now = book, now
        self._known: dict[tuple[int, dt.date, dt.date | None], list[_Times]] = {}

    def parts(self, rule: Rule, duty: Duty) -> list[_Times]:
        # Thousands of duties share a beginning and a last day.
        key = (rule.id, duty.since, duty.due_on)
        known = self._known.get(key)
        if known is None:
            due, found = self.book.times(rule, duty)
            parts: dict[str, list[Occurrence]] = defaultdict(list)
            for occurrence in found:
                parts[occurrence.escalated_to].append(occurrence)
            known = self._known[key] = [self._times(due, part) for part in parts.values()]
        return known

    def _times(self, due: Due | None, part: list[Occurrence]) -> _Times:
        coming = {o.name: o for o in part if self.now < o.at <= self.now + HORIZON}
        newest = next((o for o in reversed(part) if o.at <= self.now), None)
        return _Times(due, part[0], coming, newest, {o.key: o for o in part})


def _compare(chunk: Sequence[Duty], timetable: _Timetable, posts: Posts, now: dt.datetime) -> _Changes:
    """Return what is to be done so that the ledger has the right lines for these duties."""
    changes = _Changes()
    lines = _lines_of(chunk)
    own = duties.prepared(chunk)
    in_force: dict[tuple[str, str, int], set[int]] = {}
    for duty in chunk:
        rules = timetable.book.in_force(duty.duty, duty.path)
        for rule in rules:
            for part in timetable.parts(rule, duty):
                for person_id in told(duty, part.any, posts, own.get((duty.subject_kind, duty.subject_id), ())):
                    key = (person_id, duty.subject_kind, duty.subject_id, rule.id)
                    _compare_one(changes, duty, rule, person_id, part, lines.pop(key, ()), now)
        in_force[duty.subject] = {rule.id for rule in rules}
    _drop_rest(changes, in_force, lines)
    return changes


def _lines_of(chunk: Sequence[Duty]) -> dict[_Key, list[Any]]:
    """Return the lines the ledger has about these records."""
    ids: dict[str, set[int]] = defaultdict(set)
    for duty in chunk:
        ids[duty.subject_kind].add(duty.subject_id)
    found: dict[_Key, list[Any]] = defaultdict(list)
    for kind, wanted in ids.items():
        statement = select(*_LINE).where(Reminder.subject_kind == kind, Reminder.subject_id.in_(wanted))
        for row in db.session.execute(statement):
            found[(row.person_id, row.subject_kind, row.subject_id, row.rule_id)].append(row)
    return found


def _compare_one(
    changes: _Changes,
    duty: Duty,
    rule: Rule,
    person_id: int,
    part: _Times,
    rows: Sequence[Any],
    now: dt.datetime,
) -> None:
    """Compare what one person should be told of one duty by one rule with the lines that are there."""
    there = {row.occurrence: row for row in rows}
    wanted = dict(part.coming)
    if part.newest and not _told_since(rows, part.newest, now):
        wanted[part.newest.name] = part.newest
    for name, row in there.items():
        occurrence = wanted.pop(name, None)
        if row.state == "skipped" and row.reason in REVIVED and occurrence:
            changes.move(row, occurrence, part.due)
        elif row.state == "pending" and AGAIN not in name:
            same = occurrence or part.by_key.get(name.partition("@")[0])
            if same is None:
                changes.drop(row, "rule")
            elif same.name != name and (same.name in there or (same.at <= now and same.name not in wanted)):
                changes.drop(row, "moved")
            elif (row.occurrence, row.due_at) != (same.name, same.at):
                wanted.pop(same.name, None)
                changes.move(row, same, part.due)
    for occurrence in wanted.values():
        changes.new.append(_line(duty, rule, part.due, person_id, occurrence, now))


def _told_since(rows: Sequence[Any], occurrence: Occurrence, now: dt.datetime) -> bool:
    """Tell whether the person was told after this occurrence was due: then it is past, and not made up for.

    Up to a day in the future, too: the clock may have been set back since. What is further ahead is
    of a clock that was wrong, and does not count.
    """
    escalated = bool(occurrence.escalated_to)
    return any(
        row.sent_at
        and occurrence.at <= row.sent_at <= now + SET_BACK
        and row.occurrence != occurrence.name
        and row.occurrence.startswith("escalate-") == escalated
        for row in rows
    )


def _line(
    duty: Duty, rule: Rule, due: Due | None, person_id: int, occurrence: Occurrence, now: dt.datetime
) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "rule_id": rule.id,
        "duty": duty.duty,
        "subject_kind": duty.subject_kind,
        "subject_id": duty.subject_id,
        "occurrence": occurrence.name,
        "unit_id": duty.unit_id,
        "year": duty.year,
        "due_on": due.day if due else None,
        "due_at": occurrence.at,
        "state": "pending",
        "reason": "",
        "note": "",
        "params": {"title": duty.title, "unit": duty.unit_name},
        "created_at": now,
    }


def _drop_rest(changes: _Changes, in_force: dict[tuple[str, str, int], set[int]], lines: dict[_Key, list[Any]]) -> None:
    """Drop lines for people who do not do it any more, or by rules that do not hold any more."""
    for rows in lines.values():
        for row in rows:
            rules = in_force.get((row.duty, row.subject_kind, row.subject_id))
            # What is not among these duties may be done, or another part of this run's: that is seen at its end.
            if row.state == "pending" and rules is not None:
                changes.drop(row, "person" if row.rule_id in rules else "rule")

"""Comparing duties with the lines the ledger has about them: what is new, moves, or is not wanted any more."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from perfmgr.extensions import db
from perfmgr.models.reminder import Reminder
from perfmgr.queries import duties
from perfmgr.queries.duties import Duty, Posts
from perfmgr.queries.reminders import Rule, Rulebook, told
from perfmgr.rules.reminder_steps import BY_HAND
from perfmgr.rules.reminder_times import START, Due, Occurrence
from perfmgr.rules.reminders import AGAIN, REVIVED

# So far ahead lines are written. Far enough that the ledger shows what was missed while no clock ran.
HORIZON = dt.timedelta(days=3)
SET_BACK = dt.timedelta(days=1)

_Key = tuple[int, str, int, int]  # person, kind of subject, subject, rule
LINE = (
    Reminder.id,
    Reminder.person_id,
    Reminder.rule_id,
    Reminder.duty,
    Reminder.subject_kind,
    Reminder.subject_id,
    Reminder.year,
    Reminder.occurrence,
    Reminder.due_on,
    Reminder.due_at,
    Reminder.state,
    Reminder.reason,
    Reminder.note,
    Reminder.sent_at,
)

# What a change of a line sets.
CHANGED = ("state", "reason", "occurrence", "due_at", "due_on")


@dataclass(slots=True)
class Changes:
    """What is to be done with the lines of one chunk of duties."""

    new: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.moved or self.dropped)

    def move(self, row: Any, occurrence: Occurrence, due: Due | None) -> None:
        """Let a line be of this occurrence; one that waits no more waits again, one that is held back stays so."""
        state, reason = ("paused", row.reason) if row.state == "paused" else _waiting(row.note)
        self.moved.append(_change(row, state, reason, occurrence.name, occurrence.at, due.day if due else None))

    def drop(self, row: Any, reason: str) -> None:
        """Let a line not be sent; the reason is a key of ``REASONS``."""
        self.dropped.append(_change(row, "skipped", reason, row.occurrence, row.due_at, row.due_on))


def _waiting(note: str) -> tuple[str, str]:
    """Return state and reason of a line that waits: with an administrator's note it was held back by hand."""
    return ("paused", BY_HAND) if note else ("pending", "")


def _change(
    row: Any, state: str, reason: str, occurrence: str, due_at: dt.datetime, due_on: dt.date | None
) -> dict[str, Any]:
    return {
        "id": row.id,
        "was_state": row.state,
        "state": state,
        "reason": reason,
        "occurrence": occurrence,
        "due_at": due_at,
        "due_on": due_on,
    }


@dataclass(frozen=True, slots=True)
class _Times:
    """When the same people are reminded: what is to come within the horizon, the newest that is past, all by key.

    ``begun``: the same for who began the work already: without being asked to begin, or being told at
    once of what was due on that day before.
    """

    due: Due | None
    any: Occurrence
    coming: dict[str, Occurrence]
    newest: Occurrence | None
    by_key: dict[str, Occurrence]
    begun: "_Times | None" = None


class Timetable:
    """The times of every rule as seen now, for the duty's doers and for each superior apart."""

    def __init__(self, book: Rulebook, now: dt.datetime) -> None:
        """Take the rules and the (aware) instant from which they are looked at."""
        self.book, self.now = book, now
        self._known: dict[tuple[int, dt.date, dt.date | None], list[_Times]] = {}

    def parts(self, rule: Rule, duty: Duty) -> list[_Times]:
        """Return the times of a rule for a duty, by whom they are told."""
        # Thousands of duties share a beginning and a last day.
        key = (rule.id, duty.since, duty.due_on)
        known = self._known.get(key)
        if known is None:
            due, found = self.book.times(rule, duty)
            parts: dict[str, list[Occurrence]] = defaultdict(list)
            for occurrence in found:
                parts[occurrence.escalated_to].append(occurrence)
            known = self._known[key] = [self._times(due, duty.since, part) for part in parts.values()]
        return known

    def _times(self, due: Due | None, since: dt.date, part: list[Occurrence]) -> _Times:
        coming, newest, by_key = self._seen(part)
        begun = None
        if START in by_key or (newest and newest.at.date() == since):
            coming_then, newest_then, by_key_then = self._seen([o for o in part if o.key != START])
            if newest_then and newest_then.at.date() == since:  # of that day's times some were before the beginning
                newest_then = None
            begun = _Times(due, part[0], coming_then, newest_then, by_key_then)
        return _Times(due, part[0], coming, newest, by_key, begun)

    def _seen(self, part: list[Occurrence]) -> tuple[dict[str, Occurrence], Occurrence | None, dict[str, Occurrence]]:
        coming = {o.name: o for o in part if self.now < o.at <= self.now + HORIZON}
        newest = next((o for o in reversed(part) if o.at <= self.now), None)
        return coming, newest, {o.key: o for o in part}


def compare(chunk: Sequence[Duty], timetable: Timetable, posts: Posts, now: dt.datetime) -> Changes:
    """Return what is to be done so that the ledger has the right lines for these duties."""
    changes = Changes()
    lines, before = _lines_of(chunk), _lines_before(chunk)
    own = duties.prepared(chunk)
    in_force: dict[tuple[str, str, int], set[int]] = {}
    for duty in chunk:
        rules = timetable.book.in_force(duty.duty, duty.path)
        for rule in rules:
            for part in timetable.parts(rule, duty):
                for person_id in told(duty, part.any, posts, own.get((duty.subject_kind, duty.subject_id), ())):
                    one = _One(duty, rule, person_id, now)
                    _compare_one(changes, one, part, lines.pop(one.key, ()), before.get(one.key_before, ()))
        in_force[duty.subject] = {rule.id for rule in rules}
    _drop_rest(changes, in_force, lines)
    return changes


@dataclass(frozen=True, slots=True)
class _One:
    """One person who is told of one duty by one rule, now."""

    duty: Duty
    rule: Rule
    person_id: int
    now: dt.datetime

    @property
    def key(self) -> _Key:
        return self.person_id, self.duty.subject_kind, self.duty.subject_id, self.rule.id

    @property
    def key_before(self) -> _Key:
        return self.person_id, "project", self.duty.project_id or 0, self.rule.id


def _lines_of(chunk: Sequence[Duty]) -> dict[_Key, list[Any]]:
    """Return the lines the ledger has about these records."""
    ids: dict[str, set[int]] = defaultdict(set)
    for duty in chunk:
        ids[duty.subject_kind].add(duty.subject_id)
    found: dict[_Key, list[Any]] = defaultdict(list)
    for kind, wanted in ids.items():
        statement = select(*LINE).where(Reminder.subject_kind == kind, Reminder.subject_id.in_(wanted))
        for row in db.session.execute(statement):
            found[(row.person_id, row.subject_kind, row.subject_id, row.rule_id)].append(row)
    return found


def _lines_before(chunk: Sequence[Duty]) -> dict[_Key, list[Any]]:
    """Return the lines about the projects for which these drafts were begun: until then the project was to be declared."""
    years = {duty.project_id: duty.year for duty in chunk if duty.project_id}
    found: dict[_Key, list[Any]] = defaultdict(list)
    if not years:
        return found
    statement = select(*LINE).where(Reminder.subject_kind == "project", Reminder.subject_id.in_(years))
    for row in db.session.execute(statement):
        if row.year == years[row.subject_id]:
            found[(row.person_id, row.subject_kind, row.subject_id, row.rule_id)].append(row)
    return found


def _compare_one(changes: Changes, one: _One, part: _Times, rows: Sequence[Any], before: Sequence[Any]) -> None:
    """Compare what one person should be told of one duty by one rule with the lines that are there.

    What was told ``before`` of the project counts for the declaration that came from it.
    """
    told_before = {row.occurrence for row in before if row.sent_at}
    if part.begun and (told_before or one.person_id == one.duty.begun_by_id):
        part = part.begun
    there = {row.occurrence: row for row in rows}
    wanted = {name: occurrence for name, occurrence in part.coming.items() if name not in told_before}
    if part.newest and part.newest.name not in told_before and not _told_since(rows, before, part.newest, one.now):
        wanted[part.newest.name] = part.newest
    for name, row in there.items():
        occurrence = wanted.pop(name, None)
        if row.state == "skipped" and row.reason in REVIVED and occurrence:
            changes.move(row, occurrence, part.due)
        elif row.state in ("pending", "paused") and AGAIN not in name:
            same = occurrence or part.by_key.get(_key_of(name))
            gone = _gone(name, same, there, wanted, one.now)
            if gone and row.state == "pending":
                changes.drop(row, gone)
            elif same and not gone and (row.occurrence, row.due_at) != (same.name, same.at):
                wanted.pop(same.name, None)
                changes.move(row, same, part.due)
    held = {_key_of(row.occurrence): row.note for row in before if row.state == "paused" and row.reason == BY_HAND}
    for occurrence in wanted.values():
        changes.new.append(_line(one, part.due, occurrence, held.get(occurrence.key, "")))


def _key_of(name: str) -> str:
    """Return which occurrence a name is of, whatever day it is counted from."""
    return name.partition("@")[0]


def _gone(name: str, same: Occurrence | None, there: Collection[str], wanted: Collection[str], now: dt.datetime) -> str:
    """Return why a line that waits is not wanted any more, or "" when it still is, if at another time."""
    if same is None:
        return "rule"
    moved = same.name != name and (same.name in there or (same.at <= now and same.name not in wanted))
    return "moved" if moved else ""


def _told_since(rows: Sequence[Any], before: Sequence[Any], occurrence: Occurrence, now: dt.datetime) -> bool:
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
        for some in (rows, before)
        for row in some
    )


def _line(one: _One, due: Due | None, occurrence: Occurrence, note: str) -> dict[str, Any]:
    duty = one.duty
    state, reason = _waiting(note)
    return {
        "person_id": one.person_id,
        "rule_id": one.rule.id,
        "duty": duty.duty,
        "subject_kind": duty.subject_kind,
        "subject_id": duty.subject_id,
        "occurrence": occurrence.name,
        "unit_id": duty.unit_id,
        "year": duty.year,
        "due_on": due.day if due else None,
        "due_at": occurrence.at,
        "state": state,
        "reason": reason,
        "note": note,
        "params": {"title": duty.title, "unit": duty.unit_name},
        "created_at": one.now,
    }


def _drop_rest(changes: Changes, in_force: dict[tuple[str, str, int], set[int]], lines: dict[_Key, list[Any]]) -> None:
    """Drop lines for people who do not do it any more, or by rules that do not hold any more."""
    for rows in lines.values():
        for row in rows:
            rules = in_force.get((row.duty, row.subject_kind, row.subject_id))
            # What is not among these duties may be done, or another part of this run's: that is seen at its end.
            if row.state == "pending" and rules is not None:
                changes.drop(row, "person" if row.rule_id in rules else "rule")

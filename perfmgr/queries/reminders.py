"""Reminders: the rules in force for a unit, what they mean for the duties that are open, and what is to come."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, select

from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.reminder import ReminderRule
from perfmgr.queries import duties, workdays
from perfmgr.queries.duties import Duty, Posts
from perfmgr.queries.scopes import ids_on
from perfmgr.rules.absences import held_until
from perfmgr.rules.reminder_settings import read
from perfmgr.rules.reminder_times import BEIJING, START, Due, Occurrence, due_day, occurrences
from perfmgr.rules.reminders import Settings
from perfmgr.rules.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as stored, with its settings read."""

    id: int
    code: str
    duty: str
    unit_id: int | None
    active: bool
    settings: Settings
    version: int = 0


# Which rules there are, in which version: another one means that somebody changed a rule.
Stamp = frozenset[tuple[int, int]]


def stamp() -> Stamp:
    """Return the stamp of the rules as they are stored now."""
    return frozenset((row.id, row.version) for row in db.session.execute(select(ReminderRule.id, ReminderRule.version)))


def rules() -> list[Rule]:
    """Return all stored rules; one whose settings have become unreadable counts as switched off."""
    found = []
    statement = select(ReminderRule).order_by(ReminderRule.id).execution_options(populate_existing=True)
    for row in db.session.scalars(statement):
        settings, findings = read(row.duty, row.settings)
        active = row.active and not findings
        found.append(Rule(row.id, row.code, row.duty, row.unit_id, active, settings, row.version))
    return found


class Rulebook:
    """All rules, and which of them hold for a unit: of each code the nearest upwards, else the built-in one."""

    def __init__(self, stored: Iterable[Rule], known: Workdays) -> None:
        """Take the rules as they are stored and the working days as they are known."""
        self.rules = {rule.id: rule for rule in stored}
        self.stamp: Stamp = frozenset((rule.id, rule.version) for rule in self.rules.values())
        self.workdays = known
        self._by_code: dict[str, dict[int | None, Rule]] = defaultdict(dict)
        for rule in self.rules.values():
            self._by_code[rule.code][rule.unit_id] = rule
        self._in_force: dict[tuple[str, str], tuple[Rule, ...]] = {}
        self._times: dict[tuple[int, dt.date, dt.date | None], tuple[Due | None, list[Occurrence]]] = {}

    @classmethod
    def load(cls) -> "Rulebook":
        """Read everything from the database."""
        return cls(rules(), workdays.known().workdays)

    def in_force(self, duty: str, path: str) -> tuple[Rule, ...]:
        """Return the active rules for this kind of duty of the unit with this path."""
        known = self._in_force.get((duty, path))
        if known is None:
            above: list[int | None] = [*reversed(ids_on(path))]
            nearest = (
                next((by_unit[unit_id] for unit_id in [*above, None] if unit_id in by_unit), None)
                for by_unit in self._by_code.values()
            )
            known = tuple(rule for rule in nearest if rule and rule.active and rule.duty == duty)
            self._in_force[(duty, path)] = known
        return known

    def times(self, rule: Rule, duty: Duty) -> tuple[Due | None, list[Occurrence]]:
        """Return the last day of a duty as the rule sees it, and when the rule reminds of it."""
        # Thousands of duties share a beginning and a last day.
        key = (rule.id, duty.since, duty.due_on)
        known = self._times.get(key)
        if known is None:
            due = due_day(rule.settings, duty.since, duty.due_on, self.workdays)
            found = occurrences(rule.settings, duty.since, duty.due_on, self.workdays)
            known = self._times[key] = (due, found)
        return known


def told(duty: Duty, occurrence: Occurrence, posts: Posts, own: Collection[int]) -> tuple[int, ...]:
    """Return who is told: those who can do it, or their superiors who are not among them.

    ``own`` are people who prepared what waits for a review and may not judge it.
    """
    doers = tuple(person for person in posts.holders(duty.path, duty.role) if person not in own)
    if not occurrence.escalated_to:
        return doers
    return tuple(person for person in posts.superiors(duty.path, occurrence.escalated_to) if person not in doers)


# --- what is to come ----------------------------------------------------------------------------

MOST_DUTIES = 20_000
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Coming:
    """What one person will be told on one day by one rule: of how many duties, how many of them overdue.

    ``held_until``: the last day of the person's absence, which holds these back until it is over.
    """

    day: dt.date
    person_id: int
    person: str
    rule: str
    duty: str
    count: int
    late: int
    escalated: bool
    certain: bool
    held_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be sent if nothing is done meanwhile; ``complete`` is false when there was too much to show all."""

    lines: list[Coming]
    total: int
    complete: bool


@dataclass(slots=True)
class _Sum:
    count: int = 0
    late: int = 0
    certain: bool = True


@dataclass(slots=True)
class _Sums:
    by_key: dict[tuple[dt.date, int, int, bool, str], _Sum] = field(default_factory=lambda: defaultdict(_Sum))
    away: dict[int, Any] = field(default_factory=dict)

    def add(self, occurrence: Occurrence, person_id: int, rule: Rule, path: str) -> None:
        day = occurrence.at.date()
        held = held_until(self.away[person_id], path, day) if person_id in self.away else None
        key = (day, person_id, rule.id, bool(occurrence.escalated_to), held.isoformat() if held else "")
        line = self.by_key[key]
        line.count += 1
        line.late += occurrence.late
        line.certain = line.certain and occurrence.certain


def preview(
    paths: Sequence[str],
    first: dt.datetime,
    days: int = 60,
    *,
    changed: Iterable[Rule] = (),
    most: int = MOST_DUTIES,
) -> Preview:
    """Return what would be sent from ``first`` (aware) on about the duties of these subtrees, by day, person and rule.

    As things stand: with the duties that are open now, people, rules and working days. What somebody's
    absence holds back is on the day it would be sent, and says until when. ``changed``
    are rules to try instead of those stored with the same id (or beside them, with an id of their own).
    """
    book = Rulebook.load()
    tried = list(changed)
    if tried:
        book = Rulebook([*(book.rules | {rule.id: rule for rule in tried}).values()], book.workdays)
    posts, sums, seen = Posts(), _Sums(away=_away()), 0
    last = first + dt.timedelta(days=days)
    for chunk in duties.open_duties(first.astimezone(BEIJING).date(), paths):
        own = duties.prepared(chunk)
        for duty in chunk[: most - seen]:
            _add_duty(sums, duty, book, posts, own.get((duty.subject_kind, duty.subject_id), ()), (first, last))
        seen += len(chunk)
        if seen > most:
            break
    total = sum(line.count for line in sums.by_key.values())
    lines = _lines(sums, book)
    return Preview(lines[:MOST_LINES], total, seen <= most and len(lines) <= MOST_LINES)


def _add_duty(
    sums: _Sums,
    duty: Duty,
    book: Rulebook,
    posts: Posts,
    own: Collection[int],
    span: tuple[dt.datetime, dt.datetime],
) -> None:
    for rule in book.in_force(duty.duty, duty.path):
        for occurrence in book.times(rule, duty)[1]:
            if span[0] <= occurrence.at < span[1]:
                for person_id in told(duty, occurrence, posts, own):
                    if occurrence.key != START or person_id != duty.begun_by_id:
                        sums.add(occurrence, person_id, rule, duty.path)


def _away() -> dict[int, Any]:
    """Return the preferences of those who note an absence, by person."""
    statement = select(Person.id, Person.preferences).where(cast(Person.preferences, Text).contains("reminders_paused"))
    return {row.id: row.preferences for row in db.session.execute(statement)}


def _lines(sums: _Sums, book: Rulebook) -> list[Coming]:
    names: dict[int, Any] = _names({key[1] for key in sums.by_key})
    return [
        Coming(
            day,
            person_id,
            names.get(person_id, ""),
            book.rules[rule_id].code,
            book.rules[rule_id].duty,
            line.count,
            line.late,
            escalated,
            line.certain,
            dt.date.fromisoformat(held) if held else None,
        )
        for (day, person_id, rule_id, escalated, held), line in sorted(sums.by_key.items())
    ]


def _names(ids: Collection[int]) -> dict[int, str]:
    # As a subquery of everybody once there are more of them than a statement holds places for.
    statement = select(Person.id, Person.name)
    if len(ids) <= duties.CHUNK:
        statement = statement.where(Person.id.in_(ids))
    return {row.id: row.name for row in db.session.execute(statement)}

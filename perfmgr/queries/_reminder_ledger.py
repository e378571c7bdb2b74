"""The ledger of reminders: its rows, counts and single lines, as an administrator or the person told sees them."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, extract, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.models.message import Endpoint, Message, MessageReminder
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.models.unit import Unit
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.absences import Absence, absences_in
from perfmgr.rules.reminder_steps import first_of
from perfmgr.rules.reminders import AGAIN
from perfmgr.rules.roles import ADMINISTRATOR

LATE_SECONDS = 3600  # what leaves within the hour is on time
MOST_ITEMS = 12  # duties listed below one notice
UNSENT = ("pending", "claimed", "failed")
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class LedgerFilters:
    """What the ledger was asked for; empty fields filter nothing. ``since`` and ``until`` are instants of due_at."""

    state: str = ""
    duty: str = ""
    department_id: int | None = None
    person_id: int | None = None
    search: str = ""
    late: bool = False
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Totals:
    """How many reminders were due in a span of time, and what became of them."""

    due: int
    sent: int
    failed: int

    @property
    def unsent(self) -> int:
        """Those that neither went out nor failed: waiting, paused or left out."""
        return self.due - self.sent - self.failed


def late(now: dt.datetime) -> Condition:
    """Return the condition that a reminder went out later than planned, or still has not although it is due."""
    after = extract("epoch", Reminder.sent_at) - extract("epoch", Reminder.due_at) > LATE_SECONDS
    waiting = and_(Reminder.state.in_(UNSENT), Reminder.due_at < now - dt.timedelta(seconds=LATE_SECONDS))
    return or_(and_(Reminder.state == "sent", after), waiting)


def _within(by: Viewer) -> Condition:
    return Reminder.unit_id.in_(unit_ids(by.paths({ADMINISTRATOR})))


def _conditions(by: Viewer, asked: LedgerFilters, now: dt.datetime) -> list[Condition]:
    """Return the conditions of the list but for the state, which the tabs count."""
    found = [_within(by)]
    if asked.duty:
        found.append(Reminder.duty == asked.duty)
    if asked.person_id:
        found.append(Reminder.person_id == asked.person_id)
    if asked.department_id:
        units = select(Unit.id).where(or_(Unit.department_id == asked.department_id, Unit.id == asked.department_id))
        found.append(Reminder.unit_id.in_(units))
    if asked.search:
        names = (Person.name, Person.username)
        people = select(Person.id).where(or_(*(name.icontains(asked.search, autoescape=True) for name in names)))
        units = select(Unit.id).where(Unit.name.icontains(asked.search, autoescape=True))
        found.append(or_(Reminder.person_id.in_(people), Reminder.unit_id.in_(units)))
    if asked.late:
        found.append(late(now))
    if asked.since:
        found.append(Reminder.due_at >= asked.since)
    if asked.until:
        found.append(Reminder.due_at < asked.until)
    return found


def _rows(by: Viewer, asked: LedgerFilters, now: dt.datetime) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Reminder.id,
            Reminder.duty,
            Reminder.subject_kind,
            Reminder.subject_id,
            Reminder.occurrence,
            Reminder.year,
            Reminder.due_on,
            Reminder.due_at,
            Reminder.state,
            Reminder.reason,
            Reminder.params,
            Reminder.claimed_at,
            Reminder.sent_at,
            Reminder.failed_at,
            Reminder.acknowledged_at,
            Reminder.note,
            Reminder.person_id,
            Reminder.rule_id,
            Person.name.label("person_name"),
            Unit.name.label("unit_name"),
            ReminderRule.settings.label("rule_settings"),
            case((late(now), 1), else_=0).label("late"),
        )
        .join(Person, Person.id == Reminder.person_id)
        .join(Unit, Unit.id == Reminder.unit_id)
        .join(ReminderRule, ReminderRule.id == Reminder.rule_id)
        .where(*_conditions(by, asked, now))
    )
    if asked.state:
        statement = statement.where(Reminder.state == asked.state)
    return statement.order_by(Reminder.due_at.desc(), Reminder.id.desc())


def page(by: Viewer, asked: LedgerFilters, now: dt.datetime) -> tuple[Page, dict[str, int]]:
    """Return one page of the ledger, what was due last first, and the counts by state."""
    groups = db.session.execute(
        select(Reminder.state, func.count()).where(*_conditions(by, asked, now)).group_by(Reminder.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in groups}
    number = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    rows = db.session.execute(_rows(by, asked, now).limit(PAGE_SIZE).offset(offset(asked.page))).all()
    return Page(rows, asked.page, number), counts


def stream(by: Viewer, asked: LedgerFilters, now: dt.datetime, most: int) -> Iterator[Any]:
    """Yield the rows of the list in its order, at most so many."""
    yield from db.session.execute(_rows(by, asked, now).limit(most))


def totals(by: Viewer, since: dt.datetime, until: dt.datetime) -> Totals:
    """Return what was due from ``since`` until before ``until`` in the administrator's units."""
    due = (Reminder.due_at >= since, Reminder.due_at < until)
    counted = select(
        func.count(),
        func.sum(case((Reminder.state == "sent", 1), else_=0)),
        func.sum(case((Reminder.state == "failed", 1), else_=0)),
    ).where(_within(by), *due)
    number, sent, failed = db.session.execute(counted).one()
    return Totals(number, int(sent or 0), int(failed or 0))


def overdue(by: Viewer, before: dt.datetime) -> int:
    """Return how many reminders due before that instant still wait to be sent."""
    statement = select(func.count()).where(_within(by), Reminder.state.in_(UNSENT), Reminder.due_at < before)
    return db.session.scalar(statement) or 0


# --- one line ---------------------------------------------------------------------------------


def find(reminder_id: int, by: Viewer) -> Reminder | None:
    """Return a line of the ledger within the administrator's units, or None."""
    return db.session.scalar(_single().where(Reminder.id == reminder_id, _within(by)))


def own(reminder_id: int, by: Viewer) -> Reminder | None:
    """Return a reminder of the person's own that was sent, or None."""
    return db.session.scalar(_single().where(Reminder.id == reminder_id, Reminder.person_id == by.id))


def _single() -> Select[Reminder]:
    return (
        select(Reminder)
        .join(Reminder.person)
        .join(Reminder.unit)
        .options(contains_eager(Reminder.person), contains_eager(Reminder.unit), joinedload(Reminder.rule))
    )


def of_person(by: Viewer, number: int) -> Page:
    """Return one page of the person's own reminders: what is still to come first, then the newest."""
    own_ones = (Reminder.person_id == by.id, Reminder.state != "skipped")
    total = db.session.scalar(select(func.count()).where(*own_ones)) or 0
    waiting = case((Reminder.state.in_(("pending", "claimed", "paused")), 0), else_=1)
    statement = (
        select(Reminder)
        .options(joinedload(Reminder.rule), joinedload(Reminder.unit))
        .where(*own_ones)
        .order_by(waiting, Reminder.due_at.desc(), Reminder.id.desc())
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page(db.session.scalars(statement).all(), number, total)


def told_by(notice_ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """Return by notice which duties it told of, the earliest due first, at most MOST_ITEMS of each."""
    found: dict[int, list[Row[Any]]] = {}
    if not notice_ids:
        return found
    order = (Reminder.due_on.is_(None), Reminder.due_on, Reminder.id)
    numbered = (
        select(
            Reminder.id.label("reminder_id"),
            func.row_number().over(partition_by=Reminder.notice_id, order_by=order).label("number"),
        )
        .where(Reminder.notice_id.in_(notice_ids))
        .subquery()
    )
    statement: Select[*tuple[Any, ...]] = (
        select(
            Reminder.notice_id,
            Reminder.duty,
            Reminder.subject_kind,
            Reminder.subject_id,
            Reminder.year,
            Reminder.due_on,
            Reminder.params,
        )
        .join(numbered, numbered.c.reminder_id == Reminder.id)
        .where(numbered.c.number <= MOST_ITEMS)
        .order_by(Reminder.notice_id, numbered.c.number)
    )
    for row in db.session.execute(statement):
        found.setdefault(row.notice_id, []).append(row)
    return found


def siblings(reminder: Reminder) -> Sequence[Reminder]:
    """Return all reminders of the same person about the same duty by the same rule, by the instant they are due."""
    same = ("person_id", "subject_kind", "subject_id", "rule_id", "duty")
    return db.session.scalars(
        select(Reminder)
        .where(*(getattr(Reminder, name) == getattr(reminder, name) for name in same))
        .order_by(Reminder.due_at, Reminder.id)
    ).all()


def repetitions(reminder: Reminder) -> Sequence[Reminder]:
    """Return the line and its repetitions, whatever became of them."""
    first = first_of(reminder.occurrence)
    return [row for row in siblings(reminder) if row.occurrence.partition(AGAIN)[0] == first]


def messages(reminder_id: int) -> Sequence[Row[Any]]:
    """Return the messages that told of a reminder: channel, state, tries, instants, error, and to whom."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Message.id,
            Message.channel,
            Message.state,
            Message.tries,
            Message.due_at,
            Message.sent_at,
            Message.error,
            Endpoint.name.label("endpoint_name"),
            Person.name.label("person_name"),
        )
        .join(MessageReminder, MessageReminder.message_id == Message.id)
        .outerjoin(Endpoint, Endpoint.id == Message.endpoint_id)
        .outerjoin(Person, Person.id == Message.person_id)
        .where(MessageReminder.reminder_id == reminder_id)
        .order_by(Message.id)
    )
    return db.session.execute(statement).all()


def away(person_id: int) -> Absence | None:
    """Return until when a person gets no reminders, about everything rather than about some units, or None."""
    preferences = db.session.scalar(select(Person.preferences).where(Person.id == person_id))
    return min(absences_in(preferences), key=lambda a: (a.unit_id is not None, -a.until.toordinal()), default=None)


def absence_of(person_id: int) -> Row[Any] | None:
    """Return the last pause of a person as written to the history (comment, details, instant), or None."""
    return db.session.execute(
        select(Event.comment, Event.details, Event.at, Event.step)
        .where(Event.subject_kind == "person", Event.subject_id == person_id, Event.step.in_(("pause", "unpause")))
        .order_by(Event.id.desc())
        .limit(1)
    ).one_or_none()

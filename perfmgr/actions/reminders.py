"""Reminders: repeating one, pausing it, pausing a person for a while, and taking note of one."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import load_only

from perfmgr import times
from perfmgr.actions._action import action, require_role, write_event
from perfmgr.actions._bulk import update_rows
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.queries import _reminder_ledger as ledger
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.absences import Absence, absences_in, held_until, noting
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.reminder_steps import (
    BY_HAND,
    FROM,
    LONGEST_ABSENCE,
    number_of,
    repetition,
    require_step,
)
from perfmgr.rules.reminders import AWAY
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_, clean_line

LONGEST_NOTE = 200


def _require_note(note: str, field: str = "note") -> str:
    note = clean_line(note)
    if not note:
        raise Refused(N_("请填写原因，例如“已电话通知”或“休假”，以后查台账时要看。"), field=field)
    if len(note) > LONGEST_NOTE:
        raise Refused(N_("“原因”最多 %(limit)s 字，请删减。"), field=field, limit=LONGEST_NOTE)
    return note


def _change(reminder: Reminder, step: str, **values: Any) -> str:
    """Change a line that is still in a state the step starts from; returns that state.

    The clock may claim it in the same moment, so the database decides and not what was read.
    """
    require_step(step, reminder.state, reminder.reason)
    before = reminder.state
    result: Any = db.session.execute(
        update(Reminder)
        .where(Reminder.id == reminder.id, Reminder.state.in_(FROM[step]))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:
        raise Conflict(N_("这条提醒刚刚正在发送，没有改动，请刷新页面查看最新情况。"))
    db.session.expire(reminder)
    return before


def _note_step(
    reminder_id: int, step: str, by: Viewer, before: str, after: str, note: str = "", **details: Any
) -> None:
    write_event(
        "reminder", reminder_id, step, by, state_from=before, state_to=after, comment=note, details=details or None
    )


@action
def resend(reminder: Reminder, by: Viewer, note: str = "", now: dt.datetime | None = None) -> Reminder:
    """Send once more: a new line with the next number, due now; the old one stays as it is.

    Raises Conflict when a line about the same duty is already on its way, so that a second click,
    or a second administrator, does not make a silent duplicate.
    """
    require_role(by, reminder.unit.path, {ADMINISTRATOR})
    require_step("resend", reminder.state)
    now = now or times.now()
    others = ledger.repetitions(reminder)
    if any(row.state in ("pending", "claimed", "paused") for row in others):
        raise Conflict(N_("同一条提醒已有一次待发送或已暂停，不再重复建立；请等它发出，或先恢复它。"))
    number = max(number_of(row.occurrence) for row in others) + 1
    same = ("person_id", "rule_id", "duty", "subject_kind", "subject_id", "unit_id", "year", "due_on", "params")
    fresh = Reminder(
        **{name: getattr(reminder, name) for name in same},
        occurrence=repetition(reminder.occurrence, number),
        due_at=now,
        state="pending",
        created_at=now,
    )
    db.session.add(fresh)
    db.session.flush()
    _note_step(fresh.id, "resend", by, reminder.state, "pending", clean_line(note)[:LONGEST_NOTE], again=str(number))
    return fresh


@action
def pause(reminder: Reminder, note: str, by: Viewer) -> None:
    """Hold one reminder back until it is resumed; the reason is written down."""
    require_role(by, reminder.unit.path, {ADMINISTRATOR})
    note = _require_note(note)
    before = _change(reminder, "pause", state="paused", reason=BY_HAND, note=note)
    _note_step(reminder.id, "pause", by, before, "paused", note)


@action
def unpause(reminder: Reminder, by: Viewer) -> None:
    """Let a paused reminder go on; if its time is past, it goes out with the clock's next run."""
    require_role(by, reminder.unit.path, {ADMINISTRATOR})
    before = _change(reminder, "unpause", state="pending", reason="", note="")
    _note_step(reminder.id, "unpause", by, before, "pending")


@action
def acknowledge(reminder: Reminder, by: Viewer, note: str = "", now: dt.datetime | None = None) -> None:
    """Note that the person knows; twice is harmless. Who was told may, and an administrator who asked them (with a note)."""
    if reminder.person_id != by.id:
        if ADMINISTRATOR not in by.roles_over(reminder.unit.path):
            raise NotAllowed(N_("只有收件人或本区管理员可以登记“已知悉”。"))
        note = _require_note(note)
    require_step("acknowledge", reminder.state)
    if reminder.acknowledged_at is None:
        reminder.acknowledged_at = now or times.now()
        _note_step(reminder.id, "acknowledge", by, reminder.state, reminder.state, clean_line(note)[:LONGEST_NOTE])


# --- a person who is away ---------------------------------------------------------------------


def reach(person: Person, by: Viewer) -> list[int] | None:
    """Return for which units an administrator may note an absence: None, for all, when over all posts of the person.

    Otherwise their own, and the person goes on being reminded of what others owe.
    """
    mine = by.paths({ADMINISTRATOR})
    places = [post.unit.path for post in person.appointments]
    if places and all(any(path.startswith(own) for own in mine) for path in places):
        return None
    return sorted({post.unit_id for post in by.posts if post.role == ADMINISTRATOR})


def paused_until(person: Person, by: Viewer) -> dt.date | None:
    """Return the last day on which the person gets no reminders about anything this administrator manages, or None."""
    ids = reach(person, by)
    days = [a.until for a in absences_in(person.preferences) if ids is None or a.unit_id in (None, *ids)]
    return max(days, default=None)


@action
def pause_person(person: Person, until: dt.date, note: str, by: Viewer, now: dt.datetime | None = None) -> int:
    """Hold back the reminders of a person up to and including a day; returns how many waited already.

    All of them when the administrator is over all posts of the person, else those of their own units.
    What becomes due in between is sent after that day, unless the duty is done by then.
    """
    today = times.day(now or times.now())
    _require_managed(person, by)
    note = _require_note(note)
    if not today <= until <= today + dt.timedelta(days=LONGEST_ABSENCE):
        raise Refused(
            N_("“暂停到”应在今天到 %(last)s 之间，请重新填写日期。"),
            field="until",
            last=(today + dt.timedelta(days=LONGEST_ABSENCE)).isoformat(),
        )
    ids = reach(person, by)
    noted = [Absence(until)] if ids is None else [Absence(until, unit_id) for unit_id in ids]
    person.preferences = noting([*absences_in(person.preferences), *noted], person.preferences)
    held = _hold(person.id, None if ids is None else by.paths({ADMINISTRATOR}))
    details = {"until": until.isoformat(), **({"units": ids} if ids else {})}
    write_event("person", person.id, "pause", by, comment=note, details=details)
    return held


@action
def unpause_person(person: Person, by: Viewer, now: dt.datetime | None = None) -> int:
    """End a person's pause today, where this administrator may; returns how many reminders wait to be sent again."""
    _require_managed(person, by)
    if paused_until(person, by) is None:
        return 0
    ids, known = reach(person, by), absences_in(person.preferences)
    if ids is not None and any(absence.unit_id is None for absence in known):
        raise Conflict(N_("此人的提醒由管辖其全部岗位的管理员暂停，请由该管理员恢复。"))
    kept = [] if ids is None else [absence for absence in known if absence.unit_id not in ids]
    person.preferences = noting(kept, person.preferences)
    released = _release([person], times.day(now or times.now()))
    write_event("person", person.id, "unpause", by)
    return released


@action
def end_absences(now: dt.datetime, dry_run: bool = False) -> int:
    """Let the reminders of people whose pause is over go out; returns of how many people. The clock calls it."""
    today = times.day(now)
    waiting = select(Reminder.person_id).where(Reminder.state == "paused", Reminder.reason == AWAY)
    people = db.session.scalars(
        select(Person).where(Person.id.in_(waiting)).options(load_only(Person.id, Person.preferences, Person.version))
    )
    over = []
    for person in people:
        known = absences_in(person.preferences)
        kept = [absence for absence in known if absence.until >= today]
        if len(kept) == len(known) and known:
            continue
        over.append(person)
        if not dry_run:
            person.preferences = noting(kept, person.preferences)
    if over and not dry_run:
        _release(over, today)
    return len(over)


def _require_managed(person: Person, by: Viewer) -> None:
    """Raise NotAllowed unless an administrator of one of the person's units asks."""
    places = [post.unit.path for post in person.appointments]
    if not places or not any(ADMINISTRATOR in by.roles_over(path) for path in places):
        raise NotAllowed(N_("您的岗位不能暂停此人的提醒。"))


def _hold(person_id: int, paths: Collection[str] | None) -> int:
    # What failed has been told in the system, and is not told again.
    conditions = [Reminder.person_id == person_id, Reminder.state == "pending"]
    if paths is not None:
        conditions.append(Reminder.unit_id.in_(unit_ids(paths)))
    result: Any = db.session.execute(
        update(Reminder)
        .where(*conditions)
        .values(state="paused", reason=AWAY)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


def _release(people: Collection[Person], today: dt.date) -> int:
    """Let go what no absence of these people holds back any more."""
    preferences = {person.id: person.preferences for person in people}
    held = (Reminder.person_id.in_(list(preferences)), Reminder.state == "paused", Reminder.reason == AWAY)
    rows = db.session.execute(
        select(Reminder.id, Reminder.person_id, Unit.path).join(Unit, Unit.id == Reminder.unit_id).where(*held)
    )
    free = [
        {"id": row.id, "was_state": "paused", "state": "pending", "reason": ""}
        for row in rows
        if held_until(preferences[row.person_id], row.path, today) is None
    ]
    return update_rows(Reminder, free, ("state", "reason"), ("state",))

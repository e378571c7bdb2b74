"""Messages: laying them into the outbox, and what an administrator may do with those that did not arrive."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from perfmgr import times
from perfmgr.actions import _robot_messages as robot_messages
from perfmgr.actions._action import action
from perfmgr.actions._bulk import insert_new
from perfmgr.actions._due import CHUNK
from perfmgr.extensions import db
from perfmgr.models.message import Message, MessageReminder
from perfmgr.models.notice import Notice
from perfmgr.models.person import Person
from perfmgr.queries import messages as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules import messages
from perfmgr.rules.refusals import Conflict
from perfmgr.rules.texts import N_

KEY_LENGTH = 120
NOT_PARKED = N_("这条消息不是“已搁置”状态，不需要重发。")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one person is to be told: one e-mail, however many items.

    ``items`` are what notices hold: kind, subject_kind, subject_id, params. ``reminder_ids`` are the
    reminders told of; endpoints are told of the items about the subjects of these. ``law``: a duty of law,
    which nobody can switch off. The same ``key`` is never laid in twice.
    """

    person_id: int
    key: str
    items: Sequence[dict[str, Any]]
    due_at: dt.datetime
    reminder_ids: Sequence[int] = ()
    law: bool = True
    letter: Sequence[dict[str, Any]] = ()  # what the e-mail lists in place of very many items


def enqueue(entries: Iterable[Outgoing], now: dt.datetime | None = None) -> int:
    """Lay messages into the outbox, in the transaction of the caller; returns how many are new.

    People without an address, and those who switched off what is no duty of law, get no e-mail.
    Endpoints of the units concerned are told too: webhooks of each entry, groups in one digest.
    """
    now = now or times.now()
    waiting, laid = list(entries), 0
    for start in range(0, len(waiting), CHUNK):
        chunk = waiting[start : start + CHUNK]
        laid += _lay_mail(chunk, now)
        laid += len(insert_new(Message, robot_messages.rows(chunk, now), Message.id))
    return laid


def _lay_mail(entries: Sequence[Outgoing], now: dt.datetime) -> int:
    if not current_app.config["SMTP_HOST"]:
        return 0  # nothing may pile up and go out by the thousand when a server is set years later
    reached = _reached({entry.person_id for entry in entries})
    by_key = {}
    for entry in entries:
        preferences = reached.get(entry.person_id)
        if preferences is not None and entry.items and (entry.law or messages.wants_reminders(preferences)):
            due_at = messages.mail_due(entry.due_at, preferences, times.BEIJING)
            by_key[storable(entry.key)] = (entry, due_at)
    rows = [
        _mail(key, entry.person_id, entry.letter or entry.items, due_at, now) for key, (entry, due_at) in by_key.items()
    ]
    laid = insert_new(Message, rows, Message.id, Message.key)
    links = [
        {"message_id": row.id, "reminder_id": reminder_id}
        for row in laid
        for reminder_id in dict.fromkeys(by_key[row.key][0].reminder_ids)
    ]
    insert_new(MessageReminder, links, MessageReminder.message_id)
    return len(laid)


def _reached(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the preferences of the active people among these who have an address."""
    statement = select(Person.id, Person.preferences).where(Person.id.in_(ids), Person.active, Person.email != "")
    return {row.id: row.preferences or {} for row in db.session.execute(statement)}


def _mail(
    key: str, person_id: int, items: Sequence[dict[str, Any]], due_at: dt.datetime, now: dt.datetime
) -> dict[str, Any]:
    return {
        "channel": "email",
        "person_id": person_id,
        "endpoint_id": None,
        "key": key,
        "content": list(items),
        "due_at": due_at,
        "created_at": now,
    }


def storable(key: str) -> str:
    """Return a key that fits its column: a longer one by its hash."""
    return key if len(key) <= KEY_LENGTH else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def tell(person_ids: Collection[int], item: dict[str, Any], occurrence: str, now: dt.datetime) -> None:
    """Give these people a notice, in the transaction of the step itself, and an e-mail to those who want one.

    ``item`` is what both hold: kind, subject_kind, subject_id, params; ``occurrence`` separates repetitions.
    """
    for person_id in person_ids:
        db.session.add(Notice(person_id=person_id, occurrence=occurrence, created_at=now, **item))
    if not person_ids or not current_app.config["SMTP_HOST"]:
        return
    topic = messages.topic_of(item["kind"])
    rows = [
        _mail(
            storable(f"notice:{person_id}:{item['kind']}:{item['subject_kind']}:{item['subject_id']}:{occurrence}"),
            person_id,
            [item],
            messages.mail_due(now, preferences, times.BEIJING),
            now,
        )
        for person_id, preferences in _reached(person_ids).items()
        if messages.wants(preferences, topic)
    ]
    insert_new(Message, rows, Message.id)


# --- what an administrator may do --------------------------------------------------------------


def _send_again(ids: Sequence[int], now: dt.datetime) -> int:
    # The error stays until the message is sent: it says that its reminders have failed and may still arrive.
    done = db.session.execute(
        update(Message)
        .where(Message.id.in_(ids), Message.state == "parked")
        .values(state="waiting", tries=0, due_at=now)
        .returning(Message.id)
    ).all()
    return len(done)


@action
def retry(message: Message) -> None:
    """Send a parked message again, with all its tries. Raises Conflict when it is not parked any more."""
    if not _send_again([message.id], times.now()):
        raise Conflict(NOT_PARKED)


def retry_all(by: Viewer, channel: str = "") -> int:
    """Send all parked messages again that this administrator sees; returns how many."""
    total = 0
    for ids in _chunks(queries.parked_ids(by, channel)):
        total += _retry_some(ids)
    return total


@action
def _retry_some(ids: Sequence[int]) -> int:
    return _send_again(ids, times.now())


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]

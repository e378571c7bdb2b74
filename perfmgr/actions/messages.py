"""Messages: writing down what is to leave by e-mail, in the transaction of what it tells of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from perfmgr.actions._due import insert_new
from perfmgr.extensions import db
from perfmgr.models.message import Message, MessageReminder
from perfmgr.models.person import Person


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one person is to be told: items as notices have them (kind, subject_kind, subject_id, params).

    ``key`` is the same whenever the same is told; ``law``: the person cannot decline it.
    """

    person_id: int
    key: str
    items: Sequence[dict[str, Any]]
    due_at: dt.datetime
    reminder_ids: Sequence[int] = ()
    law: bool = False


def enqueue(entries: Sequence[Outgoing], now: dt.datetime) -> int:
    """Write one e-mail for each entry whose person has an address, inside the caller's transaction."""
    if not entries:
        return 0
    ids = {entry.person_id for entry in entries}
    addresses = select(Person.id).where(Person.id.in_(ids), Person.active, Person.email != "")
    reached = set(db.session.scalars(addresses))
    by_key = {f"email:{entry.key}": entry for entry in entries if entry.person_id in reached}
    rows = [
        {
            "channel": "email",
            "person_id": entry.person_id,
            "key": key,
            "content": list(entry.items),
            "state": "waiting",
            "tries": 0,
            "due_at": entry.due_at,
            "created_at": now,
        }
        for key, entry in by_key.items()
    ]
    made = insert_new(Message, rows, Message.id, Message.key)
    links = [
        {"message_id": row.id, "reminder_id": reminder_id}
        for row in made
        for reminder_id in by_key[row.key].reminder_ids
    ]
    if links:
        db.session.execute(insert(MessageReminder), links)
    return len(made)

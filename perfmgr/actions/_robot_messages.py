"""What endpoints are told of: webhooks of every entry, groups in one digest, each of its own units and duties."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from perfmgr.actions._robot_round import MORE, subject_of
from perfmgr.extensions import db
from perfmgr.models.message import Endpoint
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.rules.messages import asked_for

if TYPE_CHECKING:
    from perfmgr.actions.messages import Outgoing

# So long a group waits for the rest of a run that tells thousands: all that is there then is one digest.
GATHER = dt.timedelta(minutes=1)
MOST_ITEMS = 40  # of a digest; a group reads no more, and no robot takes more text


def rows(entries: "Sequence[Outgoing]", now: dt.datetime) -> list[dict[str, Any]]:
    """Return the messages for endpoints that follow from these entries, as rows of the outbox."""
    endpoints = db.session.execute(
        select(Endpoint.id, Endpoint.kind, Endpoint.kinds, Unit.path)
        .join(Unit, Unit.id == Endpoint.unit_id)
        .where(Endpoint.active)
        .order_by(Endpoint.id)
    ).all()
    if not endpoints:
        return []
    reminders = _reminders({number for entry in entries for number in entry.reminder_ids})
    found: list[dict[str, Any]] = []
    for endpoint in endpoints:
        told = [(entry, items) for entry in entries if (items := _items(entry, endpoint, reminders))]
        if not told:
            continue
        if endpoint.kind == "webhook":
            found += [
                _row(endpoint, f"{entry.key}@{endpoint.id}", items, entry.due_at, now, entry.person_id)
                for entry, items in told
            ]
        else:
            found.append(_digest(endpoint, told, now))
    return found


def _reminders(ids: set[int]) -> dict[int, Any]:
    """Return subject, duty and path of the unit of these reminders."""
    if not ids:
        return {}
    columns = (Reminder.id, Reminder.subject_kind, Reminder.subject_id, Reminder.duty, Unit.path)
    statement = select(*columns).join(Unit, Unit.id == Reminder.unit_id)
    return {row.id: row for row in db.session.execute(statement.where(Reminder.id.in_(ids)))}


def _items(entry: "Outgoing", endpoint: Any, reminders: dict[int, Any]) -> list[dict[str, Any]]:
    """Return the items of an entry that this endpoint is told of.

    Those are the items about what its reminders are about; what belongs to none (a sum of all) is for the
    person alone.
    """
    found = (reminders[number] for number in entry.reminder_ids if number in reminders)
    concerned = {
        (row.subject_kind, row.subject_id)
        for row in found
        if row.path.startswith(endpoint.path) and asked_for(endpoint.kinds, row.duty)
    }
    return [item for item in entry.items if (item.get("subject_kind"), item.get("subject_id")) in concerned]


def _row(
    endpoint: Any, key: str, items: list[dict[str, Any]], due_at: dt.datetime, now: dt.datetime, person_id: int | None
) -> dict[str, Any]:
    key = key if len(key) <= 120 else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"
    return {
        "channel": endpoint.kind,
        "person_id": person_id,
        "endpoint_id": endpoint.id,
        "key": key,
        "content": items,
        "due_at": due_at,
        "created_at": now,
    }


def _digest(endpoint: Any, told: "list[tuple[Outgoing, list[dict[str, Any]]]]", now: dt.datetime) -> dict[str, Any]:
    """Return one message for a group: the entries' keys name it, so that the same entries make it once."""
    items = list({subject_of(item): item for _entry, items in told for item in items}.values())
    keys = "\n".join(sorted(entry.key for entry, _items in told))
    key = f"digest:{endpoint.id}:{hashlib.sha256(keys.encode()).hexdigest()[:40]}"
    content = items[:MOST_ITEMS]
    if len(items) > MOST_ITEMS:
        content.append({"kind": MORE, "params": {"count": len(items) - MOST_ITEMS}})
    return _row(endpoint, key, content, min(entry.due_at for entry, _items in told) + GATHER, now, None)

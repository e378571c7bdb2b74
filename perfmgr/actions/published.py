"""Published documents: keeping the facts read from them."""

from typing import Any

from sqlalchemy import select

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.published import Published
from perfmgr.models.unit import Unit
from perfmgr.queries import published


def _value(facts: dict[str, Any], key: str) -> Any:
    fact = facts.get(key)
    return fact["value"] if fact else None


@action
def save(facts: dict[str, Any], file_name: str, sha256: str) -> Published:
    """Keep the facts of a document; the same file again replaces them.

    The document is attached to the department of the same name when there is exactly one.
    """
    record = published.by_hash(sha256) or Published(sha256=sha256)
    record.file_name = file_name[:200]
    record.document_kind = _value(facts, "document_kind")
    record.year = _value(facts, "year")
    record.department_name = (_value(facts, "department") or "")[:200]
    record.department_id = _department(record.department_name)
    record.facts = facts
    record.saved_at = times.now()
    db.session.add(record)
    return record


def _department(name: str) -> int | None:
    ids = db.session.scalars(select(Unit.id).where(Unit.kind == "department", Unit.name == name).limit(2)).all()
    return ids[0] if len(ids) == 1 else None

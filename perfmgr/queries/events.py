"""Events: the history of one record, newest last."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.models.person import Person


def history(subject_kind: str, subject_id: int) -> Sequence[Row[Any]]:
    """Return who did what when: step, states, comment, details, instant, and the person's name (None: the clock)."""
    return db.session.execute(_history(), {"kind": subject_kind, "subject": subject_id}).all()


@lru_cache(maxsize=1)
def _history() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Event.id,
            Event.step,
            Event.state_from,
            Event.state_to,
            Event.at,
            Event.comment,
            Event.details,
            Person.name,
        )
        .outerjoin(Person, Person.id == Event.person_id)
        .where(Event.subject_kind == bindparam("kind"), Event.subject_id == bindparam("subject"))
        .order_by(Event.id)
    )


def preparers(subject_kind: str, subject_id: int) -> Select[Any]:
    """Return a subquery with the ids of those who started or submitted the record at any time."""
    return select(Event.person_id).where(
        Event.subject_kind == subject_kind,
        Event.subject_id == subject_id,
        Event.person_id.is_not(None),
        Event.step.in_(("start", "submit")),
    )


def prepared_by(subject_kind: str, subject_id: int, person_id: int) -> bool:
    """Tell whether this person started or submitted the record at any time."""
    own = preparers(subject_kind, subject_id).where(Event.person_id == person_id)
    return db.session.scalar(own.limit(1)) is not None


def last(subject_kind: str, subject_id: int) -> Event | None:
    """Return the newest event of a record, or None."""
    return db.session.scalar(
        select(Event)
        .where(Event.subject_kind == subject_kind, Event.subject_id == subject_id)
        .order_by(Event.id.desc())
        .limit(1)
    )

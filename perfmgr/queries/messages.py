"""Messages: what an administrator sees of the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from perfmgr.extensions import db
from perfmgr.models.message import Endpoint, Message
from perfmgr.models.person import Appointment
from perfmgr.models.unit import Unit
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ranges, unit_ids
from perfmgr.rules.messages import STATES
from perfmgr.rules.roles import ADMINISTRATOR

MOST_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list was asked for; empty words filter nothing."""

    state: str = ""
    channel: str = ""
    page: int = 1


def _visible(by: Viewer) -> ColumnElement[bool]:
    """Return the condition for messages to people and endpoints within the administrator's units."""
    mine = by.paths({ADMINISTRATOR})
    people = select(Appointment.person_id).join(Unit, Unit.id == Appointment.unit_id).where(ranges(Unit.path, mine))
    endpoints = select(Endpoint.id).where(Endpoint.unit_id.in_(unit_ids(mine)))
    return or_(
        and_(Message.endpoint_id.is_(None), Message.person_id.in_(people)),
        Message.endpoint_id.in_(endpoints),
    )


def _conditions(by: Viewer, asked: Asked) -> list[ColumnElement[bool]]:
    conditions = [_visible(by)]
    if asked.channel:
        conditions.append(Message.channel == asked.channel)
    return conditions


def counts(by: Viewer, asked: Asked) -> dict[str, int]:
    """Return how many messages there are in each state, with the other filters as asked."""
    statement = select(Message.state, func.count()).where(*_conditions(by, asked)).group_by(Message.state)
    found = {state: int(count) for state, count in db.session.execute(statement)}
    return {state: found.get(state, 0) for state in STATES}


def page(by: Viewer, asked: Asked, total: int) -> Page:
    """Return one page of messages, newest first, with their receivers."""
    statement = select(Message).where(*_conditions(by, asked))
    if asked.state:
        statement = statement.where(Message.state == asked.state)
    statement = (
        statement.options(joinedload(Message.person), joinedload(Message.endpoint).joinedload(Endpoint.unit))
        .order_by(Message.id.desc())
        .limit(PAGE_SIZE)
        .offset(offset(asked.page))
    )
    return Page(db.session.scalars(statement).all(), asked.page, total)


def find(message_id: int, by: Viewer) -> Message | None:
    """Return a message this administrator sees, or None."""
    return db.session.scalar(select(Message).where(Message.id == message_id, _visible(by)))


def parked_ids(by: Viewer, channel: str = "") -> Sequence[int]:
    """Return the ids of all parked messages this administrator sees, at most 50,000."""
    statement = select(Message.id).where(Message.state == "parked", *_conditions(by, Asked(channel=channel)))
    return db.session.scalars(statement.order_by(Message.id).limit(MOST_AT_ONCE)).all()

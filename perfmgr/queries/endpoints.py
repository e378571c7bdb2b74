"""Endpoints: those an administrator manages."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from perfmgr.extensions import db
from perfmgr.models.message import Endpoint, Message
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.roles import ADMINISTRATOR


def listed(by: Viewer) -> Sequence[Endpoint]:
    """Return the endpoints of the administrator's units, in the order of the tree."""
    statement = (
        select(Endpoint)
        .join(Unit, Unit.id == Endpoint.unit_id)
        .options(joinedload(Endpoint.unit))
        .where(Endpoint.unit_id.in_(unit_ids(by.paths({ADMINISTRATOR}))))
        .order_by(Unit.path, Endpoint.name)
    )
    return db.session.scalars(statement).all()


def find(endpoint_id: int, by: Viewer) -> Endpoint | None:
    """Return an endpoint of the administrator's units, or None."""
    return db.session.scalar(
        select(Endpoint)
        .options(joinedload(Endpoint.unit))
        .where(Endpoint.id == endpoint_id, Endpoint.unit_id.in_(unit_ids(by.paths({ADMINISTRATOR}))))
    )


def waiting_counts(by: Viewer) -> dict[int, int]:
    """Return how many messages wait for each endpoint of the administrator's units."""
    mine = select(Endpoint.id).where(Endpoint.unit_id.in_(unit_ids(by.paths({ADMINISTRATOR}))))
    statement = (
        select(Message.endpoint_id, func.count())
        .where(Message.endpoint_id.in_(mine), Message.state.in_(("waiting", "claimed")))
        .group_by(Message.endpoint_id)
    )
    return {number: int(count) for number, count in db.session.execute(statement) if number is not None}

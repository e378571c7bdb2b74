"""Exceptions of windows: single ones, for the administrators of their cycle."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle, WindowException
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.roles import ADMINISTRATOR


def find(exception_id: int, by: Viewer) -> WindowException | None:
    """Return an exception of a cycle this administrator manages, or None."""
    return db.session.scalar(
        select(WindowException)
        .join(WindowException.cycle)
        .where(WindowException.id == exception_id, Cycle.unit_id.in_(unit_ids(by.paths({ADMINISTRATOR}))))
        .options(joinedload(WindowException.cycle).joinedload(Cycle.unit))
    )


def units(cycle: Cycle, by: Viewer) -> list[Unit]:
    """Return the departments and units of a cycle's area, in the order of the tree."""
    statement = (
        select(Unit)
        .where(Unit.id.in_(unit_ids([cycle.unit.path])), Unit.id != cycle.unit_id, Unit.active)
        .where(Unit.id.in_(unit_ids(by.paths({ADMINISTRATOR}))))
        .order_by(Unit.path)
    )
    return list(db.session.scalars(statement))

"""Published documents: those of the departments this person may see."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from perfmgr.extensions import db
from perfmgr.models.published import Published
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids


def _visible(by: Viewer) -> ColumnElement[bool]:
    # A document that belongs to no department of this installation is public matter for everybody.
    return or_(Published.department_id.is_(None), Published.department_id.in_(unit_ids(by.paths())))


def listed(by: Viewer) -> Sequence[Published]:
    """Return the saved documents, newest year first."""
    statement = select(Published).where(_visible(by)).order_by(Published.year.desc(), Published.id.desc()).limit(500)
    return db.session.scalars(statement).all()


def find(published_id: int, by: Viewer) -> Published | None:
    """Return a saved document with its facts, or None."""
    return db.session.scalar(select(Published).where(Published.id == published_id, _visible(by)))


def by_hash(sha256: str) -> Published | None:
    """Return the saved document with this content, or None."""
    return db.session.scalar(select(Published).where(Published.sha256 == sha256))

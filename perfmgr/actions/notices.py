"""Notices: marking them as read."""

from sqlalchemy import update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.queries.people import Viewer


@action
def read(notice: Notice) -> None:
    """Mark one notice as read; twice is harmless."""
    notice.read_at = notice.read_at or times.now()


@action
def read_all(by: Viewer) -> None:
    """Mark all of the person's notices as read."""
    db.session.execute(
        update(Notice).where(Notice.person_id == by.id, Notice.read_at.is_(None)).values(read_at=times.now())
    )

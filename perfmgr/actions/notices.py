"""Notices: marking them as read."""

import datetime as dt

from sqlalchemy import ColumnElement, select, update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.models.reminder import Reminder
from perfmgr.queries.people import Viewer


@action
def read(notice: Notice) -> None:
    """Mark one notice as read, and what it reminded of as acknowledged; twice is harmless."""
    notice.read_at = notice.read_at or times.now()
    _acknowledge(Reminder.notice_id == notice.id, notice.read_at)


@action
def read_all(by: Viewer) -> None:
    """Mark all of the person's notices as read, and what they reminded of as acknowledged."""
    now = times.now()
    unread = (Notice.person_id == by.id, Notice.read_at.is_(None))
    _acknowledge(Reminder.notice_id.in_(select(Notice.id).where(*unread)), now)
    db.session.execute(update(Notice).where(*unread).values(read_at=now))


def _acknowledge(told_by: ColumnElement[bool], now: dt.datetime) -> None:
    db.session.execute(
        update(Reminder)
        .where(told_by, Reminder.acknowledged_at.is_(None))
        .values(acknowledged_at=now)
        .execution_options(synchronize_session=False)
    )

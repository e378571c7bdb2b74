"""Sending the messages that are due. Any number of clocks may do it at the same time."""

import datetime as dt

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select

from perfmgr.actions import _mail_round, _robot_round
from perfmgr.actions import _outbox as outbox
from perfmgr.actions._action import action
from perfmgr.actions._due import CHUNK
from perfmgr.actions._outbox import At, Watch
from perfmgr.extensions import db
from perfmgr.models.message import Message
from perfmgr.rules.messages import CHANNELS

EVERYTHING = 1_000_000
EMAIL, ROBOTS = "email", "robots"


def send_due(
    now: dt.datetime,
    limit: int = EVERYTHING,
    *,
    only: str = "",
    dry_run: bool = False,
    at: At = lambda point: None,
) -> int:
    """Send at most ``limit`` due messages of each way out; returns how many were accepted.

    ``only`` is ``email`` or ``robots``. ``at`` is called with the name of each point where dying
    matters: ``claimed``, ``accepted`` (by the other side, not yet marked), ``marked``; drills kill
    the process there. In a dry run the due messages are counted and nothing is sent.
    """
    if dry_run:
        return _count(now, only)
    db.session.rollback()  # nothing may be open while we wait for the network
    watch, sent = Watch(now), 0
    with db.engine.connect() as connection, outbox.marking(db.engine, connection) as marks:
        outbox.take_up(connection, now)
        if only != ROBOTS and current_app.config["SMTP_HOST"]:
            sent += _mail_round.send(connection, marks, watch, limit, at)
        if only != EMAIL:
            sent += _robot_round.send(connection, marks, watch, limit, at)
    return sent


def forget(now: dt.datetime, dry_run: bool = False) -> int:
    """Delete what was sent or withdrawn and due more than MESSAGE_DAYS ago; returns how many messages there are.

    In slices, so that sending waits for none of them. The ledger of reminders stays.
    """
    days = current_app.config["MESSAGE_DAYS"]
    if not days:
        return 0
    old = (
        Message.state.in_(("sent", "cancelled")),
        Message.channel.in_(tuple(CHANNELS)),  # so that the index serves
        Message.due_at < now - dt.timedelta(days=days),
    )
    if dry_run:
        return db.session.scalar(select(func.count()).where(*old)) or 0
    total = 0
    while count := _forget_some(old):
        total += count
    return total


@action
def _forget_some(old: tuple[ColumnElement[bool], ...]) -> int:
    some = select(Message.id).where(*old).limit(CHUNK)
    return len(db.session.execute(delete(Message).where(Message.id.in_(some)).returning(Message.id)).all())


def _count(now: dt.datetime, only: str) -> int:
    statement = select(func.count()).where(Message.state == "waiting", Message.due_at <= now)
    if only:
        statement = statement.where((Message.channel == "email") == (only == EMAIL))
    count = db.session.scalar(statement) or 0
    db.session.rollback()
    return count

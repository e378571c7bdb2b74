"""Messages: what leaves the system by e-mail, group robot or webhook, and where to."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Base,
    Id,
    Line,
    Mapped,
    Moment,
    Word,
    mapped_column,
    not_negative,
    one_of,
    version_column,
)
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.rules.messages import CHANNELS, ROBOTS, STATES


class Endpoint(Base):
    """A group robot or webhook of one unit and everything below it. Address and secret are stored encrypted.

    ``kinds`` are the duties it is told of (none: all). When it cannot be reached, nobody tries before
    ``down_until``; ``error`` says in a sentence why.
    """

    __tablename__ = "endpoint"
    __table_args__ = (one_of("kind", ROBOTS), not_negative("failures"), UniqueConstraint("unit_id", "name"))

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[Word]
    name: Mapped[Line]
    address: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text, default="")
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    down_until: Mapped[Moment | None]
    error: Mapped[Line] = mapped_column(default="", server_default="")
    created_at: Mapped[Moment]
    version: Mapped[int] = version_column()

    unit: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Message(Base):
    """One message to one receiver. ``key`` makes a second of the same impossible and goes out with it.

    ``content`` holds what is told, as notices do (kind, subject and params of every item); the words
    are made when it is sent. A claim ends by itself at ``claimed_until``, so that what a killed
    process held is taken up by another.
    """

    __tablename__ = "message"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("state", STATES),
        CheckConstraint("(channel = 'email') = (endpoint_id IS NULL)", name="receiver"),
        not_negative("tries"),
        # What is due of e-mail, of one endpoint, and the newest of a list.
        Index("ix_message_state_channel_due_at", "state", "channel", "due_at", "id"),
        Index("ix_message_endpoint_id_state_due_at", "endpoint_id", "state", "due_at", "id"),
        Index("ix_message_person_id", "person_id"),
    )

    id: Mapped[Id]
    channel: Mapped[Word]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("endpoint.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    content: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[Word] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Moment]
    claimed_by: Mapped[str] = mapped_column(String(64), default="")
    claimed_until: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    error: Mapped[Line] = mapped_column(default="")
    created_at: Mapped[Moment]

    person: Mapped[Person | None] = relationship()
    endpoint: Mapped[Endpoint | None] = relationship()


class MessageReminder(Base):
    """Which reminders one message tells of."""

    __tablename__ = "message_reminder"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    reminder_id: Mapped[int] = mapped_column(
        ForeignKey("reminder.id", ondelete="CASCADE"), primary_key=True, index=True
    )

    reminder: Mapped[Reminder] = relationship()

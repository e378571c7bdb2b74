"""Reminders: the rules that make them, and the ledger of every single one."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Data, Id, Line, Mapped, Moment, Word, mapped_column, one_of, version_column
from perfmgr.models.person import Person
from perfmgr.models.unit import Unit
from perfmgr.rules.reminders import DUTIES, STATES


class ReminderRule(Base):
    """How one kind of duty is reminded of in one area; ``settings`` are what ``rules.reminders`` reads.

    ``unit_id`` null: the rule that comes with the program, for areas without one of their own.
    """

    __tablename__ = "reminder_rule"
    __table_args__ = (
        one_of("duty", DUTIES),
        UniqueConstraint("unit_id", "code"),
        # Nulls are distinct for the constraint above, so the built-in rules need one of their own.
        Index(
            "uq_reminder_rule_built_in",
            "code",
            unique=True,
            sqlite_where=text("unit_id IS NULL"),
            postgresql_where=text("unit_id IS NULL"),
        ),
    )

    id: Mapped[Id]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[Word]
    duty: Mapped[Word]
    settings: Mapped[Data]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = version_column()

    unit: Mapped[Unit | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Reminder(Base):
    """One line of the ledger: this person, this duty, this rule, this occurrence; the key makes a second impossible.

    ``due_on`` is the duty's last day when the line was last looked at, ``due_at`` when the person is to
    be told. ``reason`` is the code why it was not sent. ``params`` are what the sentence needs,
    ``notice_id`` is the notice on the site by which the person was told.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        one_of("duty", DUTIES),
        one_of("state", STATES),
        UniqueConstraint("person_id", "subject_kind", "subject_id", "rule_id", "occurrence", name="uq_reminder_once"),
        Index("ix_reminder_state_due_at", "state", "due_at", "id"),
        Index("ix_reminder_subject_kind_subject_id", "subject_kind", "subject_id"),
        Index("ix_reminder_unit_id_state", "unit_id", "state"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule.id", ondelete="CASCADE"), index=True)
    duty: Mapped[Word]
    subject_kind: Mapped[Word]
    subject_id: Mapped[int]
    occurrence: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    due_on: Mapped[dt.date | None]
    due_at: Mapped[Moment]
    state: Mapped[Word] = mapped_column(default="pending")
    reason: Mapped[Word] = mapped_column(default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    claimed_at: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    failed_at: Mapped[Moment | None]
    acknowledged_at: Mapped[Moment | None]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="SET NULL"), index=True)
    note: Mapped[Line] = mapped_column(default="")
    created_at: Mapped[Moment]

    person: Mapped[Person] = relationship()
    rule: Mapped[ReminderRule] = relationship()
    unit: Mapped[Unit] = relationship()

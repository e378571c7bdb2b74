"""Events: the append-only history of every record that moves through the workflow."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index

from perfmgr.models.base import Base, Id, LongText, Mapped, Moment, Word, mapped_column

SUBJECTS = ("project", "declaration", "budget", "evaluation", "library", "rectification", "cycle", "appraisal")


class Event(Base):
    """One step somebody took (or the clock, when ``person_id`` is null), written with the change itself."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_subject_kind_subject_id", "subject_kind", "subject_id", "id"),)

    id: Mapped[Id]
    subject_kind: Mapped[Word]
    subject_id: Mapped[int]
    step: Mapped[Word]
    state_from: Mapped[Word | None]
    state_to: Mapped[Word | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]
    comment: Mapped[LongText]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

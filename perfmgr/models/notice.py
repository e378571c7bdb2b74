"""Notices: what somebody was told, once per occurrence."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint

from perfmgr.models.base import Base, Id, Mapped, Moment, Word, mapped_column


class Notice(Base):
    """One in-app notice. The unique key makes telling the same thing twice impossible.

    ``occurrence`` separates repetitions: the event of a step, or the stage and last day of a reminder.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "subject_kind", "subject_id", "occurrence", name="uq_notice_once"),
        Index("ix_notice_person_id_read_at", "person_id", "read_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[Word]
    subject_kind: Mapped[Word]
    subject_id: Mapped[int]
    occurrence: Mapped[str] = mapped_column(String(40), default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[Moment]
    read_at: Mapped[Moment | None]

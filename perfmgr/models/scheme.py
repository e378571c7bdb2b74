"""Scoring schemes as versioned data."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint

from perfmgr.models.base import Base, Created, Id, Line, Mapped, Moment, Word, mapped_column, one_of, version_column
from perfmgr.rules import rubrics
from perfmgr.rules.schemes import KINDS

STATES = ("draft", "published")


class SchemeVersion(Base):
    """One version of a scheme, or of a rubric for experts. A published version never changes; scores point at it for ever."""

    __tablename__ = "scheme_version"
    __table_args__ = (
        one_of("kind", (*KINDS, rubrics.KIND)),
        one_of("state", STATES),
        UniqueConstraint("code", "number"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    kind: Mapped[Word]
    name: Mapped[Line]
    state: Mapped[Word] = mapped_column(default="draft")
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("scheme_version.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Created]
    published_at: Mapped[Moment | None]
    version: Mapped[int] = version_column()

    __mapper_args__ = {"version_id_col": version}

"""Published documents: the facts read from them, each with its line."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String

from perfmgr.models.base import Base, Id, Line, Mapped, Moment, Word, mapped_column


class Published(Base):
    """The facts of one published budget or accounts document; the same file is kept once."""

    __tablename__ = "published"

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    file_name: Mapped[Line]
    document_kind: Mapped[Word | None]
    year: Mapped[int | None]
    department_name: Mapped[Line] = mapped_column(default="")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[Moment]

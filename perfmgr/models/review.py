"""Re-checks of self-evaluations: every tier's marks in rows of their own."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Base,
    Id,
    LongText,
    Mapped,
    Marks,
    Moment,
    Word,
    mapped_column,
    not_negative,
    one_of,
)
from perfmgr.models.evaluation import EvaluationLine
from perfmgr.models.person import Person
from perfmgr.rules.reviews import CONCLUSIONS, STATES


class Review(Base):
    """One tier's re-check of a self-evaluation. A draft is sealed: nobody but its own tier sees it.

    ``total``, ``grade`` and ``explanation`` are stored when it is submitted. ``cause`` says why finance checks a sheet
    outside of the samples that were drawn.
    """

    __tablename__ = "review"
    __table_args__ = (
        one_of("state", STATES),
        one_of("conclusion", ("", *CONCLUSIONS)),
        CheckConstraint("tier IN (1, 2)", name="tier"),
        UniqueConstraint("evaluation_id", "tier"),
    )

    id: Mapped[Id]
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id", ondelete="CASCADE"))
    tier: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[Word] = mapped_column(default="draft")
    opinion: Mapped[LongText]
    cause: Mapped[LongText] = mapped_column(server_default="")
    conclusion: Mapped[Word] = mapped_column(default="")
    despite_grade: Mapped[bool] = mapped_column(default=False)
    total: Mapped[Marks | None]
    grade: Mapped[Word | None]
    explanation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    submitted_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]

    by: Mapped[Person | None] = relationship()
    lines: Mapped[list["ReviewLine"]] = relationship(cascade="all, delete-orphan")

    def line(self, line: EvaluationLine) -> "ReviewLine | None":
        """Return this tier's row for a line of the sheet; None when the filler's marks stand."""
        return next((row for row in self.lines if row.line_id == line.id), None)

    def marks(self, line: EvaluationLine) -> Any:
        """Return this tier's marks for a line: its own, else the filler's."""
        row = self.line(line)
        return line.self_score if row is None or row.score is None else row.score


class ReviewLine(Base):
    """One tier's marks for one indicator where they differ from the filler's, or a remark on it."""

    __tablename__ = "review_line"
    __table_args__ = (not_negative("score"), UniqueConstraint("review_id", "line_id"))

    id: Mapped[Id]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(ForeignKey("evaluation_line.id", ondelete="CASCADE"), index=True)
    score: Mapped[Marks | None]
    reason_code: Mapped[Word] = mapped_column(default="")
    reason: Mapped[LongText]

"""Checks of targets: what the rules last found on a declaration, and the marks by which copied texts are found."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Mapped, Marks, Moment, Word, mapped_column, not_negative, one_of
from perfmgr.rules.findings import ERROR, INFO, WARNING


class QualityCheck(Base):
    """The last check of one declaration: its quality score (0 to 100) and how much was found."""

    __tablename__ = "quality_check"
    __table_args__ = (not_negative("errors"), not_negative("warnings"))

    declaration_id: Mapped[int] = mapped_column(ForeignKey("declaration.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[Marks]
    errors: Mapped[int]
    warnings: Mapped[int]
    checked_at: Mapped[Moment]

    found: Mapped[list["QualityFinding"]] = relationship(cascade="all, delete-orphan", order_by="QualityFinding.code")


class QualityFinding(Base):
    """How often one rule spoke on one declaration."""

    __tablename__ = "quality_finding"
    __table_args__ = (
        one_of("level", (ERROR, WARNING, INFO)),
        Index("ix_quality_finding_code", "code", "declaration_id"),
    )

    declaration_id: Mapped[int] = mapped_column(
        ForeignKey("quality_check.declaration_id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[Word] = mapped_column(primary_key=True)
    level: Mapped[Word]
    count: Mapped[int]


class TextMark(Base):
    """A sentence or indicator of a submitted declaration, as a number that like ones share."""

    __tablename__ = "text_mark"

    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    declaration_id: Mapped[int] = mapped_column(
        ForeignKey("declaration.id", ondelete="CASCADE"), primary_key=True, index=True
    )

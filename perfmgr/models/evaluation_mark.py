"""Marks by which texts of submitted self-evaluations are found in others, although a few words differ."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from perfmgr.models.base import Base, mapped_column


class EvaluationMark(Base):
    """One mark (``rules.likeness.marks``) of a text of a sheet; department and year are those of the sheet."""

    __tablename__ = "evaluation_mark"
    __table_args__ = (Index("ix_evaluation_mark_department_id_year_mark", "department_id", "year", "mark"),)

    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department_id: Mapped[int]
    year: Mapped[int]

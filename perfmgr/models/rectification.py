"""Rectifications: what an evaluation found wrong, until when it is to be put right, and what was done."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Base,
    Id,
    LongText,
    Mapped,
    Moment,
    Word,
    mapped_column,
    one_of,
    version_column,
)
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.rules.rectifications import TYPES
from perfmgr.rules.workflow import STATES


class Rectification(Base):
    """One rectification of one evaluation; ``opened_by_id`` is null when a grade opened it.

    ``year`` is the year that was evaluated, ``unit_id`` the unit that has to answer.
    """

    __tablename__ = "rectification"
    __table_args__ = (
        one_of("kind", TYPES),
        one_of("state", STATES["rectification"]),
        Index("ix_rectification_year_due_on", "year", "due_on"),
    )

    id: Mapped[Id]
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"), unique=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    kind: Mapped[Word]
    state: Mapped[Word] = mapped_column(default="open")
    problem: Mapped[LongText]
    demand: Mapped[LongText]
    due_on: Mapped[dt.date]
    measures: Mapped[LongText]
    evidence: Mapped[LongText]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Moment]
    answered_at: Mapped[Moment | None]
    accepted_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = version_column()

    evaluation: Mapped[Evaluation] = relationship()
    project: Mapped[Project | None] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    department: Mapped[Unit] = relationship(foreign_keys=department_id)

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> str:
        """The key in the workflow table: finance judges what a whole department does."""
        return "rectification" if self.project_id else "department_rectification"

    @property
    def title(self) -> str:
        """The name of what was evaluated."""
        return self.project.name if self.project else self.department.name

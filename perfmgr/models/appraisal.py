"""Evaluations by experts: the frozen rubric, the experts with their marks, questions to the unit, the report."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Base,
    Data,
    Id,
    LongText,
    Mapped,
    Marks,
    Moment,
    Word,
    mapped_column,
    not_negative,
    one_of,
    version_column,
)
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Person
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.rules.appraisals import KINDS, SUBJECTS
from perfmgr.rules.workflow import STATES


class Appraisal(Base):
    """One evaluation of one project and year by several experts.

    ``rubric`` is frozen with its grades when it is organised, so that later versions alter nothing.
    ``total``, ``grade`` and ``report`` are stored when the report is concluded; ``notes`` are the
    organiser's sentences on items (by code) where the experts differ.
    """

    __tablename__ = "appraisal"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("state", STATES["appraisal"]),
        CheckConstraint("(state = 'concluded') = (total IS NOT NULL)", name="concluded"),
        not_negative("total"),
        Index(
            "uq_appraisal_project_id_year_kind",
            "project_id",
            "year",
            "kind",
            unique=True,
            sqlite_where=text("state <> 'cancelled'"),
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index("ix_appraisal_year_id", "year", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[Word]
    year: Mapped[int]
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    rubric: Mapped[Data]
    due_on: Mapped[dt.date]
    state: Mapped[Word] = mapped_column(default="marking")
    organiser_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    notes: Mapped[Data] = mapped_column(default=dict)
    problems: Mapped[LongText]
    suggestions: Mapped[LongText]
    total: Mapped[Marks | None]
    grade: Mapped[Word | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    concluded_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = version_column()

    evaluation: Mapped[Evaluation] = relationship()
    project: Mapped[Project] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    department: Mapped[Unit] = relationship(foreign_keys=department_id)
    organiser: Mapped[Person] = relationship()
    experts: Mapped[list["AppraisalExpert"]] = relationship(
        cascade="all, delete-orphan", order_by="AppraisalExpert.id", back_populates="appraisal"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> str:
        """The key in the workflow table: who organises depends on the kind."""
        return SUBJECTS[self.kind]

    @property
    def title(self) -> str:
        """The name of what is evaluated."""
        return self.project.name


class AppraisalExpert(Base):
    """One expert of one evaluation, from the declaration of interests to the submitted marks.

    ``excluded`` means that the expert declared a conflict and stepped back, ``missed`` that marking
    was closed before anything was submitted.
    """

    __tablename__ = "appraisal_expert"
    __table_args__ = (
        one_of("state", STATES["appraisal_expert"]),
        UniqueConstraint("appraisal_id", "person_id"),
    )

    id: Mapped[Id]
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[Word] = mapped_column(default="invited")
    conflict: Mapped[LongText]
    opinion: Mapped[LongText]
    declared_at: Mapped[Moment | None]
    submitted_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = version_column()

    appraisal: Mapped[Appraisal] = relationship(back_populates="experts")
    person: Mapped[Person] = relationship()
    marks: Mapped[list["AppraisalMark"]] = relationship(cascade="all, delete-orphan", order_by="AppraisalMark.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def answers(self) -> dict[str, Any]:
        """The marks by item code, as far as they go."""
        return {row.code: row.marks for row in self.marks if row.marks is not None}


class AppraisalMark(Base):
    """One expert's marks for one item of the frozen rubric, and why marks were taken off."""

    __tablename__ = "appraisal_mark"
    __table_args__ = (not_negative("marks"), UniqueConstraint("expert_id", "code"))

    id: Mapped[Id]
    expert_id: Mapped[int] = mapped_column(ForeignKey("appraisal_expert.id", ondelete="CASCADE"))
    code: Mapped[Word]
    marks: Mapped[Marks | None]
    reason: Mapped[LongText]


class AppraisalQuestion(Base):
    """A question to the unit, and its answer, which everybody of the evaluation sees."""

    __tablename__ = "appraisal_question"
    __table_args__ = (CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered"),)

    id: Mapped[Id]
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id", ondelete="CASCADE"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_expert: Mapped[bool]
    question: Mapped[LongText]
    asked_at: Mapped[Moment]
    answer: Mapped[LongText]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[Moment | None]

    appraisal: Mapped[Appraisal] = relationship()

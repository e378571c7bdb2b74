"""Self-evaluations of projects and of whole departments, line by line."""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Amount,
    Base,
    Id,
    Line,
    LongText,
    Mapped,
    Marks,
    Moment,
    Word,
    Yuan,
    mapped_column,
    not_negative,
    one_of,
    version_column,
)
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation_fund import EvaluationFund
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.rules.indicators import QUALITATIVE, SIGNS, parse_rule
from perfmgr.rules.schemes import KINDS
from perfmgr.rules.scoring import Row
from perfmgr.rules.workflow import STATES

if TYPE_CHECKING:
    from perfmgr.models.evaluation_proof import EvaluationProof


class Evaluation(Base):
    """One year's self-evaluation of a project, or of a department as a whole.

    Budget and spending are copied here on each save, so that a stored score can be recomputed
    from the record alone. ``total`` and ``grade`` are those in force: the filler's own after
    submission, afterwards those of the last tier that submitted its re-check (``models/review.py``).
    ``light``, ``risk`` and ``signals`` are what the watch on inflated scores said at submission.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("state", STATES["project_evaluation"]),
        CheckConstraint("(kind = 'project') = (project_id IS NOT NULL)", name="subject"),
        not_negative("initial"),
        not_negative("adjusted"),
        not_negative("executed"),
        # Whole-department sheets have no project; nulls are distinct, so they do not collide here.
        UniqueConstraint("project_id", "year"),
        Index(
            "uq_evaluation_department_id_year",
            "department_id",
            "year",
            unique=True,
            sqlite_where=text("kind = 'department'"),
            postgresql_where=text("kind = 'department'"),
        ),
        Index("ix_evaluation_year_id", "year", "id"),
        Index("ix_evaluation_unit_id_year", "unit_id", "year"),
        Index("ix_evaluation_department_id_year_state", "department_id", "year", "state"),
    )

    id: Mapped[Id]
    kind: Mapped[Word]
    year: Mapped[int]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    state: Mapped[Word] = mapped_column(default="open")
    due_on: Mapped[dt.date]
    initial: Mapped[Yuan | None]
    adjusted: Mapped[Yuan | None]
    executed: Mapped[Yuan | None]
    goal_expected: Mapped[LongText]
    goal_actual: Mapped[LongText]
    execution_reason: Mapped[LongText]
    problems: Mapped[LongText]
    measures: Mapped[LongText]
    self_total: Mapped[Marks | None]
    self_grade: Mapped[Word | None]
    total: Mapped[Marks | None]
    grade: Mapped[Word | None]
    explanation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    light: Mapped[Word | None]
    risk: Mapped[Marks | None]
    signals: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = version_column()

    project: Mapped[Project | None] = relationship()
    cycle: Mapped[Cycle] = relationship()
    scheme: Mapped[SchemeVersion] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    department: Mapped[Unit] = relationship(foreign_keys=department_id)
    funds: Mapped[list[EvaluationFund]] = relationship(cascade="all, delete-orphan", order_by=EvaluationFund.id)
    lines: Mapped[list["EvaluationLine"]] = relationship(
        cascade="all, delete-orphan", order_by="EvaluationLine.position"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> str:
        """The key of this evaluation in the workflow table."""
        return f"{self.kind}_evaluation"

    @property
    def amounts(self) -> dict[str, Decimal | None]:
        """The year's money as a whole, in yuan."""
        return {"initial": self.initial, "adjusted": self.adjusted, "executed": self.executed}

    @property
    def title(self) -> str:
        """The name of what is evaluated."""
        return self.project.name if self.project else self.department.name


class EvaluationLine(Base):
    """One indicator of a self-evaluation: the target as approved, what was reached, and the marks.

    ``share`` is the part of the weight (0–1) chosen inside a qualitative tier. ``self_score`` is
    the engine's result when the sheet was submitted.
    """

    __tablename__ = "evaluation_line"
    __table_args__ = (
        one_of("sign", SIGNS),
        not_negative("weight"),
    )

    id: Mapped[Id]
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    category: Mapped[Word]
    subcategory: Mapped[Line] = mapped_column(default="")
    name: Mapped[Line]
    sign: Mapped[Word]
    target_value: Mapped[Amount | None]
    target_text: Mapped[Line] = mapped_column(default="")
    unit: Mapped[Word] = mapped_column(default="")
    weight: Mapped[Marks]
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    evidence: Mapped[Line] = mapped_column(default="")
    library_id: Mapped[int | None] = mapped_column(ForeignKey("library_entry.id"))
    actual_value: Mapped[Amount | None]
    actual_text: Mapped[Line] = mapped_column(default="")
    tier: Mapped[Word] = mapped_column(default="")
    share: Mapped[Amount | None]
    not_applicable: Mapped[bool] = mapped_column(default=False)
    na_reason: Mapped[LongText]
    # What shows what was reached and is no file of the sheet; the files are ``proofs``.
    proof: Mapped[Line] = mapped_column(default="", server_default="")
    reason: Mapped[LongText]
    measure: Mapped[LongText]
    self_score: Mapped[Marks | None]

    proofs: Mapped[list["EvaluationProof"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="EvaluationProof.id"
    )

    @property
    def evidenced(self) -> bool:
        """Whether anything shows what was reached: a file that counts, or words."""
        return bool(self.proof) or any(proof.counts for proof in self.proofs)

    def as_row(self) -> Row:
        """Return the line as the scoring engine sees it."""
        return Row(
            sign=self.sign,
            target=self.target_value,
            actual=None if self.sign == QUALITATIVE else self.actual_value,
            weight=self.weight,
            rule=parse_rule(self.rule),
            tier=self.tier,
            share=self.share,
            not_applicable=self.not_applicable,
        )

"""Declarations: a project's six sections and performance targets for one year."""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Amount,
    Base,
    Data,
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
from perfmgr.models.person import Person
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.rules.indicators import SIGNS
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.targets import TargetLine, TargetSheet
from perfmgr.rules.workflow import STATES

if TYPE_CHECKING:
    from perfmgr.models.attachment import Attachment

_OPEN_ADJUSTMENT = "state NOT IN ('approved', 'dropped')"


class Declaration(Base):
    """What one project declares for one year: 项目概述 … 年度预算安排, and its indicators.

    An adjustment (调整) is a declaration of its own that ``adjusts`` the approved one; what is in
    force stays in the latter and takes over the adjusted content when finance approves it. Lists
    and sums therefore count rows without ``adjusts_id`` only.
    ``to_check`` names what was copied from last year and nobody has looked at yet; ``opened_at``
    is when the department's reviewer opened what was handed in.

    ``unit_id`` and ``department_id`` are those of that year, so that history stays where it was
    when a project moves. ``annual_amount`` is the sum of the funds. ``no_attachments`` says that
    the filler has thought of attachments and there are none to add.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        one_of("state", STATES["adjustment"]),
        # One declaration a year, and beside it adjustments, of which one at most is on its way.
        Index(
            "uq_declaration_project_id_year",
            "project_id",
            "year",
            unique=True,
            sqlite_where=text("adjusts_id IS NULL"),
            postgresql_where=text("adjusts_id IS NULL"),
        ),
        Index(
            "uq_declaration_open_adjustment",
            "adjusts_id",
            unique=True,
            sqlite_where=text(_OPEN_ADJUSTMENT),
            postgresql_where=text(_OPEN_ADJUSTMENT),
        ),
        # Without the nulls: with them it would look good for every ``adjusts_id IS NULL``.
        Index(
            "ix_declaration_adjusts_id",
            "adjusts_id",
            sqlite_where=text("adjusts_id IS NOT NULL"),
            postgresql_where=text("adjusts_id IS NOT NULL"),
        ),
        not_negative("annual_amount"),
        CheckConstraint("start_on <= end_on", name="period"),
        Index("ix_declaration_year_id", "year", "id"),
        Index("ix_declaration_unit_id_year", "unit_id", "year"),
        Index("ix_declaration_department_id_year_state", "department_id", "year", "state"),
    )

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    year: Mapped[int]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[Word] = mapped_column(default="draft")
    overview: Mapped[LongText]
    rationale: Mapped[LongText]
    body: Mapped[LongText]
    plan: Mapped[LongText]
    goals: Mapped[LongText]
    start_on: Mapped[dt.date | None]
    end_on: Mapped[dt.date | None]
    annual_amount: Mapped[Yuan] = mapped_column(default=Decimal(0))
    no_attachments: Mapped[bool] = mapped_column(default=False, server_default=false())
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    adjusts_id: Mapped[int | None] = mapped_column(ForeignKey("declaration.id"))
    adjust_reason: Mapped[LongText]
    adjust_basis: Mapped[LongText]
    to_check: Mapped[list[str]] = mapped_column(JSON, default=list)
    opened_at: Mapped[Moment | None]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[Moment | None]
    approved_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    # Who saved each section last, by its name; and one sentence for each warning, by its key.
    saves: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    justifications: Mapped[Data] = mapped_column(default=dict, server_default="{}")
    version: Mapped[int] = version_column()

    project: Mapped[Project] = relationship()
    cycle: Mapped[Cycle] = relationship()
    scheme: Mapped[SchemeVersion] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    department: Mapped[Unit] = relationship(foreign_keys=department_id)
    adjusts: Mapped["Declaration | None"] = relationship(remote_side="Declaration.id")
    opened_by: Mapped[Person | None] = relationship(foreign_keys=opened_by_id)
    bases: Mapped[list["LegalBasis"]] = relationship(cascade="all, delete-orphan", order_by="LegalBasis.position")
    steps: Mapped[list["Step"]] = relationship(cascade="all, delete-orphan", order_by="Step.position")
    funds: Mapped[list["Fund"]] = relationship(cascade="all, delete-orphan", order_by="Fund.id")
    indicators: Mapped[list["Indicator"]] = relationship(cascade="all, delete-orphan", order_by="Indicator.position")

    attachments: Mapped[list["Attachment"]] = relationship(
        viewonly=True,
        primaryjoin="and_(Declaration.id == Attachment.declaration_id, Attachment.removed_at.is_(None))",
        order_by="Attachment.id",
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def never_submitted(self) -> bool:
        """Whether this is a draft that nobody but its authors has worked with."""
        return self.state == "draft" and self.submitted_at is None and self.adjusts_id is None

    @property
    def subject(self) -> str:
        """The key of this declaration in the workflow table."""
        return "declaration" if self.adjusts_id is None else "adjustment"

    @property
    def root_id(self) -> int:
        """The declaration whose versions these are: itself, or the one it adjusts."""
        return self.adjusts_id or self.id

    def as_sheet(self) -> TargetSheet:
        """Return the declaration as the quality rules see it."""
        return TargetSheet(
            year=self.year,
            overview=self.overview,
            bases=[basis.title for basis in self.bases],
            body=self.body,
            plan=self.plan,
            goals=self.goals,
            step_spans=[(step.start_on, step.end_on) for step in self.steps],
            start_on=self.start_on,
            end_on=self.end_on,
            annual_amount=self.annual_amount,
            total_amount=self.project.total_amount,
            lines=[indicator.as_line() for indicator in self.indicators],
            name=self.project.name,
            unit_name=self.unit.name,
            category=self.project.category,
            attribute=self.project.attribute,
            rationale=self.rationale,
            term_start_on=self.project.start_on,
            term_end_on=self.project.end_on,
            goals_total=self.project.goals_total,
            funds=[(fund.source, fund.amount) for fund in self.funds],
            to_check=self.to_check or (),
        )


class LegalBasis(Base):
    """One document a project rests on: title and document number such as 大组〔2022〕101号."""

    __tablename__ = "legal_basis"

    id: Mapped[Id]
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declaration.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(400))
    number: Mapped[str] = mapped_column(String(100), default="")


class Step(Base):
    """One step of the plan, in order."""

    __tablename__ = "step"
    __table_args__ = (CheckConstraint("start_on <= end_on", name="period"),)

    id: Mapped[Id]
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declaration.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    content: Mapped[LongText]
    start_on: Mapped[dt.date | None]
    end_on: Mapped[dt.date | None]
    responsible: Mapped[Line] = mapped_column(default="")


class Fund(Base):
    """The year's money from one source."""

    __tablename__ = "fund"
    __table_args__ = (
        one_of("source", FUND_SOURCES),
        UniqueConstraint("declaration_id", "source"),
        not_negative("amount"),
    )

    id: Mapped[Id]
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declaration.id", ondelete="CASCADE"))
    source: Mapped[Word]
    amount: Mapped[Yuan]


class Indicator(Base):
    """One performance indicator of a declaration; ``rule`` replaces the formula of its sign.

    ``library_id`` is the entry of the library it was filled from.
    """

    __tablename__ = "indicator"
    __table_args__ = (one_of("sign", SIGNS), not_negative("weight"), Index("ix_indicator_name", "name"))

    id: Mapped[Id]
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declaration.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    category: Mapped[Word]
    subcategory: Mapped[Line] = mapped_column(default="")
    name: Mapped[Line]
    sign: Mapped[Word]
    target_value: Mapped[Amount | None]
    target_text: Mapped[Line] = mapped_column(default="")
    unit: Mapped[Word] = mapped_column(default="")
    weight: Mapped[Marks] = mapped_column(default=Decimal(0))
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    evidence: Mapped[Line] = mapped_column(default="")
    library_id: Mapped[int | None] = mapped_column(ForeignKey("library_entry.id"), index=True)

    def as_line(self) -> TargetLine:
        """Return the indicator as the quality rules see it."""
        return TargetLine(
            category=self.category,
            name=self.name,
            sign=self.sign,
            value=self.target_value,
            text=self.target_text,
            unit=self.unit,
            weight=self.weight,
            subcategory=self.subcategory,
            evidence=self.evidence,
        )

"""Declarations: a project's six sections and performance targets for one year."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
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
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.rules.indicators import SIGNS
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.quality import TargetLine, TargetSheet
from perfmgr.rules.workflow import STATES


class Declaration(Base):
    """What one project declares for one year: 项目概述 … 年度预算安排, and its indicators.

    ``unit_id`` and ``department_id`` are those of that year, so that history stays where it was
    when a project moves. ``annual_amount`` is the sum of the funds.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        one_of("state", STATES["declaration"]),
        UniqueConstraint("project_id", "year"),
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
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
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
    bases: Mapped[list["LegalBasis"]] = relationship(cascade="all, delete-orphan", order_by="LegalBasis.position")
    steps: Mapped[list["Step"]] = relationship(cascade="all, delete-orphan", order_by="Step.position")
    funds: Mapped[list["Fund"]] = relationship(cascade="all, delete-orphan", order_by="Fund.id")
    indicators: Mapped[list["Indicator"]] = relationship(cascade="all, delete-orphan", order_by="Indicator.position")

    __mapper_args__ = {"version_id_col": version}

    @property
    def never_submitted(self) -> bool:
        """Whether this is a draft that nobody but its authors has worked with."""
        return self.state == "draft" and self.submitted_at is None

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
    """One performance indicator of a declaration; ``rule`` replaces the formula of its sign."""

    __tablename__ = "indicator"
    __table_args__ = (one_of("sign", SIGNS), not_negative("weight"))

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
        )

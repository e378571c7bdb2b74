"""Monitoring of projects in the middle of the year, indicator by indicator, and the problems to be put right."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
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
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.rules.indicators import SIGNS
from perfmgr.rules.monitorings import ITEM_STATES, LIGHTS, LIKELIHOODS, TIERS, Entry, Money, Progress
from perfmgr.rules.workflow import STATES


class Monitoring(Base):
    """One project's money and indicators at the end of one month (``cut_off`` 1–12) of a year.

    Budget and targets are copied when the sheet is made. ``executed`` is what was spent by the
    cut-off, ``forecast`` what the whole year is expected to take; ``general_*`` is the part of the
    general public budget. ``light`` is the project's, ``budget_light`` that of the money; both are
    judged anew with every save, so that lists can be filtered by them.
    """

    __tablename__ = "monitoring"
    __table_args__ = (
        one_of("state", STATES["monitoring"]),
        one_of("light", LIGHTS),
        one_of("budget_light", LIGHTS),
        CheckConstraint("cut_off BETWEEN 1 AND 12", name="cut_off"),
        *(not_negative(name) for name in ("initial", "adjusted", "executed", "forecast")),
        *(not_negative(f"general_{name}") for name in ("initial", "executed", "forecast")),
        UniqueConstraint("project_id", "year", "cut_off"),
        Index("ix_monitoring_year_id", "year", "id"),
        Index("ix_monitoring_unit_id_year", "unit_id", "year"),
        Index("ix_monitoring_department_id_year_state", "department_id", "year", "state"),
    )

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    year: Mapped[int]
    cut_off: Mapped[int]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[Word] = mapped_column(default="open")
    due_on: Mapped[dt.date]
    initial: Mapped[Yuan]
    adjusted: Mapped[Yuan]
    executed: Mapped[Yuan | None]
    forecast: Mapped[Yuan | None]
    general_initial: Mapped[Yuan | None]
    general_executed: Mapped[Yuan | None]
    general_forecast: Mapped[Yuan | None]
    goal_expected: Mapped[LongText]
    goal_progress: Mapped[LongText]
    budget_causes: Mapped[list[str]] = mapped_column(JSON, default=list)
    budget_explanation: Mapped[LongText]
    budget_light: Mapped[Word] = mapped_column(default="none")
    light: Mapped[Word] = mapped_column(default="none")
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]
    updated_at: Mapped[Moment]
    version: Mapped[int] = version_column()

    project: Mapped[Project] = relationship()
    cycle: Mapped[Cycle] = relationship()
    scheme: Mapped[SchemeVersion] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    department: Mapped[Unit] = relationship(foreign_keys=department_id)
    lines: Mapped[list["MonitoringLine"]] = relationship(
        cascade="all, delete-orphan", order_by="MonitoringLine.position"
    )
    items: Mapped[list["MonitoringItem"]] = relationship(
        cascade="all, delete-orphan", order_by="MonitoringItem.position", back_populates="monitoring"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def title(self) -> str:
        """The name of what is monitored."""
        return self.project.name

    def item_at(self, position: int) -> "MonitoringItem | None":
        """Return the problem noted for the line in this position (0: for the money), or None."""
        return next((item for item in self.items if item.position == position), None)

    def entry_at(self, position: int, causes: list[str], explanation: str) -> Entry:
        """Return what is written beside one light, as the rules see it."""
        item = self.item_at(position)
        if item is None:
            return Entry(causes, explanation)
        return Entry(causes, explanation, item.measure, item.owner, item.due_on)

    @property
    def other_money(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """What is not of the general public budget: initial, executed and expected, as far as both are known."""

        def rest(whole: Decimal | None, part: Decimal | None) -> Decimal | None:
            return None if whole is None or part is None else max(whole - part, Decimal(0))

        return (
            rest(self.initial, self.general_initial),
            rest(self.executed, self.general_executed),
            rest(self.forecast, self.general_forecast),
        )

    def as_money(self) -> Money:
        """Return the money as the rules see it."""
        return Money(
            budget=self.adjusted,
            executed=self.executed,
            forecast=self.forecast,
            general_executed=self.general_executed,
            general_forecast=self.general_forecast,
            entry=self.entry_at(0, self.budget_causes, self.budget_explanation),
        )

    def as_lines(self) -> list[Progress]:
        """Return the indicators as the rules see them."""
        return [line.as_progress(self.entry_at(line.position, line.causes, line.explanation)) for line in self.lines]


class MonitoringLine(Base):
    """One indicator at the cut-off: the target as approved, what is reached, and what the year is expected to bring."""

    __tablename__ = "monitoring_line"
    __table_args__ = (
        one_of("sign", SIGNS),
        one_of("tier", ("", *TIERS)),
        one_of("likelihood", ("", *LIKELIHOODS)),
        one_of("light", LIGHTS),
        not_negative("weight"),
    )

    id: Mapped[Id]
    monitoring_id: Mapped[int] = mapped_column(ForeignKey("monitoring.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    category: Mapped[Word]
    subcategory: Mapped[Line] = mapped_column(default="")
    name: Mapped[Line]
    sign: Mapped[Word]
    target_value: Mapped[Amount | None]
    target_text: Mapped[Line] = mapped_column(default="")
    unit: Mapped[Word] = mapped_column(default="")
    weight: Mapped[Marks]
    actual_value: Mapped[Amount | None]
    actual_text: Mapped[Line] = mapped_column(default="")
    tier: Mapped[Word] = mapped_column(default="")
    forecast_value: Mapped[Amount | None]
    forecast_text: Mapped[Line] = mapped_column(default="")
    likelihood: Mapped[Word] = mapped_column(default="")
    light: Mapped[Word] = mapped_column(default="none")
    causes: Mapped[list[str]] = mapped_column(JSON, default=list)
    explanation: Mapped[LongText]
    remark: Mapped[Line] = mapped_column(default="")

    def as_progress(self, entry: Entry) -> Progress:
        """Return the indicator as the rules see it, with what is written beside its light."""
        return Progress(
            name=self.name,
            sign=self.sign,
            target=self.target_value,
            target_text=self.target_text,
            unit=self.unit,
            weight=self.weight,
            actual=self.actual_value,
            tier=self.tier,
            forecast=self.forecast_value,
            forecast_text=self.forecast_text,
            likelihood=self.likelihood,
            entry=entry,
        )


class MonitoringItem(Base):
    """A problem to be put right: what is done, by whom, until when, and what came of it.

    ``position`` is that of its indicator, 0 for the money; ``name`` the indicator's name then.
    """

    __tablename__ = "monitoring_item"
    __table_args__ = (
        one_of("state", ITEM_STATES),
        CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed"),
        UniqueConstraint("monitoring_id", "position"),
        Index("ix_monitoring_item_state_due_on", "state", "due_on"),
    )

    id: Mapped[Id]
    monitoring_id: Mapped[int] = mapped_column(ForeignKey("monitoring.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Line] = mapped_column(default="")
    measure: Mapped[LongText]
    owner: Mapped[Line] = mapped_column(default="")
    due_on: Mapped[dt.date | None]
    state: Mapped[Word] = mapped_column(default="open")
    closing_note: Mapped[LongText]
    closed_on: Mapped[dt.date | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    monitoring: Mapped[Monitoring] = relationship(back_populates="items")

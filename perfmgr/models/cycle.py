"""Fiscal-year cycles of an area, with their windows and schemes."""

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Id, LongText, Mapped, Moment, Word, mapped_column, one_of, version_column
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR, WINDOWS, Deviation, Span, span_for
from perfmgr.rules.monitorings import USUAL_CUT_OFFS


class Cycle(Base):
    """One fiscal year of one area; departments below the area follow the nearest cycle upwards."""

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("unit_id", "year"),
        CheckConstraint(f"year BETWEEN {FIRST_YEAR} AND {LAST_YEAR}", name="year"),
    )

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int] = mapped_column(index=True)
    project_scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    department_scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    # Ends of months at which projects are monitored; 1–12.
    cut_offs: Mapped[list[int]] = mapped_column(JSON, default=lambda: list(USUAL_CUT_OFFS), server_default="[7]")
    closed_at: Mapped[Moment | None]
    version: Mapped[int] = version_column()

    unit: Mapped[Unit] = relationship()
    project_scheme: Mapped[SchemeVersion] = relationship(foreign_keys=project_scheme_id)
    department_scheme: Mapped[SchemeVersion] = relationship(foreign_keys=department_scheme_id)
    windows: Mapped[list["Window"]] = relationship(cascade="all, delete-orphan", order_by="Window.id")
    exceptions: Mapped[list["WindowException"]] = relationship(
        cascade="all, delete-orphan", order_by="WindowException.id", back_populates="cycle"
    )

    __mapper_args__ = {"version_id_col": version}

    def usual_span(self, kind: str) -> Span | None:
        """Return the window of this kind for units without an exception, or None when it is not set."""
        return next((Span(w.opens_on, w.closes_on) for w in self.windows if w.kind == kind), None)

    def span(self, kind: str, path: str) -> Span | None:
        """Return the window of this kind for the unit at this path, or None when it is not set.

        Whoever asks until when a unit may do something asks here; statements use
        ``queries.cycles.window_day``, which says the same.
        """
        return span_for(path, kind, self.usual_span(kind), self.deviations())

    def spans_within(self, kind: str, path: str) -> list[Span]:
        """Return every span of this kind that holds for the unit at this path or for anything below it."""
        below = [d.span for d in self.deviations() if d.kind == kind and d.path != path and d.path.startswith(path)]
        own = self.span(kind, path)
        return [*([own] if own else []), *below]

    def deviations(self) -> list[Deviation]:
        """Return the exceptions as the rules know them."""
        return [Deviation(e.kind, e.unit.path, Span(e.opens_on, e.closes_on)) for e in self.exceptions]


class Window(Base):
    """The days, both included, in which one kind of work is open."""

    __tablename__ = "cycle_window"
    __table_args__ = (
        one_of("kind", WINDOWS),
        UniqueConstraint("cycle_id", "kind"),
        CheckConstraint("opens_on <= closes_on", name="order"),
    )

    id: Mapped[Id]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id", ondelete="CASCADE"))
    kind: Mapped[Word]
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date]
    changed_at: Mapped[Moment | None]  # of the days; null when they were set before this was noted


class WindowException(Base):
    """Other days of one window for one unit and everything below it, and why."""

    __tablename__ = "window_exception"
    __table_args__ = (
        one_of("kind", WINDOWS),
        UniqueConstraint("cycle_id", "unit_id", "kind"),
        CheckConstraint("opens_on <= closes_on", name="order"),
    )

    id: Mapped[Id]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[Word]
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date]
    reason: Mapped[LongText]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    cycle: Mapped[Cycle] = relationship(back_populates="exceptions")
    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)

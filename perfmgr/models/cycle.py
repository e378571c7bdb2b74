"""Fiscal-year cycles of an area, with their windows and schemes."""

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Id, Mapped, Moment, Word, mapped_column, one_of, version_column
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR, WINDOWS, Span
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

    __mapper_args__ = {"version_id_col": version}

    def span(self, kind: str) -> Span | None:
        """Return the window of this kind as a span of days, or None when it is not set."""
        return next((Span(w.opens_on, w.closes_on) for w in self.windows if w.kind == kind), None)


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

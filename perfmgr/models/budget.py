"""Budget lines: a project's initial budget, adjusted budget and spending in one year."""

from decimal import Decimal

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import (
    Base,
    Id,
    Mapped,
    Moment,
    Word,
    Yuan,
    mapped_column,
    not_negative,
    one_of,
    version_column,
)
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.rules.workflow import STATES


class BudgetLine(Base):
    """年初预算数, 全年（调整）预算数 and 全年执行数 of one project in one year, in yuan."""

    __tablename__ = "budget_line"
    __table_args__ = (
        one_of("state", STATES["budget"]),
        UniqueConstraint("project_id", "year"),
        not_negative("initial"),
        not_negative("adjusted"),
        not_negative("executed"),
        Index("ix_budget_line_year_id", "year", "id"),
        Index("ix_budget_line_unit_id_year", "unit_id", "year"),
        Index("ix_budget_line_department_id_year_state", "department_id", "year", "state"),
    )

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    year: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[Word] = mapped_column(default="proposed")
    initial: Mapped[Yuan] = mapped_column(default=Decimal(0))
    adjusted: Mapped[Yuan] = mapped_column(default=Decimal(0))
    executed: Mapped[Yuan] = mapped_column(default=Decimal(0))
    executed_at: Mapped[Moment | None]
    approved_at: Mapped[Moment | None]
    version: Mapped[int] = version_column()

    project: Mapped[Project] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    department: Mapped[Unit] = relationship(foreign_keys=department_id)

    __mapper_args__ = {"version_id_col": version}

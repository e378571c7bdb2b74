"""Projects: one identity over the years."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, and_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import relationship
from sqlalchemy.sql import ColumnElement

from perfmgr.models.base import (
    Base,
    Created,
    Id,
    Line,
    LongText,
    Mapped,
    Word,
    Yuan,
    mapped_column,
    not_negative,
    one_of,
    version_column,
)
from perfmgr.models.function import Function
from perfmgr.models.unit import Unit
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES, OWING_CATEGORIES, owes_targets


class Project(Base):
    """A budget project. What belongs to one year lives in Declaration, BudgetLine and Evaluation.

    ``start_on``/``end_on``, ``total_amount`` and ``goals_total`` are for the whole term.
    ``exempt_reason`` is set by an administrator for a project that owes no targets although its
    category would.
    """

    __tablename__ = "project"
    __table_args__ = (
        one_of("category", CATEGORIES),
        one_of("attribute", ATTRIBUTES),
        not_negative("total_amount"),
        CheckConstraint("start_on <= end_on", name="term"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(21), unique=True)
    name: Mapped[Line]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    category: Mapped[Word]
    attribute: Mapped[Word] = mapped_column(default="new")
    function_code: Mapped[str | None] = mapped_column(ForeignKey("function.code"))
    start_on: Mapped[dt.date | None]
    end_on: Mapped[dt.date | None]
    total_amount: Mapped[Yuan | None]
    goals_total: Mapped[LongText]
    exempt_reason: Mapped[LongText]
    created_at: Mapped[Created]
    version: Mapped[int] = version_column()

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    department: Mapped[Unit] = relationship(foreign_keys=department_id)
    function: Mapped[Function | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @hybrid_property
    def owes(self) -> bool:
        """Whether the project owes targets and a self-evaluation; also usable in queries."""
        return owes_targets(self.category, self.exempt_reason)

    @owes.inplace.expression
    @classmethod
    def _owes(cls) -> ColumnElement[bool]:
        return and_(cls.category.in_(OWING_CATEGORIES), cls.exempt_reason == "")

"""Figures: what a department enters once a year for the named formulas of its self-evaluation."""

from sqlalchemy import ForeignKey, UniqueConstraint

from perfmgr.models.base import Amount, Base, Id, Line, Mapped, Moment, Word, mapped_column, not_negative


class DepartmentFigure(Base):
    """One figure of one department and year (amounts in 万元), with the source it was taken from."""

    __tablename__ = "department_figure"
    __table_args__ = (UniqueConstraint("department_id", "year", "key"), not_negative("value"))

    id: Mapped[Id]
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    key: Mapped[Word]
    value: Mapped[Amount]
    source: Mapped[Line]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

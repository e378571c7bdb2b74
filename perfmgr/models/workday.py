"""Work-day tables: what the State Council announced for a year, as an administrator entered it."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import relationship

from perfmgr.models.base import Base, Id, Line, Mapped, Moment, Word, mapped_column, one_of, version_column
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.holidays import KINDS


class WorkdayTable(Base):
    """The table of one year; ``source`` is the number of the notice it was taken from."""

    __tablename__ = "workday_table"
    __table_args__ = (CheckConstraint(f"year BETWEEN {FIRST_YEAR} AND {LAST_YEAR}", name="year"),)

    id: Mapped[Id]
    year: Mapped[int] = mapped_column(unique=True)
    source: Mapped[Line]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]
    version: Mapped[int] = version_column()

    days: Mapped[list["SpecialDay"]] = relationship(
        cascade="all, delete-orphan", order_by="SpecialDay.day", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}


class SpecialDay(Base):
    """One day that is off or worked; the notice of a year may also name days of the December before."""

    __tablename__ = "special_day"
    __table_args__ = (one_of("kind", KINDS), UniqueConstraint("table_id", "day"))

    id: Mapped[Id]
    table_id: Mapped[int] = mapped_column(ForeignKey("workday_table.id", ondelete="CASCADE"))
    day: Mapped[dt.date]
    kind: Mapped[Word]
    name: Mapped[Line]

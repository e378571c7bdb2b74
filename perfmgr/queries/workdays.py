"""Working days: the table of each year, as an administrator entered it or as the library chinesecalendar knows it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chinese_calendar.constants import Holiday, holidays, workdays
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from perfmgr.extensions import db
from perfmgr.models.person import Appointment, Person
from perfmgr.models.workday import WorkdayTable
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ids_on
from perfmgr.rules.holidays import OFF, WORK, Special, assemble
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.workdays import Workdays

# The library's short forms of the holidays' names.
_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


@lru_cache(maxsize=1)
def built_in() -> dict[int, tuple[Special, ...]]:
    """Return the tables of the library by year. It counts a moved day to the year the day lies in."""
    names = {item.value: _NAMES.get(item.chinese, item.chinese) for item in Holiday}
    tables: dict[int, list[Special]] = defaultdict(list)
    for kind, days in ((OFF, holidays), (WORK, workdays)):
        for day, name in days.items():
            tables[day.year].append(Special(day, kind, names[name]))
    return {year: tuple(sorted(days, key=lambda special: special.day)) for year, days in sorted(tables.items())}


def may_change(by: Viewer) -> bool:
    """Tell whether this person is an administrator with none above: the tables hold for everybody.

    The highest units of the tree may only be there for their codes, with nobody who uses the system.
    """
    return any(not _administered(ids_on(path)[:-1]) for path in by.paths({ADMINISTRATOR}))


def _administered(unit_ids: Sequence[int]) -> bool:
    """Tell whether any of these units has an administrator who is active."""
    if not unit_ids:
        return False
    active = Appointment.person_id.in_(select(Person.id).where(Person.active))
    found = select(Appointment.id).where(Appointment.unit_id.in_(unit_ids), Appointment.role == ADMINISTRATOR, active)
    return db.session.scalar(found.limit(1)) is not None


def stored(year: int) -> WorkdayTable | None:
    """Return the table an administrator entered for a year, with its days, or None."""
    statement = select(WorkdayTable).where(WorkdayTable.year == year)
    return db.session.scalar(statement.options(selectinload(WorkdayTable.days)))


def all_stored() -> Sequence[WorkdayTable]:
    """Return every entered table with its days, oldest year first."""
    statement = select(WorkdayTable).order_by(WorkdayTable.year)
    return db.session.scalars(statement.options(selectinload(WorkdayTable.days))).all()


@dataclass(frozen=True, slots=True)
class Days:
    """How to count working days, and what the days are called that are not what their weekday says."""

    workdays: Workdays
    special: dict[dt.date, Special]


def known() -> Days:
    """Return everything known about all years: what was entered goes before what the library says."""
    entered = {table.year: [Special(d.day, d.kind, d.name) for d in table.days] for table in all_stored()}
    return Days(*assemble({**built_in(), **entered}))


def years_needed(today: dt.date) -> tuple[int, ...]:
    """Return the years whose table must be there: this one, and from November on, when it is announced, the next."""
    return (today.year, today.year + 1) if today.month >= 11 else (today.year,)


def years_missing(today: dt.date) -> list[int]:
    """Return the years whose table is needed today and known to nobody."""
    needed = [year for year in years_needed(today) if year not in built_in()]
    if not needed:
        return []
    entered = set(db.session.scalars(select(WorkdayTable.year).where(WorkdayTable.year.in_(needed))))
    return [year for year in needed if year not in entered]

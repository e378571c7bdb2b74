"""Working days: the table of each year, as the library chinesecalendar knows it."""

from dataclasses import dataclass
from functools import lru_cache

from chinese_calendar.constants import holidays, workdays  # type: ignore[import-untyped]

from perfmgr.rules.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Days:
    """How to count working days."""

    workdays: Workdays


@lru_cache(maxsize=1)
def known() -> Days:
    """Return everything known about all years."""
    years = {day.year for day in (*holidays, *workdays)}
    return Days(Workdays(frozenset(holidays), frozenset(workdays), frozenset(years)))

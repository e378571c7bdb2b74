"""Months of the calendar: their days in whole weeks, and the one before and after."""

import datetime as dt
from dataclasses import dataclass

from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.texts import N_

WEEK = 7
NAMES = (
    *(N_("1月"), N_("2月"), N_("3月"), N_("4月"), N_("5月"), N_("6月")),
    *(N_("7月"), N_("8月"), N_("9月"), N_("10月"), N_("11月"), N_("12月")),
)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year."""

    year: int
    number: int

    @property
    def name(self) -> str:
        """The month's name, in the source language."""
        return NAMES[self.number - 1]

    @property
    def first(self) -> dt.date:
        """The first day."""
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        """The last day."""
        return (self.first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)

    def moved(self, months: int) -> "Month":
        """Return the month so many months later."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    def shown(self) -> bool:
        """Tell whether the calendar has a page for it."""
        return FIRST_YEAR <= self.year <= LAST_YEAR

    def weeks(self) -> list[list[dt.date]]:
        """Return the days from the Monday on or before the first to the Sunday on or after the last, week by week."""
        start = self.first - dt.timedelta(days=self.first.weekday())
        count = ((self.last - start).days // WEEK + 1) * WEEK
        days = [start + dt.timedelta(days=n) for n in range(count)]
        return [days[n : n + WEEK] for n in range(0, count, WEEK)]

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def of_day(day: dt.date) -> Month:
    """Return the month a day lies in."""
    return Month(day.year, day.month)


def parse_month(text: str) -> Month | None:
    """Return the month written as 2026-11, None for anything else or a month without page."""
    year, dash, number = text.partition("-")
    if not (dash and text.isascii() and len(text) == 7 and year.isdigit() and number.isdigit()):
        return None
    month = Month(int(year), int(number))
    return month if 1 <= month.number <= 12 and month.shown() else None

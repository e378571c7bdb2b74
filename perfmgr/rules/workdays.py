"""Working days: weekends and statutory holidays are off, days moved by the State Council (调休) are worked."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A day that was counted out, and whether the table of every year on the way was known."""

    day: dt.date
    certain: bool


@dataclass(frozen=True, slots=True)
class Workdays:
    """What the yearly notices say: weekdays that are ``off``, weekends that are ``worked``, and for which years.

    A year outside ``years`` is reckoned with plain weekdays, and every answer that touched it says
    so: ``Reckoned.certain`` is false, ``missing`` names the year. Nothing is treated silently as if
    there were no holidays.
    """

    off: frozenset[dt.date] = frozenset()
    worked: frozenset[dt.date] = frozenset()
    years: frozenset[int] = frozenset()

    def knows(self, year: int) -> bool:
        """Tell whether the table of this year is known."""
        return year in self.years

    def missing(self, first: dt.date, last: dt.date) -> tuple[int, ...]:
        """Return the years between two days (in either order, both included) whose table is not known."""
        start, end = sorted((first, last))
        return tuple(year for year in range(start.year, end.year + 1) if year not in self.years)

    def is_workday(self, day: dt.date) -> bool:
        """Tell whether people work on this day; ask ``knows`` whether that is certain."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def next_workday(self, day: dt.date) -> Reckoned:
        """Return the day itself when it is a working day, otherwise the first one after it."""
        return self._reckoned(day, next(self._workdays_from(day, _DAY), dt.date.max))

    def add(self, day: dt.date, n: int) -> Reckoned:
        """Return the n-th working day after a day, before it when n is negative; for 0 the same as ``next_workday``.

        The day itself does not count (periods begin on the day after, 民法典第二百零一条). Beyond the
        calendar's own ends (years 1 and 9999) the last day there is stands for the rest.
        """
        if n == 0:
            return self.next_workday(day)
        step, end = (_DAY, dt.date.max) if n > 0 else (-_DAY, dt.date.min)
        if day == end:
            return self._reckoned(day, day)
        days = self._workdays_from(day + step, step)
        return self._reckoned(day, next((found for i, found in enumerate(days, 1) if i == abs(n)), end))

    def between(self, first: dt.date, last: dt.date) -> int:
        """Return how many working days lie after ``first`` up to and including ``last``.

        Negative when ``last`` lies before ``first``: then the days from ``last`` on that lie before
        ``first``. ``missing(first, last)`` tells which years were guessed.
        """
        if last < first:
            return -sum(1 for found in self._workdays_from(last, _DAY, first - _DAY))
        return sum(1 for found in self._workdays_from(first, _DAY, last)) - self.is_workday(first)

    def _workdays_from(self, day: dt.date, step: dt.timedelta, end: dt.date | None = None) -> Iterator[dt.date]:
        end = end or (dt.date.max if step > dt.timedelta(0) else dt.date.min)
        while True:
            if self.is_workday(day):
                yield day
            if day == end:
                return
            day += step

    def _reckoned(self, asked: dt.date, day: dt.date) -> Reckoned:
        return Reckoned(day, not self.missing(asked, day))

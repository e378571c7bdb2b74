"""A year at a glance: where windows lie on a strip of twelve months, in units of a drawing."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from perfmgr.rules.cycles import Span

WIDTH, LEFT, TOP, ROW, THICK = 880, 190, 24, 24, 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One window: ``y`` is the base line of its words, ``top`` the upper edge; it may begin before or end after the year."""

    index: int
    x: float
    width: float
    y: int
    top: int
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The drawing: left edges of the months, bars, and where today is (None: in another year)."""

    height: int
    months: list[float]
    bars: list[Bar]
    today: float | None


def strip(year: int, spans: Iterable[Span], today: dt.date) -> Strip:
    """Return the strip of a calendar year; spans that do not touch it have no bar, ``index`` counts all of them."""
    bars: list[Bar] = []
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    for index, span in enumerate(spans):
        if span.closes_on < first or span.opens_on > last:
            continue
        x = _x(max(span.opens_on, first))
        end = _x(min(span.closes_on, last), 1)
        top = TOP + len(bars) * ROW
        bars.append(
            Bar(index, x, round(end - x, 1), top + THICK, top + 2, span.opens_on < first, span.closes_on > last)
        )
    months = [_x(dt.date(year, month, 1)) for month in range(1, 13)]
    return Strip(TOP + len(bars) * ROW, months, bars, _x(today) if today.year == year else None)


def _x(day: dt.date, days: int = 0) -> float:
    """Return the left edge of a day, or of the day after."""
    length = dt.date(day.year, 12, 31).timetuple().tm_yday
    return round(LEFT + (WIDTH - LEFT) * (day.timetuple().tm_yday - 1 + days) / length, 1)

"""The calendar of one person: the windows that hold for them, what is due, and which days are off."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfmgr.models.cycle import Cycle
from perfmgr.queries import notices
from perfmgr.queries.people import Viewer
from perfmgr.queries.workdays import Days
from perfmgr.rules.cycles import WINDOWS, Span
from perfmgr.rules.holidays import OFF, Special

MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Timing:
    """One window as it holds for somebody: for all they look after, or (``unit_name``) for one unit of it."""

    cycle_id: int
    year: int
    area: str
    kind: str
    span: Span
    unit_name: str
    reason: str
    exception_id: int  # 0: the window of the cycle
    changes: int
    changed_at: dt.datetime | None


def timings(by: Viewer, known: Sequence[Cycle]) -> list[Timing]:
    """Return the windows of these cycles that hold for this person, newest year first.

    Of two cycles of a year only the nearer one holds. A unit of theirs with other days has an
    entry of its own.
    """
    paths = by.paths()
    found = [timing for cycle in known if _holds(cycle, known, paths) for timing in _of_cycle(cycle, paths)]
    order = list(WINDOWS)
    return sorted(found, key=lambda t: (-t.year, t.area, order.index(t.kind), t.unit_name))


def _holds(cycle: Cycle, known: Sequence[Cycle], paths: Sequence[str]) -> bool:
    own = cycle.unit.path
    nearer = [c.unit.path for c in known if c.year == cycle.year and len(c.unit.path) > len(own)]
    return any(
        own.startswith(path) or (path.startswith(own) and not any(path.startswith(other) for other in nearer))
        for path in paths
    )


def _of_cycle(cycle: Cycle, paths: Sequence[str]) -> Iterable[Timing]:
    """Yield the windows of one cycle: of the person's own places, and of what lies below with other days."""
    for kind in WINDOWS:
        usual = cycle.usual_span(kind)
        mine = [e for e in cycle.exceptions if e.kind == kind]
        above = {
            max((e for e in mine if path.startswith(e.unit.path)), key=lambda e: len(e.unit.path), default=None)
            for path in paths
        }
        below = {e for e in mine if any(e.unit.path.startswith(path) for path in paths)}
        changed_at = next((w.changed_at for w in cycle.windows if w.kind == kind), None)
        place = (cycle.id, cycle.year, cycle.unit.name, kind)
        if usual and (None in above or not above):
            yield Timing(*place, usual, "", "", 0, cycle.version, changed_at)
        for e in sorted((above - {None}) | below, key=lambda e: e.unit.path if e else ""):
            if e is not None:
                span = Span(e.opens_on, e.closes_on)
                yield Timing(*place, span, e.unit.name, e.reason, e.id, cycle.version, e.at)


@dataclass(slots=True)
class Day:
    """One day of the calendar with everything that is on it."""

    date: dt.date
    workday: bool
    special: Special | None = None
    holiday: tuple[str, dt.date] | None = None  # a holiday that begins here: its name and last day
    opens: list[Timing] = field(default_factory=list)
    closes: list[Timing] = field(default_factory=list)
    counts: list[Any] = field(default_factory=list)  # what is due, as of notices.due_counts
    duties: list[Any] = field(default_factory=list)  # the same one by one, as far as they were read

    @property
    def due(self) -> int:
        """How many duties are due."""
        return sum(row.count for row in self.counts)

    @property
    def empty(self) -> bool:
        """Whether nothing begins, ends or is due."""
        return not (self.holiday or self.opens or self.closes or self.counts or self._moved)

    @property
    def _moved(self) -> bool:
        return self.special is not None and self.special.kind != OFF


def days(
    by: Viewer, known: Sequence[Timing], table: Days, first: dt.date, last: dt.date, today: dt.date
) -> dict[dt.date, Day]:
    """Return every day from first to last, both included. As many statements for any number of duties."""
    count = (last - first).days + 1
    found = {day: _day(table, day, first) for day in (first + dt.timedelta(days=n) for n in range(count))}
    for timing in known:
        if timing.span.opens_on in found:
            found[timing.span.opens_on].opens.append(timing)
        if timing.span.closes_on in found:
            found[timing.span.closes_on].closes.append(timing)
    for row in notices.due_counts(by, today, first, last):
        found[row.due_on].counts.append(row)
    for row in notices.due_between(by, today, first, last, MOST_ROWS):
        found[row.due_on].duties.append(row)
    return found


def _day(table: Days, day: dt.date, first: dt.date) -> Day:
    special = table.special.get(day)
    return Day(day, table.workdays.is_workday(day), special, _holiday(table, day, first))


def _holiday(table: Days, day: dt.date, first: dt.date) -> tuple[str, dt.date] | None:
    """Return name and last day of the holiday that begins on a day, or that is already on at the first one."""
    special = table.special.get(day)
    if special is None or special.kind != OFF:
        return None

    def same(other: dt.date) -> bool:
        at = table.special.get(other)
        return at is not None and (at.kind, at.name) == (OFF, special.name)

    if day != first and same(day - dt.timedelta(days=1)):
        return None
    end = day
    while same(end + dt.timedelta(days=1)):
        end += dt.timedelta(days=1)
    return special.name, end

"""When a rule reminds of a duty: the duty's last day, and every occurrence before, on and after it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from perfmgr.rules.reminders import Settings
from perfmgr.rules.workdays import Workdays

# Beijing has kept to UTC+8 since 1991; years of this system begin with 2000.
BEIJING = dt.timezone(dt.timedelta(hours=8))
_DAY = dt.timedelta(days=1)
START = "start"  # the key of the day on which the duty begins


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a duty; ``certain`` is false when a table of holidays on the way is missing."""

    day: dt.date
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which a rule reminds of a duty.

    ``key`` says which (``start``, ``before-7``, ``due``, ``after-3``, ``escalate-1``) and ``anchor``
    the day it is counted from: together they are the same for as long as that day is the same.
    ``late``: on that day the duty is overdue. ``escalated_to``: the role of the superior who is told
    instead of the one who owes.
    """

    key: str
    at: dt.datetime
    anchor: dt.date
    late: bool = False
    escalated_to: str = ""
    certain: bool = True

    @property
    def name(self) -> str:
        """What the ledger calls it. With another last day it is another one: who was told of the old is told anew."""
        return f"{self.key}@{self.anchor.isoformat()}"


def due_day(settings: Settings, since: dt.date, due_on: dt.date | None, workdays: Workdays) -> Due | None:
    """Return the last day of a duty that began on ``since``; None when neither rule nor window sets one."""
    if settings.wait:
        found = workdays.add(since, settings.wait)
        return Due(found.day, found.certain)
    return Due(due_on) if due_on else None


def is_quiet(settings: Settings, at: dt.datetime, workdays: Workdays) -> bool:
    """Tell whether nothing may be sent at this (aware) instant."""
    here = at.astimezone(BEIJING)
    if settings.only_workdays and not workdays.is_workday(here.date()):
        return True
    return _in_quiet_hours(settings, time(here.hour, here.minute))


def _in_quiet_hours(settings: Settings, hour: time) -> bool:
    first, last = settings.quiet_from, settings.quiet_to
    if first is None or last is None:
        return False
    return first <= hour < last if first < last else hour >= first or hour < last


def is_late(settings: Settings, due_on: dt.date, today: dt.date) -> bool:
    """Tell whether a duty with this last day is called overdue today."""
    return today > due_on + settings.grace * _DAY


def occurrences(
    settings: Settings,
    since: dt.date,
    due_on: dt.date | None,
    workdays: Workdays,
    first: dt.datetime | None = None,
    last: dt.datetime | None = None,
) -> list[Occurrence]:
    """Return when this rule reminds of a duty that began on ``since``, oldest first.

    ``due_on`` is the last day its window sets, if any; ``first`` and ``last`` (both included,
    aware) limit the instants. Nothing lies before ``since`` or in quiet hours; of several that quiet
    hours or holidays move to the same instant only the last is left.
    """
    due = due_day(settings, since, due_on, workdays)
    by_instant: dict[tuple[bool, dt.datetime], Occurrence] = {}
    for found in _all(settings, since, due, workdays):
        if found.at.date() < since or (first and found.at < first) or (last and found.at > last):
            continue
        by_instant[(bool(found.escalated_to), found.at)] = found
    return sorted(by_instant.values(), key=lambda o: (o.at, o.escalated_to))


def _all(settings: Settings, since: dt.date, due: Due | None, workdays: Workdays) -> Iterator[Occurrence]:
    """Yield the occurrences in the order of the days they are counted out for."""
    if settings.at_start:
        yield _occurrence(settings, START, Due(since), since, due, workdays)
    if due is None:
        return
    for days in sorted(settings.before, reverse=True):
        if settings.before_workdays:
            found = workdays.add(due.day, -days)
            counted = Due(found.day, found.certain)
        else:
            counted = Due(due.day - days * _DAY)
        yield _occurrence(settings, f"before-{days}", counted, due.day, due, workdays)
    if settings.on_day:
        yield _occurrence(settings, "due", Due(due.day), due.day, due, workdays)
    for days in _days_after(settings, due.day):
        yield _occurrence(settings, f"after-{days}", Due(due.day + days * _DAY), due.day, due, workdays)
    yield from _escalations(settings, due, workdays)


def _days_after(settings: Settings, due_on: dt.date) -> list[int]:
    chosen = {n for n in range(1, settings.until + 1) if (due_on + n * _DAY).isoweekday() in settings.weekdays}
    return sorted(chosen | set(settings.after))


def _escalations(settings: Settings, due: Due, workdays: Workdays) -> Iterator[Occurrence]:
    if not settings.escalate_after:
        return
    times = settings.escalate_times if settings.escalate_every else 1
    counted = due.day
    for n in range(1, times + 1):
        found = workdays.add(counted, settings.escalate_after if n == 1 else settings.escalate_every)
        counted, certain = found.day, found.certain
        yield _occurrence(
            settings, f"escalate-{n}", Due(counted, certain), due.day, due, workdays, settings.escalate_to
        )


def _occurrence(
    settings: Settings,
    key: str,
    counted: Due,
    anchor: dt.date,
    due: Due | None,
    workdays: Workdays,
    escalated_to: str = "",
) -> Occurrence:
    at, certain = _opening(settings, counted.day, workdays)
    return Occurrence(
        key,
        at,
        anchor,
        late=due is not None and is_late(settings, due.day, at.date()),
        escalated_to=escalated_to,
        certain=certain and counted.certain and (due is None or due.certain),
    )


def _opening(settings: Settings, day: dt.date, workdays: Workdays) -> tuple[dt.datetime, bool]:
    """Return the rule's time on this day, or when it is quiet then, the first time after it that is not."""
    hour, certain = settings.hour, True
    if _in_quiet_hours(settings, hour):
        last = settings.quiet_to or hour
        day, hour = day + (last <= hour) * _DAY, last
    if settings.only_workdays:
        found = workdays.next_workday(day)
        day, certain = found.day, found.certain
    return dt.datetime.combine(day, hour, BEIJING), certain

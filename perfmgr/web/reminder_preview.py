"""What is to come, arranged for a page: by day as a calendar, by person, and a rule as it is against as it would be."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perfmgr import times
from perfmgr.queries.reminders import Coming, Preview
from perfmgr.rules.texts import N_

DAYS = 60
REVIEWERS = ("reviewing", "approving", "accepting")
# To whom: who does the work, who judges it, and who is told that it is late.
AUDIENCES = {"filler": N_("填报人"), "reviewer": N_("审核人"), "superior": N_("上级（逾期告知）")}


def audience(line: Coming) -> str:
    """Return to which audience a line belongs."""
    if line.escalated:
        return "superior"
    return "reviewer" if line.duty in REVIEWERS else "filler"


def chosen(lines: Iterable[Coming], duty: str = "", to: str = "", person_id: int | None = None) -> list[Coming]:
    """Return the lines about one kind of duty, to one audience, to one person; empty choices limit nothing."""
    return [
        line
        for line in lines
        if (not duty or line.duty == duty)
        and (not to or audience(line) == to)
        and (person_id is None or line.person_id == person_id)
    ]


@dataclass(slots=True)
class Day:
    """One day of the calendar: how many duties are reminded of, to how many people; outside the span nothing is."""

    day: dt.date
    inside: bool
    count: int = 0
    people: set[int] = field(default_factory=set)
    late: int = 0


def weeks(lines: Iterable[Coming], first: dt.date, days: int = DAYS) -> list[list[Day]]:
    """Return the weeks (Monday first) that hold the span of days, with what is sent on each day."""
    last = first + dt.timedelta(days=days)  # until the same hour of that day
    monday = first - dt.timedelta(days=first.weekday())
    count = ((last - monday).days // 7 + 1) * 7
    known = {day: Day(day, first <= day <= last) for day in (monday + dt.timedelta(days=n) for n in range(count))}
    for line in lines:
        if line.day in known:
            day = known[line.day]
            day.count += line.count
            day.late += line.late
            day.people.add(line.person_id)
    found = list(known.values())
    return [found[start : start + 7] for start in range(0, count, 7)]


def by_person(lines: Iterable[Coming]) -> list[tuple[int, str, int, int]]:
    """Return (id, name, how many duties, on how many days) of every person, who gets most first."""
    names: dict[int, str] = {}
    counts: dict[int, int] = defaultdict(int)
    days: dict[int, set[dt.date]] = defaultdict(set)
    for line in lines:
        names[line.person_id] = line.person
        counts[line.person_id] += line.count
        days[line.person_id].add(line.day)
    return sorted(((i, names[i], counts[i], len(days[i])) for i in names), key=lambda row: (-row[2], row[0]))


@dataclass(frozen=True, slots=True)
class Side:
    """One rule over the span of days: to how many people, on how many days, how many duties."""

    people: int
    days: int
    count: int


@dataclass(frozen=True, slots=True)
class Effect:
    """A rule as it is and as it would be: both sides, and the days on which they differ or both send."""

    now: Side
    then: Side
    days: Sequence[tuple[dt.date, int, int]]
    complete: bool


def effect(before: Preview, after: Preview, code: str) -> Effect:
    """Return what changing the rule with this code changes."""
    sides, per_day = [], []
    for preview in (before, after):
        lines = [line for line in preview.lines if line.rule == code]
        counts: dict[dt.date, int] = defaultdict(int)
        for line in lines:
            counts[line.day] += line.count
        sides.append(Side(len({line.person_id for line in lines}), len(counts), sum(counts.values())))
        per_day.append(counts)
    days = [(day, per_day[0].get(day, 0), per_day[1].get(day, 0)) for day in sorted({*per_day[0], *per_day[1]})]
    return Effect(sides[0], sides[1], days, before.complete and after.complete)


def midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of a day in Beijing."""
    return dt.datetime.combine(day, dt.time(), times.BEIJING)

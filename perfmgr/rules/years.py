"""The timetable of a year as data: windows relative to the fiscal year, and which last days move off holidays."""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfmgr.rules.cycles import WINDOWS, Span
from perfmgr.rules.workdays import Workdays

OFFSETS = (-1, 0, 1)


class TemplateError(Exception):
    """The timetable cannot be used; the message names the entry and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """A day of the year ``offset`` years after the fiscal year."""

    offset: int
    month: int
    day: int

    def of(self, year: int) -> dt.date:
        """Return the day for a fiscal year; 29 February is the 28th where there is none."""
        last = calendar.monthrange(year + self.offset, self.month)[1]
        return dt.date(year + self.offset, self.month, min(self.day, last))


@dataclass(frozen=True, slots=True)
class RelativeWindow:
    """One window of the timetable; with ``moves`` a last day off work becomes the next working day."""

    opens: RelativeDay
    closes: RelativeDay
    moves: bool = False


# The usual timetable of the field: targets come with the budget in the year before, are approved after the people's
# congress, and results are published with the final accounts.
USUAL: dict[str, RelativeWindow] = {
    "declaration": RelativeWindow(RelativeDay(-1, 8, 1), RelativeDay(-1, 12, 31)),
    "approval": RelativeWindow(RelativeDay(-1, 10, 1), RelativeDay(0, 2, 28)),
    "monitoring": RelativeWindow(RelativeDay(0, 7, 1), RelativeDay(0, 8, 31)),
    "self_evaluation": RelativeWindow(RelativeDay(1, 1, 1), RelativeDay(1, 5, 31)),
    "review": RelativeWindow(RelativeDay(1, 1, 1), RelativeDay(1, 9, 30)),
    "rectification": RelativeWindow(RelativeDay(1, 6, 1), RelativeDay(1, 11, 30)),
    "disclosure": RelativeWindow(RelativeDay(1, 7, 1), RelativeDay(1, 9, 30)),
}


def usual_windows(
    year: int, template: Mapping[str, RelativeWindow] = USUAL, workdays: Workdays | None = None
) -> dict[str, Span]:
    """Return the windows a fiscal year gets from a timetable; without ``workdays`` no last day moves."""
    windows = {}
    for kind in WINDOWS:
        if kind in template:
            row = template[kind]
            closes_on = row.closes.of(year)
            if row.moves and workdays is not None:
                closes_on = workdays.next_workday(closes_on).day
            windows[kind] = Span(row.opens.of(year), closes_on)
    return windows


def read_template(data: Any) -> dict[str, RelativeWindow]:
    """Return the timetable in ``data`` (as read from YAML); windows it does not name are as usual.

    A window that is null is left out. Raises TemplateError with one sentence for anything that is
    no timetable.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("windows"), Mapping):
        raise TemplateError("缺少 windows")
    unknown = set(data["windows"]) - set(WINDOWS)
    if unknown:
        raise TemplateError(f"windows 里没有“{sorted(map(str, unknown))[0]}”这一项")
    template = {**USUAL}
    for kind, row in data["windows"].items():
        if row is None:
            del template[kind]
        else:
            template[kind] = _window(kind, row)
    return template


def _window(kind: str, row: Any) -> RelativeWindow:
    if not isinstance(row, Mapping):
        raise TemplateError(f"{kind}：应写 opens 和 closes")
    opens, closes = _day(f"{kind}.opens", row.get("opens")), _day(f"{kind}.closes", row.get("closes"))
    moves = row.get("moves", False)
    if not isinstance(moves, bool):
        raise TemplateError(f"{kind}.moves：应为 true 或 false")
    if (closes.offset, closes.month, closes.day) < (opens.offset, opens.month, opens.day):
        raise TemplateError(f"{kind}：截止早于开始")
    return RelativeWindow(opens, closes, moves)


def _day(name: str, value: Any) -> RelativeDay:
    """Return the day written as [offset, month, day]."""
    whole = isinstance(value, list) and all(type(part) is int for part in value)
    if not whole or len(value) != 3 or value[0] not in OFFSETS or not 1 <= value[1] <= 12:
        raise TemplateError(f"{name}：应写成 [年偏移 -1、0 或 1, 月, 日]，现在是 {value!r}")
    offset, month, day = value
    if not 1 <= day <= calendar.monthrange(2000, month)[1]:
        raise TemplateError(f"{name}：{month} 月没有 {day} 日")
    return RelativeDay(offset, month, day)

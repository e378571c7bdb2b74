"""A fiscal year's windows: when each kind of work is open, for the whole cycle and for single units."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, Term

WINDOWS = {
    "declaration": N_("目标申报"),
    "approval": N_("审核批复"),
    "monitoring": N_("运行监控"),
    "self_evaluation": N_("绩效自评"),
    "review": N_("复核评审"),
    "rectification": N_("整改"),
    "disclosure": N_("信息公开"),
}
# Without these a year cannot be worked through. The others only say until when something is due.
REQUIRED = ("declaration", "monitoring", "self_evaluation", "review")
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Span:
    """A window's first and last day, both included."""

    opens_on: dt.date
    closes_on: dt.date

    def holds(self, today: dt.date) -> bool:
        """Tell whether the window is open on this day."""
        return self.opens_on <= today <= self.closes_on


@dataclass(frozen=True, slots=True)
class Deviation:
    """Another span of one kind of window for the unit at ``path`` and everything below it."""

    kind: str
    path: str
    span: Span


def span_for(path: str, kind: str, usual: Span | None, deviations: Iterable[Deviation]) -> Span | None:
    """Return the span that holds for the unit at this path: of the nearest deviation upwards, else the usual one."""
    above = [d for d in deviations if d.kind == kind and path.startswith(d.path)]
    return max(above, key=lambda d: len(d.path)).span if above else usual


def check_windows(windows: dict[str, Span]) -> list[Finding]:
    """Return what is wrong with a set of windows: each must end on or after its first day."""
    return [
        Finding(
            "WINDOW",
            N_("“%(window)s”的截止日期 %(end)s 早于开始日期 %(start)s，请调整其中一个。"),
            f"{kind}_closes_on",
            params={
                "window": Term(WINDOWS[kind]),
                "start": span.opens_on.isoformat(),
                "end": span.closes_on.isoformat(),
            },
        )
        for kind, span in windows.items()
        if span.closes_on < span.opens_on
    ]


def require_not_over(kind: str, span: Span | None, today: dt.date, year: int) -> None:
    """Raise Refused with the last day when the window is over: what is begun now could not be submitted."""
    if span and today > span.closes_on:
        raise Refused(
            N_("%(year)s 年度“%(window)s”已于 %(day)s 截止，不能再新建；如需补报请联系系统管理员调整时间。"),
            field="year",
            year=year,
            window=Term(WINDOWS[kind]),
            day=span.closes_on,
        )


def require_open(kind: str, span: Span | None, today: dt.date, year: int) -> None:
    """Raise Refused with the window's dates when it is not open today."""
    if span is None:
        raise Refused(
            N_("%(year)s 年度还没有设置“%(window)s”的时间，请联系系统管理员。"), year=year, window=Term(WINDOWS[kind])
        )
    if today < span.opens_on:
        raise Refused(
            N_("%(year)s 年度“%(window)s”将于 %(day)s 开始，现在还不能送审。"),
            year=year,
            window=Term(WINDOWS[kind]),
            day=span.opens_on,
        )
    if today > span.closes_on:
        raise Refused(
            N_("%(year)s 年度“%(window)s”已于 %(day)s 截止，如需补报请联系系统管理员调整时间。"),
            year=year,
            window=Term(WINDOWS[kind]),
            day=span.closes_on,
        )

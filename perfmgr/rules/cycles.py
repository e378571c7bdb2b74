"""A fiscal year's windows: when declaring, monitoring, self-evaluation and review are open."""

import datetime as dt
from dataclasses import dataclass

from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, Term

WINDOWS = {
    "declaration": N_("目标申报"),
    "monitoring": N_("运行监控"),
    "self_evaluation": N_("绩效自评"),
    "review": N_("复核评审"),
}
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Span:
    """A window's first and last day, both included."""

    opens_on: dt.date
    closes_on: dt.date

    def holds(self, today: dt.date) -> bool:
        """Tell whether the window is open on this day."""
        return self.opens_on <= today <= self.closes_on


def usual_windows(year: int) -> dict[str, Span]:
    """Return the windows a fiscal year usually has (timetable of the field, §8.1)."""
    return {
        "declaration": Span(dt.date(year - 1, 8, 1), dt.date(year - 1, 12, 31)),
        "monitoring": Span(dt.date(year, 7, 1), dt.date(year, 8, 31)),
        "self_evaluation": Span(dt.date(year + 1, 1, 1), dt.date(year + 1, 5, 31)),
        "review": Span(dt.date(year + 1, 1, 1), dt.date(year + 1, 9, 30)),
    }


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

"""What is typed into a monitoring sheet, and the sheet as it is judged with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.monitoring_scheme import Thresholds
from perfmgr.rules.monitorings import (
    NOTHING,
    Entry,
    Judgement,
    Money,
    Progress,
    goal_progress,
    judge_execution,
    judge_line,
    project_light,
    warnings,
)


@dataclass(frozen=True, slots=True)
class LineEntry:
    """What is typed for one indicator."""

    actual: Decimal | None = None
    actual_text: str = ""
    tier: str = ""
    forecast: Decimal | None = None
    forecast_text: str = ""
    likelihood: str = ""
    remark: str = ""
    entry: Entry = NOTHING


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """What is typed into the whole sheet; ``lines`` in its order, money in yuan."""

    lines: Sequence[LineEntry] = ()
    executed: Decimal | None = None
    forecast: Decimal | None = None
    general_executed: Decimal | None = None
    general_forecast: Decimal | None = None
    goal_progress: str = ""
    entry: Entry = NOTHING


@dataclass(frozen=True, slots=True)
class Judged:
    """All lights of a sheet, and what the warnings say; ``progress`` is that of the goals in percent."""

    light: str
    budget: Judgement
    lines: Sequence[Judgement]
    progress: Decimal | None
    warnings: Sequence[Finding]


def entered(money: Money, lines: Sequence[Progress], sheet: SheetEntry) -> tuple[Money, list[Progress]]:
    """Return money and indicators with what was typed, as far as each line's kind allows."""
    amounts = ("executed", "forecast", "general_executed", "general_forecast", "entry")
    typed = replace(money, **{name: getattr(sheet, name) for name in amounts})
    return typed, [_with(line, entry) for line, entry in zip(lines, sheet.lines, strict=True)]


def _with(line: Progress, entry: LineEntry) -> Progress:
    qualitative = line.sign == QUALITATIVE
    return replace(
        line,
        actual=None if qualitative else entry.actual,
        tier=entry.tier if qualitative else "",
        forecast=None if qualitative else entry.forecast,
        forecast_text=entry.forecast_text,
        likelihood=entry.likelihood,
        entry=entry.entry,
    )


def judge(thresholds: Thresholds, money: Money, lines: Sequence[Progress], month: int) -> Judged:
    """Return every light of a sheet that ends with this month."""
    budget = judge_execution(thresholds, money.executed, money.budget, month)
    judged = [judge_line(thresholds, line, month) for line in lines]
    return Judged(
        light=project_light([budget.light, *(line.light for line in judged)]),
        budget=budget,
        lines=judged,
        progress=goal_progress(lines),
        warnings=warnings(thresholds, money, lines, month),
    )

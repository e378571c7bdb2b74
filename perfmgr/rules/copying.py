"""Copying last year's project: how dates move to the new year, and what somebody must look at before submission."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

from perfmgr.rules.findings import Finding
from perfmgr.rules.quality_texts import COPIED, REASONS
from perfmgr.rules.texts import N_

MONEY_UNITS = ("元", "万元", "亿元")

# What is to be looked at, by the field a finding points to; a section that is saved has been looked at.
_MESSAGES = {
    "start_on": N_("“实施周期”沿用上年并顺延到本年，请核对日期后保存。"),
    "step_spans": N_("“步骤和计划”的日期沿用上年并顺延到本年，请核对后保存。"),
    "funds": N_("“年度预算安排”沿用上年金额，请核对本年金额后保存。"),
    "indicators": N_("指标值中的金额或文字里的年份沿用上年，请核对“绩效目标”后保存。"),
    "overview": N_("“项目概述”里有上年的年份，请核对后保存。"),
    "rationale": N_("“立项理由”里有上年的年份，请核对后保存。"),
    "body": N_("“实施主体”里有上年的年份，请核对后保存。"),
    "plan": N_("“实施方案”里有上年的年份，请核对后保存。"),
    "goals": N_("“主要目标”里有上年的年份，请核对后保存。"),
}


def shift(day: dt.date | None, years: int) -> dt.date | None:
    """Return the same day so many years later; the last of February stays in February."""
    if day is None:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def mentions_year(text: str, year: int) -> bool:
    """Tell whether the text names this year as a number of its own."""
    return re.search(rf"(?<![0-9]){year}(?![0-9])", text) is not None


def fields_to_check(
    texts: Mapping[str, str],
    *,
    year: int,
    dates: bool,
    steps: bool,
    funds: bool,
    indicators: Iterable[tuple[str, str, str]],
) -> list[str]:
    """Return what was copied and may not be right for the new year.

    ``year`` is the one copied from; ``indicators`` are (name, target text, unit): a target in
    money is an amount, and is asked for like the others.
    """
    found = [name for name, text in texts.items() if mentions_year(text, year)]
    present = {"start_on": dates, "step_spans": steps, "funds": funds}
    found += [name for name, there in present.items() if there]
    if any(unit in MONEY_UNITS or mentions_year(f"{name} {text}", year) for name, text, unit in indicators):
        found.append("indicators")
    return found


def check_copied(fields: Sequence[str]) -> list[Finding]:
    """Return one blocking finding for each copied field nobody has looked at yet."""
    return [Finding(COPIED, _MESSAGES[name], name, reason=REASONS[COPIED]) for name in fields if name in _MESSAGES]

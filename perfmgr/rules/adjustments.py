"""When approved targets may be adjusted in the middle of the year (§3.5 of the field's rules).

Any day after the approval until the year's self-evaluation begins: then the targets are what the
year is measured by. Money and goal are adjusted together and by the same route.
"""

import datetime as dt

from perfmgr.rules.cycles import Span
from perfmgr.rules.findings import Finding
from perfmgr.rules.texts import N_

OPEN_STATES = ("draft", "submitted", "returned", "department_approved")


def why_not_now(
    *, year: int, closed: bool, self_evaluation: Span | None, evaluated: bool, today: dt.date
) -> Finding | None:
    """Return why targets of this year cannot be adjusted today, or None when they can.

    ``evaluated``: a self-evaluation of the project exists, which holds the targets as they were.
    """
    if closed:
        return Finding("ADJUST", N_("%(year)s 年度已经结束，绩效目标不能再调整。"), params={"year": year})
    if self_evaluation and today >= self_evaluation.opens_on:
        return Finding(
            "ADJUST",
            N_("%(year)s 年度绩效自评已于 %(day)s 开始，绩效目标不能再调整。"),
            params={"year": year, "day": self_evaluation.opens_on},
        )
    if evaluated:
        return Finding("ADJUST", N_("%(year)s 年度绩效自评已经建立，绩效目标不能再调整。"), params={"year": year})
    return None


def check_grounds(reason: str, basis: str) -> list[Finding]:
    """Return what is missing to begin an adjustment: why, and on what legal basis."""
    findings = []
    if not reason:
        findings.append(Finding("ADJUST", N_("“调整理由”不能为空，请写明什么情况变化、为什么要调整。"), "reason"))
    if not basis:
        findings.append(Finding("ADJUST", N_("“调整依据”不能为空，请写明文件名称和文号，或预算调整的批复。"), "basis"))
    return findings

"""Coverage: shares that always carry their numerator and denominator."""

from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.numbers import percent
from perfmgr.rules.texts import N_

NOTHING_OWED = N_("—（无应评项目）")

STAGES = {"targets": N_("目标批复"), "self_evaluation": N_("绩效自评")}
BASES = {
    "departments": N_("部门整体"),
    "units": N_("单位"),
    "projects": N_("项目"),
    "money": N_("资金"),
}


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``; both counts or both yuan. The percentage of 0/0 is None, never 0 or 100."""

    part: Decimal
    whole: Decimal

    @property
    def percent(self) -> Decimal | None:
        """The share in percent with two decimals (half up), or None when nothing is owed."""
        return percent(self.part, self.whole)

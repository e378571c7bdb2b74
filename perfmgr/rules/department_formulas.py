"""The named formulas of whole-department self-evaluation: what each divides by what, exact and with its sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.texts import N_, Term, same_name

SYSTEM, ENTERED = "system", "entered"
_QUOTES = str.maketrans("", "", "“”\"‘’'「」")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number a formula needs. ``known``: the system has it; ``fixed``: and nobody may type another."""

    name: str
    unit: str
    known: bool = False
    fixed: bool = False


FIGURES: dict[str, Figure] = {
    "staff": Figure(N_("在职人员数"), N_("人")),
    "posts": Figure(N_("编制数"), N_("人")),
    "three_public": Figure(N_("“三公”经费本年支出数"), N_("万元")),
    "three_public_last": Figure(N_("“三公”经费上年支出数"), N_("万元")),
    "three_public_budget": Figure(N_("“三公”经费预算数"), N_("万元")),
    "key_spending": Figure(N_("重点项目支出"), N_("万元")),
    "project_spending": Figure(N_("项目总支出"), N_("万元"), known=True),
    "executed": Figure(N_("预算完成数（全年执行数）"), N_("万元"), known=True, fixed=True),
    "budget": Figure(N_("预算数（全年预算数）"), N_("万元"), known=True, fixed=True),
    "initial": Figure(N_("年初预算数"), N_("万元"), known=True, fixed=True),
    "adjustment": Figure(N_("预算调整数（全年与年初预算数之差）"), N_("万元"), known=True, fixed=True),
    "leftover": Figure(N_("结转结余总额"), N_("万元"), known=True),
    "public_spent": Figure(N_("实际支出公用经费"), N_("万元"), known=True),
    "public_budget": Figure(N_("预算安排公用经费"), N_("万元"), known=True),
    "procured": Figure(N_("实际政府采购金额"), N_("万元")),
    "procurement_budget": Figure(N_("政府采购预算数"), N_("万元")),
    "assets_used": Figure(N_("在用固定资产总额"), N_("万元")),
    "assets": Figure(N_("固定资产总额"), N_("万元")),
    "targets": Figure(N_("目标已批复的项目"), N_("个"), known=True, fixed=True),
    "targets_owed": Figure(N_("应编报绩效目标的项目"), N_("个"), known=True, fixed=True),
    "evaluated": Figure(N_("已送审自评的项目"), N_("个"), known=True, fixed=True),
    "evaluations_owed": Figure(N_("应自评的项目"), N_("个"), known=True, fixed=True),
    "rectified": Figure(N_("已完成的整改"), N_("项"), known=True, fixed=True),
    "rectifications": Figure(N_("已提出的整改"), N_("项"), known=True, fixed=True),
}


@dataclass(frozen=True, slots=True)
class Formula:
    """``part`` ÷ ``whole`` × 100 %, or their difference first when ``change``; ``sign`` is the good direction."""

    name: str
    part: str
    whole: str
    sign: str
    note: str
    change: bool = False
    aliases: tuple[str, ...] = ()


FORMULAS: dict[str, Formula] = {
    "staff": Formula(N_("在职人员控制率"), "staff", "posts", "le", N_("在职人员数 ÷ 编制数")),
    "three_public_change": Formula(
        N_("“三公经费”变动率"), "three_public", "three_public_last", "le", N_("（本年 − 上年）÷ 上年"), change=True
    ),
    "key_spending": Formula(
        N_("重点支出安排率"), "key_spending", "project_spending", "ge", N_("重点项目支出 ÷ 项目总支出")
    ),
    "completion": Formula(
        N_("预算完成率"), "executed", "budget", "ge", N_("预算完成数 ÷ 预算数"), aliases=("预算执行率",)
    ),
    "adjustment": Formula(N_("预算调整率"), "adjustment", "initial", "le", N_("预算调整数 ÷ 年初预算数")),
    "leftover": Formula(N_("结转结余率"), "leftover", "budget", "le", N_("结转结余总额 ÷ 支出预算数")),
    "public": Formula(
        N_("公用经费控制率"), "public_spent", "public_budget", "le", N_("实际支出公用经费 ÷ 预算安排公用经费")
    ),
    "three_public": Formula(
        N_("“三公经费”控制率"), "three_public", "three_public_budget", "le", N_("“三公”经费支出数 ÷ 预算数")
    ),
    "procurement": Formula(
        N_("政府采购执行率"), "procured", "procurement_budget", "ge", N_("实际政府采购金额 ÷ 政府采购预算数")
    ),
    "assets": Formula(N_("固定资产利用率"), "assets_used", "assets", "ge", N_("在用固定资产总额 ÷ 固定资产总额")),
    "targets": Formula(
        N_("绩效目标覆盖率"),
        "targets",
        "targets_owed",
        "ge",
        N_("目标已批复的项目 ÷ 应编报绩效目标的项目"),
        aliases=("预算绩效目标覆盖率",),
    ),
    "evaluated": Formula(
        N_("自评覆盖率"),
        "evaluated",
        "evaluations_owed",
        "ge",
        N_("已送审自评的项目 ÷ 应自评的项目"),
        aliases=("绩效自评覆盖率", "项目自评完成率", "项目自评覆盖率"),
    ),
    "rectified": Formula(N_("整改完成率"), "rectified", "rectifications", "ge", N_("已完成的整改 ÷ 已提出的整改")),
}


@dataclass(frozen=True, slots=True)
class Known:
    """A figure's value, where it is from (``system`` or ``entered``), and the source somebody wrote."""

    value: Decimal
    kind: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a formula came to, in percent with two decimals; None with the reason when it cannot be computed."""

    key: str
    formula: Formula
    value: Decimal | None
    reason: Finding | None
    part: Known | None
    whole: Known | None

    @property
    def source(self) -> str:
        """How the value came about, to keep with a line: in the source language, as data."""
        if self.value is None or self.part is None or self.whole is None:
            return ""
        words = []
        for key, known in ((self.formula.part, self.part), (self.formula.whole, self.whole)):
            words.append(f"{FIGURES[key].name} {plain(known.value)}{FIGURES[key].unit}")
        entered = [known.source for known in (self.part, self.whole) if known.kind == ENTERED]
        start = "填报" if entered else "系统计算"
        body = (" 与 " if self.formula.change else " ÷ ").join(words)
        return f"{start}：{body}" + (f"；来源：{'、'.join(dict.fromkeys(entered))}" if entered else "")


def compute(key: str, figures: Mapping[str, Known]) -> Outcome:
    """Return what a formula comes to with these figures. Never NaN: what cannot be divided says why."""
    formula = FORMULAS[key]
    part, whole = figures.get(formula.part), figures.get(formula.whole)
    reason = None
    for name, known in ((formula.part, part), (formula.whole, whole)):
        if known is None:
            message = N_("无法计算：还没有填报%(figure)s。")
            reason = reason or Finding("FORMULA", message, params={"figure": Term(FIGURES[name].name)})
    if whole is not None and not whole.value:
        message = N_("无法计算：%(figure)s为 0。")
        reason = reason or Finding("FORMULA", message, params={"figure": Term(FIGURES[formula.whole].name)})
    if reason is not None or part is None or whole is None:
        return Outcome(key, formula, None, reason, part, whole)
    above = part.value - whole.value if formula.change else part.value
    return Outcome(key, formula, half_up(above * 100 / whole.value), None, part, whole)


def named(indicator: str) -> str | None:
    """Return the key of the formula an indicator is named after, or None; quotation marks do not matter."""
    return _BY_NAME.get(_plain_name(indicator))


def _plain_name(name: str) -> str:
    # “三公”经费变动率 and “三公经费”变动率 are both in use.
    return same_name(name.translate(_QUOTES))


_BY_NAME = {_plain_name(name): key for key, formula in FORMULAS.items() for name in (formula.name, *formula.aliases)}

"""Monitoring in the middle of the year (双监控): lights of money and indicators, and what they demand (§4)."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.cycles import Span
from perfmgr.rules.findings import INFO, WARNING, Finding
from perfmgr.rules.indicators import QUALITATIVE, REVERSE, target_text
from perfmgr.rules.monitoring_scheme import OF_YEAR, Thresholds
from perfmgr.rules.numbers import half_up, parse_count, percent, quantity
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_

RED, YELLOW, GREEN, BLUE, NONE = "red", "yellow", "green", "blue", "none"
LIGHTS = {RED: N_("红灯"), YELLOW: N_("黄灯"), GREEN: N_("绿灯"), BLUE: N_("蓝灯"), NONE: N_("未判定")}
TIERS = {"reached": N_("达成"), "partly": N_("部分达成"), "missed": N_("未达成")}
LIKELIHOODS = {"sure": N_("确定能"), "maybe": N_("有可能"), "never": N_("完全不可能")}
CAUSES = {
    "funds": N_("经费保障"),
    "rules": N_("制度保障"),
    "staff": N_("人员保障"),
    "hardware": N_("硬件条件保障"),
    "other": N_("其他"),
}
ITEM_STATES = {"open": N_("整改中"), "closed": N_("已完成整改")}
USUAL_CUT_OFFS = (7,)
_OF_TIER = {"reached": GREEN, "partly": YELLOW, "missed": RED}
_TIER_SHARE = {"reached": Decimal(1), "partly": Decimal("0.5"), "missed": Decimal(0)}
_MONTHS = 12
_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A light with the sentence that explains it."""

    light: str
    why: Finding


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written beside one light: why progress is behind, and what is done about it."""

    causes: Collection[str] = ()
    explanation: str = ""
    measure: str = ""
    owner: str = ""
    due_on: dt.date | None = None


NOTHING = Entry()


@dataclass(frozen=True, slots=True)
class Progress:
    """One indicator at the cut-off. ``forecast`` or ``forecast_text`` is what the whole year is expected to bring."""

    name: str
    sign: str
    target: Decimal | None = None
    target_text: str = ""
    unit: str = ""
    weight: Decimal = _ZERO
    actual: Decimal | None = None
    tier: str = ""
    forecast: Decimal | None = None
    forecast_text: str = ""
    likelihood: str = ""
    entry: Entry = NOTHING


@dataclass(frozen=True, slots=True)
class Money:
    """Budget, spending at the cut-off and expected spending of the year in yuan; ``general_*`` of the general budget."""

    budget: Decimal | None = None
    executed: Decimal | None = None
    forecast: Decimal | None = None
    general_executed: Decimal | None = None
    general_forecast: Decimal | None = None
    entry: Entry = NOTHING


def _judged(light: str, message: str, **params: object) -> Judgement:
    return Judgement(light, Finding("LIGHT", message, level=INFO, params=params))


def _graded(thresholds: Thresholds, part: Decimal, whole: Decimal) -> str:
    """Return the light of ``part`` ÷ ``whole`` without dividing, so that the bounds are exact."""
    if part < thresholds.red_below * whole:
        return RED
    return YELLOW if part < thresholds.green_from * whole else GREEN


def judge_execution(thresholds: Thresholds, executed: Decimal | None, budget: Decimal | None, month: int) -> Judgement:
    """Return the light of the money: execution rate relative to the elapsed part of the year."""
    if executed is None:
        return _judged(NONE, N_("还没有填写执行数。"))
    if not budget:
        return _judged(NONE, N_("全年预算数为 0，不判定预算执行。"))
    light = _graded(thresholds, executed * _MONTHS, budget * month)
    return _judged(
        light,
        N_("执行率 %(rate)s%%，时间进度 %(elapsed)s%%，相当于应达进度的 %(relative)s%%。"),
        rate=percent(executed, budget),
        elapsed=percent(Decimal(month), Decimal(_MONTHS)),
        relative=percent(executed * _MONTHS, budget * month),
    )


def judge_line(thresholds: Thresholds, line: Progress, month: int) -> Judgement:
    """Return the light of an indicator.

    Forward ones are compared with the part of the target that is due by the month, and are red at 0;
    limits are kept or exceeded; qualitative ones follow their tier.
    """
    if line.sign == QUALITATIVE:
        return _judge_tier(line.tier)
    if line.actual is None:
        return _judged(NONE, N_("还没有填写完成情况。"))
    if line.target is None:
        return _judged(NONE, N_("没有可以比较的年度指标值。"))
    if line.sign in REVERSE or line.target <= 0:
        return _judge_limit(line, line.target, line.actual)
    return _judge_forward(thresholds, line, line.target, line.actual, month)


def _judge_tier(tier: str) -> Judgement:
    if tier not in _OF_TIER:
        return _judged(NONE, N_("还没有选择完成情况。"))
    return _judged(_OF_TIER[tier], N_("定性指标按所选的完成情况判定。"))


def _judge_limit(line: Progress, target: Decimal, actual: Decimal) -> Judgement:
    kept = {
        "le": actual <= target,
        "lt": actual < target,
        "ge": actual >= target,
        "gt": actual > target,
        "eq": actual == target,
    }[line.sign]
    wanted = target_text(line.sign, target, "", line.unit)
    values = {"actual": f"{quantity(actual)}{line.unit}", "target": wanted}
    if kept:
        return _judged(GREEN, N_("截至目前为 %(actual)s，符合 %(target)s。"), **values)
    return _judged(RED, N_("截至目前为 %(actual)s，不符合 %(target)s。"), **values)


def _judge_forward(thresholds: Thresholds, line: Progress, target: Decimal, actual: Decimal, month: int) -> Judgement:
    due = _MONTHS if line.unit == "%" and thresholds.percent_of == OF_YEAR else month
    light = _graded(thresholds, actual * _MONTHS, target * due) if actual > 0 else RED
    of_blue = _MONTHS if thresholds.blue_of == OF_YEAR else due
    if light == GREEN and actual * _MONTHS >= thresholds.blue_from * target * of_blue:
        light = BLUE
    return _judged(
        light,
        N_("完成年度指标值的 %(share)s%%，时间进度 %(elapsed)s%%，相当于应达进度的 %(relative)s%%。"),
        share=percent(actual, target),
        elapsed=percent(Decimal(due), Decimal(_MONTHS)),
        relative=percent(actual * _MONTHS, target * due),
    )


def project_light(lights: Iterable[str]) -> str:
    """Return a project's light: any red is red, else any yellow yellow, else green, blue only when all are."""
    found = set(lights)
    return next((light for light in (RED, YELLOW, GREEN, BLUE) if light in found), NONE)


def goal_progress(lines: Sequence[Progress]) -> Decimal | None:
    """Return how much of the year's targets is reached, in percent, by the weights of the indicators.

    Limits are left out, for they are not reached step by step. None when nothing can be counted.
    """
    parts: list[tuple[Decimal, Decimal]] = []
    for line in lines:
        if line.sign == QUALITATIVE and line.tier in _TIER_SHARE:
            parts.append((line.weight, _TIER_SHARE[line.tier]))
        elif line.sign not in (*REVERSE, QUALITATIVE) and line.actual is not None and line.target and line.target > 0:
            parts.append((line.weight, min(max(line.actual / line.target, _ZERO), _ONE)))
    if not parts:
        return None
    if not sum(weight for weight, _share in parts):
        parts = [(_ONE, share) for _weight, share in parts]
    whole = sum((weight for weight, _share in parts), _ZERO)
    return half_up(sum((weight * share for weight, share in parts), _ZERO) * 100 / whole)


def warnings(thresholds: Thresholds, money: Money, lines: Sequence[Progress], month: int) -> list[Finding]:
    """Return what the absolute table and the comparison of money with goals have to say; they never block."""
    found: list[Finding] = []
    if money.executed is None or not money.budget:
        return found
    least = next((share for at, share in reversed(thresholds.execution) if at <= month), None)
    rate = percent(money.executed, money.budget) or _ZERO
    if least is not None and money.executed < least * money.budget:
        found.append(
            Finding(
                "EXECUTION",
                N_("预算执行率 %(rate)s%%，低于截至 %(month)s 月应达到的 %(least)s%%，请加快执行或说明原因。"),
                "executed",
                WARNING,
                params={"rate": rate, "month": month, "least": quantity(least * 100)},
            )
        )
    progress = goal_progress(lines)
    if thresholds.gap is not None and progress is not None and abs(progress - rate) > thresholds.gap * 100:
        found.append(
            Finding(
                "GAP",
                N_("绩效目标完成 %(progress)s%%，预算执行 %(rate)s%%，相差超过 %(gap)s 个百分点，请核对并说明。"),
                "goal_progress",
                WARNING,
                params={"progress": progress, "rate": rate, "gap": quantity(thresholds.gap * 100)},
            )
        )
    return found


# --- what stands between a sheet and its submission -------------------------------------------


def _missing(message: str, field: str, **params: object) -> Finding:
    return Finding("MONITORING", message, field, params=params)


def check(thresholds: Thresholds, money: Money, lines: Sequence[Progress], goal: str, month: int) -> list[Finding]:
    """Return every error and warning about a sheet that is to be submitted; each names its line."""
    found = _check_money(money)
    if not goal:
        found.append(_missing(N_("“年度总体目标进展”不能为空，请写明截至目前完成了什么。"), "goal_progress"))
    if judge_execution(thresholds, money.executed, money.budget, month).light == RED:
        found += _check_entry(money.entry, "budget.0", N_("预算执行为红灯，请%(what)s。"), "")
    for n, line in enumerate(lines):
        found += _check_line(thresholds, line, n, month)
    return found + warnings(thresholds, money, lines, month)


def _check_money(money: Money) -> list[Finding]:
    found = []
    if money.executed is None:
        found.append(_missing(N_("“执行数”不能为空，没有支出请填 0。"), "executed"))
    if money.forecast is None:
        found.append(_missing(N_("“全年预计执行数”不能为空，请填写。"), "forecast"))
    return found + check_amounts(money)


def check_amounts(money: Money) -> list[Finding]:
    """Return where amounts contradict each other; this holds for every save."""
    found = []
    if money.executed is not None and money.forecast is not None and money.forecast < money.executed:
        found.append(_missing(N_("“全年预计执行数”不能少于已经执行的金额，请核对。"), "forecast"))
    for name in ("executed", "forecast"):
        part, whole = getattr(money, f"general_{name}"), getattr(money, name)
        if part is not None and whole is not None and part > whole:
            sentence = N_("“其中：一般公共预算拨款”不能多于年度资金总额，请核对。")
            found.append(_missing(sentence, f"general_{name}"))
    return found


def _check_line(thresholds: Thresholds, line: Progress, n: int, month: int) -> list[Finding]:
    at = {"n": n + 1, "name": line.name}
    found = []
    if line.sign == QUALITATIVE and not line.tier:
        found.append(_missing(N_("第 %(n)s 项“%(name)s”还没有选择完成情况，请选择。"), f"lines.{n}.tier", **at))
    elif line.sign != QUALITATIVE and line.actual is None:
        found.append(_missing(N_("第 %(n)s 项“%(name)s”还没有填写完成情况，请填写。"), f"lines.{n}.actual", **at))
    if not line.likelihood:
        sentence = N_("第 %(n)s 项“%(name)s”还没有选择完成目标可能性，请选择。")
        found.append(_missing(sentence, f"lines.{n}.likelihood", **at))
    if judge_line(thresholds, line, month).light == RED:
        sentence = N_("第 %(n)s 项“%(name)s”为红灯，请%(what)s。")
        found += _check_entry(line.entry, f"lines.{n}", sentence, line.name, n + 1)
    return found


def _check_entry(entry: Entry, path: str, sentence: str, name: str, n: int = 0) -> list[Finding]:
    """Return what a red light lacks: cause, measure, owner, date; each as a finding with its own field."""
    wanted = (
        ("cause_funds", entry.causes, N_("至少选择一项偏差原因")),
        ("explanation", entry.explanation or "other" not in entry.causes, N_("写明“其他”是什么原因")),
        ("measure", entry.measure, N_("写明整改措施")),
        ("owner", entry.owner, N_("写明责任人")),
        ("due_on", entry.due_on, N_("填写完成时限")),
    )
    return [
        _missing(sentence, f"{path}.{field}", n=n, name=name, what=Finding("MONITORING", what))
        for field, given, what in wanted
        if not given
    ]


# --- cut-offs of a year -----------------------------------------------------------------------


def parse_cut_offs(text: str) -> list[int]:
    """Return the months typed as ``4、7、10``, in order and each once; raises Refused for anything else."""
    parts = text.replace("月", " ").translate(str.maketrans("、，,;；/", "      ")).split()
    months = [parse_count(part) for part in parts]
    found = sorted({month for month in months if month and 1 <= month <= _MONTHS})
    if not found or None in months or len(found) != len(set(months)):
        raise Refused(
            N_("“监控截止月份”请填 1 到 12 之间的数字，几个月份用顿号隔开，例如 4、7、10。"), field="cut_offs"
        )
    return found


def over(year: int, month: int, today: dt.date) -> bool:
    """Tell whether the month is over, so that what was spent and reached by its end is known."""
    return (today.year, today.month) > (year, month)


def due_on(year: int, month: int, cut_offs: Sequence[int], window: Span) -> dt.date:
    """Return when a period is due: the last one with the window, an earlier one by the end of the following month."""
    if month == max(cut_offs, default=month):
        return window.closes_on
    after = dt.date(year + (month + 1) // _MONTHS, (month + 1) % _MONTHS + 1, 1)  # the month after the next begins
    return min(max(after - dt.timedelta(days=1), window.opens_on), window.closes_on)

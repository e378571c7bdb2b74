"""The scoring engine: indicator lines and budget execution in, marks with their explanation out.

All arithmetic is Decimal. Every line is rounded half up to two decimals exactly once, and the
total is the sum of the printed lines, so that a printed form can be added up by hand.
Source: §1.3–1.5 and §1.7 of the field's rules; everything that differs between places is
read from the scheme.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from perfmgr.rules.formulas import (
    IN_BAND,
    LineScore,
    result,
    write_forward,
    write_missing,
    write_reached,
    write_reverse_linear,
    write_reverse_ratio,
    write_share,
    write_tier,
    write_unreached,
)
from perfmgr.rules.indicators import FORWARD, QUALITATIVE, REVERSE, LineRule
from perfmgr.rules.numbers import CENT, grouped, plain
from perfmgr.rules.schemes import Execution, Scheme, Tier
from perfmgr.rules.texts import N_

ZERO, ONE = Decimal(0), Decimal(1)  # comparing with an int would convert it every time
_NONE: tuple[str, ...] = ()

# What a flag means, for people. The codes are stored with the score.
FLAGS = {
    "missing": N_("缺实际完成值，尚不能计分"),
    "no_target": N_("没有目标值，不能计分"),
    "not_applicable": N_("不适用，分值按比例分摊到其余各项"),
    "rescaled": N_("因有不适用项，本项分值已按比例调整"),
    "short": N_("未达到目标，需说明原因和改进措施"),
    "over": N_("超过目标较多，请核对目标是否偏低"),
    "explain": N_("远超目标，必须说明原因；目标明显偏低的应按偏离程度扣分"),
    "zero_target": N_("目标值为 0，不按比例计分"),
    "negative": N_("实际值为负，按 0 计"),
    "strict": N_("恰好等于界限，未严格达到“大于/小于”的要求，按比例计满分"),
    "capped": N_("执行数超过预算数，按满分封顶"),
    "zero_denominator": N_("全年预算数为 0，执行率无意义"),
    "low_rate": N_("预算执行率偏低，需说明原因"),
    "tier_share": N_("请在所选档次内给出具体比例"),
    "outside_tier": N_("所给比例不在所选档次范围内"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one indicator line when it is scored.

    ``target`` and ``actual`` are plain numbers in the indicator's own unit; a qualitative line
    has a ``tier`` (code, name or label) and may have a ``share`` of the marks between 0 and 1.
    """

    sign: str
    target: Decimal | None
    actual: Decimal | None
    weight: Decimal
    rule: LineRule | None = None
    tier: str = ""
    share: Decimal | None = None
    not_applicable: bool = False


@dataclass(frozen=True, slots=True)
class SheetScore:
    """The score of a whole sheet. ``total`` and ``grade`` are None while anything is missing.

    ``earned`` is the sum of the lines that can be scored already, ``open_marks`` the marks
    of the lines that cannot.
    """

    execution: LineScore
    lines: tuple[LineScore, ...]
    total: Decimal | None
    grade: str | None
    earned: Decimal
    open_marks: Decimal

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation that is stored with an evaluation, as plain JSON data."""
        return {
            "total": None if self.total is None else f"{self.total:.2f}",
            "grade": self.grade,
            "earned": f"{self.earned:.2f}",
            "open_marks": f"{self.open_marks:.2f}",
            "execution": self.execution.as_dict(),
            "lines": [line.as_dict() for line in self.lines],
        }


# --- quantitative lines -----------------------------------------------------------------------


def _marks(weight: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return (weight * part / whole).quantize(CENT, ROUND_HALF_UP)


def _forward(scheme: Scheme, row: Row, weight: Decimal) -> LineScore:
    target, actual = row.target, row.actual
    if actual is None or target is None:
        return LineScore(None, weight, write_missing, row, ("no_target",) if target is None else ("missing",))
    # More than nothing was asked for and nothing was done: with a target of 0 there is no share that could earn marks.
    nothing = row.sign == "gt" and not actual and not target
    if actual >= target and not nothing:
        return LineScore(weight, weight, write_reached, row, _reached_flags(scheme, row, target, actual))
    if nothing:
        return LineScore(ZERO.quantize(CENT), weight, write_unreached, row, ("short", "zero_target"))
    if actual <= ZERO or target <= ZERO:
        return LineScore(
            ZERO.quantize(CENT), weight, write_unreached, row, ("short", "negative") if actual < ZERO else ("short",)
        )
    return LineScore(_marks(weight, actual, target), weight, write_forward, row, ("short",))


def _reached_flags(scheme: Scheme, row: Row, target: Decimal, actual: Decimal) -> tuple[str, ...]:
    if target > ZERO:
        if actual >= target * scheme.over_flag:
            return ("over", "explain") if actual >= target * scheme.over_explain else ("over",)
        return ("strict",) if row.sign == "gt" and actual == target else _NONE
    return ("zero_target",) if target == ZERO else _NONE


def _equal(scheme: Scheme, row: Row, weight: Decimal) -> LineScore:
    target, actual = row.target, row.actual
    if actual is None or target is None or (scheme.equal == "forward" and target > ZERO):
        return _forward(scheme, row, weight)
    # Source [S31]: with a target of 0 the line is full when nothing (or less) happened.
    reached = actual <= ZERO if scheme.equal == "forward" and target == ZERO else actual == target
    flags = ("zero_target",) if target == ZERO else _NONE
    if reached:
        return LineScore(weight, weight, write_reached, row, flags)
    return LineScore(ZERO.quantize(CENT), weight, write_unreached, row, (*flags, "short"))


def _reverse(scheme: Scheme, row: Row, weight: Decimal) -> LineScore:
    target, actual = row.target, row.actual
    if actual is None or target is None:
        return LineScore(None, weight, write_missing, row, ("no_target",) if target is None else ("missing",))
    if actual <= target:
        flags = ("strict",) if row.sign == "lt" and actual == target else _NONE
        return LineScore(weight, weight, write_reached, row, (*flags, "negative") if actual < ZERO else flags)
    if target <= ZERO:
        flags = ("short", "zero_target") if target == ZERO else ("short",)
        return LineScore(ZERO.quantize(CENT), weight, write_unreached, row, flags)
    if scheme.reverse == "ratio":
        return LineScore(_marks(weight, target, actual), weight, write_reverse_ratio, row, ("short",))
    rest = max(ZERO, 2 * target - actual)
    return LineScore(_marks(weight, rest, target), weight, write_reverse_linear, row, ("short",))


# --- qualitative lines ------------------------------------------------------------------------


def _find_tier(scheme: Scheme, row: Row) -> Tier | None:
    if row.tier:
        return scheme.tier(row.tier)
    if row.share is None:
        return None
    return next((tier for tier in scheme.tiers if tier.holds(row.share)), None)


def _qualitative(scheme: Scheme, row: Row, weight: Decimal) -> LineScore:
    tier = _find_tier(scheme, row)
    if tier is None:
        return LineScore(None, weight, write_missing, row, ("missing",))
    share = tier.default if row.share is None else row.share
    if share is None:
        return LineScore(None, weight, lambda line: tier.label, row, ("tier_share",))
    flags = _NONE if tier.holds(share) else ("outside_tier",)
    if tier.high < ONE:
        flags = (*flags, "short")
    marks = (weight * share).quantize(CENT, ROUND_HALF_UP)
    return LineScore(marks, weight, write_tier, (tier, share), flags)


# --- lines with a rule of their own -----------------------------------------------------------


def _bands(scheme: Scheme, row: Row, weight: Decimal, rule: LineRule, actual: Decimal) -> LineScore:
    value = abs(actual) if rule.absolute else actual
    falling = row.sign in REVERSE
    reached = [b for b in rule.bands if (value <= b.bound if falling else value >= b.bound)]
    share = max((band.share for band in reached), default=ZERO)
    marks = (weight * share).quantize(CENT, ROUND_HALF_UP)
    return LineScore(
        marks,
        weight,
        lambda line: write_share(line, f"{plain(value)} {IN_BAND}", share),
        row,
        _NONE if share == 1 else ("short",),
    )


def _steps(scheme: Scheme, row: Row, weight: Decimal, rule: LineRule, actual: Decimal) -> LineScore:
    start = row.target if rule.start is None else rule.start
    if start is None:
        return LineScore(None, weight, write_missing, row, ("no_target",))
    gap = actual - start if row.sign in REVERSE else start - actual
    count = (max(gap, ZERO) / rule.step).to_integral_value(ROUND_DOWN)
    marks = max(ZERO, weight - count * rule.deduct).quantize(CENT, ROUND_HALF_UP)

    def write(line: LineScore) -> str:
        return f"max(0, {plain(weight)} − {plain(count)} × {plain(rule.deduct)}) = {result(line)}"

    return LineScore(marks, weight, write, row, _NONE if gap <= 0 else ("short",))


def _direct(scheme: Scheme, row: Row, weight: Decimal, rule: LineRule, actual: Decimal) -> LineScore:
    target = row.target
    if target is None:
        return LineScore(None, weight, write_missing, row, ("no_target",))
    reached = {
        "ge": actual >= target,
        "gt": actual > target,
        "eq": actual == target,
        "lt": actual < target,
        "le": actual <= target,
    }[row.sign]
    if reached:
        return LineScore(weight, weight, write_reached, row)
    return LineScore(ZERO.quantize(CENT), weight, write_unreached, row, ("short",))


_BY_RULE = {"bands": _bands, "steps": _steps, "direct": _direct}
_BY_SIGN: dict[str, Callable[[Scheme, Row, Decimal], LineScore]] = {
    **dict.fromkeys(FORWARD, _forward),
    **dict.fromkeys(REVERSE, _reverse),
    "eq": _equal,
    QUALITATIVE: _qualitative,
}


def score_line(scheme: Scheme, row: Row, weight: Decimal | None = None) -> LineScore:
    """Return the marks of one line out of ``weight`` (its own weight when None).

    The score is None, never 0, when the actual value is missing or the line does not apply.
    """
    if weight is None:
        weight = row.weight
    if row.not_applicable:
        return LineScore(None, weight, write_missing, row, ("not_applicable",))
    rule = row.rule
    if rule is not None and row.sign != QUALITATIVE:
        if row.actual is None:
            return LineScore(None, weight, write_missing, row, ("missing",))
        return _BY_RULE[rule.type](scheme, row, weight, rule, row.actual)
    return _BY_SIGN[row.sign](scheme, row, weight)


# --- budget execution -------------------------------------------------------------------------


def score_execution(
    scheme: Scheme, adjusted: Decimal | None, executed: Decimal | None, weight: Decimal | None = None
) -> LineScore:
    """Return the marks for budget execution: executed ÷ adjusted budget, both in yuan.

    A zero budget gives no marks and the flag ``zero_denominator``; what happens to the weight
    then is the scheme's choice (§1.4: 预算执行率 = 全年执行数 ÷ 全年预算数). Negative spending
    (refunds of earlier years) counts as 0.
    """
    rule = scheme.execution
    weight = rule.weight if weight is None else weight
    pair = (adjusted, executed)
    if adjusted is None or executed is None:
        return LineScore(None, weight, write_missing, pair, ("missing",))
    if adjusted <= 0:
        empty = None if rule.when_empty == "not_applicable" else ZERO.quantize(CENT)
        return LineScore(
            empty, weight, lambda line: f"{plain(executed)} ÷ {plain(adjusted)}", pair, ("zero_denominator",)
        )
    flags = _execution_flags(scheme, adjusted, executed)
    spent = max(executed, ZERO)
    if rule.mode == "band":
        return _banded_execution(rule, adjusted, spent, weight, flags)
    marks = _marks(weight, min(spent, adjusted) if rule.cap else spent, adjusted)

    def write(line: LineScore) -> str:
        ratio = f"{grouped(spent)} ÷ {grouped(adjusted)}"
        return f"{plain(weight)} × {f'min(1, {ratio})' if rule.cap else ratio} = {result(line)}"

    return LineScore(marks, weight, write, pair, flags)


def _execution_flags(scheme: Scheme, adjusted: Decimal, executed: Decimal) -> tuple[str, ...]:
    rule = scheme.execution
    if executed > adjusted:
        return ("capped",) if rule.cap or rule.mode == "band" else _NONE
    flags = ("negative",) if executed < 0 else _NONE
    return (*flags, "low_rate") if executed < adjusted * scheme.reason_below else flags


def _banded_execution(
    rule: Execution, adjusted: Decimal, executed: Decimal, weight: Decimal, flags: tuple[str, ...]
) -> LineScore:
    share = next(share for bound, share in rule.bands if executed >= adjusted * bound)
    marks = (weight * share).quantize(CENT, ROUND_HALF_UP)
    name = f"{grouped(executed)} ÷ {grouped(adjusted)} {IN_BAND}"
    return LineScore(marks, weight, lambda line: write_share(line, name, share), (adjusted, executed), flags)


# --- the whole sheet --------------------------------------------------------------------------


def effective_weights(weights: Sequence[Decimal], applies: Sequence[bool]) -> list[Decimal]:
    """Share out the marks of the lines that do not apply over the others, in proportion.

    Returns weights with two decimals whose sum equals the sum of ``weights`` exactly: rounding
    remainders of a hundredth go to the lines that lost most (largest remainder, first line first).
    Lines that do not apply get 0.
    """
    full = sum(weights, ZERO)
    remaining = sum((w for w, yes in zip(weights, applies, strict=True) if yes), ZERO)
    if remaining == full or not remaining:
        return [w if yes else ZERO for w, yes in zip(weights, applies, strict=True)]
    exact = [w * full / remaining if yes else ZERO for w, yes in zip(weights, applies, strict=True)]
    shares = [value.quantize(CENT, ROUND_DOWN) for value in exact]
    lost = int((full - sum(shares, ZERO)) / CENT)
    for n in sorted(range(len(exact)), key=lambda n: shares[n] - exact[n])[:lost]:
        shares[n] += CENT
    return shares


def score_sheet(
    scheme: Scheme,
    rows: Sequence[Row],
    adjusted: Decimal | None,
    executed: Decimal | None,
    execution_weight: Decimal | None = None,
) -> SheetScore:
    """Score a whole self-evaluation sheet.

    ``adjusted`` and ``executed`` are the year's budget and spending in yuan. Total and grade are
    None while a line that applies has no marks yet. Source: §1.4 得分、合计; [S22] 不适用项.
    """
    execution = score_execution(scheme, adjusted, executed, execution_weight)
    drops_out = execution.score is None and "zero_denominator" in execution.flags
    applies = [not drops_out, *(not row.not_applicable for row in rows)]
    weights = [execution.weight, *(row.weight for row in rows)]
    shared = effective_weights(weights, applies)
    if shared[0] != weights[0] and not drops_out:
        execution = score_execution(scheme, adjusted, executed, shared[0])
        execution.flags = (*execution.flags, "rescaled")
    lines = []
    for row, weight in zip(rows, shared[1:], strict=True):
        line = score_line(scheme, row, row.weight if row.not_applicable else weight)
        if weight != row.weight and not row.not_applicable:
            line.flags = (*line.flags, "rescaled")
        lines.append(line)
    return _sum_up(scheme, execution, lines, applies)


def _sum_up(scheme: Scheme, execution: LineScore, lines: list[LineScore], applies: list[bool]) -> SheetScore:
    counted = [line for line, yes in zip([execution, *lines], applies, strict=True) if yes]
    earned = sum((line.score for line in counted if line.score is not None), ZERO)
    open_lines = [line for line in counted if line.score is None]
    total = None if open_lines or not counted else earned.quantize(CENT)
    return SheetScore(
        execution=execution,
        lines=tuple(lines),
        total=total,
        grade=None if total is None else scheme.grade(total),
        earned=earned.quantize(CENT),
        open_marks=sum((line.weight for line in open_lines), ZERO),
    )

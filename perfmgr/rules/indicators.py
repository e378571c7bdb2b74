"""Indicators: their signs, their target values in print, and scoring rules of single lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import decimals, parse_number, quantity
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, half_width

FORWARD = ("ge", "gt")
REVERSE = ("le", "lt")
EQUAL = "eq"
QUALITATIVE = "qualitative"
SIGNS = ("ge", "gt", "eq", "lt", "le", QUALITATIVE)
SYMBOLS = {"ge": "≥", "gt": "＞", "eq": "＝", "lt": "＜", "le": "≤", QUALITATIVE: N_("定性")}
_SPELLINGS = {
    spelling: sign
    for sign, spellings in {
        "ge": "≥ >= => ≧ ⩾ 不低于 不少于 ge",
        "gt": "> 大于 gt",
        "eq": "= == 等于 eq",
        "lt": "< 小于 lt",
        "le": "≤ <= =< ≦ ⩽ 不高于 不超过 le",
        QUALITATIVE: "定性 qual qualitative",
    }.items()
    for spelling in spellings.split()
}

RULE_TYPES = ("bands", "steps", "direct")
_LARGEST, _FINEST = 10**12, 6  # as wide and as fine as a target may be


def parse_sign(text: str) -> str | None:
    """Return the sign's code (``ge`` … ``qualitative``) for any usual spelling, or None."""
    return _SPELLINGS.get(half_width(text).strip().lower())


def target_text(sign: str, value: Decimal | None, text: str, unit: str) -> str:
    """Return a target as forms print it: ``≥90%``, ``＝9项``, ``≥60,000人次`` or the qualitative text."""
    if sign == QUALITATIVE:
        return text
    return f"{SYMBOLS[sign]}{'' if value is None else quantity(value)}{unit}"


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a banded rule: the share of the marks for values from ``bound`` upwards (or up to it)."""

    bound: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class LineRule:
    """A scoring rule of a single line, used instead of the formula of its sign.

    ``bands``: the first band reached gives its share of the marks; with ``absolute`` the
    distance from zero counts. ``steps``: each full ``step`` away from ``start`` (the target
    when None) costs ``deduct`` marks. ``direct``: all marks when the target is reached, else none.
    Source: §1.4 and §2 of the field's rules (分档计分, 按差距扣分, 直接赋分).
    """

    type: str
    bands: tuple[Band, ...] = ()
    absolute: bool = False
    start: Decimal | None = None
    step: Decimal = Decimal(0)
    deduct: Decimal = Decimal(0)


def _figure(value: Any) -> Decimal:
    """Return a number of a rule; raises ValueError for one so large or fine that scoring would overflow."""
    figure = Decimal(str(value))
    if not figure.is_finite() or abs(figure) >= _LARGEST or decimals(figure) > _FINEST:
        raise ValueError(value)
    return figure


def parse_rule(data: Mapping[str, Any] | None) -> LineRule | None:
    """Return the rule described by plain data, or None when the line follows its sign.

    Raises Refused with one sentence when the data is no usable rule.
    """
    if not data:
        return None
    try:
        kind = data["type"]
        if kind == "bands":
            bands = tuple(Band(_figure(band["bound"]), _figure(band["share"])) for band in data["bands"])
            if bands and all(0 <= band.share <= 1 for band in bands):
                return LineRule("bands", bands, bool(data.get("absolute")))
        elif kind == "steps":
            start = None if data.get("start") in (None, "") else _figure(data["start"])
            rule = LineRule("steps", start=start, step=_figure(data["step"]), deduct=_figure(data["deduct"]))
            if rule.step > 0 and rule.deduct >= 0:
                return rule
        elif kind == "direct":
            return LineRule("direct")
    except (KeyError, TypeError, ValueError, InvalidOperation):
        pass
    raise Refused(
        N_("评分规则写得不完整：分档要有下限（或上限）和比例，扣分要有步长和每步扣分，请核对后再保存。"), code="RULE"
    )


def rule_data(rule: LineRule | None) -> dict[str, Any] | None:
    """Return a rule as plain data for JSON; the opposite of :func:`parse_rule`."""
    if rule is None:
        return None
    if rule.type == "bands":
        bands = [{"bound": str(band.bound), "share": str(band.share)} for band in rule.bands]
        return {"type": "bands", "bands": bands, "absolute": rule.absolute}
    if rule.type == "steps":
        start = None if rule.start is None else str(rule.start)
        return {"type": "steps", "start": start, "step": str(rule.step), "deduct": str(rule.deduct)}
    return {"type": rule.type}


def parse_value(text: str) -> Decimal | None:
    """Return the number in a target or actual value, allowing a trailing percent sign; None when it is none."""
    return parse_number(half_width(text).strip().removesuffix("%").rstrip())


def unknown_sign(text: str, field: str) -> Finding:
    """Return the finding for a sign nobody knows."""
    return Finding(
        "Q02", N_("符号“%(sign)s”无法识别，请从 ≥ ＞ ＝ ＜ ≤ 定性 中选一个。"), field, params={"sign": text[:10]}
    )

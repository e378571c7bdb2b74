"""Targets as people write them: ``≥95%``, ``=100.00(%)``, ``不少于12期``, ``10个工作日以内``, ``及时``."""

import re
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.indicators import QUALITATIVE, parse_sign
from perfmgr.rules.numbers import parse_number
from perfmgr.rules.texts import clean_line, half_width

_SIGNS = {
    "ge": "≥ >= => ≧ ⩾ 大于等于 大于或等于 不低于 不少于 不小于 至少 达到 不短于",
    "le": "≤ <= =< ≦ ⩽ 小于等于 小于或等于 不高于 不超过 不多于 不大于 最多 控制在 不晚于",
    "gt": "> 大于 高于 超过 多于",
    "lt": "< 小于 低于 少于",
    "eq": "= == 等于",
}
_PREFIXES = sorted(
    ((prefix, sign) for sign, prefixes in _SIGNS.items() for prefix in prefixes.split()), key=lambda p: -len(p[0])
)
_SUFFIXES = (("及以上", "ge"), ("以上", "ge"), ("及以内", "le"), ("以内", "le"), ("以下", "le"), ("之内", "le"))
_FIGURE = re.compile(r"([+-]?\d[\d,]{0,20}(?:\.\d{1,10})?)\s*\(?([^\d()<>=≥≤]{0,12})\)?")

_DAY = re.compile("[年月日].*[底末前]|日?前$")


@dataclass(frozen=True, slots=True)
class Target:
    """A target as the rules know it; ``written`` when value and unit do not say everything that stood there."""

    sign: str
    value: Decimal | None
    text: str
    unit: str
    written: str = ""


def read_target(value: str, sign: str = "", unit: str = "") -> Target:
    """Return the target written in the cells for sign, value and unit, any of which may be empty.

    A text without number is qualitative. An empty sign in the result means that none was written.
    """
    written, unit = clean_line(value), clean_line(unit)
    given = _given(sign)
    if given == QUALITATIVE:
        return Target(QUALITATIVE, None, written, unit)
    found, rest = _prefix(half_width(written).strip())
    figure = _FIGURE.fullmatch(rest)
    number = parse_number(figure.group(1)) if figure else None
    if figure is None or number is None:
        if not written:
            return Target(given or "", None, "", unit)
        return Target(QUALITATIVE, None, written, unit)
    ending, own_unit = _suffix(figure.group(2).strip())
    if _DAY.match(own_unit):  # 12月底前: a day, not a number of months
        return Target(QUALITATIVE, None, written, unit)
    short = half_width(unit).strip("()")
    both = bool(own_unit and short and own_unit != short)
    return Target(given or found or ending, number, "", short or own_unit, written if both else "")


def _given(sign: str) -> str:
    text = half_width(sign).strip()
    return parse_sign(text) or next((code for prefix, code in _PREFIXES if prefix == text), "")


def _prefix(text: str) -> tuple[str, str]:
    for prefix, sign in _PREFIXES:
        if text.startswith(prefix):
            return sign, text.removeprefix(prefix).strip()
    return "", text


def _suffix(unit: str) -> tuple[str, str]:
    for suffix, sign in _SUFFIXES:
        if unit.endswith(suffix):
            return sign, unit.removesuffix(suffix).strip()
    return "", unit


def misread(value: Decimal | None, unit: str) -> Decimal | None:
    """Return 90 for the 290 that a scanner made of ``≥90%``, or None when the value is no such figure."""
    if value is None or unit != "%" or value != value.to_integral_value() or not 250 <= value <= 2100:
        return None
    rest = Decimal(str(int(value))[1:])
    return rest if str(int(value)).startswith("2") and 50 <= rest <= 100 else None

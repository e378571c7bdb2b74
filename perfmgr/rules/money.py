"""Amounts: kept in yuan exact to the fen, typed and shown in 万元."""

import re
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import decimals, grouped, half_up, parse_number, plain
from perfmgr.rules.texts import N_, half_width

WAN = Decimal(10_000)
LIMIT = Decimal(10) ** 12  # yuan; a thousand billion, above any single budget line
_UNIT = re.compile(r"(亿元|万元|亿|万|元|￥|¥)")
_FACTORS = {"亿元": WAN * WAN, "亿": WAN * WAN, "万元": WAN, "万": WAN, "元": Decimal(1)}


class AmountError(ValueError):
    """The text is no acceptable amount; ``finding`` says why and what to type instead."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.sentence())


def _refuse(message: str, label: str, text: str) -> AmountError:
    return AmountError(Finding("AMOUNT", message, params={"label": label, "text": text[:40]}))


def parse_wan(text: str, label: str = "金额") -> Decimal | None:
    """Return the yuan for an amount typed into a field in 万元; None for an empty field.

    ``570``, ``1,234.5``, ``１，２３４．５`` and ``570 万元`` are 万元; an explicit ``元`` or
    ``亿元`` is taken at its word. Raises AmountError with a sentence naming ``label`` for
    anything that is not plainly an amount, is negative, finer than a fen or too large.
    """
    shown = text.strip()
    if not shown:
        return None
    body = half_width(shown).replace(" ", "").lstrip("￥¥")
    units = _UNIT.findall(body)
    factor = WAN
    if units:
        if len(units) > 1 or units[0] not in _FACTORS or not body.endswith(units[0]):
            raise _refuse(N_("“%(label)s”填的“%(text)s”不是一个金额，请只填一个数字，例如 570.00。"), label, shown)
        factor = _FACTORS[units[0]]
        body = body[: -len(units[0])]
    number = parse_number(body)
    if number is None:
        raise _refuse(N_("“%(label)s”填的“%(text)s”不是数字，请填以万元为单位的数字，例如 1,234.50。"), label, shown)
    yuan = number * factor
    if yuan < 0:
        raise _refuse(N_("“%(label)s”不能是负数，请填 0 或更大的金额。"), label, shown)
    if decimals(yuan) > 2:
        raise _refuse(N_("“%(label)s”填的“%(text)s”小于 1 分，请最多精确到分（万元后 6 位小数）。"), label, shown)
    if yuan >= LIMIT:
        raise _refuse(N_("“%(label)s”填的“%(text)s”超过 1 亿万元，请核对单位是否为万元。"), label, shown)
    return half_up(yuan)


def wan(yuan: Decimal | None) -> str:
    """Return yuan as 万元 with two decimals and thousands commas: ``6,183.25``; a dash for None."""
    return "—" if yuan is None else grouped(yuan / WAN)


def wan_plain(yuan: Decimal) -> str:
    """Return yuan as 万元 with every stored digit and nothing else, for files that machines read."""
    text = str(yuan.scaleb(-4))
    return text.rstrip("0").rstrip(".") if "." in text else text


def wan_exact(yuan: Decimal | None) -> str:
    """Return yuan as 万元 with every stored digit, at least two decimals, for input fields."""
    if yuan is None:
        return ""
    value = yuan / WAN
    return grouped(value) if decimals(value) <= 2 else plain(value)

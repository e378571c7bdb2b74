"""Targets and terms as official forms write them into one cell: ``≥95%``, ``=100.00(%)``, ``2024年-2026年``."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.dates import parse_day
from perfmgr.rules.indicators import EQUAL, QUALITATIVE, parse_sign
from perfmgr.rules.numbers import parse_number
from perfmgr.rules.texts import half_width

_TARGET = re.compile(
    r"(?P<sign>[≥≧⩾≤≦⩽><=]=?|=>|=<|不低于|不少于|不高于|不超过|大于|小于|等于)?\s*"
    r"(?P<number>[+-]?\d[\d,]*(?:\.\d+)?)\s*(?P<unit>[^\d\s<>=≥≤~-][^<>=≥≤]*)?",
    re.ASCII,
)
# A scanned or retyped ≥ that has become a 2 in front of a share: 290% for ≥90%.
_MISREAD = re.compile(r"2(\d{2}(?:\.0+)?)\s*[(（]?%[)）]?", re.ASCII)
_YEARS = re.compile(r"(\d{4})年?[-~—–至到]+(\d{4})年?", re.ASCII)
_DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_DAYS = re.compile(rf"((?:{_DAY})?)[-~—–至到]+((?:{_DAY})?)", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?(?:度)?", re.ASCII)
LONGEST_UNIT = 24
# Behind a term that is only shown: the project has none, and its declaration's period stands in for it.
BORROWED = "（按实施周期）"


@dataclass(frozen=True, slots=True)
class Target:
    """What one cell says: sign, number and unit, or the words of a qualitative target.

    ``guessed``: the cell had no sign, and the equals sign was taken. ``misread``: the number that
    was probably meant when a ≥ had become a 2.
    """

    sign: str
    value: Decimal | None = None
    text: str = ""
    unit: str = ""
    guessed: bool = False
    misread: str = ""


def read_target(text: str) -> Target:
    """Return the target written in one cell; what is no number with a sign is taken as words."""
    plain = half_width(text).strip()
    found = _TARGET.fullmatch(plain)
    value = parse_number(found["number"]) if found else None
    unit = (found["unit"] or "").strip() if found else ""
    if len(unit) > 2 and unit[0] == "(" and unit[-1] == ")":
        unit = unit[1:-1].strip()
    if found is None or value is None or len(unit) > LONGEST_UNIT or "(" in unit:
        return Target(QUALITATIVE, text=text.strip())
    sign = parse_sign(found["sign"]) if found["sign"] else None
    misread = _MISREAD.fullmatch(plain)
    return Target(sign or EQUAL, value, "", unit, sign is None, misread[1] if misread and sign is None else "")


def read_term(text: str) -> tuple[dt.date | None, dt.date | None] | None:
    """Return first and last day of a term such as ``2024年-2026年``, ``2025-01-01至2025-12-31`` or ``2025年``.

    ``2025-01-01至`` has no last day, ``至2025-12-31`` no first one. None is no term.
    """
    plain = "".join(half_width(text).split())
    if found := _YEARS.fullmatch(plain):
        parts = [f"{found[1]}-1-1", f"{found[2]}-12-31"]
    elif found := _YEAR.fullmatch(plain):
        parts = [f"{found[1]}-1-1", f"{found[1]}-12-31"]
    elif found := _DAYS.fullmatch(plain):
        parts = [found[1], found[2]]
    else:
        return None
    days = [parse_day(part) if part else None for part in parts]
    if any(part and not day for part, day in zip(parts, days, strict=True)) or not any(days):
        return None
    return days[0], days[1]


def term_text(start_on: str | None, end_on: str | None) -> str:
    """Return a term as :func:`read_term` reads it."""
    return f"{start_on or ''}至{end_on or ''}" if start_on or end_on else ""


def borrowed(text: str) -> str:
    """Return a day or term as it is shown where a project has none of its own; empty stays empty."""
    return f"{text}{BORROWED}" if text else ""


def own_term(text: str) -> str:
    """Return what a cell says of the project's own term: nothing when it is marked as :func:`borrowed`."""
    return "" if half_width(text).strip().endswith(half_width(BORROWED)) else text

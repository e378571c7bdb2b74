"""Numbers as Chinese users type them, and the one way in which perfmgr rounds."""

import re
from decimal import ROUND_HALF_UP, Decimal

from perfmgr.rules.texts import half_width

CENT = Decimal("0.01")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_LONGEST = 28  # digits that Decimal keeps when it calculates; more would be rounded unseen


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round half up (away from zero) to ``places`` decimals, as the official forms do."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def parse_number(text: str) -> Decimal | None:
    """Return the number written in ``text``, or None when it is not plainly one.

    Accepts full-width digits, blanks around the number and thousands groups of three
    (``1,234.5``, ``１，２３４．５``). Refuses exponents, underscores, hexadecimal, NaN,
    Infinity and the digits of other scripts, which Decimal alone would accept.
    """
    # The ideographic comma and full stop are what a Chinese keyboard puts between digits.
    text = half_width(text).replace("、", ",").replace("。", ".").strip()
    if len(text) > _LONGEST:
        return None
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", "")) + 0  # a typed "-0" is 0
    return None


def parse_count(text: str) -> int | None:
    """Return the whole number written in plain digits, at most 18 of them, or None.

    ``str.isdigit`` also knows ``²``, which ``int`` does not; a longer one fits no database.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def decimals(value: Decimal) -> int:
    """Return how many decimals the number needs, trailing zeros not counted."""
    if not value:
        return 0
    # Not by normalize(): that rounds to 28 digits, and what is finer than that would seem to need none.
    _sign, digits, exponent = value.as_tuple()
    needed = -int(exponent)
    for digit in reversed(digits):
        if digit or needed <= 0:
            break
        needed -= 1
    return max(0, needed)


def plain(value: Decimal) -> str:
    """Return the number without trailing zeros and without exponent: ``570``, ``90.3``, ``0.000001``."""
    if value == value.to_integral_value():
        return str(value.quantize(Decimal(1)))
    return format(value.normalize(), "f")


def quantity(value: Decimal) -> str:
    """Return the number as people read a quantity, with thousands commas, no trailing zeros: ``60,000``, ``1,234.5``."""
    return f"{Decimal(plain(value)):,f}"


def grouped(value: Decimal, places: int = 2) -> str:
    """Return the number with thousands commas and a fixed count of decimals: ``6,183.25``; never ``-0.00``."""
    return f"{half_up(value, places):z,.{places}f}"


def percent(part: Decimal, whole: Decimal, places: int = 2) -> Decimal | None:
    """Return ``part`` as a percentage of ``whole``, rounded half up, or None when ``whole`` is zero."""
    if not whole:
        return None
    return half_up(part * 100 / whole, places)

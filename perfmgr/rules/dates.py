"""Dates as Chinese users write them."""

import datetime as dt
import re
from functools import lru_cache

from perfmgr.rules.texts import half_width

_FORMS = (
    re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
)
EARLIEST = dt.date(1949, 10, 1)
LATEST = dt.date(2999, 12, 31)


@lru_cache(maxsize=4096)
def parse_day(text: str) -> dt.date | None:
    """Return the day in ``text`` (2025-1-1, 2025/1/1, 2025年1月1日, 20250101), or None when it is none.

    Days outside 1949–2999 are slips of the finger and count as none.
    """
    text = "".join(half_width(text).split())
    for form in _FORMS:
        match = form.fullmatch(text)
        if match:
            try:
                day = dt.date(*(int(part) for part in match.groups()))
            except ValueError:
                return None
            return day if EARLIEST <= day <= LATEST else None
    return None


def chinese(day: dt.date) -> str:
    """Return the day as documents print it: ``2025年1月1日``."""
    return f"{day.year}年{day.month}月{day.day}日"

"""What the tests of the rules share: settings for properties, hostile texts, schemes, strategies."""

import dataclasses
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from perfmgr.documents import schemes
from perfmgr.rules.findings import Finding
from perfmgr.rules.scoring import Row

# The same examples on every run: a property that fails here fails everywhere.
steady = settings(
    deadline=None,
    max_examples=200,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

D = Decimal
SCHEME = schemes.by_code("10-50-30-10")
LINEAR = dataclasses.replace(SCHEME, reverse="linear")
EXACT = dataclasses.replace(SCHEME, equal="exact")
BANDED = schemes.by_code("10-20-40-20-10")

# 100 kB each: repetitions on which a pattern that looks back would hang, with an end that does not match.
_PIECES = (
    "1",
    "1,",
    "123,",
    " ",
    "\n",
    " \n",
    "\u3000",
    "１",
    "a",
    "-",
    "￥",
    "万",
    "亿元",
    "2025-1",
    "2025年1月",
    "0.",
    "\x00",
    "≥",
    "%",
)
HOSTILE = [piece * (100_000 // len(piece)) + end for piece in _PIECES for end in ("", "1!")]


def slowest(act: Callable[[str], object]) -> float:
    """The seconds that the worst hostile text takes; far below the 2 that a slow machine is granted."""
    return max(_seconds(act, text) for text in HOSTILE)


def _seconds(act: Callable[[str], object], text: str) -> float:
    begun = time.perf_counter()
    act(text)
    return time.perf_counter() - begun


def hundredths(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Numbers with two decimals between two bounds in hundredths."""
    return st.integers(low, high).map(lambda n: D(n).scaleb(-2))


weights = hundredths(1, 100_00)
values = hundredths(-1_000_00, 1_000_00)
amounts = hundredths(0, 10**14 - 1)


def quantitative(sign: str, target: object, actual: object, weight: object = 10, **rest: Any) -> Row:
    """A line with plain numbers, given as int or text."""
    return Row(sign, _number(target), _number(actual), D(str(weight)), **rest)


def qualitative(tier: str, share: object = None, weight: object = 10, **rest: Any) -> Row:
    """A qualitative line with its tier and, if need be, its share."""
    return Row("qualitative", None, None, D(str(weight)), tier=tier, share=_number(share), **rest)


def _number(value: object) -> Decimal | None:
    return None if value is None else D(str(value))


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Code, field and sentence of each finding."""
    return [(finding.code, finding.field, finding.sentence()) for finding in findings]

"""Which scheme a sheet was made for, judged by the names of its categories, and its lines placed in it."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from perfmgr.rules.schemes import Category, Scheme
from perfmgr.rules.targets import TargetLine
from perfmgr.rules.texts import same_name

_FIRST = "10-50-30-10"  # what is in use nearly everywhere, when names alone do not decide


def _short(name: str) -> str:
    return same_name(name).replace("指标", "")


def _category(line: TargetLine, scheme: Scheme) -> tuple[Category | None, str | None, int]:
    """Return the category of a line, its second level, and how well the names fit (0 to 3)."""
    name = _short(line.category or "")
    below = _short(line.subcategory or "")
    for category in scheme.categories:
        if name and name in (same_name(category.code), _short(category.name)):
            known = below in {_short(child) for child in category.children}
            return category, line.subcategory, 3 if known else 2
    for wanted in (name, below):
        for category in scheme.categories:
            child = next((child for child in category.children if wanted and _short(child) == wanted), None)
            if child and (wanted == name or not name):
                return category, line.subcategory or child, 1
    return None, line.subcategory, 0


def fitting(schemes: Iterable[Scheme], lines: Sequence[TargetLine]) -> Scheme | None:
    """Return the scheme whose categories fit these lines best, or None when none fits at least half of them."""
    best: tuple[tuple[int, int, bool], Scheme] | None = None
    for scheme in schemes:
        fits = [_category(line, scheme)[2] for line in lines]
        if sum(map(bool, fits)) * 2 < len(fits) or not any(fits):
            continue
        rank = (sum(fits), _sums_that_fit(lines, scheme), scheme.code == _FIRST)
        if best is None or rank > best[0]:
            best = rank, scheme
    return best[1] if best else None


def _sums_that_fit(lines: Sequence[TargetLine], scheme: Scheme) -> int:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in placed(lines, scheme):
        sums[line.category or ""] += line.weight or Decimal(0)
    expected = scheme.expected_weights(sums.keys())
    return sum(expected.get(code) == total for code, total in sums.items())


def placed(lines: Sequence[TargetLine], scheme: Scheme) -> list[TargetLine]:
    """Return the lines with the codes of the scheme's categories instead of their names."""
    result = []
    for line in lines:
        category, below, _fit = _category(line, scheme)
        if category:
            line = dataclasses.replace(line, category=category.code, subcategory=below)
        result.append(line)
    return result

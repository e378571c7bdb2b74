"""Formulas: the marks of one line together with the formula that explains them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from perfmgr.rules.indicators import SYMBOLS
from perfmgr.rules.numbers import plain
from perfmgr.rules.texts import N_

ZERO = Decimal(0)

# The few words in formulas. Formulas are stored in Chinese; pages replace these words.
MISSED, IN_BAND = N_("未达到"), N_("所在档")
WORDS = (MISSED, IN_BAND, N_("："))


class LineScore:
    """The marks of one line with everything needed to explain them; the formula is written on demand."""

    __slots__ = ("_write", "flags", "row", "score", "weight")

    def __init__(
        self,
        score: Decimal | None,
        weight: Decimal,
        write: Callable[["LineScore"], str],
        row: Any,
        flags: tuple[str, ...] = (),
    ) -> None:
        self.score = score
        self.weight = weight
        self._write = write
        self.row = row
        self.flags = flags

    @property
    def formula(self) -> str:
        """The formula with the numbers put in, such as ``10 × 487 ÷ 500 = 9.74``."""
        return self._write(self)

    def as_dict(self) -> dict[str, Any]:
        """Return score (two decimals or None), weight, formula and flags as plain strings."""
        return {
            "score": None if self.score is None else f"{self.score:.2f}",
            "weight": f"{self.weight:.2f}",
            "formula": self.formula,
            "flags": list(self.flags),
        }


def result(line: LineScore) -> str:
    """Return the marks with two decimals, or a dash."""
    return "—" if line.score is None else f"{line.score:.2f}"


def write_reached(line: LineScore) -> str:
    """Write a target that was reached: ``487 ≥ 400 → 10.00``."""
    row = line.row
    return f"{plain(row.actual)} {_relation(row.sign, row.actual, row.target)} {plain(row.target)} → {result(line)}"


def _relation(sign: str, actual: Decimal, target: Decimal) -> str:
    """Return the symbol that holds: ＝ 100 also counts as reached with 105, and ＞ 500 with 500."""
    if sign in ("ge", "le"):
        return SYMBOLS[sign]
    return SYMBOLS["eq" if actual == target else "gt" if actual > target else "lt"]


def write_unreached(line: LineScore) -> str:
    """Write a target that was missed altogether."""
    row = line.row
    return f"{plain(row.actual)} {MISSED} {SYMBOLS[row.sign]} {plain(row.target)} → {result(line)}"


def write_forward(line: LineScore) -> str:
    """Write the part of a target that was reached: ``10 × 487 ÷ 500 = 9.74``."""
    row = line.row
    return f"{plain(line.weight)} × {plain(max(row.actual, ZERO))} ÷ {plain(row.target)} = {result(line)}"


def write_reverse_ratio(line: LineScore) -> str:
    """Write an upper bound that was exceeded, marked by target ÷ actual."""
    row = line.row
    return f"{plain(line.weight)} × {plain(row.target)} ÷ {plain(row.actual)} = {result(line)}"


def write_reverse_linear(line: LineScore) -> str:
    """Write an upper bound that was exceeded, marked by how far."""
    row = line.row
    gap = f"({plain(row.actual)} − {plain(row.target)}) ÷ {plain(row.target)}"
    return f"{plain(line.weight)} × max(0, 1 − {gap}) = {result(line)}"


def write_share(line: LineScore, name: str, share: Decimal) -> str:
    """Write a share of the marks with what it was chosen for."""
    return f"{name}：{plain(line.weight)} × {plain(share * 100)}% = {result(line)}"


def write_tier(line: LineScore) -> str:
    """Write the share of the marks that a qualitative tier earns; written from the tier and the share."""
    tier, share = line.row
    return write_share(line, tier.label, share)


def write_missing(line: LineScore) -> str:
    """Write a line that has no marks."""
    return "—"

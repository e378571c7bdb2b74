"""What a filler enters on one line of a self-evaluation, and the line it makes for the scoring engine."""

import dataclasses
import re
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.numbers import parse_number
from perfmgr.rules.proofs import ProofEntry
from perfmgr.rules.scoring import Row
from perfmgr.rules.texts import half_width

_PERCENT = ("%", "百分比", "百分之")
_QUANTITY = re.compile(r"([+-]?[\d.,、。\s]*\d)\s*\(?([^\d()+.,-][^()]{0,11})?\)?")


def read_quantity(text: str) -> tuple[Decimal | None, str]:
    """Return number and unit of what was typed as an actual value: ``980人次``, ``93%``, ``1,234.5（万元）``.

    The number is None when there is none; the unit is empty when none was typed.
    """
    found = _QUANTITY.fullmatch(half_width(text).strip())
    return (parse_number(found.group(1)), (found.group(2) or "").strip()) if found else (None, "")


def same_unit(typed: str, unit: str) -> bool:
    """Tell whether a typed unit is the line's own; every way to write per cent is the same unit."""
    one, other = half_width(typed).strip(), half_width(unit).strip().strip("()")
    return one == other or (one in _PERCENT and (other in _PERCENT or not other))


@dataclass(frozen=True, slots=True)
class LineEntry:
    """What is typed on one line. ``share`` is a share of the marks between 0 and 1."""

    actual_value: Decimal | None = None
    actual_text: str = ""
    tier: str = ""
    share: Decimal | None = None
    not_applicable: bool = False
    na_reason: str = ""
    reason: str = ""
    measure: str = ""
    proof: str = ""
    proofs: tuple[ProofEntry, ...] = ()


def entered(row: Row, entry: LineEntry) -> Row:
    """Return the scoring row with what was entered, as far as the line's kind allows."""
    qualitative = row.sign == QUALITATIVE
    return dataclasses.replace(
        row,
        actual=None if qualitative else entry.actual_value,
        tier=entry.tier if qualitative else "",
        share=entry.share if qualitative else None,
        not_applicable=entry.not_applicable,
    )

"""What a filler enters on one line of a self-evaluation, and the line it makes for the scoring engine."""

import dataclasses
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.scoring import Row


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

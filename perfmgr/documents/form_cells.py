"""Cells of the official self-evaluation form."""

from dataclasses import dataclass
from decimal import Decimal

NO_MARKS = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: where it begins, how many columns and rows it covers, and what it holds.

    ``kind`` is ``label``, ``text`` (left), ``centre`` or ``number``.
    """

    text: str
    column: int
    width: int = 1
    height: int = 1
    kind: str = "text"


def marks(number: Decimal | None) -> str:
    """Return marks as the form prints them, with two decimals; nothing where there are none."""
    return "" if number is None else f"{number:.2f}"

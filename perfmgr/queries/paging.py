"""One page of a list: rows, where one is, how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PAGE_SIZE = 50
LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page. ``number`` starts at 1; ``total`` counts all rows of the list."""

    rows: Sequence[Any]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """The position of the first row shown, counted from 1; 0 when the page is empty."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """The position of the last row shown."""
        return (self.number - 1) * self.size + len(self.rows)


def offset(number: int) -> int:
    """Return how many rows stand before the page with this number."""
    return (number - 1) * PAGE_SIZE

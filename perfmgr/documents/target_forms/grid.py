"""The cells of one sheet as a form has them: merged areas, and what stands beside and below a label."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

Place = tuple[int, int]


class Area(NamedTuple):
    """A cell or a merged area, rows and columns counted from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


class Grid:
    """A sheet with its merged areas; a merged area has the text of its first cell."""

    def __init__(self, name: str, rows: Sequence[Sequence[str]], merged: Sequence[Sequence[int]]) -> None:
        self.name, self.rows = name, rows
        self._areas: dict[Place, Area] = {}
        for numbers in merged:
            area = Area(*numbers)
            if (area.bottom - area.top) * (area.right - area.left) > 10_000:
                continue
            for row in range(area.top, area.bottom + 1):
                for column in range(area.left, area.right + 1):
                    self._areas[row, column] = area
        self.width = max((len(row) for row in rows), default=0)

    def area(self, row: int, column: int) -> Area:
        """Return the area a cell belongs to."""
        return self._areas.get((row, column)) or Area(row, column, row, column)

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell, that of its merged area when it has one."""
        top, left, _bottom, _right = self.area(row, column)
        cells = self.rows[top] if 0 <= top < len(self.rows) else ()
        return cells[left] if left < len(cells) else ""

    def filled(self) -> Iterator[tuple[int, int, str]]:
        """Yield row, column and text of every cell that has one, in reading order."""
        for row, cells in enumerate(self.rows):
            for column, text in enumerate(cells):
                if text:
                    yield row, column, text

    def right_of(self, row: int, column: int) -> Iterator[Area]:
        """Yield the areas to the right of the one that holds this cell."""
        at = self.area(row, column).right + 1
        while at < max(self.width, column + 2):
            found = self.area(row, at)
            yield found
            at = found.right + 1

    def below(self, row: int, column: int) -> Area:
        """Return the area below the one that holds this cell."""
        area = self.area(row, column)
        return self.area(area.bottom + 1, area.left)

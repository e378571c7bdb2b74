"""What stands in an uploaded target form: every text with the cell it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from perfmgr.rules.findings import ERROR, Finding
from perfmgr.rules.texts import Term

LAYOUTS = ("national", "yuan", "list")
OUTCOMES = ("create", "update", "unchanged", "refused")


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0: A, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell by row and column counted from 0: B7."""
    return f"{column_letters(column)}{row + 1}"


class Source(Protocol):
    """Where the fields of one record stand: a form with labels, or one line of a table."""

    def has(self, name: str) -> bool:
        """Tell whether there is a place for this field at all, filled or not."""

    def text(self, name: str) -> str:
        """Return what stands there, empty when nothing does."""

    def at(self, name: str) -> str:
        """Return sheet and cell as ``sheet!B7``."""


class Spot(NamedTuple):
    """One cell of a form, row and column counted from 0."""

    row: int
    column: int
    text: str


@dataclass(slots=True)
class Spots:
    """The fields of a form, found by their labels."""

    sheet: str
    cells: dict[str, Spot] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Tell whether the form has this field."""
        return name in self.cells

    def text(self, name: str) -> str:
        """Return the text of the field."""
        return self.cells[name].text if name in self.cells else ""

    def at(self, name: str) -> str:
        """Return the place of the field, or of the sheet's first cell when it has none."""
        spot = self.cells.get(name)
        return f"{self.sheet}!{cell_name(spot.row, spot.column) if spot else 'A1'}"


class Line:
    """One line of a table; ``places`` are the columns by field, ``number`` the row counted from 1."""

    __slots__ = ("cells", "number", "places", "sheet")

    def __init__(self, sheet: str, places: Mapping[str, int], number: int, cells: Sequence[str]) -> None:
        self.sheet, self.places, self.number, self.cells = sheet, places, number, cells

    def has(self, name: str) -> bool:
        """Tell whether the table has this column."""
        return name in self.places

    def text(self, name: str) -> str:
        """Return the text of the field in this line."""
        column = self.places.get(name)
        return self.cells[column] if column is not None and column < len(self.cells) else ""

    def at(self, name: str) -> str:
        """Return the place of the field, or of the line's first column when the table has no such column."""
        return f"{self.sheet}!{column_letters(self.places.get(name, 0))}{self.number}"


@dataclass(slots=True)
class Draft:
    """One project as it stands in the workbook.

    ``wan`` tells whether its amounts are in 万元 (else yuan). ``funds`` are (source of funds, where,
    field). A table that the form does not have is None: what is stored of it stays as it is.
    ``stray`` is a line of a table that belongs to no project; its findings say so.
    """

    sheet: str
    layout: str
    head: Source
    wan: bool
    row: int = 0
    funds: list[tuple[str, Source, str]] | None = None
    bases: list[Line] | None = None
    steps: list[Line] | None = None
    indicators: list[Line] | None = None
    findings: list[Finding] = field(default_factory=list)
    stray: bool = False


def at_cell(at: str, message: str, /, *, code: str = "IMPORT", level: str = ERROR, **params: Any) -> Finding:
    """Return a finding about a cell, given as ``sheet!B7``."""
    return Finding(code, message, at, level, params=params)


def place_of(finding: Finding) -> tuple[str, str]:
    """Return sheet and cell of a finding; the cell is empty for one about a whole sheet."""
    sheet, mark, cell = finding.field.rpartition("!")
    return (sheet, cell) if mark else (finding.field, "")


def packed(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data that can be kept as JSON; see :func:`unpacked`."""
    params = {name: {"term": str(p)} if isinstance(p, Term) else p for name, p in finding.params.items()}
    return {
        "code": finding.code,
        "message": finding.message,
        "field": finding.field,
        "level": finding.level,
        "params": params,
    }


def unpacked(data: Mapping[str, Any]) -> Finding:
    """Return the finding that was kept as plain data."""
    params = {name: Term(p["term"]) if isinstance(p, dict) else p for name, p in data["params"].items()}
    return Finding(data["code"], data["message"], data["field"], data["level"], params=params)

"""The annotated copy of an uploaded workbook: its cells as they were read, with every problem at its place."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from perfmgr.documents.target_forms.books import OPTIONS
from perfmgr.documents.target_forms.styles import put
from perfmgr.documents.workbooks import lines
from perfmgr.rules.imports import cell_name

RESULT = "检查结果"
LARGE = 2_000_000  # bytes; above, cells are written one after the other and merged areas are left out
MOST_COMMENTS = 5000


class Remark(NamedTuple):
    """One problem: where, of which project, and the sentence."""

    sheet: str
    cell: str
    project: str
    error: bool
    text: str


def annotated(data: bytes, name: str, remarks: Sequence[Remark], head: Sequence[str]) -> bytes:
    """Return a copy of the workbook with coloured cells and comments, and a sheet that lists all remarks.

    ``head`` are the headings of that sheet. The copy is built anew from the cells as they were read:
    what the system does not read (pictures, drop-downs, fonts) is not in it.
    """
    large = len(data) > LARGE
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "constant_memory": large, "in_memory": not large}) as book:
        writer = _Writer(book, remarks, large)
        writer.list_all(head)
        for about, rows in _sheets(lines(data, name, {"most": 500})):
            if about["sheet"] != RESULT:
                writer.copy(about, rows)
    return buffer.getvalue()


def _sheets(records: Iterator[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Iterator[list[str]]]]:
    waiting = [next(records, None)]
    while waiting[0]:
        about = waiting[0]

        def rows() -> Iterator[list[str]]:
            for record in records:
                if "cells" not in record:
                    waiting[0] = record
                    return
                yield from record["cells"]
            waiting[0] = None

        yield about, rows()


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, remarks: Sequence[Remark], large: bool) -> None:
        self.book, self.remarks, self.large = book, remarks, large
        self.at: dict[tuple[str, str], list[Remark]] = {}
        for remark in remarks:
            self.at.setdefault((remark.sheet, remark.cell), []).append(remark)
        cell = {"border": 1, "border_color": "#BFC5CE", "valign": "top", "text_wrap": True, "quote_prefix": True}
        self.plain = book.add_format(cell)
        self.bad = book.add_format({**cell, "bg_color": "#FFC7CE", "font_color": "#9C0006"})
        self.doubtful = book.add_format({**cell, "bg_color": "#FFEB9C"})
        self.head = book.add_format({**cell, "bold": True, "bg_color": "#E8EEF7"})
        self.comments = 0

    def list_all(self, head: Sequence[str]) -> None:
        """Write the sheet with every remark."""
        sheet = self.book.add_worksheet(RESULT)
        for column, width in enumerate((20, 10, 36, 90)):
            sheet.set_column(column, column, width)
        for column, title in enumerate(head):
            put(sheet, 0, column, title, self.head)
        for row, remark in enumerate(self.remarks, 1):
            style = self.bad if remark.error else self.doubtful
            for column, text in enumerate((remark.sheet, remark.cell, remark.project, remark.text)):
                put(sheet, row, column, text, style if column == 3 else self.plain)
        sheet.freeze_panes(1, 0)

    def copy(self, about: Mapping[str, Any], rows: Iterator[list[str]]) -> None:
        """Write one sheet again, with comments at the cells that have remarks."""
        sheet = self._sheet(about["sheet"])
        sheet.set_column(0, 25, 16)
        merged = {} if self.large else {(m[0], m[1]): m for m in about["merged"]}
        covered = {
            (row, column)
            for top, left, bottom, right in merged.values()
            if (bottom - top) * (right - left) < 10_000
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        } - set(merged)
        wanted = {cell for name, cell in self.at if name == about["sheet"]}
        for row, cells in enumerate(rows):
            width = max(len(cells), 26) if wanted else len(cells)
            for column in range(width):
                text = cells[column] if column < len(cells) else ""
                remarks = self.at.get((about["sheet"], cell_name(row, column))) if wanted else None
                if (row, column) in covered or not (text or remarks or (row, column) in merged):
                    continue
                style = self._style(remarks)
                if (row, column) in merged:
                    top, left, bottom, right = merged[row, column]
                    sheet.merge_range(top, left, bottom, right, "", style)
                put(sheet, row, column, text, style)
                self._comment(sheet, row, column, remarks)

    def _style(self, remarks: list[Remark] | None) -> Any:
        if not remarks:
            return self.plain
        return self.bad if any(remark.error for remark in remarks) else self.doubtful

    def _comment(self, sheet: Any, row: int, column: int, remarks: list[Remark] | None) -> None:
        if remarks and self.comments < MOST_COMMENTS:
            self.comments += 1
            text = "\n".join(dict.fromkeys(remark.text for remark in remarks))
            sheet.write_comment(row, column, text[:2000], {"x_scale": 2, "y_scale": 1 + text.count("\n")})

    def _sheet(self, name: str) -> Any:
        try:
            return self.book.add_worksheet(name)
        except XlsxWriterException:  # a name that Excel itself would not have given
            return self.book.add_worksheet(f"表{len(self.book.worksheets())}")

"""A list as a workbook of one sheet: texts as texts, amounts in 万元 as numbers, days as days."""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from perfmgr.documents.target_forms.books import OPTIONS
from perfmgr.documents.target_forms.styles import Styles, put, put_day, put_number
from perfmgr.rules.money import WAN

Cell = str | int | Decimal | dt.date | None


def workbook(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the list as .xlsx. ``columns`` are heads with widths in characters.

    A Decimal is an amount in yuan and is written in 万元; other numbers are written as they are.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        styles = Styles(book)
        sheet = book.add_worksheet(title)
        for column, (head, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            put(sheet, 0, column, head, styles.head)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, styles)
        sheet.freeze_panes(1, 1)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: Cell, styles: Styles) -> None:
    if isinstance(value, Decimal):
        put_number(sheet, row, column, value / WAN, styles.wan, styles.text)
    elif isinstance(value, int):
        put_number(sheet, row, column, Decimal(value), styles.number, styles.text)
    elif isinstance(value, dt.date):
        put_day(sheet, row, column, value.isoformat(), styles.day)
    else:
        put(sheet, row, column, value, styles.text)

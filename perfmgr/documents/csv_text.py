"""Rows as csv text that Excel opens rightly and that cannot smuggle in formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

BOM = "\ufeff"  # without it Excel takes UTF-8 for the machine's own encoding
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ROWS = 500


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula; numbers are passed as they are by the caller."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield csv text a few hundred rows at a time, so that memory stays flat for any length."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(head)
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        if count % _ROWS == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()

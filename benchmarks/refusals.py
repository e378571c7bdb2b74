"""Refusing hostile workbooks, in seconds and beside reading an honest workbook of 10,000 rows."""

import io
import time
from collections.abc import Callable
from contextlib import suppress

import xlsxwriter

from perfmgr.documents import workbooks
from perfmgr.documents.target_forms import drafts
from perfmgr.rules.refusals import Refused
from tests.documents.test_workbooks import HOSTILE

MOST_SECONDS = 2.0


def honest() -> bytes:
    """Return a workbook of 10,000 rows and ten columns, half texts and half numbers."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(10_000):
            for column in range(10):
                sheet.write(row, column, f"项目 {row} {column}" if column % 2 else row * column)
    return buffer.getvalue()


def seconds(work: Callable[[], object]) -> float:
    """Return the shortest of three runs."""
    taken = []
    for _run in range(3):
        begin = time.perf_counter()
        with suppress(Refused):
            work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def main() -> None:
    """Print each refusal, and fail when one takes too long."""
    data = honest()
    base = seconds(lambda: list(workbooks.lines(data, "表.xlsx", {"most": 1})))
    print(f"{'honest, 10,000 rows':32} {base:5.2f} s")
    slowest = 0.0
    for name, (make, _sentence) in HOSTILE.items():
        hostile = make()
        taken = seconds(lambda: list(drafts(hostile, "表.xlsx")))  # noqa: B023 - called at once
        slowest = max(slowest, taken)
        print(f"{name:32} {taken:5.2f} s  {taken / base:4.1f} x")
    assert slowest <= MOST_SECONDS, f"{slowest:.2f} s"


if __name__ == "__main__":
    main()

"""Workbooks: reading an uploaded one safely, in a child process with limits of its own."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean_line

MOST_BYTES = 15 * 1024 * 1024
CPU_SECONDS = 30
WALL_SECONDS = 60
LIMITS = {
    "cpu": CPU_SECONDS,
    "memory": 1536 * 1024 * 1024,
    "entries": 1500,
    "unpacked": 200 * 1024 * 1024,
    "ratio": 200,
    "sheets": 500,
    "rows": 300_000,
    "columns": 100,
    "cells": 8_000_000,  # laid out, filled or not
}
MOST_ROWS = 5000  # of a table that is read whole
ROOT = Path(__file__).resolve().parents[2]
# An isolated interpreter (no environment, no folder of its own) finds our modules only when told where.
PROGRAM = "import sys; sys.path.append(sys.argv.pop()); from perfmgr.documents.workbook_reader import main; main()"

_REFUSALS = {
    "broken": N_("“%(name)s”不是完整的 Excel 工作簿（.xlsx），请重新保存后再上传。"),
    "kind": N_("“%(name)s”不是 Excel 工作簿（.xlsx），请用 Excel 或 WPS 另存为 .xlsx 后再上传。"),
    "old": N_("“%(name)s”是旧格式的 Excel 文件（.xls），请另存为 .xlsx 后再上传。"),
    "password": N_("“%(name)s”设有打开密码，请取消密码另存后再上传。"),
    "macros": N_("“%(name)s”含有宏，系统不接收带宏的文件，请另存为不含宏的 .xlsx 后再上传。"),
    "embedded": N_("“%(name)s”里嵌有其他文件或对象，请删除后再上传。"),
    "doctype": N_("“%(name)s”含有 Excel 不使用的文档类型声明，可能被改动过，请用 Excel 重新保存后再上传。"),
    "bomb": N_("“%(name)s”解压后过大，请只保留需要导入的表格，删除多余的空行和格式。"),
    "large": N_("“%(name)s”的表格超出 %(rows)s 行或 %(columns)s 列，请删除多余的行列后再上传。"),
    "sheets": N_("“%(name)s”的工作表超过 %(sheets)s 张，请分成几个文件，或改用批量表。"),
    "heavy": N_("“%(name)s”超过 %(megabytes)s MB，请分成几个文件上传。"),
    "costly": N_("“%(name)s”太复杂，未能在限定的时间和内存内读完，请只保留需要导入的表格。"),
    "empty": N_("“%(name)s”的第一张工作表没有内容，请使用下载的模板填写。"),
}


def _refuse(reason: str, name: str, rows: int = LIMITS["rows"]) -> Refused:
    return Refused(
        _REFUSALS[reason],
        field="file",
        name=clean_line(name)[:80],
        rows=rows,
        columns=LIMITS["columns"],
        sheets=LIMITS["sheets"],
        megabytes=MOST_BYTES // 1024 // 1024,
    )


def lines(data: bytes, name: str, asked: dict[str, Any], rows: int = LIMITS["rows"]) -> Iterator[dict[str, Any]]:
    """Yield what the child process writes about the workbook, record by record; see ``workbook_reader``.

    The child may not write files, has no more time and memory than LIMITS, and is ended when the
    caller stops asking. Raises Refused with one sentence for anything it does not read.
    """
    if len(data) > MOST_BYTES:
        raise _refuse("heavy", name)
    told = [json.dumps({**LIMITS, "rows": rows}), json.dumps(asked), str(ROOT)]
    child = subprocess.Popen(  # noqa: S603 - fixed command, the content only comes in by stdin
        [sys.executable, "-I", "-c", PROGRAM, *told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if child.stdin is None or child.stdout is None:  # both were asked for
        raise _refuse("costly", name)
    watch = threading.Timer(WALL_SECONDS, child.kill)
    watch.start()
    feeding = threading.Thread(target=_feed, args=(child.stdin, data), daemon=True)
    feeding.start()
    try:
        for line in child.stdout:
            record: dict[str, Any] = json.loads(line)
            if "error" in record:
                raise _refuse(record["error"], name, rows)
            if "end" in record:
                return
            yield record
        raise _refuse("costly", name)  # it was ended before it could say so
    except json.JSONDecodeError as error:
        raise _refuse("costly", name) from error
    finally:
        watch.cancel()
        child.kill()
        child.stdout.close()
        child.wait()
        feeding.join()


def _feed(pipe: Any, data: bytes) -> None:
    with suppress(OSError):  # the child may have ended; what it said counts
        pipe.write(data)
    with suppress(OSError):
        pipe.close()


def read_rows(data: bytes, name: str) -> list[list[str]]:
    """Return the cells of the first sheet as text, row by row, all of the same width.

    Raises Refused with one sentence for anything that is no workbook, too large, or empty.
    """
    found: list[list[str]] = []
    for record in lines(data, name, {"most": 1}, MOST_ROWS):
        found += record.get("cells", ())
    if not any(cell.strip() for row in found for cell in row):
        raise _refuse("empty", name)
    width = max(len(row) for row in found)
    return [row + [""] * (width - len(row)) for row in found]

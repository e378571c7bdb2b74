"""Workbooks: reading an uploaded one safely, and writing templates."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_ENTRIES = 500
MOST_ROWS = 5000
MOST_COLUMNS = 60
CPU_SECONDS = 10
WALL_SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024
READER = Path(__file__).with_name("workbook_reader.py")

_REFUSALS = {
    "broken": N_("“%(name)s”不是完整的 Excel 工作簿（.xlsx），请重新保存后再上传。"),
    "large": N_("“%(name)s”的表格超出 %(rows)s 行或 %(columns)s 列，请删除多余的行列后再上传。"),
    "costly": N_("“%(name)s”太复杂，未能在限定的时间和内存内读完，请只保留需要导入的表格。"),
    "empty": N_("“%(name)s”的第一张工作表没有内容，请使用下载的模板填写。"),
}


def _refuse(reason: str, name: str) -> Refused:
    return Refused(_REFUSALS[reason], field="file", name=name[:80], rows=MOST_ROWS, columns=MOST_COLUMNS)


def _check_package(data: bytes, name: str) -> None:
    """Refuse what would be costly or dangerous before any parser sees it: size, entries, DTDs."""
    if len(data) > MOST_BYTES:
        raise _refuse("costly", name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise _refuse("costly", name)
            if "xl/workbook.xml" not in package.namelist():
                raise _refuse("broken", name)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with package.open(entry) as part:
                        # OOXML forbids document type definitions; they are how XML bombs are built.
                        if b"<!DOCTYPE" in part.read(4096).upper():
                            raise _refuse("broken", name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _refuse("broken", name) from error


def read_rows(data: bytes, name: str) -> list[list[str]]:
    """Return the cells of the first sheet as text, row by row.

    The parser runs in a child process with limits of its own. Raises Refused with one sentence
    for anything that is no workbook, too large, or empty.
    """
    _check_package(data, name)
    limits = [str(limit) for limit in (CPU_SECONDS, MEMORY_BYTES, MOST_ROWS, MOST_COLUMNS)]
    try:
        done = subprocess.run(  # noqa: S603 - fixed command, the content only comes in by stdin
            [sys.executable, "-I", str(READER), *limits],
            input=data,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refuse("costly", name) from error
    if done.returncode:
        raise _refuse("costly", name)
    result = json.loads(done.stdout)
    if "error" in result:
        raise _refuse(result["error"], name)
    rows: list[list[str]] = result["rows"]
    if not any(cell.strip() for row in rows for cell in row):
        raise _refuse("empty", name)
    return rows

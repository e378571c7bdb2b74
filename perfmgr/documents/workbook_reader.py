"""Child process: reads a workbook from standard input and writes what is in it as lines of JSON.

The package is checked, and its rows are counted, before any parser of workbooks is loaded.
"""

import datetime as dt
import html
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from perfmgr.documents import packages

SEAM = 64  # bytes of a piece that are looked at again with the next
BLOCK = 200  # rows, or projects, in one line of output
HEAD_ROWS = 10  # how far down the head of a table is looked for
MOST_NOTED = 5000  # formulas named one by one
SCANNED = 64 << 20  # of a sheet with formulas or percentages
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_ROW = re.compile(rb"""<row\b[^>]*?\br=["'](\d{1,9})["']""")
_WIDE = re.compile(rb"""r=["'][A-Z]{2}""")
_FAR = re.compile(rb"""r=["'][A-Z]{3}[0-9]""")
_CELL = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\br=["']([A-Z]{3})[0-9]""")
_WHOLE = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_REF, _STYLE = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"'), re.compile(rb'\bs="(\d{1,6})"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')


class Refusal(Exception):
    """The workbook is not read; the first argument is the reason in a word."""


def column_number(letters: bytes) -> int:
    """Return the number of a column, counted from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


class Package:
    """The checked package, and which of its sheets have formulas."""

    def __init__(self, data: bytes, limits: dict[str, int]) -> None:
        self.data, self.limits = data, limits
        self.formulas: set[str] = set()
        if data[:4] == OLE:
            raise Refusal("password" if "EncryptedPackage".encode("utf-16-le") in data else "old")
        if data[:4] != ZIP:
            raise Refusal("broken")
        allowed = packages.Limits(
            limits["entries"], limits["unpacked"], limits["ratio"], embedded=False, external=True, whole=False
        )
        try:
            self.parts = packages.check(io.BytesIO(data), allowed, self._watch)
        except packages.PackageError as error:
            raise Refusal(error.reason) from error
        if "xl/workbook.xml" not in self.parts:
            raise Refusal("kind")

    def _watch(self, name: str) -> Callable[[bytes], None] | None:
        if name.startswith("xl/worksheets/") and name.lower().endswith(".xml"):
            return _Sheet(name, self.limits, self.formulas).feed
        return None

    def text(self, name: str) -> bytes:
        """Return a part whole, empty when it is missing or too long to be looked at."""
        if name not in self.parts:
            return b""
        with zipfile.ZipFile(io.BytesIO(self.data)) as package:  # its sizes are true, they were counted
            return package.read(name) if package.getinfo(name).file_size <= SCANNED else b""

    def sheet_parts(self) -> dict[str, str]:
        """Return the part of every sheet by the sheet's name."""
        targets = {}
        for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", self.text("xl/_rels/workbook.xml.rels")):
            found = dict(_ATTRIBUTE.findall(tag))
            target = found.get(b"Target", b"").decode("utf-8", "replace")
            targets[found.get(b"Id", b"")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        parts = {}
        for tag in _SHEET.findall(self.text("xl/workbook.xml")):
            found = dict(_ATTRIBUTE.findall(tag))
            name = html.unescape(found.get(b"name", b"").decode("utf-8", "replace"))
            parts[name] = targets.get(found.get(b"r:id", b""), "")
        return parts

    def percent_styles(self) -> set[bytes]:
        """Return the cell styles that show a share as per cent: 0.95 is written 95% there."""
        styles = self.text("xl/styles.xml")
        formats = {b"9", b"10"}
        for tag in re.findall(rb"<numFmt\b[^>]*>", styles):
            found = dict(_ATTRIBUTE.findall(tag))
            if b"%" in found.get(b"formatCode", b""):
                formats.add(found.get(b"numFmtId", b""))
        block = re.search(rb"<cellXfs\b.*?</cellXfs>", styles, re.DOTALL)
        tags = re.findall(rb"<xf\b[^>]*>", block[0]) if block else []
        return {
            str(n).encode() for n, tag in enumerate(tags) if dict(_ATTRIBUTE.findall(tag)).get(b"numFmtId") in formats
        }


class _Sheet:
    """Counts the rows of a sheet while it is unpacked: laying out one that is too large would cost all memory."""

    def __init__(self, name: str, limits: dict[str, int], formulas: set[str]) -> None:
        self.name, self.limits, self.formulas = name, limits, formulas
        self.rows, self.wide, self.before = 0, False, b""

    def feed(self, piece: bytes) -> None:
        """Look at the next piece. Raises Refusal for too many rows, or a cell far outside."""
        if not self.before and b"\x00" in piece[:8]:
            raise Refusal("broken")  # nothing would be found in UTF-16
        self.rows += piece.count(b"<row") + max(piece.count(b":row "), piece.count(b":row>") // 2)
        seen = self.before + piece
        if b"<f>" in seen or b"<f " in seen:
            self.formulas.add(self.name)
        last = _ROW.match(seen, max(seen.rfind(b"<row"), 0))
        self.rows = max(self.rows, int(last[1]) if last else 0)
        if self.rows > self.limits["rows"]:
            raise Refusal("large")
        # The quick search passes nearly every sheet; only what it finds is looked at closely.
        if _FAR.search(seen) and any(
            column_number(letters) > self.limits["columns"] for letters in _CELL.findall(seen)
        ):
            raise Refusal("large")
        self.wide = self.wide or bool(_WIDE.search(seen))  # beyond column Z
        if self.wide and self.rows * self.limits["columns"] > self.limits["cells"]:
            raise Refusal("costly")
        self.before = seen[-SEAM:]


# --- cells ------------------------------------------------------------------------------------


def text_of(cell: Any) -> str:
    """Return a cell as text: whole numbers without decimal point, days as 2025-01-31."""
    if type(cell) is str:
        return cell
    if type(cell) is float:
        return _number(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = format(value, ".15g")  # as many digits as Excel itself shows: sums leave noise behind them
    return format(Decimal(text), "f") if "e" in text else text


def place(reference: bytes) -> tuple[int, int]:
    """Return row and column, counted from 0, of a reference such as B7."""
    letters = reference.rstrip(b"0123456789")
    return int(reference[len(letters) :]) - 1, column_number(letters) - 1


class Sheets:
    """The sheets of a checked workbook, row by row as text."""

    def __init__(self, package: Package) -> None:
        from python_calamine import CalamineWorkbook

        self.package, self.limits = package, package.limits
        self.workbook = CalamineWorkbook.from_filelike(io.BytesIO(package.data))
        self.names = list(self.workbook.sheet_names)
        if len(self.names) > self.limits["sheets"]:
            raise Refusal("sheets")
        self.parts, self.percent = package.sheet_parts(), package.percent_styles()

    def open(self, name: str, most_rows: int) -> tuple[dict[str, Any], Iterator[list[str]]]:
        """Return what is noted about a sheet, and its first rows."""
        sheet = self.workbook.get_sheet_by_name(name)
        if sheet.total_height > self.limits["rows"] or sheet.total_width > self.limits["columns"]:
            raise Refusal("large")
        if sheet.total_height * sheet.total_width > self.limits["cells"]:
            raise Refusal("costly")
        formulas, shares = self._noted(self.parts.get(name, ""), most_rows)
        merged = [[*low, *high] for low, high in sheet.merged_cell_ranges or ()][:MOST_NOTED]
        about = {"sheet": name, "rows": sheet.total_height, "merged": merged, "formulas": formulas}
        return about, islice(self._rows(sheet, shares), most_rows)

    def _noted(self, part: str, most_rows: int) -> tuple[dict[str, bool], set[tuple[int, int]]]:
        """Return the formulas of a sheet (with or without a stored result), and cells that show per cent."""
        formulas: dict[str, bool] = {}
        shares: set[tuple[int, int]] = set()
        if part not in self.package.parts or not (part in self.package.formulas or self.percent):
            return formulas, shares
        for cell in _WHOLE.finditer(self.package.text(part)):
            attributes, content = cell.groups()
            reference = _REF.search(attributes)
            if not reference:
                continue
            if place(reference[1])[0] >= most_rows:
                break
            if b"<f" in content and len(formulas) < MOST_NOTED:
                formulas[reference[1].decode()] = b"<v>" in content and b"<v></v>" not in content
            style = _STYLE.search(attributes)
            if style and style[1] in self.percent:
                shares.add(place(reference[1]))
        return formulas, shares

    def _rows(self, sheet: Any, shares: set[tuple[int, int]]) -> Iterator[list[str]]:
        row, column = sheet.start or (0, 0)
        before = [""] * column
        yield from ([] for _empty in range(row if sheet.height else 0))
        for number, cells in enumerate(sheet.iter_rows() if sheet.height else (), row):
            texts = before + [cell if type(cell) is str else text_of(cell) for cell in cells]
            if shares:
                for n, cell in enumerate(cells, column):
                    if (number, n) in shares and isinstance(cell, int | float) and not isinstance(cell, bool):
                        texts[n] = f"{_number(round(cell * 100, 10))}%"
            while texts and not texts[-1]:
                texts.pop()
            yield texts


# --- output -----------------------------------------------------------------------------------


def say(record: Any) -> None:
    """Write one line of output."""
    sys.stdout.write(json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n")


def say_rows(rows: Iterator[list[str]]) -> None:
    """Write the rows of a sheet in blocks, each with the number of its first row."""
    block: list[list[str]] = []
    number = 0
    for number, cells in enumerate(rows, 1):
        block.append(cells)
        if len(block) == BLOCK:
            say({"first": number - BLOCK + 1, "cells": block})
            block = []
    if block:
        say({"first": number - len(block) + 1, "cells": block})


def say_sheets(sheets: Sheets, most: int, most_rows: int) -> None:
    """Write every sheet, or only the first ``most``, each to its row ``most_rows``."""
    for name in sheets.names[:most]:
        about, rows = sheets.open(name, most_rows)
        say(about)
        say_rows(rows)


def plain(text: str) -> str:
    """Return a heading without blanks and marks."""
    return "".join(text.split()).rstrip("*＊:：")


def say_list(sheets: Sheets, asked: dict[str, Any]) -> None:
    """Write the projects of a workbook of lists, each with its rows of the other tables.

    ``tables`` names the sheets, the projects first; ``keys`` the headings by which they belong together.
    """
    keys, main = asked["keys"], asked["tables"][0]
    tables: dict[str, list[tuple[int, list[str]]]] = {}
    heads: dict[str, Any] = {}
    for name in asked["tables"]:
        if name not in sheets.names:
            continue
        about, rows = sheets.open(name, sheets.limits["rows"])
        heads[name] = {"head": [], "row": 0, "formulas": about["formulas"]}
        numbered = enumerate(rows, 1)
        for number, cells in numbered:
            titles = [plain(cell) for cell in cells]
            if any(title in keys for title in titles):
                heads[name].update(head=titles, row=number)
                break
            if number == HEAD_ROWS:
                break
        tables[name] = [(number, cells) for number, cells in numbered if cells] if heads[name]["row"] else []
    say({"tables": heads})
    position: dict[str, int] = {}
    columns = [n for n, title in enumerate(heads[main]["head"]) if title in keys]
    for n, (_number, cells) in enumerate(tables[main]):
        for key in [cells[c].strip() for c in columns if c < len(cells)]:
            if key:
                position.setdefault(key, n)
    belonging: list[dict[str, list[Any]]] = [{} for _project in tables[main]]
    strays: list[list[Any]] = []
    for name in list(tables)[1:]:
        at = [n for n, title in enumerate(heads[name]["head"]) if title in keys]
        for number, cells in tables[name]:
            key = next((cells[c].strip() for c in at if c < len(cells) and cells[c].strip()), "")
            if key in position:
                belonging[position[key]].setdefault(name, []).append([number, cells])
            else:
                strays.append([name, number, key])
    for at_row in range(0, len(belonging), BLOCK):
        pairs = zip(tables[main][at_row : at_row + BLOCK], belonging[at_row : at_row + BLOCK], strict=True)
        say({"projects": [[*row, rows] for row, rows in pairs]})
    say({"strays": strays[:MOST_NOTED]})


def main() -> None:
    """Read with the limits given as JSON in the first argument, what is asked in the second."""
    limits, asked = json.loads(sys.argv[1]), json.loads(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"]))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        package = Package(sys.stdin.buffer.read(), limits)
        sheets = Sheets(package)
        if asked.get("tables") and all(name in sheets.names for name in asked["must"]):
            say_list(sheets, asked)
        else:
            say_sheets(sheets, asked["most"], asked.get("rows", limits["rows"]))
        say({"end": True})
    except Refusal as refusal:
        say({"error": refusal.args[0]})
    except MemoryError:
        say({"error": "costly"})
    except BrokenPipeError:
        return
    except Exception:
        say({"error": "broken"})

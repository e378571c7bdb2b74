"""Child process: reads a workbook from standard input and writes what is in it as lines of JSON.

It starts with nothing but the standard library: the package is checked before any parser sees it.
"""

import datetime as dt
import html
import io
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

CHUNK = 1 << 20
TAIL = 1 << 16
BLOCK = 200  # rows, or projects, in one line of output
HEAD_ROWS = 10  # how far down the head of a table is looked for
MOST_NOTED = 5000  # formulas named one by one
SCANNED = 64 << 20  # of a sheet with formulas or percentages
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,9})"')
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,9})"')
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
    """The zip file, checked part by part while it is unpacked, whatever its headers say."""

    def __init__(self, data: bytes, limits: dict[str, int]) -> None:
        self.data, self.limits, self.total = data, limits, 0
        if data[:4] == OLE:
            raise Refusal("password" if "EncryptedPackage".encode("utf-16-le") in data else "old")
        if data[:4] != ZIP:
            raise Refusal("broken")
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                entries = package.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
            raise Refusal("broken") from error
        if len(entries) > limits["entries"]:
            raise Refusal("costly")
        self.entries = {entry.filename: entry for entry in entries}
        if len(self.entries) != len(entries):
            raise Refusal("broken")  # two parts of one name: which one counts is anybody's guess
        names = [name.lower() for name in self.entries]
        if any("vbaproject" in name or "/macrosheets/" in name for name in names):
            raise Refusal("macros")
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refusal("password")
        if "xl/workbook.xml" not in self.entries:
            raise Refusal("kind")
        self.formulas: set[str] = set()
        for name in self.entries:
            self._check(name)

    def unpack(self, name: str) -> Iterator[bytes]:
        """Yield the content of a part; raises Refusal for what is not what its header says."""
        entry = self.entries[name]
        head = self.data[entry.header_offset : entry.header_offset + 30]
        if len(head) < 30 or head[:4] != ZIP or entry.compress_type not in (0, 8):
            raise Refusal("broken")
        begin = entry.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
        packed = memoryview(self.data)[begin : begin + entry.compress_size]
        size = 0
        if entry.compress_type == 0:
            parts: Iterator[bytes] = (bytes(packed[at : at + CHUNK]) for at in range(0, len(packed), CHUNK))
        else:
            parts = _inflate(packed)
        for part in parts:
            size += len(part)
            if size > entry.file_size:
                raise Refusal("broken")
            yield part
        if size != entry.file_size:
            raise Refusal("broken")

    def _check(self, name: str) -> None:
        """Unpack a part once to see how large it is, and what must not be in it."""
        entry, markup = self.entries[name], name.lower().endswith((".xml", ".rels", ".vml"))
        sheet = name.startswith("xl/worksheets/") and markup
        size, before, first = 0, b"", True
        for part in self.unpack(name):
            size += len(part)
            self.total += len(part)
            if self.total > self.limits["unpacked"] or (size > 10 * CHUNK and size > 200 * entry.compress_size):
                raise Refusal("bomb")
            if first and part[:4] in (ZIP, OLE):
                raise Refusal("embedded")
            if markup:
                if first and b"\x00" in part[:8]:
                    raise Refusal("broken")  # UTF-16 could hide a document type from the next test
                seen = before + part
                # OOXML forbids document type definitions; they are how XML bombs are built.
                if b"<!DOCTYPE" in seen or b"<!doctype" in seen or b"<!ENTITY" in seen:
                    raise Refusal("doctype")
                if sheet and (b"<f>" in seen or b"<f " in seen):
                    self.formulas.add(name)
                if name == "[Content_Types].xml" and b"macroEnabled" in seen:
                    raise Refusal("macros")
                before = seen[-TAIL:] if sheet else seen[-32:]
            first = False
        if sheet:
            self._check_extent(before)

    def _check_extent(self, tail: bytes) -> None:
        """Refuse a sheet whose end lies far outside: laying it out would cost all memory."""
        rows = [int(number) for number in _ROW.findall(tail)[-1:]]
        cells = [(column_number(letters), int(number)) for letters, number in _CELL.findall(tail)]
        if any(row > self.limits["rows"] for row in rows) or any(
            column > self.limits["columns"] or row > self.limits["rows"] for column, row in cells
        ):
            raise Refusal("large")

    def text(self, name: str) -> bytes:
        """Return a part whole, empty when it is missing or too long to be looked at."""
        entry = self.entries.get(name)
        return b"".join(self.unpack(name)) if entry and entry.file_size <= SCANNED else b""

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


def _inflate(packed: memoryview) -> Iterator[bytes]:
    """Yield the deflated content piece by piece; what it grows to is for the caller to judge."""
    unpacking = zlib.decompressobj(-15)
    try:
        for at in range(0, len(packed), CHUNK):
            waiting: bytes | memoryview = packed[at : at + CHUNK]
            while waiting:
                part = unpacking.decompress(waiting, CHUNK)
                waiting = unpacking.unconsumed_tail
                if part:
                    yield part
                elif unpacking.eof:
                    break
        rest = unpacking.flush()
    except zlib.error as error:
        raise Refusal("broken") from error
    if rest:
        yield rest
    if not unpacking.eof:
        raise Refusal("broken")


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

    def open(self, name: str) -> tuple[dict[str, Any], Iterator[list[str]]]:
        """Return what is noted about a sheet, and its rows from the first one on."""
        sheet = self.workbook.get_sheet_by_name(name)
        if sheet.total_height > self.limits["rows"] or sheet.total_width > self.limits["columns"]:
            raise Refusal("large")
        formulas, shares = self._noted(self.parts.get(name, ""))
        merged = [[*low, *high] for low, high in sheet.merged_cell_ranges or ()][:MOST_NOTED]
        about = {"sheet": name, "rows": sheet.total_height, "merged": merged, "formulas": formulas}
        return about, self._rows(sheet, shares)

    def _noted(self, part: str) -> tuple[dict[str, bool], set[tuple[int, int]]]:
        """Return the formulas of a sheet (with or without a stored result), and cells that show per cent."""
        formulas: dict[str, bool] = {}
        shares: set[tuple[int, int]] = set()
        if part not in self.package.entries or not (part in self.package.formulas or self.percent):
            return formulas, shares
        for attributes, content in _WHOLE.findall(self.package.text(part)):
            reference = _REF.search(attributes)
            if not reference:
                continue
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


def say_sheets(sheets: Sheets, most: int) -> None:
    """Write every sheet, or only the first ``most``."""
    for name in sheets.names[:most]:
        about, rows = sheets.open(name)
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
        about, rows = sheets.open(name)
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
            say_sheets(sheets, asked["most"])
        say({"end": True})
    except Refusal as refusal:
        say({"error": refusal.args[0]})
    except MemoryError:
        say({"error": "costly"})
    except BrokenPipeError:
        return
    except Exception:
        say({"error": "broken"})


if __name__ == "__main__":
    main()

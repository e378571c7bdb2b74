"""Packages: ZIP files of XML parts (docx, xlsx, pptx, ofd), checked part by part before any parser opens them.

Sizes are counted while decompressing, never believed. Works in a child process and, as nothing
is kept in memory but one piece at a time, in any other.
"""

import codecs
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

MOST_ENTRIES = 4000
MOST_UNPACKED = 100 * 1024 * 1024
# Office packs text ten to fifty times; beyond this, and beyond that much, nobody typed it.
MOST_RATIO = 100
RATIO_FROM = 20 * 1024 * 1024
MOST_DIRECTORY = 2 * 1024 * 1024
MOST_TYPES = 1024 * 1024
PIECE = 1024 * 1024

TYPES_PART = "[Content_Types].xml"
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/dialogsheets/")
# Fields of Word that fetch something when the document is opened.
FETCHING_FIELDS = ("INCLUDETEXT", "INCLUDEPICTURE", "DDEAUTO", "DDE", "LINK", "IMPORT")
_END = b"PK\x05\x06"
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error)


class PackageError(Exception):
    """The package is refused; ``reason`` is broken, costly, macros, password or external."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def check(file: BinaryIO, *, entries: int = MOST_ENTRIES, unpacked: int = MOST_UNPACKED) -> dict[str, bytes]:
    """Read the whole package and return its parts' names, with the content of ``[Content_Types].xml``.

    The other parts are counted and looked at, not kept (their value is empty). Raises
    PackageError for what is damaged, far larger than it looks, encrypted, has macros or a
    document type definition, or fetches other files when it is opened.
    """
    try:
        return _check(file, entries, unpacked)
    except (*_BROKEN, zlib.error) as error:
        raise PackageError("broken") from error


def _check(file: BinaryIO, most_entries: int, most_unpacked: int) -> dict[str, bytes]:
    packed = _require_small_directory(file, most_entries)
    with zipfile.ZipFile(file) as package:
        found = package.infolist()
    if len(found) > most_entries or sum(entry.file_size for entry in found) > most_unpacked:
        raise PackageError("costly")
    _require_ratio(sum(entry.file_size for entry in found), packed)
    _require_decent_names([entry.filename for entry in found])
    parts: dict[str, bytes] = {}
    for entry in found:
        if entry.flag_bits & 0x1:
            raise PackageError("password")
        parts[entry.filename] = _look(entry, _pieces(file, entry))
    if b"macroenabled" in parts.get(TYPES_PART, b"").replace(b"\0", b"").lower():
        raise PackageError("macros")
    return parts


def _require_small_directory(file: BinaryIO, most_entries: int) -> int:
    """Refuse a directory of more entries than allowed before it is read; returns the size of the file."""
    packed = file.seek(0, io.SEEK_END)
    file.seek(max(0, packed - 65_557))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise PackageError("broken")
    count, directory = struct.unpack("<HL", tail[at + 10 : at + 16])
    # 0xFFFF sends the reader on to the large format, which no file of this size needs.
    if count > most_entries or directory > MOST_DIRECTORY:
        raise PackageError("costly")
    return packed


def _require_ratio(unpacked: int, packed: int) -> None:
    if unpacked > RATIO_FROM and unpacked > MOST_RATIO * packed:
        raise PackageError("costly")


def _require_decent_names(names: list[str]) -> None:
    if len({name.lower() for name in names}) < len(names):  # which of the two would be opened?
        raise PackageError("broken")
    for name in names:
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise PackageError("broken")
        if any(part in f"/{name}".lower() for part in MACRO_PARTS):
            raise PackageError("macros")


def _pieces(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of an entry; it must be exactly as long, and have the checksum, as the directory says."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise PackageError("broken")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, io.SEEK_CUR)
    size, checksum = 0, 0
    for piece in _stored(file, entry) if entry.compress_type == zipfile.ZIP_STORED else _inflated(file, entry):
        size += len(piece)
        if size > entry.file_size:
            raise PackageError("broken")
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != entry.file_size or checksum != entry.CRC:
        raise PackageError("broken")


def _packed(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    left = entry.compress_size
    while left > 0:
        piece = file.read(min(left, PIECE))
        if not piece:
            raise PackageError("broken")
        left -= len(piece)
        yield piece


def _stored(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    return _packed(file, entry)


def _inflated(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise PackageError("broken")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in _packed(file, entry):
        while piece:
            yield inflater.decompress(piece, PIECE)
            piece = inflater.unconsumed_tail
    yield inflater.flush()
    if not inflater.eof:
        raise PackageError("broken")


def _look(entry: zipfile.ZipInfo, pieces: Iterator[bytes]) -> bytes:
    """Read one part and refuse what it must not hold; returns its content only for the list of types."""
    name = entry.filename.lower()
    if name == TYPES_PART.lower():
        if entry.file_size > MOST_TYPES:
            raise PackageError("costly")
        content = b"".join(pieces)
        _Part(name).feed([content])
        return content
    if name.endswith((".xml", ".rels")):
        _Part(name).feed(pieces)
    else:
        _look_for_document_type(pieces)
    return b""


def _look_for_document_type(pieces: Iterator[bytes]) -> None:
    """Refuse a document type definition in a part that is text although its name does not say so."""
    before, is_text = b"", None
    for piece in pieces:
        if is_text is None and piece:
            start = piece[:200].replace(b"\0", b"").lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16 + b" \t\r\n")
            is_text = start.startswith(b"<")
        if is_text:
            piece = before + piece.replace(b"\0", b"").lower()
            if b"<!doctype" in piece:
                raise PackageError("broken")
            before = piece[-8:]


class _Part:
    """One XML part on its way through the parser: no definitions, and nothing that is fetched on opening."""

    def __init__(self, name: str) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.inside = False  # between the tags of a piece of a field's code
        self.code = ""
        if name.endswith(".rels"):
            self.parser.StartElementHandler = self._relationship
        elif name.startswith("word/"):
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end
            self.parser.CharacterDataHandler = self._characters

    def feed(self, pieces: "Iterator[bytes] | list[bytes]") -> None:
        """Read the part to its end. Raises PackageError."""
        try:
            for piece in pieces:
                self.parser.Parse(piece, False)
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise PackageError("broken") from error

    def _document_type(self, *rest: object) -> None:
        # The standard forbids document type definitions; they are how XML bombs are built.
        raise PackageError("broken")

    def _relationship(self, name: str, attributes: dict[str, str]) -> None:
        outside = attributes.get("TargetMode", "").strip().lower() == "external"
        # A link that waits for a click is how documents are; everything else is fetched on opening.
        if outside and not attributes.get("Type", "").endswith("/hyperlink"):
            raise PackageError("external")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        end = name.rpartition(":")[2]
        if end == "instrText":
            self.inside = True
        elif end == "fldChar":  # a field's code may be cut into many runs, and ends here
            self.code = ""
        elif end == "fldSimple":
            self.code = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "instr"), "")
            self._require_harmless()

    def _end(self, name: str) -> None:
        if self.inside and name.rpartition(":")[2] == "instrText":
            self.inside = False
            self._require_harmless()

    def _characters(self, text: str) -> None:
        if self.inside:
            self.code = (self.code + text).lstrip()[:80]  # its first word says what it does

    def _require_harmless(self) -> None:
        words = self.code.upper().split(maxsplit=1)
        if words and words[0] in FETCHING_FIELDS:
            raise PackageError("external")

"""Packages: ZIP files of XML parts (docx, xlsx, pptx, ofd), checked part by part before any parser opens them.

What the directory claims is refused first, what it hides while decompressing: sizes are counted, never
believed. Works in a child process and, as nothing is kept in memory but one piece at a time, in any other.
"""

import codecs
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

RATIO_FROM = 20 * 1024 * 1024
# Deflate makes no more than this of a byte; a size beyond it is made up.
MOST_DEFLATED = 1032
MOST_DIRECTORY = 2 * 1024 * 1024
MOST_TYPES = 1024 * 1024
PIECE = 1024 * 1024

TYPES_PART = "[Content_Types].xml"
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/dialogsheets/")
# Fields of Word that fetch something when the document is opened.
FETCHING_FIELDS = ("INCLUDETEXT", "INCLUDEPICTURE", "DDEAUTO", "DDE", "LINK", "IMPORT")
_END = b"PK\x05\x06"
_OTHERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how a package, or an object of Office, begins
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may be; by default, a document that is kept as it is and opened by others."""

    entries: int = 4000
    unpacked: int = 100 * 1024 * 1024
    # Office packs text ten to fifty times; beyond this, and beyond RATIO_FROM, nobody typed it.
    ratio: int = 100
    embedded: bool = True  # other packages and objects inside
    external: bool = False  # files elsewhere that are fetched on opening
    whole: bool = True  # every XML part is read to its end; if not, to its first element


# Given the name of a part, what sees every piece of it beside the check; it refuses by an exception of its own.
Watch = Callable[[str], Callable[[bytes], None] | None]


class PackageError(Exception):
    """The package is refused; ``reason`` is broken, costly, bomb, doctype, embedded, macros, password or external."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def check(file: BinaryIO, limits: Limits | None = None, watch: Watch | None = None) -> dict[str, bytes]:
    """Read the whole package and return its parts' names, with the content of ``[Content_Types].xml``.

    The other parts are counted and looked at, not kept (their value is empty). Raises
    PackageError for what is damaged, far larger than it looks, encrypted, has macros or a
    document type definition, or what ``limits`` do not allow.
    """
    try:
        return _check(file, limits or Limits(), watch)
    except (*_BROKEN, zlib.error) as error:
        raise PackageError("broken") from error


def _check(file: BinaryIO, limits: Limits, watch: Watch | None) -> dict[str, bytes]:
    packed = _require_small_directory(file, limits.entries)
    with zipfile.ZipFile(file) as package:
        found = package.infolist()
    if len(found) > limits.entries:
        raise PackageError("costly")
    _require_decent_names([entry.filename for entry in found])
    _require_sizes(found, packed, limits)
    if any(entry.flag_bits & 0x1 for entry in found):
        raise PackageError("password")
    parts: dict[str, bytes] = {}
    for entry in found:
        parts[entry.filename] = _look(file, entry, limits, watch)
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


def _require_sizes(entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    """Refuse by what the directory claims; what it claims too little of is found while unpacking."""
    if any(entry.file_size > MOST_DEFLATED * (entry.compress_size + 1) for entry in entries):
        raise PackageError("broken")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked or (unpacked > RATIO_FROM and unpacked > limits.ratio * packed):
        raise PackageError("bomb")


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


def _look(file: BinaryIO, entry: zipfile.ZipInfo, limits: Limits, watch: Watch | None) -> bytes:
    """Read one part and refuse what it must not hold; returns its content only for the list of types."""
    name = entry.filename.lower()
    types = name == TYPES_PART.lower()
    if types and entry.file_size > MOST_TYPES:
        raise PackageError("costly")
    part = _Part(name, limits) if name.endswith((".xml", ".rels")) else _OtherPart()
    seen = watch(entry.filename) if watch else None
    kept = []
    for number, piece in enumerate(filter(None, _pieces(file, entry))):
        if not number and not limits.embedded and piece.startswith(_OTHERS):
            raise PackageError("embedded")
        part.feed(piece)
        if seen:
            seen(piece)
        if types:
            kept.append(piece)
    part.close()
    return b"".join(kept)


class _Enough(Exception):
    """Nothing that follows in this part has to be parsed."""


class _OtherPart:
    """A part that is no XML by its name; if it is text after all, it must not hold a document type definition."""

    def __init__(self) -> None:
        self.before = b""
        self.is_text: bool | None = None

    def feed(self, piece: bytes) -> None:
        """Look at the next piece. Raises PackageError."""
        if self.is_text is None:
            start = piece[:200].replace(b"\0", b"").lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16 + b" \t\r\n")
            self.is_text = start.startswith(b"<")
        if self.is_text:
            piece = self.before + piece.replace(b"\0", b"").lower()
            if b"<!doctype" in piece:
                raise PackageError("doctype")
            self.before = piece[-8:]

    def close(self) -> None:
        """Nothing is left to be seen at the end."""


class _Part:
    """One XML part on its way through the parser: no definitions, and nothing that is fetched on opening."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.inside = False  # between the tags of a piece of a field's code
        self.code = ""
        self.enough = False
        if name.endswith(".rels") and not limits.external:
            self.parser.StartElementHandler = self._relationship
        elif name.startswith("word/") and not limits.external:
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end
            self.parser.CharacterDataHandler = self._characters
        elif not limits.whole:
            self.parser.StartElementHandler = self._first

    def feed(self, piece: bytes) -> None:
        """Read the next piece. Raises PackageError."""
        if not self.enough:
            self._parse(piece, False)

    def close(self) -> None:
        """See that the part has an end. Raises PackageError."""
        if not self.enough:
            self._parse(b"", True)

    def _parse(self, piece: bytes, final: bool) -> None:
        try:
            self.parser.Parse(piece, final)
        except _Enough:
            self.enough = True
        except expat.ExpatError as error:
            raise PackageError("broken") from error

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        # A definition can only come before the first element.
        raise _Enough

    def _document_type(self, *rest: object) -> None:
        # The standard forbids document type definitions; they are how XML bombs are built.
        raise PackageError("doctype")

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

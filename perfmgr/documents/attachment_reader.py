"""Runs as a child process: looks at one file on standard input and says as JSON what it is.

Started by ``attachments`` with the limits and the expected extension as arguments, so that a
malicious file can neither exhaust nor crash the process that asked.
"""

import contextlib
import json
import struct
import sys
from typing import Any, BinaryIO

from perfmgr.documents import packages
from perfmgr.documents.packages import PackageError

OPEN_XML = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
    "pptx": b"presentationml.presentation.main+xml",
}
OPEN_XML |= {"wps": OPEN_XML["docx"], "et": OPEN_XML["xlsx"]}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What an encrypted document of Office 2007 and later holds instead of its parts.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MARKUP = (b"<html", b"<script", b"<!doctype html", b"<svg", b"<body")
MOST_PIXELS = 400_000_000
# What the sentences about attachments do not tell apart.
PACKAGE_REASONS = {"bomb": "costly", "doctype": "broken"}
_PASSWORD = 4  # FPDF_ERR_PASSWORD of PDFium's public header fpdfview.h


class Refusal(Exception):
    """The file is refused; ``args[0]`` is a key of ``rules.attachments.REFUSALS``."""


def limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Limit this process for good; where the system has no such limits only the parent's clock counts."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def look(file: BinaryIO, extension: str) -> dict[str, Any]:
    """Return ``{"pages": number or None}`` or ``{"error": reason}``."""
    try:
        return {"pages": READERS[extension](file, extension)}
    except Refusal as refusal:
        return {"error": refusal.args[0]}
    except PackageError as error:
        return {"error": PACKAGE_REASONS.get(error.reason, error.reason)}


def _start(file: BinaryIO, count: int = 16) -> bytes:
    file.seek(0)
    start = file.read(count)
    file.seek(0)
    return start


def read_package(file: BinaryIO, extension: str) -> None:
    """Check an OOXML or OFD package: the right kind inside, and nothing dangerous."""
    start = _start(file)
    if start.startswith(OLE):
        content = file.read()
        if ENCRYPTED in content:
            raise Refusal("password")
        raise Refusal("old" if extension in ("wps", "et") else "mismatch")
    if not start.startswith(b"PK\x03\x04"):
        raise Refusal("mismatch")
    parts = packages.check(file)
    if extension == "ofd":
        if "OFD.xml" not in parts:
            raise Refusal("mismatch")
        return
    # Parts may be written in UTF-16, where every letter is followed by a zero byte.
    types = parts.get(packages.TYPES_PART, b"").replace(b"\0", b"")
    if OPEN_XML[extension] not in types:
        raise Refusal("mismatch")


def read_pdf(file: BinaryIO, extension: str) -> int:
    """Open a PDF and return the number of its pages."""
    start = _start(file, 1024)
    # A PDF with something before its mark is what files that are two things at once look like.
    if not start.startswith(b"%PDF-") or any(mark in start.lower() for mark in MARKUP):
        raise Refusal("mismatch")
    import pypdfium2

    try:
        pages = len(pypdfium2.PdfDocument(file.read()))
    except pypdfium2.PdfiumError as error:
        raise Refusal("password" if getattr(error, "err_code", None) == _PASSWORD else "broken") from error
    if not pages:
        raise Refusal("broken")
    return pages


def read_png(file: BinaryIO, extension: str) -> None:
    """Walk the chunks of a PNG from its head to its end."""
    if _start(file) and not _start(file).startswith(b"\x89PNG\r\n\x1a\n"):
        raise Refusal("mismatch")
    file.seek(8)
    first = True
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise Refusal("broken")
        length, kind = struct.unpack(">L4s", head)
        if first:
            content = file.read(13)
            if kind != b"IHDR" or length != 13 or len(content) < 13:
                raise Refusal("broken")
            _require_picture(*struct.unpack(">LL", content[:8]))
            file.seek(4, 1)
            first = False
            continue
        if kind == b"IEND":
            return
        file.seek(length + 4, 1)


def read_jpeg(file: BinaryIO, extension: str) -> None:
    """Walk the segments of a JPEG to its size, and see that it has an end."""
    content = file.read()
    if not content.startswith(b"\xff\xd8\xff"):
        raise Refusal("mismatch")
    at, sized = 2, False
    while at + 4 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if kind == 0xFF:  # filling
            at += 1
            continue
        length = struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC) and at + 9 <= len(content):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            _require_picture(width, height)
            sized = True
        if kind == 0xDA:  # what follows is the picture itself
            break
        at += 2 + max(length, 2)
    if not sized or content.rfind(b"\xff\xd9", at) < 0:
        raise Refusal("broken")


def _require_picture(width: int, height: int) -> None:
    if not width or not height:
        raise Refusal("broken")
    if width * height > MOST_PIXELS:
        raise Refusal("costly")


def read_text(file: BinaryIO, extension: str) -> None:
    """See that a text file is text, in UTF-8, UTF-16 or GB 18030."""
    from perfmgr.documents.source_files import decode
    from perfmgr.rules.refusals import Refused

    try:
        decode(file.read(), "")
    except Refused as refused:
        raise Refusal("mismatch") from refused


READERS = {
    "pdf": read_pdf,
    "png": read_png,
    "jpg": read_jpeg,
    "jpeg": read_jpeg,
    "txt": read_text,
    "csv": read_text,
    **dict.fromkeys(("docx", "xlsx", "pptx", "wps", "et", "ofd"), read_package),
}


def main() -> None:
    """Read, limited from the first byte on."""
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        result = look(sys.stdin.buffer, sys.argv[3])
    except MemoryError:
        result = {"error": "costly"}
    sys.stdout.write(json.dumps(result))

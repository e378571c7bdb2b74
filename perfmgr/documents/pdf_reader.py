"""Runs as a child process: PDF bytes from standard input, its pages' text as JSON to standard output.

Started by ``source_files`` as a script with the limits as arguments (CPU seconds, bytes of
memory), so that a malicious PDF can neither exhaust nor crash the process that asked.
"""

import contextlib
import json
import sys
from typing import Any

# More than any department publishes; a page of text has about 2,000 characters.
LIMIT_PAGES = 2_000
LIMIT_CHARACTERS = 5_000_000
_PASSWORD = 4  # FPDF_ERR_PASSWORD of PDFium's public header fpdfview.h


def limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Limit this process for good; where the system has no such limits only the parent's clock counts."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(data: bytes) -> dict[str, Any]:
    """Return ``{"pages": [text, …]}`` or ``{"error": "password" | "broken" | "costly"}``."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return {"error": "password" if getattr(error, "err_code", None) == _PASSWORD else "broken"}
    if len(document) > LIMIT_PAGES:
        return {"error": "costly"}
    pages: list[str] = []
    for index in range(len(document)):
        try:
            pages.append(document[index].get_textpage().get_text_bounded())
        except pypdfium2.PdfiumError:
            return {"error": "broken"}
        if sum(map(len, pages)) > LIMIT_CHARACTERS:
            return {"error": "costly"}
    return {"pages": pages}


def main() -> None:
    """Read, limited from the first byte on."""
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        result = read(sys.stdin.buffer.read())
    except MemoryError:
        result = {"error": "costly"}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()

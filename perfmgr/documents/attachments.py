"""Attachments: what an uploaded file really is, found out by a child process that may be killed without harm."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfmgr.rules.attachments import MEDIA_TYPES, refuse, require_type

CPU_SECONDS = 10
WALL_SECONDS = 20.0
MEMORY_BYTES = 512 * 1024 * 1024
ROOT = Path(__file__).resolve().parents[2]
# An isolated interpreter (no environment, no folder of its own) finds our modules only when told where.
PROGRAM = "import sys; sys.path.append(sys.argv.pop()); from perfmgr.documents.attachment_reader import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file turned out to be; ``pages`` of a PDF."""

    media_type: str
    pages: int | None


def check(path: Path, name: str) -> Checked:
    """Return what the file is. ``name`` is its shown name, whose extension must say the truth.

    Raises Refused with one sentence for anything that is not plainly one of the allowed types:
    another type, damaged, protected by a password, with macros, fetching other files when it is
    opened, or too costly to look at.
    """
    extension = require_type(name)
    if path.stat().st_size == 0:
        raise refuse("empty", name)
    result = _run_reader(path, extension)
    if "error" in result:
        raise refuse(result["error"], name)
    return Checked(MEDIA_TYPES[extension], result["pages"])


def _run_reader(path: Path, extension: str) -> dict[str, Any]:
    limits = [str(CPU_SECONDS), str(MEMORY_BYTES)]
    command = [sys.executable, "-I", "-c", PROGRAM, *limits, extension, str(ROOT)]
    try:
        with path.open("rb") as file:
            done = subprocess.run(  # noqa: S603 - fixed command, the file's content only comes in by stdin
                command, stdin=file, capture_output=True, timeout=WALL_SECONDS, check=False, start_new_session=True
            )
    except subprocess.TimeoutExpired:
        return {"error": "costly"}
    if done.returncode:
        return {"error": "costly"}
    result: dict[str, Any] = json.loads(done.stdout)
    return result

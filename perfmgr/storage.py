"""The one place that keeps uploaded bytes: files under random names in VAR, outside the database.

Several web processes, also of several machines that share the folder, may use it at the same
time: a name is random and used once, and a file is complete before it gets its name.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from flask import current_app

CHUNK = 256 * 1024
DAY = 24 * 60 * 60


class Source(Protocol):
    """Whatever bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        ...


class TooLargeError(Exception):
    """More bytes came than may be kept; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Bytes that lie on the disk under a name of passage, to be checked and then kept or dropped."""

    blob: str
    path: Path
    size: int
    sha256: str


def folder() -> Path:
    """Return the folder of this installation's files."""
    return Path(current_app.config["VAR"]).resolve() / "attachments"


def path_of(blob: str) -> Path:
    """Return where the bytes with this name lie (or would lie)."""
    if len(blob) != 32 or not set(blob) <= set("0123456789abcdef"):
        raise ValueError("not a name of ours")
    return folder() / blob[:2] / blob[2:4] / blob


def receive(source: Source, most: int) -> Incoming:
    """Write what comes to a file of passage. Raises TooLargeError beyond ``most`` bytes."""
    waiting = folder() / "incoming"
    waiting.mkdir(parents=True, exist_ok=True, mode=0o700)
    blob = secrets.token_hex(16)
    path = waiting / blob
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise TooLargeError
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Incoming(blob, path, size, digest.hexdigest())


def keep(incoming: Incoming) -> None:
    """Give the file its lasting place; from here on its name may be written into the database."""
    target = path_of(incoming.blob)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming.path.rename(target)
    # The name itself must survive a power cut too, not only the bytes.
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def drop(incoming: Incoming) -> None:
    """Forget what came; kept or not."""
    incoming.path.unlink(missing_ok=True)
    remove(incoming.blob)


def remove(blob: str) -> None:
    """Delete the bytes with this name; twice is harmless."""
    # The folder stays, empty or not: another process may be about to put a file into it.
    path_of(blob).unlink(missing_ok=True)


def open_blob(blob: str) -> BinaryIO | None:
    """Open the bytes with this name for reading, or return None when they are gone."""
    try:
        return path_of(blob).open("rb")
    except FileNotFoundError:
        return None


def settled(age: float = DAY) -> Iterator[str]:
    """Yield the names of all kept files that have lain for ``age`` seconds."""
    for path in folder().glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if _is_older(path, age):
            yield path.name


def sweep_incoming(age: float = DAY, *, dry_run: bool = False) -> int:
    """Delete files of passage that were left behind by a process that died; returns how many."""
    left = [path for path in (folder() / "incoming").glob("*") if _is_older(path, age)]
    for path in left if not dry_run else ():
        path.unlink(missing_ok=True)
    return len(left)


def _is_older(path: Path, age: float) -> bool:
    try:
        return path.stat().st_mtime <= time.time() - age
    except FileNotFoundError:  # another process was faster
        return False

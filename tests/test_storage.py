"""Bytes on the disk: complete before they have a name, never under a name from outside."""

import hashlib
import io
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from perfmgr import storage


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of files of an application that has no more than that."""
    app = Flask("files")
    app.config["VAR"] = str(tmp_path)
    with app.app_context():
        yield tmp_path / "attachments"


def files(folder: Path) -> list[str]:
    """Return every file under the folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_kept_comes_back(folder: Path) -> None:
    content = b"x" * 700_000
    incoming = storage.receive(io.BytesIO(content), 700_000)
    assert (incoming.size, incoming.sha256) == (700_000, hashlib.sha256(content).hexdigest())
    assert files(folder) == [f"incoming/{incoming.blob}"]
    storage.keep(incoming)
    blob = incoming.blob
    assert files(folder) == [f"{blob[:2]}/{blob[2:4]}/{blob}"]
    assert stat.S_IMODE(storage.path_of(blob).stat().st_mode) == 0o600
    opened = storage.open_blob(blob)
    assert opened is not None
    with opened:
        assert opened.read() == content
    storage.remove(blob)
    storage.remove(blob)
    assert (files(folder), storage.open_blob(blob)) == ([], None)


def test_the_same_content_twice_is_two_files(folder: Path) -> None:
    one, two = (storage.receive(io.BytesIO(b"same"), 9) for _n in range(2))
    storage.keep(one)
    storage.keep(two)
    storage.remove(one.blob)
    assert storage.path_of(two.blob).read_bytes() == b"same"


def test_too_much_leaves_nothing_behind(folder: Path) -> None:
    with pytest.raises(storage.TooLargeError):
        storage.receive(io.BytesIO(b"x" * 11), 10)
    assert files(folder) == []


def test_what_breaks_off_leaves_nothing_behind(folder: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        storage.receive(Broken(), 10)
    assert files(folder) == []


def test_what_is_dropped_is_gone_kept_or_not(folder: Path) -> None:
    one, two = (storage.receive(io.BytesIO(b"x"), 9) for _n in range(2))
    storage.keep(two)
    storage.drop(one)
    storage.drop(two)
    assert files(folder) == []


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 33, "/" + "a" * 31, "a" * 31 + "\n"]
)
def test_only_names_of_ours_lead_to_a_file(folder: Path, name: str) -> None:
    for use in (storage.path_of, storage.remove, storage.open_blob):
        with pytest.raises(ValueError, match="not a name of ours"):
            use(name)


def test_files_that_lie_long_enough_are_told_from_new_ones(folder: Path) -> None:
    old, new, left = (storage.receive(io.BytesIO(b"x"), 9) for _n in range(3))
    for incoming in (old, new):
        storage.keep(incoming)
    past = time.time() - 2 * storage.DAY
    os.utime(storage.path_of(old.blob), (past, past))
    assert list(storage.settled()) == [old.blob]
    assert storage.sweep_incoming() == 0
    os.utime(left.path, (past, past))
    assert (storage.sweep_incoming(dry_run=True), left.path.exists()) == (1, True)
    assert (storage.sweep_incoming(), left.path.exists()) == (1, False)

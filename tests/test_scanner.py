"""Asking the virus scanner: only a clear OK lets a file through."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from perfmgr import scanner
from tests import clamd
from tests.clamd import Clamd
from tests.documents.uploads import EICAR


@pytest.fixture
def server() -> Iterator[Clamd]:
    """A scanner on the loopback address."""
    with clamd.running() as running:
        yield running


def scan(address: str, path: Path, content: bytes) -> str:
    """Return what the scanner at this address says about this content."""
    path.write_bytes(content)
    app = Flask("scan")
    app.config["SCANNER"] = address
    with app.app_context():
        return scanner.scan(path)


def test_clean_and_infected_files(server: Clamd, tmp_path: Path) -> None:
    large = b"x" * (scanner.CHUNK * 2 + 5)
    said = [scan(server.address, tmp_path / "a", content) for content in (large, EICAR, large + EICAR)]
    assert said == ["clean", "infected", "infected"]
    assert server.seen == [large, EICAR, large + EICAR]


@pytest.mark.parametrize(
    "answer",
    [b"INSTREAM size limit exceeded. ERROR\0", b"stream: OKAY\0", b"\0", b"PONG\0", b"\xff\xfe\0", b"x" * 9000],
)
def test_any_other_answer_fails_closed(server: Clamd, tmp_path: Path, answer: bytes) -> None:
    server.always = answer
    assert scan(server.address, tmp_path / "a", b"x") == "waiting"


def test_a_scanner_that_is_down_or_silent_fails_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1)
            threading.Event().wait(2)

    monkeypatch.setattr(scanner, "ANSWER_SECONDS", 0.2)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silent) as silent:
        threading.Thread(target=silent.serve_forever, daemon=True).start()
        assert scan(f"127.0.0.1:{silent.server_address[1]}", tmp_path / "a", b"x") == "waiting"
        silent.shutdown()
        silent.daemon_threads = True
    assert scan("127.0.0.1:1", tmp_path / "a", b"x") == "waiting"
    assert scan(str(tmp_path / "no.socket"), tmp_path / "a", b"x") == "waiting"


def test_a_socket_of_this_machine(tmp_path: Path) -> None:
    class Local(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    class Answers(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.read(14)
            self.wfile.write(b"stream: OK\0")

    path = str(tmp_path / "clamd.sock")
    with Local(path, Answers) as local:
        threading.Thread(target=local.serve_forever, daemon=True).start()
        assert scan(path, tmp_path / "a", b"") == "clean"
        local.shutdown()


def test_without_a_scanner_nothing_is_scanned(tmp_path: Path) -> None:
    assert scan("", tmp_path / "a", EICAR) == "off"

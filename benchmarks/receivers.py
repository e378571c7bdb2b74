"""The other side of the drills: a real mail server and a real receiver of webhooks, each in a process of its own.

Each prints its port, and notes what it accepted in a file: one line with the instant, the receiver
and the id, in one write, before it answers. So what the other side has is known whoever is killed.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from perfmgr.channels.robots import signature

SECRET = "geheim-geheim-geheim"


@dataclass(frozen=True, slots=True)
class Accepted:
    """One letter or request that was accepted."""

    at: float
    to: str
    id: str


class File:
    """Where a receiver notes what it accepted."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, to: str, id_: str) -> None:
        """Add one line."""
        os.write(self._file, f"{time.time():.6f} {to} {id_}\n".encode())


def read(path: Path) -> list[Accepted]:
    """Return what was accepted, in order."""
    if not path.exists():
        return []
    found = (line.split(" ", 2) for line in path.read_text(encoding="utf-8").splitlines())
    return [Accepted(float(at), to, id_) for at, to, id_ in found]


# --- mail --------------------------------------------------------------------------------------


class Postbox:
    """Takes letters; misbehaves as the first part of an address says, or ``mode`` for everybody.

    never: 550, later: 450, hang: no answer, drop: the connection is cut. The mode ``closed``: the
    sender is refused, as by a server under maintenance.
    """

    def __init__(self, file: File, mode: str) -> None:
        self._file, self._mode = file, mode

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take the sender, unless closed."""
        if self._mode == "closed":
            return "451 4.3.2 Maintenance"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take the recipient, or not."""
        manner = self._mode if self._mode != "accept" else address.partition(".")[0]
        if manner == "never":
            return "550 5.1.1 no such user"
        if manner == "later":
            return "450 4.2.0 try again later"
        if manner == "hang":
            await asyncio.sleep(600)
        if manner == "drop":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Note the letter, and only then say so."""
        head = envelope.content.partition(b"\r\n\r\n")[0]
        id_ = head.partition(b"\r\nMessage-ID: ")[2].partition(b"\r\n")[0]
        self._file.note(envelope.rcpt_tos[0], id_.decode())
        return "250 OK"


async def serve_mail(path: str, mode: str, port: int) -> None:
    """Serve until the process is ended."""
    box = Postbox(File(path), mode)
    make = partial(SMTP, box, enable_SMTPUTF8=True, hostname="localhost")
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# --- webhooks ------------------------------------------------------------------------------------


class _Hook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    file: File

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        genuine = self.headers["X-Perfmgr-Signature"] == signature(SECRET, self.headers["X-Perfmgr-Timestamp"], body)
        if genuine:
            self.file.note("hook", self.headers["X-Perfmgr-Id"])
        self.send_response(200 if genuine else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *rest: Any) -> None:
        """Say nothing."""


def serve_hooks(path: str, port: int) -> None:
    """Serve until the process is ended."""
    _Hook.file = File(path)
    server = ThreadingHTTPServer(("127.0.0.1", port), _Hook)
    print(server.server_address[1], flush=True)
    server.serve_forever()


# --- starting one --------------------------------------------------------------------------------


class Receiver:
    """A receiver in a process of its own; ``port`` stays the same however often it is started."""

    def __init__(self, kind: str, path: Path) -> None:
        self.kind, self.path = kind, path
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self, mode: str = "accept") -> None:
        """Start, or start again in another mode."""
        self.stop()
        command = [sys.executable, "-m", "benchmarks.receivers", self.kind, str(self.path)]
        command += ["--mode", mode, "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def stop(self) -> None:
        """End it, as when a machine is switched off."""
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = None

    def accepted(self) -> list[Accepted]:
        """Return what it has accepted so far."""
        return read(self.path)


@contextmanager
def running(folder: Path) -> Iterator[tuple[Receiver, Receiver]]:
    """Run a mail server and a receiver of webhooks until the block ends."""
    mail, hooks = Receiver("mail", folder / "letters"), Receiver("hooks", folder / "hooks")
    try:
        mail.start()
        hooks.start()
        yield mail, hooks
    finally:
        mail.stop()
        hooks.stop()


def main() -> None:
    """Serve one of the two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("mail", "hooks"))
    parser.add_argument("file")
    parser.add_argument("--mode", default="accept", choices=("accept", "closed", "later", "hang", "drop"))
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.kind == "mail":
        asyncio.run(serve_mail(chosen.file, chosen.mode, chosen.port))
    else:
        serve_hooks(chosen.file, chosen.port)


if __name__ == "__main__":
    main()

"""A real HTTP receiver on the loopback address: checks signatures, knows messages by their id, misbehaves on demand."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from perfmgr.channels.robots import signature


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.requests.append((self.path, dict(self.headers), body))
        if server.seconds:
            time.sleep(server.seconds)
        key = self.headers.get("X-Perfmgr-Id", "")
        if server.secret:
            wanted = signature(server.secret, self.headers["X-Perfmgr-Timestamp"], body)
            if self.headers["X-Perfmgr-Signature"] != wanted:
                self.answer(401, b"{}")
                return
        if server.status == 200:
            server.effects.setdefault(key, json.loads(body))
        self.answer(server.status, server.reply)

    def answer(self, status: int, body: bytes) -> None:
        """Send an answer."""
        server = self.server
        assert isinstance(server, Receiver)
        if server.drops:
            server.drops -= 1
            self.close_connection = True
            return
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", server.elsewhere)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Nobody should come here by following a redirection."""
        server = self.server
        assert isinstance(server, Receiver)
        server.requests.append((self.path, {}, b""))
        self.answer(200, b"{}")

    def log_message(self, *rest: Any) -> None:
        """Say nothing."""


class Receiver(ThreadingHTTPServer):
    """The receiver: ``requests`` is all that came, ``effects`` what it led to, once for each id."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.effects: dict[str, Any] = {}
        self.secret = ""
        self.status, self.reply, self.elsewhere = 200, b'{"errcode":0,"code":0}', ""
        self.seconds, self.drops = 0.0, 0

    @property
    def host(self) -> str:
        """Host and port, as the setting WEBHOOK_HOSTS names them."""
        return f"127.0.0.1:{self.server_address[1]}"

    def url(self, path: str = "/hook?key=geheim") -> str:
        """Return an address at this receiver."""
        return f"http://{self.host}{path}"


@contextmanager
def running() -> Iterator[Receiver]:
    """Run one until the block ends."""
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()

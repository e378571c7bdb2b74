"""A clamd on the loopback address that knows one virus, the test file of EICAR."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.documents.uploads import EICAR


class _Answer(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        server = self.server
        assert isinstance(server, Clamd)
        server.seen.append(content)
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(server.always or found)


class Clamd(socketserver.ThreadingTCPServer):
    """The server; ``seen`` is what it was sent, ``always`` an answer that it gives to everything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.seen: list[bytes] = []
        self.always = b""

    @property
    def address(self) -> str:
        """What the setting SCANNER must say."""
        return f"127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[Clamd]:
    """Run one until the block ends."""
    with Clamd() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()

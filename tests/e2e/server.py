"""A real server of the application, on a database and a folder of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import config


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``python -m perfmgr serve`` (or ``web``) on its own database; commands run against the same one."""

    def __init__(self, url: str, folder: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "PERFMGR_PLACE": "local",
            "PERFMGR_VAR": str(folder),
            "PERFMGR_DATABASE_URL": url,
            "PERFMGR_PORT": str(self.port),
            "PERFMGR_WORKERS": "1",
        }
        self.log = folder / "serve.log"

    def run(self, *arguments: str, typed: str = "") -> str:
        """Run one command of the application and return what it printed; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "perfmgr", *arguments],
            env=self.environment,
            cwd=config.ROOT,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self, command: str) -> Iterator[None]:
        """Run ``web``, or ``serve`` with the clock beside it, until the block ends; all must end with it."""
        with self.log.open("w") as log:
            started = [sys.executable, "-m", "perfmgr", command]
            process = subprocess.Popen(started, env=self.environment, cwd=config.ROOT, stdout=log, stderr=log)
            try:
                self._wait(process)
                yield
            finally:
                process.terminate()
                assert process.wait(30) == 0, self.log.read_text()

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        for _try in range(900):
            assert process.poll() is None, self.log.read_text()
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=1).read()  # noqa: S310  our own address
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

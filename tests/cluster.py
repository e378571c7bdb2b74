"""A throw-away PostgreSQL cluster for one run of the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.parts import find_postgresql

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")


class Cluster:
    """Starts on construction, ends with :meth:`stop`. The server refuses root, so root hands it to ``postgres``."""

    def __init__(self) -> None:
        folder = find_postgresql()
        if folder is None:
            raise RuntimeError("PostgreSQL is not installed")
        self.bin = folder
        self.home = Path(tempfile.mkdtemp(prefix="perfmgr-pg-"))
        self.user = _server_user()
        if self.user:
            shutil.chown(self.home, self.user)
        self._run("initdb", "-D", self.home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = " ".join(f"-c {option}" for option in FAST) + f" -k {self.home}"
        self._run("pg_ctl", "-D", self.home / "data", "-w", "-l", self.home / "log", "-o", options, "start")

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.bin / program), *map(str, arguments)]
        done = subprocess.run(command, user=self.user, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def url(self, database: str = "postgres") -> str:
        """Return the address of one database of the cluster."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.home}"

    def stop(self) -> None:
        """End the server and remove its files."""
        self._run("pg_ctl", "-D", self.home / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)


def _server_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"

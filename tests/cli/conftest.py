"""Fixtures of the commands: a database of their own, and running a command in this process."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import event
from sqlalchemy.pool import Pool

from perfmgr import cli
from tests.conftest import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker_id: str) -> str:
    """An empty database that the commands are told to use."""
    url = new_database(request.param, f"perfmgr_cli_{worker_id}", tmp_path)
    monkeypatch.setenv("PERFMGR_PLACE", "testing")
    monkeypatch.setenv("PERFMGR_DATABASE_URL", url)
    monkeypatch.setenv("PERFMGR_VAR", str(tmp_path))
    return url


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """A function that runs a command with a standard input; returns exit code, output, errors."""

    def running(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        opened: list[Any] = []

        def note(connection: Any, record: Any) -> None:
            opened.append(connection)

        event.listen(Pool, "connect", note)
        try:
            code = cli.main(arguments)
        except SystemExit as leaving:  # argparse leaves by itself
            code = int(leaving.code or 0)
        finally:
            event.remove(Pool, "connect", note)
            for connection in opened:  # a program of its own would end here, and its connections with it
                connection.close()
        said = capsys.readouterr()
        return code, said.out, said.err

    return running


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Take back what a command set up: its logs go to a stream that is closed after the test."""
    yield
    structlog.reset_defaults()

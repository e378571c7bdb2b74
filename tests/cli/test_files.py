"""The commands over files: ``score`` and ``read-document``."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import config

Run = Callable[..., tuple[int, str, str]]
DATA = config.ROOT / "tests" / "data"
VECTORS = DATA / "vectors.json"
PUBLISHED = DATA / "published"
ACCOUNTS = PUBLISHED / "2022-final-accounts.txt"


def vectors() -> dict[str, dict[str, object]]:
    """Return the whole sheets of the test vectors by id."""
    return {entry["id"]: entry for entry in json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]}


def test_the_vectors_come_out_as_stated_and_the_one_with_wrong_weights_ends_with_two(run: Run) -> None:
    code, out, _err = run("score", str(VECTORS), "--json")
    results = {entry["id"]: entry for entry in json.loads(out)}
    assert (code, set(vectors()) - set(results), len(results)) == (2, set(), 11)
    assert {name for name, entry in results.items() if entry["errors"]} == {"TV-05"}
    assert results["TV-05"]["errors"][0]["code"] == "Q05"
    assert [name for name, entry in results.items() if entry["differences"]] == []
    assert (results["TV-01"]["total"], results["TV-01"]["grade"]) == ("98.62", "优")
    assert set(results["TV-01"]["lines"][0]) == {"score", "formula", "flags"}


def test_one_sheet_without_a_fault_ends_with_zero_and_reads_as_text(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(vectors()["TV-01"], ensure_ascii=False), encoding="utf-8")
    code, out, _err = run("score", str(path))
    assert (code, "98.62" in out, "优" in out) == (0, True, True)


def test_a_published_text_is_read_the_same_from_utf_8_and_gbk(run: Run, tmp_path: Path) -> None:
    expected = json.loads(ACCOUNTS.with_suffix(".expected.json").read_text(encoding="utf-8"))
    path = tmp_path / "决算.txt"
    path.write_bytes(ACCOUNTS.read_text(encoding="utf-8").encode("gb18030"))
    for source in (ACCOUNTS, path):
        code, out, _err = run("read-document", str(source), "--json")
        found = json.loads(out)
        assert (code, {key: found[key] for key in expected}) == (0, expected)


def test_a_published_text_is_saved_once_however_often_it_is_read(database: str, run: Run) -> None:
    assert run("read-document", str(ACCOUNTS), "--save")[0] == 1  # before the database is migrated
    assert run("migrate")[0] == 0
    for _again in range(2):
        code, out, _err = run("read-document", str(ACCOUNTS), "--save")
        assert (code, "83.4分（第113行）" in out) == (0, True)
    engine = create_engine(database)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM published")) == 1
    engine.dispose()


@pytest.mark.parametrize("command", ["score", "read-document"])
def test_a_file_that_cannot_be_read_is_one_sentence(run: Run, tmp_path: Path, command: str) -> None:
    empty, picture, prose = tmp_path / "空.txt", tmp_path / "图.txt", tmp_path / "别的.txt"
    empty.touch()
    shutil.copy(config.ROOT / "perfmgr" / "static" / "img" / "mark.svg", picture)
    prose.write_text("今天天气很好，不谈预算。\n" * 20, encoding="utf-8")
    for path in (tmp_path / "没有.txt", tmp_path, empty, picture, prose):
        code, out, err = run(command, str(path))
        assert (code, out, len(err.strip().splitlines())) == (1, "", 1), (path, err)
        assert err.strip().endswith("。"), err

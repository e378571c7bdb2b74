"""The command ``check-targets``: three exit codes, findings as JSON or text, one sentence for what cannot be read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import config

Run = Callable[..., tuple[int, str, str]]
SHEETS = config.ROOT / "tests" / "data" / "targets"


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A place where no database could be."""
    monkeypatch.setenv("PERFMGR_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/perfmgr.db")


def test_a_sound_sheet_ends_with_nought(run: Run) -> None:
    path = SHEETS / "good-02-community-party-fund.json"
    assert run("check-targets", str(path), "--json") == (0, "[]\n", "")
    code, out, _err = run("check-targets", str(path))
    assert (code, "没有发现问题" in out, "目标质量 100 分" in out) == (0, True, True)


def test_warnings_alone_end_with_nought_and_errors_with_one(run: Run) -> None:
    code, out, _err = run("check-targets", str(SHEETS / "bad-06-execution-again.json"), "--json")
    assert (code, {entry["level"] for entry in json.loads(out)}) == (0, {"warning"})
    code, out, _err = run("check-targets", str(SHEETS / "bad-10-share-over-100.json"), "--json")
    assert (code, json.loads(out)) == (
        1,
        [
            {
                "code": "Q10",
                "level": "error",
                "field": "indicators.1.target",
                "message": "“修缮工程验收合格率”是部分占全部的比率，不能超过 100%，现在是“≥110%”。",
                "suggestion": "改为不高于 100% 的目标；考核增长的，名称请写“……增长率”。",
            }
        ],
    )


def test_people_read_place_suggestion_reason_and_what_to_change_first(run: Run) -> None:
    code, out, _err = run("check-targets", str(SHEETS / "bad-01-vague-values.json"))
    assert code == 0
    assert "最值得先改：第 3 项指标·目标值（Q03），可提高 3 分" in out or "最值得先改：" in out
    assert "[警告] Q03 第 4 项指标·目标值：" in out
    assert "建议：改为“项目总成本 ≤ 349.80 万元”。" in out
    assert "理由：" in out
    assert "无法判断：" in out


def test_another_scheme_may_be_asked_for(run: Run) -> None:
    path = str(SHEETS / "good-02-community-party-fund.json")
    code, out, _err = run("check-targets", path, "--scheme", "five-way", "--json")
    assert (code, {entry["code"] for entry in json.loads(out)} & {"Q01", "Q05"}) == (1, {"Q01", "Q05"})
    code, _out, err = run("check-targets", path, "--scheme", "nine-way")
    assert (code, err.startswith("没有名为“nine-way”的评分方案；")) == (2, True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "找不到文件"),
        (b"{", "不是 UTF-8 编码的 JSON 文件"),
        (b"{}", "没有绩效目标表"),
        (b'{"project": {"year": "x"}}', "不是年度"),
    ],
)
def test_what_cannot_be_read_ends_with_two_and_one_sentence(
    run: Run, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "表.json"
    if content is not None:
        path.write_bytes(content)
    code, out, err = run("check-targets", str(path), "--json")
    assert (code, out, sentence in err, err.count("\n")) == (2, "", True, 1)


def test_a_folder_is_no_file(run: Run, tmp_path: Path) -> None:
    code, _out, err = run("check-targets", str(tmp_path))
    assert (code, "文件夹" in err) == (2, True)

"""Files of self-evaluation sheets are scored as published by the command, or refused in one sentence."""

import json
import pathlib
from decimal import Decimal

import pytest

from perfmgr.cli import main
from perfmgr.documents.score_files import read_score_file
from perfmgr.rules.refusals import Refused
from tests.documents.score_sheets import sheet

VECTORS = pathlib.Path(__file__).parents[1] / "data" / "vectors.json"


@pytest.fixture
def file(tmp_path):
    """A function that writes a file and returns its path."""

    def write(content, name="sheet.json"):
        path = tmp_path / name
        if not isinstance(content, bytes):
            content = (content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)).encode()
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def score(file, capsys):
    """A function that scores a file by the command: exit code, results, and what is told beside them."""

    def run(content):
        path = content if isinstance(content, pathlib.Path) else file(content)
        code = main(["score", str(path), "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else None, told.err

    return run


# --- the published sheets -----------------------------------------------------------------------


def test_the_published_sheets_and_formulas_are_scored_as_published(score):
    code, results, told = score(VECTORS)
    assert [(r["id"], r["total"], r["grade"], r["execution_score"], r["differences"]) for r in results] == [
        ("TV-01", "98.62", "优", "8.62", []),
        ("TV-09", "100.00", "优", "20.00", []),
        ("TV-05", None, None, "10.00", []),
        ("F-01", "9.74", None, None, []),
        ("F-02", "8.00", None, None, []),
        ("F-03", "7.50", None, None, []),
        ("F-04", "5.00", None, None, []),
        ("F-05", "0.00", None, None, []),
        ("F-06", "0.00", None, None, []),
        ("F-07", "8.62", None, "8.62", []),
        ("F-08", "7.00", None, "7.00", []),
    ]
    assert (code, told) == (2, "")


def test_only_the_sheet_whose_weights_add_up_to_110_is_refused(score):
    _code, results, _told = score(VECTORS)
    assert {result["id"]: result["errors"] for result in results if result["errors"]} == {
        "TV-05": [{"code": "Q05", "message": "分值合计为 110 分（预算执行 10 + 指标 100），应为 100 分。"}]
    }


def test_the_first_published_sheet_is_explained_line_by_line(score):
    assert score(VECTORS)[1][0] == {
        "id": "TV-01",
        "total": "98.62",
        "grade": "优",
        "execution_score": "8.62",
        "lines": [
            {"score": "10.00", "formula": "100 ≥ 100 → 10.00", "flags": []},
            {"score": "20.00", "formula": "100 ＝ 100 → 20.00", "flags": []},
            {"score": "20.00", "formula": "达成年度指标：20 × 100% = 20.00", "flags": []},
            {"score": "30.00", "formula": "100 ＝ 100 → 30.00", "flags": []},
            {"score": "10.00", "formula": "100 ≥ 90 → 10.00", "flags": []},
        ],
        "errors": [],
        "differences": [],
    }


def test_every_formula_is_explained(score):
    formulas = [result["lines"][0]["formula"] for result in score(VECTORS)[1] if result["id"].startswith("F")]
    assert formulas == [
        "10 × 487 ÷ 500 = 9.74",
        "10 × 100 ÷ 125 = 8.00",
        "10 × max(0, 1 − (125 − 100) ÷ 100) = 7.50",
        "10 × 100 ÷ 200 = 5.00",
        "10 × max(0, 1 − (200 − 100) ÷ 100) = 0.00",
        "1 未达到 ＝ 0 → 0.00",
        "10 × min(1, 37.24 ÷ 43.20) = 8.62",
        "37.24 ÷ 43.20 所在档：10 × 70% = 7.00",
    ]


def test_the_published_marks_are_told_as_text_for_people(capsys):
    assert main(["score", str(VECTORS)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["TV-01：总分 98.62（优）", "  预算执行 8.62", "  1. 100 ≥ 100 → 10.00"]
    assert "TV-05：总分 无法确定" in lines
    assert "  ! Q05 分值合计为 110 分（预算执行 10 + 指标 100），应为 100 分。" in lines


def test_the_same_file_has_the_same_answer_each_time(score):
    assert score(VECTORS) == score(VECTORS)


# --- one entry, several, a whole file -----------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (sheet(), ["甲"]),
        ([sheet(), sheet(id="乙")], ["甲", "乙"]),
        ({"vectors": [sheet(), sheet(id="乙")]}, ["甲", "乙"]),
        ({"about": "…", "vectors": [sheet()], "formula_only": []}, ["甲"]),
        ({"vectors": None, "formula_only": [{"rule": "execution linear", "A": 1, "E": 1, "weight": 5}]}, ["F-01"]),
        ({"rule": "execution linear", "A": 1, "E": 1, "weight": 5}, [""]),
        ({"formula_only": [{"id": "自定", "rule": "execution linear", "A": 1, "E": 1, "weight": 5}]}, ["自定"]),
    ],
    ids=["one", "list", "file", "file with formulas", "formulas", "one formula", "formula with a name"],
)
def test_a_file_holds_one_entry_a_list_or_a_whole_file(score, content, ids):
    code, results, told = score(content)
    assert ([result["id"] for result in results], code, told) == (ids, 0, "")


def test_a_file_may_start_with_a_byte_order_mark(score, file):
    path = file(b"\xef\xbb\xbf" + json.dumps(sheet()).encode())
    assert score(path)[1][0]["total"] == "98.62"


def test_marks_printed_wrongly_are_told_with_the_right_ones(score):
    rows = [[">=", 100, 100, 60, 59.99], ["qual", "达成", None, 30, 30]]
    code, (result,), _told = score(sheet(exec=9, rows=rows))
    assert (code, result["total"], result["differences"]) == (
        0,
        "98.62",
        [
            {"line": "execution", "printed": "9.00", "computed": "8.62"},
            {"line": 1, "printed": "59.99", "computed": "60.00"},
        ],
    )


def test_one_bad_sheet_does_not_stop_the_others(score):
    code, results, _told = score([sheet(), sheet(id="乙", rows=[5]), sheet(id="丙")])
    assert code == 2
    assert [(result["id"], result["total"]) for result in results] == [
        ("甲", "98.62"),
        ("乙", None),
        ("丙", "98.62"),
    ]


# --- files that are no score files --------------------------------------------------------------

NO_JSON = "文件“sheet.json”不是 UTF-8 编码的 JSON 文件，请核对文件内容。\n"
NO_SHEET = "文件“sheet.json”里没有可以计分的自评表（应有 rows、A、E 等字段）。\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", NO_JSON),
        (b"not json", NO_JSON),
        (b'{"rows": [', NO_JSON),
        ("自评表".encode("gb18030"), NO_JSON),
        (b"\xff\xfe{\x00}\x00", NO_JSON),
        (b"PK\x03\x04", NO_JSON),
        (b'{"rows": [], "A": NaN}', NO_JSON),
        (b'{"rows": [], "A": Infinity}', NO_JSON),
        (b'{"rows": [], "A": -Infinity}', NO_JSON),
        (b'{"rows": [], "A": 1e99999999999999999999}', NO_JSON),
        (b'{"rows": [], "A": 01}', NO_JSON),
        (b"[" * 100_000, NO_JSON),
        (b'{"a":' * 100_000, NO_JSON),
        (b"null", NO_SHEET),
        (b"5", NO_SHEET),
        (b'"text"', NO_SHEET),
        (b"[]", NO_SHEET),
        (b"{}", NO_SHEET),
        (b"[5]", NO_SHEET),
        (b'[{"rows": []}, 5]', NO_SHEET),
        (b'{"name": "x"}', NO_SHEET),
        (b'{"vectors": []}', NO_SHEET),
        (b'{"vectors": {}}', NO_SHEET),
        (b'{"vectors": [5]}', NO_SHEET),
        (b'{"vectors": "text"}', NO_SHEET),
        (b'{"vectors": [], "formula_only": [5]}', NO_SHEET),
        (b'{"vectors": [{"rows": []}], "formula_only": ["text"]}', NO_SHEET),
    ],
    ids=lambda value: str(value[:40]) if isinstance(value, bytes) else "",
)
def test_a_file_that_holds_no_sheet_is_refused_in_one_sentence(score, content, sentence):
    assert score(content) == (1, None, sentence)


def test_a_missing_file_a_folder_and_an_impossible_path_are_told_apart(score, tmp_path, file):
    missing, below, long = tmp_path / "没有.json", file("{}") / "sheet.json", tmp_path / ("长" * 1000)
    assert score(missing) == (1, None, f"找不到文件“{missing}”，请核对路径。\n")
    assert score(below) == (1, None, f"找不到文件“{below}”，请核对路径。\n")
    assert score(tmp_path) == (1, None, f"“{tmp_path}”是一个文件夹，请给出其中的文件。\n")
    assert score(long) == (1, None, f"打不开文件“{str(long)[:80]}”，请核对文件名和读取权限。\n")


def test_a_path_that_no_system_has_is_refused_in_a_sentence():
    with pytest.raises(Refused):
        read_score_file(pathlib.Path("sheet\x00.json"))


def test_a_file_that_is_too_large_is_not_read(file, monkeypatch):
    path = file(sheet())
    monkeypatch.setattr("perfmgr.documents.score_files.LARGEST_FILE", path.stat().st_size)
    assert len(read_score_file(path)) == 1
    monkeypatch.setattr("perfmgr.documents.score_files.LARGEST_FILE", path.stat().st_size - 1)
    with pytest.raises(Refused) as refused:
        read_score_file(path)
    assert str(refused.value) == "文件“sheet.json”超过 50 MB，请分成几个文件。"


def test_numbers_are_read_exactly_and_not_through_floats(file):
    (entry,) = read_score_file(file('{"rows": [], "A": 0.1, "E": 100000000000000.01}'))
    assert (entry["A"], entry["E"]) == (Decimal("0.1"), Decimal("100000000000000.01"))


def test_a_lone_surrogate_in_a_name_does_not_break_the_output(score):
    code, (result,), _told = score(
        b'{"id": "\\ud800", "rows": [[">=", 1, 1, 90]], "A": 1, "E": 1, "scheme": "10-50-30-10"}'
    )
    assert (code, result["id"], result["total"]) == (0, "?", "100.00")

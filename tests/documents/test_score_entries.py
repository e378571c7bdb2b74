"""A sheet is scored, compared with the marks printed on it, or left without total with a sentence why."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfmgr.documents import schemes
from perfmgr.documents.score_entries import report, score_entry
from tests.documents.score_sheets import scored, sheet

KNOWN = "10-20-40-20-10、10-50-30-10、20-80、department-six、five-way"


def errors(entry):
    result = scored(entry)
    assert (result["total"], result["grade"]) == (None, None)
    return [(error["code"], error["message"]) for error in result["errors"]]


# --- rows ---------------------------------------------------------------------------------------


def test_numbers_may_be_text_and_rows_may_be_objects():
    rows = [
        {"sign": "≥", "target": "１００％", "actual": "100", "weight": "60", "marks": "60.00"},
        {"sign": "定性", "target": "达成年度指标", "share": "0.9", "weight": 30, "marks": 27},
    ]
    result = scored(sheet(A="250,000", E="215457.60", wE="10", exec="8.62", rows=rows))
    assert (result["total"], result["differences"], result["errors"]) == ("95.62", [], [])


@pytest.mark.parametrize(("share", "total"), [(0, "70.00"), (1, "100.00"), ("0.5", "85.00")])
def test_a_share_is_anything_from_nothing_to_all(share, total):
    rows = [[">=", 1, 1, 60], {"sign": "qual", "weight": 30, "share": share}]
    assert scored(sheet(A=1, E=1, rows=rows))["total"] == total


def test_weights_may_have_two_decimals():
    rows = [[">=", 1, 1, "33.33"], ["<=", 1, 1, 33.34], ["qual", "达成", None, 23.33]]
    result = scored(sheet(A=1, E=1, exec=10, rows=rows))
    assert (result["total"], result["errors"], result["differences"]) == ("100.00", [], [])


def test_a_row_may_be_left_without_printed_marks():
    result = scored(sheet(rows=[[">=", 100, 100, 60], ["qual", "达成", None, 30]]))
    assert (result["total"], result["differences"]) == ("98.62", [])


def test_a_row_may_have_a_rule_of_its_own():
    rule = {"type": "steps", "start": 90, "step": 5, "deduct": 1}
    rows = [{"sign": "ge", "target": 90, "actual": 84, "weight": 10, "rule": rule, "marks": 9}]
    result = scored(sheet(wE=90, rows=rows))
    assert result["lines"] == [{"score": "9.00", "formula": "max(0, 10 − 1 × 1) = 9.00", "flags": ["short"]}]


def test_the_weight_of_execution_is_the_schemes_when_it_is_left_out():
    entry = sheet()
    del entry["wE"]
    assert scored(entry)["total"] == "98.62"


def test_a_line_that_does_not_apply_hands_its_marks_on():
    rows = [
        {"sign": "ge", "target": 100, "actual": 100, "weight": 60},
        {"sign": "ge", "target": 100, "weight": 30, "not_applicable": True},
    ]
    result = scored(sheet(A=100, E=100, exec=None, rows=rows))
    assert (result["total"], result["execution_score"], result["lines"], result["errors"]) == (
        "100.00",
        "14.29",
        [
            {"score": "85.71", "formula": "100 ≥ 100 → 85.71", "flags": ["rescaled"]},
            {"score": None, "formula": "—", "flags": ["not_applicable"]},
        ],
        [],
    )


def test_a_file_may_carry_its_own_scheme():
    (data,) = [data for data in schemes.built_in() if data["code"] == "10-50-30-10"]
    entry = sheet(
        scheme="",
        scheme_data={**data, "reverse": "linear"},
        rows=[["<=", 100, 125, 60, 45], ["qual", "达成", None, 30, 30]],
    )
    result = scored(entry)
    assert (result["total"], result["differences"], result["errors"]) == ("83.62", [], [])


# --- differences --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "differences"),
    [
        ([["=", 43.2, 37.24, 10, 9]], [{"line": 1, "printed": "9.00", "computed": "8.62"}]),
        ([["=", 43.2, 37.24, 10, 8.62]], []),
        ([["=", 43.2, 37.24, 10, 8.615]], []),
        ([["=", 43.2, 37.24, 10, 8.6149]], [{"line": 1, "printed": "8.61", "computed": "8.62"}]),
        ([["=", 43.2, None, 10, 9]], [{"line": 1, "printed": "9.00", "computed": None}]),
        ([["=", 43.2, None, 10, 0]], [{"line": 1, "printed": "0.00", "computed": None}]),
    ],
)
def test_printed_marks_are_compared_to_the_hundredth(rows, differences):
    assert scored(sheet(wE=90, exec=None, rows=rows))["differences"] == differences


def test_a_sheet_whose_weights_do_not_add_up_still_shows_its_lines_and_differences():
    result = scored(sheet(rows=[[">=", 500, 487, 60, 60]]))
    assert result["lines"] == [{"score": "58.44", "formula": "60 × 487 ÷ 500 = 58.44", "flags": ["short"]}]
    assert result["differences"] == [{"line": 1, "printed": "60.00", "computed": "58.44"}]
    assert result["errors"] == [{"code": "Q05", "message": "分值合计为 70 分（预算执行 10 + 指标 60），应为 100 分。"}]


def test_a_formula_whose_marks_are_printed_wrongly_is_told():
    result = scored({"rule": "forward", "target": 500, "actual": 487, "weight": 10, "score": "9.75"})
    assert (result["total"], result["differences"]) == (
        "9.74",
        [{"line": 1, "printed": "9.75", "computed": "9.74"}],
    )


def test_results_are_written_as_text_for_people():
    wrong = scored(sheet(rows=[[">=", 500, 487, 60, 60], ["qual", "达成", None, 30, 30]]))
    missing = scored(sheet(id="", rows=[[">=", 500, None, 90, 90]]))
    assert report([wrong, missing]).splitlines() == [
        "甲：总分 97.06（优）",
        "  预算执行 8.62",
        "  1. 60 × 487 ÷ 500 = 58.44  [short]",
        "  2. 达成年度指标：30 × 100% = 30.00",
        "  ≠ 1：表上 60.00，重算 58.44",
        "自评表：总分 无法确定",
        "  预算执行 8.62",
        "  1. —  [missing]",
        "  ! Q23 第 1 行还没有可以计分的实际值，总分无法确定。",
        "  ≠ 1：表上 90.00，重算 None",
    ]


# --- sheets that cannot be scored ---------------------------------------------------------------

NO_NUMBER = "“{}”的值“{}”不是数字，请核对。"
NO_VALUE = "{}还没有可以计分的实际值，总分无法确定。"
BAD_ROW = "第 {} 行应为“符号、目标、实际、分值、得分”五项。"
BAD_RULE = "评分规则写得不完整：分档要有下限（或上限）和比例，扣分要有步长和每步扣分，请核对后再保存。"
QUAL = ["qual", "达成", None, 30, 30]


@pytest.mark.parametrize(
    ("rows", "code", "message"),
    [
        ([[">=", 100, None, 60, 60], QUAL], "Q23", NO_VALUE.format("第 1 行")),
        ([[">=", 100, "", 60, 60], QUAL], "Q23", NO_VALUE.format("第 1 行")),
        ([[">=", None, 5, 60, 60], QUAL], "Q23", NO_VALUE.format("第 1 行")),
        ([[">=", 100, None, 60], ["qual", "及时", None, 30]], "Q23", NO_VALUE.format("第 1、2 行")),
        ([["qual", "部分达成", None, 90]], "Q23", NO_VALUE.format("第 1 行")),
        ([], "ROW", "自评表没有指标行。"),
        (None, "ROW", "自评表没有指标行。"),
        ({}, "ROW", "自评表没有指标行。"),
        ("text", "ROW", "自评表没有指标行。"),
        (5, "ROW", "自评表没有指标行。"),
        ([QUAL, 5], "ROW", BAD_ROW.format(2)),
        ([QUAL, "text"], "ROW", BAD_ROW.format(2)),
        ([QUAL, None], "ROW", BAD_ROW.format(2)),
        ([[">=", 100, 100]], "ROW", BAD_ROW.format(1)),
        ([[">=", 100, 100, 60, 60, 60]], "ROW", BAD_ROW.format(1)),
        ([[]], "ROW", BAD_ROW.format(1)),
        ([{}], "Q02", "第 1 行的符号“None”无法识别。"),
        ([["约", 100, 100, 60]], "Q02", "第 1 行的符号“约”无法识别。"),
        ([[None, 100, 100, 60]], "Q02", "第 1 行的符号“None”无法识别。"),
        ([[[], 100, 100, 60]], "Q02", "第 1 行的符号“[]”无法识别。"),
        ([[">=", 100, 100, None]], "Q05", "第 1 行没有分值，请填写不小于 0 的分值。"),
        ([[">=", 100, 100, -1]], "Q05", "“第 1 行分值”不能是负数，现在是“-1”。"),
        ([[">=", 100, 100, 33.333]], "Q05", "“第 1 行分值”最多两位小数，现在是“33.333”。"),
        (
            [[">=", 100, 100, "-" + "1" * 20 + "." + "0" * 6]],
            "VALUE",
            NO_NUMBER.format("第 1 行分值", "-" + "1" * 20 + ".000000"),
        ),
        ([["大" * 20, 100, 100, 60]], "Q02", "第 1 行的符号“" + "大" * 10 + "”无法识别。"),
        ([[">=", 1e-30, 100, 60]], "Q05", "分值合计为 70 分（预算执行 10 + 指标 60），应为 100 分。"),
        ([[">=", 1e-31, 100, 60]], "VALUE", NO_NUMBER.format("第 1 行目标值", "1E-31")),
        ([[">=", 100, 100, "六十"]], "VALUE", NO_NUMBER.format("第 1 行分值", "六十")),
        ([[">=", 100, "完成", 60]], "VALUE", NO_NUMBER.format("第 1 行实际值", "完成")),
        ([[">=", "≥100", 100, 60]], "VALUE", NO_NUMBER.format("第 1 行目标值", "≥100")),
        ([[">=", 100, True, 60]], "VALUE", NO_NUMBER.format("第 1 行实际值", "True")),
        ([[">=", 100, [100], 60]], "VALUE", NO_NUMBER.format("第 1 行实际值", "[Decimal('100')]")),
        ([[">=", 100, "NaN", 60]], "VALUE", NO_NUMBER.format("第 1 行实际值", "NaN")),
        ([[">=", 100, "1e3", 60]], "VALUE", NO_NUMBER.format("第 1 行实际值", "1e3")),
        ([[">=", 100, 1e300, 60]], "VALUE", NO_NUMBER.format("第 1 行实际值", "1E+300")),
        ([[">=", 1e-300, 100, 60]], "VALUE", NO_NUMBER.format("第 1 行目标值", "1E-300")),
        ([[">=", 10**18, 100, 60]], "VALUE", NO_NUMBER.format("第 1 行目标值", "1" + "0" * 18)),
        ([[">=", 100, "9" * 500, 60]], "VALUE", NO_NUMBER.format("第 1 行实际值", "9" * 40)),
        ([[">=", 100, 100, 60, "满分"]], "VALUE", NO_NUMBER.format("第 1 行得分", "满分")),
        ([{"sign": "ge", "weight": 90, "rule": "bands"}], "RULE", BAD_RULE),
        ([{"sign": "ge", "weight": 90, "rule": ["bands"]}], "RULE", BAD_RULE),
        ([{"sign": "ge", "weight": 90, "rule": {"type": "steps", "step": 0, "deduct": 1}}], "RULE", BAD_RULE),
        (
            [{"sign": "qual", "target": "达成", "weight": 90, "share": 1.01}],
            "Q24",
            "“第 1 行比例”应在 0 到 1 之间，现在是“1.01”。",
        ),
        (
            [{"sign": "qual", "target": "达成", "weight": 90, "share": "80%"}],
            "Q24",
            "“第 1 行比例”应在 0 到 1 之间，现在是“80%”。",
        ),
    ],
    ids=str,
)
def test_a_sheet_that_cannot_be_scored_has_no_total_and_one_sentence(rows, code, message):
    assert errors(sheet(rows=rows)) == [(code, message)]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"scheme": "no-such"}, "SCHEME", f"没有名为“no-such”的评分方案；可用的方案有：{KNOWN}。"),
        ({"scheme": None}, "SCHEME", f"没有名为“”的评分方案；可用的方案有：{KNOWN}。"),
        ({"scheme": ["20-80"]}, "SCHEME", f"没有名为“['20-80']”的评分方案；可用的方案有：{KNOWN}。"),
        ({"A": None}, "Q23", NO_VALUE.format("预算数或执行数")),
        ({"E": None}, "Q23", NO_VALUE.format("预算数或执行数")),
        ({"A": "二十万"}, "VALUE", NO_NUMBER.format("A", "二十万")),
        ({"E": {}}, "VALUE", NO_NUMBER.format("E", "{}")),
        ({"A": -1}, "Q29", "“A”不能是负数，现在是“-1”。"),
        ({"A": 0}, "Q29", "全年预算数为 0 而执行数不为 0，请核对预算与执行数据。"),
        ({"wE": -10}, "Q05", "“wE”不能是负数，现在是“-10”。"),
        ({"wE": "10.001"}, "Q05", "“wE”最多两位小数，现在是“10.001”。"),
        ({"wE": 20}, "Q05", "分值合计为 110 分（预算执行 20 + 指标 90），应为 100 分。"),
        ({"wE": 0}, "Q05", "分值合计为 90 分（预算执行 0 + 指标 90），应为 100 分。"),
        ({"exec": "满分"}, "VALUE", NO_NUMBER.format("exec", "满分")),
        ({"scheme_data": "10-50-30-10"}, "SCHEME", "“scheme”的写法不对，请对照内置方案填写。"),
    ],
    ids=str,
)
def test_wrong_figures_around_the_rows_are_told_first(changes, code, message):
    assert errors(sheet(**changes))[0] == (code, message)


def test_a_budget_of_nothing_without_spending_hands_its_marks_on():
    result = scored(sheet(A=0, E=0, exec=None))
    assert (result["total"], result["execution_score"], result["errors"]) == ("100.00", None, [])


def test_negative_spending_counts_as_none():
    assert scored(sheet(E=-5, exec=None))["total"] == "90.00"


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        ({"rule": "forward", "target": 5, "weight": 10}, "Q23", NO_VALUE.format("第 1 行")),
        ({"rule": "execution linear", "A": 5, "weight": 10}, "Q23", NO_VALUE.format("预算数或执行数")),
        ({"rule": "forward", "target": 5, "actual": 5}, "Q05", "第 1 行没有分值，请填写不小于 0 的分值。"),
        ({"rule": "forward", "target": 5, "actual": 5, "weight": -1}, "Q05", "“weight”不能是负数，现在是“-1”。"),
        ({"rule": "cubic", "weight": 10}, "RULE", "规则名“cubic”无法识别。"),
        ({"rule": ["forward"], "weight": 10}, "RULE", "规则名“['forward']”无法识别。"),
        ({"weight": 10}, "RULE", "规则名“”无法识别。"),
        (
            {"rule": "forward", "target": 5, "actual": 5, "weight": 10, "score": "满分"},
            "VALUE",
            NO_NUMBER.format("score", "满分"),
        ),
        ({"rule": "forward", "target": "x", "weight": 10}, "VALUE", NO_NUMBER.format("target", "x")),
    ],
    ids=str,
)
def test_a_formula_that_cannot_be_computed_has_no_marks_and_one_sentence(entry, code, message):
    assert errors(entry) == [(code, message)]


def test_figures_too_far_apart_are_refused_in_a_sentence():
    (data,) = [data for data in schemes.built_in() if data["code"] == "10-50-30-10"]
    uncapped = {**data, "execution": {"weight": 10, "cap": False}}
    assert errors(sheet(scheme_data=uncapped, A="0.000000000001", E="99999999999999999")) == [
        ("VALUE", "表中的数字相差过大，无法计算，请核对。")
    ]


# --- anything at all ----------------------------------------------------------------------------

numbers = st.one_of(
    st.integers(-(10**30), 10**30).map(Decimal),
    st.sampled_from(["1E+999", "1E-999", "1E-25", "0E-50", "-0", "1E+17", "0.1", "100", "10", "90"]).map(Decimal),
)
simple = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.text(max_size=5),
    st.sampled_from([">=", "<=", "=", "qual", "达成", "100%", "NaN"]),
)
anything = st.recursive(
    simple,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
signs = st.sampled_from([">=", ">", "=", "<", "<=", "qual"])
rules = st.one_of(
    anything,
    st.fixed_dictionaries({"type": st.just("steps"), "step": simple, "deduct": simple}, optional={"start": simple}),
    st.fixed_dictionaries(
        {
            "type": st.just("bands"),
            "bands": st.lists(st.fixed_dictionaries({"bound": simple, "share": simple}), max_size=3),
        }
    ),
)
lines = st.one_of(
    anything,
    st.tuples(signs, simple, simple, simple, simple).map(list),
    st.fixed_dictionaries(
        {"sign": signs, "target": simple, "weight": simple},
        optional={"actual": simple, "share": simple, "rule": rules, "not_applicable": simple, "marks": simple},
    ),
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "id": anything,
        "rows": st.one_of(anything, st.lists(lines, max_size=5)),
        "scheme": st.one_of(anything, st.sampled_from(["10-50-30-10", "10-20-40-20-10", "20-80"])),
        "scheme_data": anything,
        "A": anything,
        "E": anything,
        "wE": anything,
        "exec": anything,
        "rule": st.one_of(
            anything, st.sampled_from(["forward", "reverse linear", "equal", "execution", "execution band"])
        ),
        "weight": anything,
        "target": anything,
        "actual": anything,
        "score": anything,
    },
)


@settings(deadline=None, max_examples=200, derandomize=True, suppress_health_check=list(HealthCheck))
@given(entries)
def test_whatever_an_entry_holds_it_is_scored_or_refused_and_can_be_printed(entry):
    result = score_entry(entry)
    assert json.loads(json.dumps(result)) == result
    assert len(report([result])) < 20_000
    assert not result["errors"] or (result["total"], result["grade"]) == (None, None)
    if result["total"] is not None and "rows" in entry:
        assert 0 <= Decimal(result["total"]) <= 100


@pytest.mark.parametrize("key", ["id", "scheme", "A", "E", "wE", "exec", "rule", "rows"])
@pytest.mark.parametrize("piece", ["1", "1,", " ", "９", "万元", "\n", "%"])
def test_a_hostile_text_anywhere_is_answered_in_a_moment(key, piece):
    text = piece * (100_000 // len(piece)) + "!"
    rows = [[">=", text, text, text, text]] if key == "rows" else sheet()["rows"]
    entry = {**sheet(), "rows": rows, **({} if key == "rows" else {key: text})}
    begun = time.perf_counter()
    score_entry(entry)
    assert time.perf_counter() - begun < 2

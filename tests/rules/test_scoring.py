"""Marks of single lines, of budget execution and of whole sheets, each with its explanation."""

import dataclasses

import pytest

from perfmgr.rules.indicators import Band, LineRule
from perfmgr.rules.scoring import FLAGS, Row, effective_weights, score_execution, score_line, score_sheet
from tests.rules.sheets import BANDED, EXACT, LINEAR, SCHEME, D, qualitative, quantitative

UNCAPPED = dataclasses.replace(SCHEME, execution=dataclasses.replace(SCHEME.execution, cap=False))
STRICT_ZERO = dataclasses.replace(SCHEME, execution=dataclasses.replace(SCHEME.execution, when_empty="zero"))


def marks(scheme, row):
    line = score_line(scheme, row)
    return None if line.score is None else f"{line.score:.2f}", line.flags, line.formula


@pytest.mark.parametrize(
    ("sign", "target", "actual", "score", "flags", "formula"),
    [
        ("ge", 500, 487, "9.74", ("short",), "10 × 487 ÷ 500 = 9.74"),
        ("ge", 500, 500, "10.00", (), "500 ≥ 500 → 10.00"),
        ("ge", 500, "599.99", "10.00", (), "599.99 ≥ 500 → 10.00"),
        ("ge", 500, 600, "10.00", ("over",), "600 ≥ 500 → 10.00"),
        ("ge", 500, "649.99", "10.00", ("over",), "649.99 ≥ 500 → 10.00"),
        ("ge", 500, 650, "10.00", ("over", "explain"), "650 ≥ 500 → 10.00"),
        ("ge", 6, 12, "10.00", ("over", "explain"), "12 ≥ 6 → 10.00"),
        ("ge", 3, 1, "3.33", ("short",), "10 × 1 ÷ 3 = 3.33"),
        ("ge", 3, 2, "6.67", ("short",), "10 × 2 ÷ 3 = 6.67"),
        ("ge", 400, "17.9", "0.45", ("short",), "10 × 17.9 ÷ 400 = 0.45"),
        ("ge", 500, 1, "0.02", ("short",), "10 × 1 ÷ 500 = 0.02"),
        ("ge", "0.5", "0.25", "5.00", ("short",), "10 × 0.25 ÷ 0.5 = 5.00"),
        ("ge", "0.5", 1, "10.00", ("over", "explain"), "1 ≥ 0.5 → 10.00"),
        ("ge", 500, 0, "0.00", ("short",), "0 未达到 ≥ 500 → 0.00"),
        ("ge", 500, -1, "0.00", ("short", "negative"), "-1 未达到 ≥ 500 → 0.00"),
        ("ge", 0, 0, "10.00", ("zero_target",), "0 ≥ 0 → 10.00"),
        ("ge", 0, 5, "10.00", ("zero_target",), "5 ≥ 0 → 10.00"),
        ("ge", 0, -5, "0.00", ("short", "negative"), "-5 未达到 ≥ 0 → 0.00"),
        ("ge", -5, -5, "10.00", (), "-5 ≥ -5 → 10.00"),
        ("ge", -5, -6, "0.00", ("short", "negative"), "-6 未达到 ≥ -5 → 0.00"),
        ("gt", 500, 487, "9.74", ("short",), "10 × 487 ÷ 500 = 9.74"),
        ("gt", 500, 500, "10.00", ("strict",), "500 ＝ 500 → 10.00"),
        ("gt", 0, 0, "0.00", ("short", "zero_target"), "0 未达到 ＞ 0 → 0.00"),
        ("gt", 500, 501, "10.00", (), "501 ＞ 500 → 10.00"),
        ("gt", 500, 600, "10.00", ("over",), "600 ＞ 500 → 10.00"),
        ("eq", 100, 100, "10.00", (), "100 ＝ 100 → 10.00"),
        ("eq", 100, 105, "10.00", (), "105 ＞ 100 → 10.00"),
        ("eq", 100, 130, "10.00", ("over", "explain"), "130 ＞ 100 → 10.00"),
        ("eq", 100, 98, "9.80", ("short",), "10 × 98 ÷ 100 = 9.80"),
        ("eq", 100, -1, "0.00", ("short", "negative"), "-1 未达到 ＝ 100 → 0.00"),
        ("eq", "0.5", "0.25", "5.00", ("short",), "10 × 0.25 ÷ 0.5 = 5.00"),
        ("eq", 0, 0, "10.00", ("zero_target",), "0 ＝ 0 → 10.00"),
        ("eq", 0, 1, "0.00", ("zero_target", "short"), "1 未达到 ＝ 0 → 0.00"),
        ("eq", 0, -1, "10.00", ("zero_target",), "-1 ＜ 0 → 10.00"),
        ("eq", -5, -5, "10.00", (), "-5 ＝ -5 → 10.00"),
        ("eq", -5, -4, "0.00", ("short",), "-4 未达到 ＝ -5 → 0.00"),
        ("le", 100, 100, "10.00", (), "100 ≤ 100 → 10.00"),
        ("le", 100, 20, "10.00", (), "20 ≤ 100 → 10.00"),
        ("le", 100, -1, "10.00", ("negative",), "-1 ≤ 100 → 10.00"),
        ("le", 100, 125, "8.00", ("short",), "10 × 100 ÷ 125 = 8.00"),
        ("le", 100, 200, "5.00", ("short",), "10 × 100 ÷ 200 = 5.00"),
        ("le", "0.5", 1, "5.00", ("short",), "10 × 0.5 ÷ 1 = 5.00"),
        ("le", 100, 300, "3.33", ("short",), "10 × 100 ÷ 300 = 3.33"),
        ("le", 0, 0, "10.00", (), "0 ≤ 0 → 10.00"),
        ("le", 0, 1, "0.00", ("short", "zero_target"), "1 未达到 ≤ 0 → 0.00"),
        ("le", -5, -4, "0.00", ("short",), "-4 未达到 ≤ -5 → 0.00"),
        ("lt", 100, "99.99", "10.00", (), "99.99 ＜ 100 → 10.00"),
        ("lt", 100, 100, "10.00", ("strict",), "100 ＝ 100 → 10.00"),
        ("lt", 100, 125, "8.00", ("short",), "10 × 100 ÷ 125 = 8.00"),
    ],
)
def test_a_quantitative_line_follows_its_sign(sign, target, actual, score, flags, formula):
    assert marks(SCHEME, quantitative(sign, target, actual)) == (score, flags, formula)


@pytest.mark.parametrize(
    ("target", "actual", "score", "flags", "formula"),
    [
        (100, 100, "10.00", (), "100 ≤ 100 → 10.00"),
        (100, 125, "7.50", ("short",), "10 × max(0, 1 − (125 − 100) ÷ 100) = 7.50"),
        (100, "199.95", "0.01", ("short",), "10 × max(0, 1 − (199.95 − 100) ÷ 100) = 0.01"),
        (100, 200, "0.00", ("short",), "10 × max(0, 1 − (200 − 100) ÷ 100) = 0.00"),
        (100, 500, "0.00", ("short",), "10 × max(0, 1 − (500 − 100) ÷ 100) = 0.00"),
        (0, 1, "0.00", ("short", "zero_target"), "1 未达到 ≤ 0 → 0.00"),
    ],
)
def test_a_reverse_line_may_lose_marks_by_the_excess(target, actual, score, flags, formula):
    assert marks(LINEAR, quantitative("le", target, actual)) == (score, flags, formula)


@pytest.mark.parametrize(
    ("target", "actual", "score", "flags", "formula"),
    [
        (100, 100, "10.00", (), "100 ＝ 100 → 10.00"),
        (100, 101, "0.00", ("short",), "101 未达到 ＝ 100 → 0.00"),
        (100, 99, "0.00", ("short",), "99 未达到 ＝ 100 → 0.00"),
        (0, 0, "10.00", ("zero_target",), "0 ＝ 0 → 10.00"),
        (0, -1, "0.00", ("zero_target", "short"), "-1 未达到 ＝ 0 → 0.00"),
    ],
)
def test_an_equal_line_may_have_to_be_met_exactly(target, actual, score, flags, formula):
    assert marks(EXACT, quantitative("eq", target, actual)) == (score, flags, formula)


@pytest.mark.parametrize(
    ("tier", "share", "score", "flags", "formula"),
    [
        ("达成", None, "20.00", (), "达成年度指标：20 × 100% = 20.00"),
        ("achieved", "0.8", "16.00", (), "达成年度指标：20 × 80% = 16.00"),
        ("达成年度指标", "0.925", "18.50", (), "达成年度指标：20 × 92.5% = 18.50"),
        ("达成", "0.79", "15.80", ("outside_tier",), "达成年度指标：20 × 79% = 15.80"),
        ("部分达成", None, None, ("tier_share",), "部分达成年度指标并具有一定效果"),
        ("部分达成", "0.7", "14.00", ("short",), "部分达成年度指标并具有一定效果：20 × 70% = 14.00"),
        ("部分达成", "0.6", "12.00", ("short",), "部分达成年度指标并具有一定效果：20 × 60% = 12.00"),
        ("部分达成", "0.8", "16.00", ("outside_tier", "short"), "部分达成年度指标并具有一定效果：20 × 80% = 16.00"),
        ("未达成", "0", "0.00", ("short",), "未达成年度指标且效果较差：20 × 0% = 0.00"),
        ("未达成", "0.6", "12.00", ("outside_tier", "short"), "未达成年度指标且效果较差：20 × 60% = 12.00"),
        ("", "0.85", "17.00", (), "达成年度指标：20 × 85% = 17.00"),
        ("", "0.59", "11.80", ("short",), "未达成年度指标且效果较差：20 × 59% = 11.80"),
        ("", None, None, ("missing",), "—"),
        ("及时", None, None, ("missing",), "—"),
        ("及时", "0.9", None, ("missing",), "—"),
    ],
)
def test_a_qualitative_line_has_the_share_of_its_tier(tier, share, score, flags, formula):
    assert marks(SCHEME, qualitative(tier, share, weight=20)) == (score, flags, formula)


SATISFACTION = LineRule("steps", start=D(90), step=D(5), deduct=D(1))
COST = LineRule("bands", (Band(D(10), D(1)), Band(D(15), D("0.6")), Band(D(20), D("0.2"))), absolute=True)
SURVEY = LineRule("bands", (Band(D(90), D(1)), Band(D(80), D("0.8")), Band(D(60), D("0.5"))))


@pytest.mark.parametrize(
    ("rule", "sign", "target", "actual", "score", "flags", "formula"),
    [
        (SATISFACTION, "ge", 90, 95, "10.00", (), "max(0, 10 − 0 × 1) = 10.00"),
        (SATISFACTION, "ge", 90, 90, "10.00", (), "max(0, 10 − 0 × 1) = 10.00"),
        (SATISFACTION, "ge", 90, "89.5", "10.00", ("short",), "max(0, 10 − 0 × 1) = 10.00"),
        (
            dataclasses.replace(SATISFACTION, deduct=D("0.5")),
            "ge",
            90,
            78,
            "9.00",
            ("short",),
            "max(0, 10 − 2 × 0.5) = 9.00",
        ),
        (SATISFACTION, "ge", 90, "85.01", "10.00", ("short",), "max(0, 10 − 0 × 1) = 10.00"),
        (SATISFACTION, "ge", 90, 85, "9.00", ("short",), "max(0, 10 − 1 × 1) = 9.00"),
        (SATISFACTION, "ge", 90, 41, "1.00", ("short",), "max(0, 10 − 9 × 1) = 1.00"),
        (SATISFACTION, "ge", 90, 10, "0.00", ("short",), "max(0, 10 − 16 × 1) = 0.00"),
        (dataclasses.replace(SATISFACTION, start=None), "ge", 80, 74, "9.00", ("short",), "max(0, 10 − 1 × 1) = 9.00"),
        (dataclasses.replace(SATISFACTION, start=None), "ge", None, 74, None, ("no_target",), "—"),
        (dataclasses.replace(SATISFACTION, start=None), "le", 5, 16, "8.00", ("short",), "max(0, 10 − 2 × 1) = 8.00"),
        (COST, "le", 10, 10, "10.00", (), "10 所在档：10 × 100% = 10.00"),
        (COST, "le", 10, -10, "10.00", (), "10 所在档：10 × 100% = 10.00"),
        (COST, "le", 10, "-10.01", "6.00", ("short",), "10.01 所在档：10 × 60% = 6.00"),
        (COST, "le", 10, 20, "2.00", ("short",), "20 所在档：10 × 20% = 2.00"),
        (COST, "le", 10, "20.01", "0.00", ("short",), "20.01 所在档：10 × 0% = 0.00"),
        (SURVEY, "ge", 90, 90, "10.00", (), "90 所在档：10 × 100% = 10.00"),
        (SURVEY, "ge", 90, "89.99", "8.00", ("short",), "89.99 所在档：10 × 80% = 8.00"),
        (SURVEY, "ge", None, 60, "5.00", ("short",), "60 所在档：10 × 50% = 5.00"),
        (SURVEY, "ge", 90, "59.99", "0.00", ("short",), "59.99 所在档：10 × 0% = 0.00"),
        (LineRule("direct"), "ge", 100, 100, "10.00", (), "100 ≥ 100 → 10.00"),
        (LineRule("direct"), "ge", 100, "99.99", "0.00", ("short",), "99.99 未达到 ≥ 100 → 0.00"),
        (LineRule("direct"), "gt", 100, 100, "0.00", ("short",), "100 未达到 ＞ 100 → 0.00"),
        (LineRule("direct"), "eq", 100, 101, "0.00", ("short",), "101 未达到 ＝ 100 → 0.00"),
        (LineRule("direct"), "lt", 100, 100, "0.00", ("short",), "100 未达到 ＜ 100 → 0.00"),
        (LineRule("direct"), "le", 100, 100, "10.00", (), "100 ≤ 100 → 10.00"),
        (LineRule("direct"), "le", None, 100, None, ("no_target",), "—"),
        (SATISFACTION, "ge", 90, None, None, ("missing",), "—"),
        (COST, "le", 10, None, None, ("missing",), "—"),
        (LineRule("direct"), "ge", 90, None, None, ("missing",), "—"),
    ],
)
def test_a_line_may_have_a_rule_of_its_own(rule, sign, target, actual, score, flags, formula):
    assert marks(SCHEME, quantitative(sign, target, actual, rule=rule)) == (score, flags, formula)


def test_a_qualitative_line_has_no_other_rule():
    assert marks(SCHEME, qualitative("达成", rule=LineRule("direct"))) == marks(SCHEME, qualitative("达成"))


@pytest.mark.parametrize("sign", ["ge", "gt", "eq", "le", "lt"])
@pytest.mark.parametrize("scheme", [SCHEME, LINEAR, EXACT, BANDED])
def test_a_line_without_actual_or_target_has_no_marks_and_not_zero(scheme, sign):
    assert marks(scheme, quantitative(sign, 5, None)) == (None, ("missing",), "—")
    assert marks(scheme, quantitative(sign, None, 5)) == (None, ("no_target",), "—")
    assert marks(scheme, quantitative(sign, None, None)) == (None, ("no_target",), "—")
    assert marks(scheme, quantitative(sign, 5, 5, not_applicable=True)) == (None, ("not_applicable",), "—")


def test_the_weight_may_be_another_than_the_lines_own():
    line = score_line(SCHEME, quantitative("ge", 500, 487), D("11.11"))
    assert line.as_dict() == {
        "score": "10.82",
        "weight": "11.11",
        "formula": "11.11 × 487 ÷ 500 = 10.82",
        "flags": ["short"],
    }


def executed(scheme, budget, spent, weight=None):
    line = score_execution(
        scheme, None if budget is None else D(budget), None if spent is None else D(spent), weight and D(weight)
    )
    return None if line.score is None else f"{line.score:.2f}", line.flags, line.formula


@pytest.mark.parametrize(
    ("scheme", "budget", "spent", "score", "flags", "formula"),
    [
        (SCHEME, "250000", "215457.6", "8.62", ("low_rate",), "10 × min(1, 215,457.60 ÷ 250,000.00) = 8.62"),
        (SCHEME, "20000", "9034", "4.52", ("low_rate",), "10 × min(1, 9,034.00 ÷ 20,000.00) = 4.52"),
        (SCHEME, "43.2", "37.24", "8.62", ("low_rate",), "10 × min(1, 37.24 ÷ 43.20) = 8.62"),
        (SCHEME, "100", "89.99", "9.00", ("low_rate",), "10 × min(1, 89.99 ÷ 100.00) = 9.00"),
        (SCHEME, "100", "90", "9.00", (), "10 × min(1, 90.00 ÷ 100.00) = 9.00"),
        (SCHEME, "100", "100", "10.00", (), "10 × min(1, 100.00 ÷ 100.00) = 10.00"),
        (SCHEME, "100", "120", "10.00", ("capped",), "10 × min(1, 120.00 ÷ 100.00) = 10.00"),
        (SCHEME, "100", "0", "0.00", ("low_rate",), "10 × min(1, 0.00 ÷ 100.00) = 0.00"),
        (SCHEME, "100", "-5", "0.00", ("negative", "low_rate"), "10 × min(1, 0.00 ÷ 100.00) = 0.00"),
        (UNCAPPED, "100", "120", "12.00", (), "10 × 120.00 ÷ 100.00 = 12.00"),
        (UNCAPPED, "100", "-5", "0.00", ("negative", "low_rate"), "10 × 0.00 ÷ 100.00 = 0.00"),
        (BANDED, "43.2", "37.24", "7.00", ("low_rate",), "37.24 ÷ 43.20 所在档：10 × 70% = 7.00"),
        (BANDED, "100", "100", "10.00", (), "100.00 ÷ 100.00 所在档：10 × 100% = 10.00"),
        (BANDED, "100", "120", "10.00", ("capped",), "120.00 ÷ 100.00 所在档：10 × 100% = 10.00"),
        (BANDED, "100", "99.99", "7.00", (), "99.99 ÷ 100.00 所在档：10 × 70% = 7.00"),
        (BANDED, "100", "80", "7.00", ("low_rate",), "80.00 ÷ 100.00 所在档：10 × 70% = 7.00"),
        (BANDED, "100", "79.99", "5.00", ("low_rate",), "79.99 ÷ 100.00 所在档：10 × 50% = 5.00"),
        (BANDED, "100", "60", "5.00", ("low_rate",), "60.00 ÷ 100.00 所在档：10 × 50% = 5.00"),
        (BANDED, "100", "59.99", "0.00", ("low_rate",), "59.99 ÷ 100.00 所在档：10 × 0% = 0.00"),
        (BANDED, "100", "-5", "0.00", ("negative", "low_rate"), "0.00 ÷ 100.00 所在档：10 × 0% = 0.00"),
        (SCHEME, "0", "0", None, ("zero_denominator",), "0 ÷ 0"),
        (SCHEME, "0", "5", None, ("zero_denominator",), "5 ÷ 0"),
        (SCHEME, "-1", "5", None, ("zero_denominator",), "5 ÷ -1"),
        (STRICT_ZERO, "0", "0", "0.00", ("zero_denominator",), "0 ÷ 0"),
        (SCHEME, None, "5", None, ("missing",), "—"),
        (SCHEME, "5", None, None, ("missing",), "—"),
        (STRICT_ZERO, None, None, None, ("missing",), "—"),
    ],
)
def test_budget_execution_earns_its_share_of_the_marks(scheme, budget, spent, score, flags, formula):
    assert executed(scheme, budget, spent) == (score, flags, formula)


def test_budget_execution_may_have_another_weight():
    assert executed(SCHEME, "1.56", "1.56", "20") == ("20.00", (), "20 × min(1, 1.56 ÷ 1.56) = 20.00")


@pytest.mark.parametrize(
    ("weights", "applies", "expected"),
    [
        ("10 50 30 10", "yyyy", "10 50 30 10"),
        ("10 50 30 10", "yyyn", "11.11 55.56 33.33 0"),
        ("10 50 30 10", "nyyy", "0 55.56 33.33 11.11"),
        ("10 20 20 20 30", "nyyyy", "0 22.22 22.22 22.22 33.34"),
        ("25 25 25 25", "nyyy", "0 33.34 33.33 33.33"),
        ("10 90", "yn", "100 0"),
        ("10 90", "nn", "0 0"),
        ("0.01 99.99", "yn", "100 0"),
        ("22.5 22.5 22.5 22.5 10", "yyyyn", "25 25 25 25 0"),
        ("", "", ""),
    ],
)
def test_marks_of_lines_that_do_not_apply_are_shared_out_in_proportion(weights, applies, expected):
    shared = effective_weights([D(w) for w in weights.split()], [a == "y" for a in applies])
    assert shared == [D(w) for w in expected.split()]


TV_01 = [
    quantitative("ge", 100, 100, 10),
    quantitative("eq", 100, 100, 20),
    qualitative("达成", weight=20),
    quantitative("eq", 100, 100, 30),
    quantitative("ge", 90, 100, 10),
]


def test_a_published_sheet_is_scored_as_published():
    assert score_sheet(SCHEME, TV_01, D(250000), D("215457.6")).as_dict() == {
        "total": "98.62",
        "grade": "优",
        "earned": "98.62",
        "open_marks": "0.00",
        "execution": {
            "score": "8.62",
            "weight": "10.00",
            "formula": "10 × min(1, 215,457.60 ÷ 250,000.00) = 8.62",
            "flags": ["low_rate"],
        },
        "lines": [
            {"score": "10.00", "weight": "10.00", "formula": "100 ≥ 100 → 10.00", "flags": []},
            {"score": "20.00", "weight": "20.00", "formula": "100 ＝ 100 → 20.00", "flags": []},
            {"score": "20.00", "weight": "20.00", "formula": "达成年度指标：20 × 100% = 20.00", "flags": []},
            {"score": "30.00", "weight": "30.00", "formula": "100 ＝ 100 → 30.00", "flags": []},
            {"score": "10.00", "weight": "10.00", "formula": "100 ≥ 90 → 10.00", "flags": []},
        ],
    }


def summary(sheet):
    return sheet.total, sheet.grade, sheet.earned, sheet.open_marks


def test_a_sheet_with_a_missing_value_has_no_total_but_shows_what_is_earned():
    rows = [*TV_01[:3], quantitative("eq", 100, None, 30), TV_01[4]]
    assert summary(score_sheet(SCHEME, rows, D(100), D(100))) == (None, None, D("70.00"), D(30))


def test_a_sheet_without_spending_has_no_total():
    assert summary(score_sheet(SCHEME, TV_01, D(100), None)) == (None, None, D("90.00"), D(10))


def test_a_sheet_without_any_value_has_no_total_and_is_not_zero():
    rows = [quantitative("ge", 5, None, 90)]
    assert summary(score_sheet(SCHEME, rows, None, None)) == (None, None, D("0.00"), D(100))


def test_a_sheet_on_which_nothing_applies_has_no_total():
    rows = [quantitative("ge", 5, 5, 90, not_applicable=True)]
    assert summary(score_sheet(SCHEME, rows, D(0), D(0))) == (None, None, D("0.00"), D(0))


def test_a_line_that_does_not_apply_hands_its_marks_to_the_others_and_to_execution():
    rows = [
        quantitative("ge", 500, 487, 50),
        quantitative("ge", 90, None, 30),
        quantitative("ge", 90, 95, 10, not_applicable=True),
    ]
    sheet = score_sheet(SCHEME, rows, D(100), D(80))
    assert [(line.score, line.weight, line.flags) for line in (sheet.execution, *sheet.lines)] == [
        (D("8.89"), D("11.11"), ("low_rate", "rescaled")),
        (D("54.12"), D("55.56"), ("short", "rescaled")),
        (None, D("33.33"), ("missing", "rescaled")),
        (None, D(10), ("not_applicable",)),
    ]
    assert summary(sheet) == (None, None, D("63.01"), D("33.33"))


def test_a_budget_of_nothing_hands_the_marks_of_execution_to_the_lines():
    rows = [quantitative("ge", 90, 90, 60), quantitative("ge", 90, 45, 30)]
    sheet = score_sheet(SCHEME, rows, D(0), D(0))
    assert [(line.score, line.weight, line.flags) for line in (sheet.execution, *sheet.lines)] == [
        (None, D(10), ("zero_denominator",)),
        (D("66.67"), D("66.67"), ("rescaled",)),
        (D("16.67"), D("33.33"), ("short", "rescaled")),
    ]
    assert summary(sheet) == (D("83.34"), "良", D("83.34"), D(0))


def test_a_budget_of_nothing_may_cost_its_marks_instead():
    sheet = score_sheet(STRICT_ZERO, [quantitative("ge", 90, 90, 90)], D(0), D(0))
    assert summary(sheet) == (D("90.00"), "优", D("90.00"), D(0))


@pytest.mark.parametrize(
    ("actual", "total", "grade"),
    [
        (8000, "90.00", "优"),
        (7999, "89.99", "良"),
        (7000, "80.00", "良"),
        (6999, "79.99", "中"),
        (5000, "60.00", "中"),
        (4999, "59.99", "差"),
    ],
)
def test_the_total_at_a_bound_has_the_better_grade_and_a_hundredth_less_the_other(actual, total, grade):
    sheet = score_sheet(SCHEME, [quantitative("ge", 9000, actual, 90)], D(1), D(1))
    assert (str(sheet.total), sheet.grade, sheet.execution.flags) == (total, grade, ())


def test_every_flag_has_a_sentence():
    cases = [
        score_line(SCHEME, row)
        for row in (
            quantitative("ge", 5, None),
            quantitative("ge", None, 5),
            quantitative("ge", 5, 50),
            quantitative("ge", 0, -1),
            quantitative("eq", 0, 1),
            quantitative("gt", 5, 5),
            qualitative("部分达成"),
            qualitative("达成", "0.1"),
            Row("ge", D(1), D(1), D(1), not_applicable=True),
        )
    ]
    cases += [score_execution(SCHEME, D(a), D(e)) for a, e in ((0, 0), (1, 0), (1, 2), (1, -1))]
    cases += score_sheet(SCHEME, [quantitative("ge", 1, 1, 90)], D(0), D(0)).lines
    assert {flag for line in cases for flag in line.flags} == set(FLAGS)

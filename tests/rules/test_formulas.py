"""A formula is written with the numbers put in, and says only what holds."""

import pytest

from perfmgr.rules.formulas import (
    LineScore,
    result,
    write_forward,
    write_missing,
    write_reached,
    write_reverse_linear,
    write_reverse_ratio,
    write_share,
    write_unreached,
)
from tests.rules.sheets import D, quantitative


def written(write, sign, target, actual, score="7.50"):
    score = None if score is None else D(score)
    return LineScore(score, D("10.00"), write, quantitative(sign, target, actual)).formula


@pytest.mark.parametrize(
    ("write", "formula"),
    [
        (write_unreached, "125 未达到 ≤ 100.5 → 7.50"),
        (write_forward, "10 × 125 ÷ 100.5 = 7.50"),
        (write_reverse_ratio, "10 × 100.5 ÷ 125 = 7.50"),
        (write_reverse_linear, "10 × max(0, 1 − (125 − 100.5) ÷ 100.5) = 7.50"),
        (lambda line: write_share(line, "部分达成", D("0.750")), "部分达成：10 × 75% = 7.50"),
        (write_missing, "—"),
    ],
)
def test_a_formula_has_its_numbers_without_trailing_zeros(write, formula):
    assert written(write, "le", "100.50", "125.00") == formula


@pytest.mark.parametrize(
    ("sign", "actual", "formula"),
    [
        ("ge", 100, "100 ≥ 100 → 7.50"),
        ("ge", 105, "105 ≥ 100 → 7.50"),
        ("gt", 100, "100 ＝ 100 → 7.50"),
        ("gt", 105, "105 ＞ 100 → 7.50"),
        ("eq", 100, "100 ＝ 100 → 7.50"),
        ("eq", 105, "105 ＞ 100 → 7.50"),
        ("eq", 95, "95 ＜ 100 → 7.50"),
        ("lt", 100, "100 ＝ 100 → 7.50"),
        ("lt", 95, "95 ＜ 100 → 7.50"),
        ("le", 100, "100 ≤ 100 → 7.50"),
        ("le", 95, "95 ≤ 100 → 7.50"),
    ],
)
def test_a_reached_target_is_written_with_the_relation_that_holds(sign, actual, formula):
    assert written(write_reached, sign, "100", actual) == formula


def test_marks_have_two_decimals_and_no_marks_are_a_dash():
    lines = [LineScore(score, D(10), write_missing, None) for score in (D(0), D("9.7"), None)]
    assert [result(line) for line in lines] == ["0.00", "9.70", "—"]


def test_a_line_as_plain_text():
    line = LineScore(D("9.7"), D(10), write_missing, None, ("short",))
    assert line.as_dict() == {"score": "9.70", "weight": "10.00", "formula": "—", "flags": ["short"]}
    open_line = LineScore(None, D("11.11"), write_missing, None)
    assert open_line.as_dict() == {"score": None, "weight": "11.11", "formula": "—", "flags": []}

"""The named formulas of a whole department, computed by hand, and the two published documents of one department."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.department_formulas import ENTERED, FIGURES, FORMULAS, SYSTEM, Known, compute, named


def system(**values):
    return {key: Known(Decimal(value), SYSTEM) for key, value in values.items()}


def test_the_table_is_whole():
    assert {f.part for f in FORMULAS.values()} | {f.whole for f in FORMULAS.values()} == set(FIGURES)
    assert all(figure.known or not figure.fixed for figure in FIGURES.values())


@pytest.mark.parametrize(
    ("key", "figures", "percent"),
    [
        # By hand: 47 ÷ 50; (18 − 20) ÷ 20; 450 ÷ 600; 2 ÷ 3.
        ("staff", {"staff": "47", "posts": "50"}, "94.00"),
        ("three_public_change", {"three_public": "18", "three_public_last": "20"}, "-10.00"),
        ("three_public_change", {"three_public": "23", "three_public_last": "20"}, "15.00"),
        ("key_spending", {"key_spending": "450", "project_spending": "600"}, "75.00"),
        ("three_public", {"three_public": "18", "three_public_budget": "24"}, "75.00"),
        ("procurement", {"procured": "72.74", "procurement_budget": "100"}, "72.74"),
        ("assets", {"assets_used": "2", "assets": "3"}, "66.67"),
        ("rectified", {"rectified": "1", "rectifications": "8"}, "12.50"),
        ("evaluated", {"evaluated": "0", "evaluations_owed": "2"}, "0.00"),
        ("targets", {"targets": "9", "targets_owed": "9"}, "100.00"),
        ("public", {"public_spent": "1.6", "public_budget": "1.6"}, "100.00"),
        # The published accounts of 2022: 933.74 spent of 1.6 + 1,032.26; 932.14 of 1,032.26 of the projects.
        ("completion", {"executed": "933.74", "budget": "1033.86"}, "90.32"),
        ("completion", {"executed": "932.14", "budget": "1032.26"}, "90.30"),
        ("leftover", {"leftover": "100.12", "budget": "1033.86"}, "9.68"),
        # The published budget of 2025: 950.61 carried over of 9,358.59; 527.77 less than the 9,886.36 of 2024.
        ("leftover", {"leftover": "950.61", "budget": "9358.59"}, "10.16"),
        ("adjustment", {"adjustment": "527.77", "initial": "9886.36"}, "5.34"),
    ],
)
def test_formulas_by_hand(key, figures, percent):
    outcome = compute(key, system(**figures))
    assert (outcome.value, outcome.reason) == (Decimal(percent), None)


def test_a_zero_denominator_says_so_and_is_no_number():
    outcome = compute("rectified", system(rectified="0", rectifications="0"))
    assert outcome.value is None
    assert outcome.reason.sentence() == "无法计算：已提出的整改为 0。"
    assert outcome.source == ""
    gone = compute("three_public_change", system(three_public="3", three_public_last="0"))
    assert gone.reason.sentence() == "无法计算：“三公”经费上年支出数为 0。"


def test_a_figure_that_is_missing_is_asked_for():
    outcome = compute("staff", system(staff="47"))
    assert (outcome.value, outcome.reason.sentence()) == (None, "无法计算：还没有填报编制数。")
    assert compute("assets", {}).reason.sentence() == "无法计算：还没有填报在用固定资产总额。"


def test_a_value_says_where_it_is_from():
    assert compute("targets", system(targets="8", targets_owed="9")).source == (
        "系统计算：目标已批复的项目 8个 ÷ 应编报绩效目标的项目 9个"
    )
    table = {
        "staff": Known(Decimal(47), ENTERED, "人员情况表第 3 行"),
        "posts": Known(Decimal(50), ENTERED, "编办批复"),
    }
    assert compute("staff", table).source == ("填报：在职人员数 47人 ÷ 编制数 50人；来源：人员情况表第 3 行、编办批复")


@pytest.mark.parametrize(
    ("indicator", "key"),
    [
        ("“三公”经费变动率", "three_public_change"),
        ("“三公经费”变动率", "three_public_change"),
        ("三公经费控制率", "three_public"),
        ("预算执行率", "completion"),
        ("项目自评完成率", "evaluated"),
        ("绩效目标 覆盖率", "targets"),
        ("重点工作办结率", None),
        ("", None),
    ],
)
def test_an_indicator_is_known_by_its_name(indicator, key):
    assert named(indicator) == key


AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=6)


@given(part=AMOUNTS, whole=AMOUNTS)
def test_a_value_is_exact_to_half_a_hundredth_or_not_there(part, whole):
    outcome = compute("assets", {"assets_used": Known(part, SYSTEM), "assets": Known(whole, SYSTEM)})
    if whole == 0:
        assert outcome.value is None
    else:
        assert abs(outcome.value * whole - part * 100) <= Decimal("0.005") * whole + Decimal("1e-12")

"""Money by source: what is known from the declaration, and that the sources add up to the total."""

import pytest

from perfmgr.rules.evaluation_funds import FundEntry, check_funds, prefilled
from perfmgr.rules.evaluations import read_quantity, same_unit
from tests.rules.sheets import D

YEAR = {"initial": D(5_700_000), "adjusted": D(5_000_000), "executed": D(4_900_000)}


def test_a_column_is_filled_in_where_the_declared_money_is_its_total():
    declared = [("general_public", D(4_000_000)), ("government_fund", D(700_000)), ("carry_over", D(1_000_000))]
    assert prefilled(declared, YEAR) == [
        FundEntry("fiscal", D(4_700_000)),
        FundEntry("carry_over", D(1_000_000)),
        FundEntry("other", D(0)),
    ]


def test_money_of_a_single_source_tells_the_spending_too():
    assert prefilled([("other", D(5_700_000))], {**YEAR, "adjusted": D(5_700_000)}) == [
        FundEntry("fiscal", D(0), D(0), D(0)),
        FundEntry("carry_over", D(0), D(0), D(0)),
        FundEntry("other", D(5_700_000), D(5_700_000), D(4_900_000)),
    ]


def test_without_a_declaration_or_budget_nothing_is_made_up():
    nothing = [FundEntry(source) for source in ("fiscal", "carry_over", "other")]
    assert prefilled([], YEAR) == prefilled([("other", D(1))], dict.fromkeys(YEAR)) == nothing


@pytest.mark.parametrize(
    ("rows", "sentences"),
    [
        ([FundEntry("fiscal"), FundEntry("other")], []),
        ([FundEntry("fiscal", executed=D(4_900_000)), FundEntry("other")], []),
        (
            [FundEntry("fiscal", D(5_000_000), D(5_000_000)), FundEntry("other", D(500_000))],
            ["“年初预算数”各资金来源合计 550.00 万元，比年度资金总额 570.00 万元少 20.00 万元，请核对。"],
        ),
        (
            [FundEntry("carry_over", executed=D(4_900_000)), FundEntry("other", executed=D(100))],
            ["“全年执行数”各资金来源合计 490.01 万元，比年度资金总额 490.00 万元多 0.01 万元，请核对。"],
        ),
    ],
)
def test_sources_that_do_not_add_up_are_named_with_both_sums_and_the_difference(rows, sentences):
    assert [finding.sentence() for finding in check_funds(rows, YEAR)] == sentences


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("980人次", D(980), "人次"),
        ("93%", D(93), "%"),
        ("９３％", D(93), "%"),
        ("1,234.5万元", D("1234.5"), "万元"),
        ("1,234.5（万元）", D("1234.5"), "万元"),
        ("-3.5 ℃", D("-3.5"), "℃"),
        ("98", D(98), ""),
        ("12,34人", None, "人"),
        ("约98人", None, ""),
        ("1,200m2", D(1200), "m2"),
        ("", None, ""),
    ],
)
def test_a_number_is_read_with_the_unit_typed_behind_it(text, number, unit):
    assert read_quantity(text) == (number, unit)


@pytest.mark.parametrize(
    ("typed", "unit", "same"),
    [("人次", "人次", True), ("%", "百分比", True), ("百分比", "％", True), ("%", "", True), ("万元", "元", False),
     ("人", "人次", False), ("个", "", False)],
)  # fmt: skip
def test_only_the_line_s_own_unit_is_the_same(typed, unit, same):
    assert same_unit(typed, unit) is same

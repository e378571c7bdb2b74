"""Lights of monitoring: exact bounds, what is not determined, and that doing more never looks worse."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.cycles import Span
from perfmgr.rules.findings import errors
from perfmgr.rules.monitoring_entries import LineEntry, SheetEntry, entered, judge
from perfmgr.rules.monitoring_scheme import USUAL, Thresholds
from perfmgr.rules.monitorings import (
    LIGHTS,
    Entry,
    Money,
    Progress,
    check,
    check_amounts,
    due_on,
    goal_progress,
    judge_execution,
    judge_line,
    over,
    parse_cut_offs,
    project_light,
    warnings,
)
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.schemes import parse_scheme
from tests.rules.test_schemes import DATA

D = Decimal
WORST_FIRST = ["red", "yellow", "green", "blue"]
MONTHS = st.integers(1, 12)
AMOUNTS = st.decimals(0, 10**9, places=2)
SHARES = st.decimals(0, 3, places=3)


def line(sign="ge", target="120", actual=None, **more):
    return Progress(
        "指标", sign, None if target is None else D(target), actual=None if actual is None else D(actual), **more
    )


def lit(sign, target, actual, month=7, thresholds=USUAL, **more):
    return judge_line(thresholds, line(sign, target, actual, **more), month).light


@pytest.mark.parametrize(
    ("executed", "month", "light"),
    [
        ("41.99", 7, "red"),  # 120 × 7/12 = 70 is due; below 60 % of it
        ("42", 7, "yellow"),
        ("55.99", 7, "yellow"),
        ("56", 7, "green"),
        ("0", 7, "red"),
        ("200", 7, "green"),
        ("5.99", 1, "red"),
        ("6", 1, "yellow"),
        ("8", 1, "green"),
        ("71.99", 12, "red"),
        ("72", 12, "yellow"),
        ("96", 12, "green"),
    ],
)
def test_money_is_compared_with_the_elapsed_part_of_the_year(executed, month, light):
    assert judge_execution(USUAL, D(executed), D(120), month).light == light


@pytest.mark.parametrize(
    ("actual", "light"),
    [
        *(("0", "red"), ("41.99", "red"), ("42", "yellow"), ("55.99", "yellow")),
        *(("56", "green"), ("143.99", "green"), ("144", "blue"), ("-5", "red")),
    ],
)
def test_a_forward_indicator_has_exact_bounds(actual, light):
    assert {lit(sign, "120", actual) for sign in ("ge", "gt", "eq")} == {light}


@pytest.mark.parametrize(
    ("sign", "target", "actual", "light"),
    [
        ("le", "5", "5", "green"),
        ("le", "5", "5.01", "red"),
        ("lt", "5", "5", "red"),
        ("lt", "5", "4.99", "green"),
        ("eq", "0", "0", "green"),
        ("eq", "0", "1", "red"),
        ("ge", "0", "0", "green"),
        ("gt", "0", "0", "red"),
        ("ge", "-3", "-4", "red"),
        ("ge", "-3", "-3", "green"),
    ],
)
def test_a_limit_is_kept_or_exceeded(sign, target, actual, light):
    assert lit(sign, target, actual) == light


def test_a_qualitative_indicator_follows_its_tier_and_a_silent_one_is_not_determined():
    tiers = {
        tier: judge_line(USUAL, line("qualitative", None, tier=tier), 7).light
        for tier in ("reached", "partly", "missed", "")
    }
    assert tiers == {"reached": "green", "partly": "yellow", "missed": "red", "": "none"}
    assert [lit("ge", "120", None), lit("ge", None, "3")] == ["none", "none"]
    assert [judge_execution(USUAL, *pair, 7).light for pair in ((None, D(1)), (D(1), D(0)), (D(1), None))] == [
        "none"
    ] * 3


def test_every_light_says_why():
    assert judge_execution(USUAL, D(42), D(120), 7).why.sentence() == (
        "执行率 35.00%，时间进度 58.33%，相当于应达进度的 60.00%。"
    )
    assert judge_line(USUAL, line("le", "5", "6", unit="%"), 7).why.sentence() == "截至目前为 6%，不符合 ≤5%。"


def test_thresholds_are_data():
    strict = Thresholds(red_below=D("0.85"), green_from=D(1), blue_from=D("1.1"), blue_of="elapsed", percent_of="year")
    assert [lit("ge", "120", actual, thresholds=strict) for actual in ("59", "60", "70", "77")] == [
        "red",
        "yellow",
        "green",
        "blue",
    ]
    assert [lit("ge", "95", "60", unit="%", thresholds=t) for t in (USUAL, strict)] == ["green", "red"]


def test_a_scheme_without_the_block_has_the_usual_thresholds_and_one_with_it_its_own():
    assert parse_scheme(DATA).monitoring == USUAL
    block = {"red_below": "0.5", "execution": {"4": "0.25", 10: "0.8"}, "gap": "0.1", "blue_of": "elapsed"}
    assert parse_scheme({**DATA, "monitoring": block}).monitoring == Thresholds(
        red_below=D("0.5"), blue_of="elapsed", execution=((4, D("0.25")), (10, D("0.8"))), gap=D("0.1")
    )


@pytest.mark.parametrize(
    "block",
    [
        {"red_below": "0.9"},
        {"blue_from": "0.7"},
        {"execution": {"13": "0.5"}},
        {"execution": {"六": "0.5"}},
        {"execution": ["0.5"]},
        {"gap": "much"},
        {"blue_of": "month"},
        "60",
    ],
)
def test_a_block_that_makes_no_sense_is_refused(block):
    with pytest.raises(Invalid) as refused:
        parse_scheme({**DATA, "monitoring": block})
    assert {finding.field.split(".")[0] for finding in refused.value.findings} == {"monitoring"}


@given(AMOUNTS, AMOUNTS, AMOUNTS, MONTHS)
def test_more_spent_never_worsens_the_light(budget, less, more, month):
    less, more = sorted((less, more))
    found = [judge_execution(USUAL, part, budget, month).light for part in (less, more)]
    assert budget == 0 or WORST_FIRST.index(found[0]) <= WORST_FIRST.index(found[1])


@given(st.sampled_from(("ge", "gt", "eq")), SHARES, SHARES, st.decimals("0.01", 10**6, places=2), MONTHS)
def test_more_reached_never_worsens_a_forward_light(sign, less, more, target, month):
    less, more = sorted((less * target, more * target))
    found = [judge_line(USUAL, Progress("x", sign, target, actual=part), month).light for part in (less, more)]
    assert WORST_FIRST.index(found[0]) <= WORST_FIRST.index(found[1])


@given(st.sampled_from(("le", "lt")), SHARES, SHARES, st.decimals("0.01", 10**6, places=2), MONTHS)
def test_less_of_what_is_limited_never_worsens_its_light(sign, less, more, target, month):
    less, more = sorted((less * target, more * target))
    found = [judge_line(USUAL, Progress("x", sign, target, actual=part), month).light for part in (less, more)]
    assert WORST_FIRST.index(found[0]) >= WORST_FIRST.index(found[1])


@given(st.lists(st.sampled_from(list(LIGHTS)), max_size=8))
def test_a_projects_light_is_its_worst(lights):
    known = [light for light in lights if light != "none"]
    assert project_light(lights) == (min(known, key=WORST_FIRST.index) if known else "none")


@given(AMOUNTS, st.decimals("0.01", 10**9, places=2), MONTHS)
def test_the_same_answer_comes_from_dividing(executed, budget, month):
    share = executed * 12 / (budget * month)
    expected = "red" if share < D("0.6") else "yellow" if share < D("0.8") else "green"
    assert judge_execution(USUAL, executed, budget, month).light == expected


TABLE = Thresholds(execution=((4, D("0.25")), (6, D("0.4")), (8, D("0.6")), (10, D("0.8"))), gap=D("0.1"))


@pytest.mark.parametrize(
    ("month", "executed", "said"),
    [(3, "0", False), (4, "24.99", True), (4, "25", False), (7, "39.99", True), (7, "40", False), (12, "79", True)],
)
def test_the_absolute_table_warns_from_its_months_on(month, executed, said):
    found = warnings(TABLE, Money(D(100), D(executed)), [], month)
    assert [finding.code for finding in found] == (["EXECUTION"] if said else [])


@pytest.mark.parametrize(("executed", "said"), [("39.99", True), ("40", False), ("60", False), ("60.01", True)])
def test_money_and_goals_that_lie_apart_warn(executed, said):
    half = line("ge", "100", "50", weight=D(10))
    found = warnings(Thresholds(gap=D("0.1")), Money(D(100), D(executed)), [half], 7)
    assert [finding.code for finding in found] == (["GAP"] if said else [])
    assert warnings(USUAL, Money(D(100), D(executed)), [half], 7) == []


def test_progress_of_the_goals_goes_by_weight_and_leaves_limits_out():
    lines = [
        line("ge", "100", "50", weight=D(30)),
        line("ge", "100", "300", weight=D(10)),
        line("qualitative", None, tier="partly", weight=D(10)),
        line("le", "5", "1", weight=D(50)),
        line("ge", "100", None, weight=D(50)),
    ]
    assert (goal_progress(lines), goal_progress(lines[3:])) == (D("60.00"), None)


FULL = Entry(("staff",), "", "加快招聘", "林填报", dt.date(2025, 9, 30))


def test_a_red_light_demands_cause_measure_owner_and_date():
    money = Money(D(120), D(80), D(120))
    red = line("ge", "120", "1", likelihood="maybe")

    def said(entry):
        wanted = [
            Progress("甲", "ge", D(120), actual=D(100), likelihood="sure"),
            Progress(**{**fields(red), "entry": entry}),
        ]
        return [(f.field, f.sentence()) for f in errors(check(USUAL, money, wanted, "进展顺利。", 7))]

    assert said(FULL) == []
    assert [field for field, _sentence in said(Entry())] == [
        f"lines.1.{name}" for name in ("cause_funds", "measure", "owner", "due_on")
    ]
    assert said(Entry(("other",), "", "加快", "林", dt.date(2025, 9, 30))) == [
        ("lines.1.explanation", "第 2 项“指标”为红灯，请写明“其他”是什么原因。")
    ]


def fields(progress):
    return {name: getattr(progress, name) for name in progress.__slots__}


def test_an_empty_sheet_names_everything_it_lacks():
    found = [f.field for f in check(USUAL, Money(D(1)), [line("ge"), line("qualitative", None)], "", 7)]
    assert found == [
        *("executed", "forecast", "goal_progress"),
        *("lines.0.actual", "lines.0.likelihood", "lines.1.tier", "lines.1.likelihood"),
    ]


def test_a_red_light_of_the_money_is_explained_too():
    found = check(USUAL, Money(D(120), D(10), D(120)), [], "进展顺利。", 7)
    assert [f.field for f in found] == [f"budget.0.{name}" for name in ("cause_funds", "measure", "owner", "due_on")]


def test_amounts_must_not_contradict_each_other():
    assert [f.field for f in check_amounts(Money(D(9), D(5), D(4), D(6), D(5)))] == [
        "forecast",
        "general_executed",
        "general_forecast",
    ]
    assert check_amounts(Money(D(9), D(5), D(5), D(5), None)) == []


def test_what_is_typed_counts_only_where_the_kind_of_the_line_allows_it():
    typed = SheetEntry([LineEntry(D(3), tier="missed"), LineEntry(D(3), tier="partly")], executed=D(5))
    money, lines = entered(Money(D(10)), [line("ge"), line("qualitative", None)], typed)
    assert (money.budget, money.executed) == (D(10), D(5))
    assert [(x.actual, x.tier) for x in lines] == [(D(3), ""), (None, "partly")]
    judged = judge(USUAL, money, lines, 7)
    assert (judged.light, judged.budget.light, [j.light for j in judged.lines]) == ("red", "green", ["red", "yellow"])


@pytest.mark.parametrize(
    ("text", "months"), [("7", [7]), ("4、7、10", [4, 7, 10]), ("10月，4月 7", [4, 7, 10]), ("7,7", [7])]
)
def test_cut_offs_are_months(text, months):
    assert parse_cut_offs(text) == months


@pytest.mark.parametrize("text", ["", "0", "13", "七", "7、x", "-1"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(Refused) as refused:
        parse_cut_offs(text)
    assert [f.field for f in refused.value.findings] == ["cut_offs"]


def test_a_month_is_over_on_the_first_of_the_next():
    days = [dt.date(2025, 7, 31), dt.date(2025, 8, 1), dt.date(2026, 1, 1)]
    assert [over(2025, 7, day) for day in days] == [False, True, True]
    assert [over(2025, 12, day) for day in (dt.date(2025, 12, 31), dt.date(2026, 1, 1))] == [False, True]


def test_earlier_periods_are_due_a_month_later_and_the_last_one_with_the_window():
    window = Span(dt.date(2025, 5, 1), dt.date(2026, 1, 20))
    assert [due_on(2025, month, [4, 7, 11, 12], window) for month in (4, 7, 11, 12)] == [
        dt.date(2025, 5, 31),
        dt.date(2025, 8, 31),
        dt.date(2025, 12, 31),
        dt.date(2026, 1, 20),
    ]
    assert due_on(2025, 2, [2, 7], window) == dt.date(2025, 5, 1)

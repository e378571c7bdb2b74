"""A fiscal year's windows: their usual dates, mistakes in them, and who comes too early or too late."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR, WINDOWS, Span, check_windows, require_open
from perfmgr.rules.refusals import Refused
from perfmgr.rules.years import usual_windows
from tests.rules.sheets import steady, told

day = dt.date
SPAN = Span(day(2026, 1, 1), day(2026, 5, 31))


def test_the_usual_windows_of_a_year():
    assert usual_windows(2025) == {
        "declaration": Span(day(2024, 8, 1), day(2024, 12, 31)),
        "approval": Span(day(2024, 10, 1), day(2025, 2, 28)),
        "monitoring": Span(day(2025, 7, 1), day(2025, 8, 31)),
        "self_evaluation": Span(day(2026, 1, 1), day(2026, 5, 31)),
        "review": Span(day(2026, 1, 1), day(2026, 9, 30)),
        "rectification": Span(day(2026, 6, 1), day(2026, 11, 30)),
        "disclosure": Span(day(2026, 7, 1), day(2026, 9, 30)),
    }


@pytest.mark.parametrize("year", [FIRST_YEAR, 2028, LAST_YEAR])
def test_the_usual_windows_are_complete_and_in_order(year):
    assert (list(usual_windows(year)), check_windows(usual_windows(year))) == (list(WINDOWS), [])


@pytest.mark.parametrize(
    ("today", "open_"),
    [
        (day(2025, 12, 31), False),
        (day(2026, 1, 1), True),
        (day(2026, 5, 31), True),
        (day(2026, 6, 1), False),
    ],
)
def test_a_window_is_open_on_its_first_and_its_last_day(today, open_):
    assert SPAN.holds(today) is open_


def test_a_window_of_one_day_is_in_order_and_one_that_ends_before_it_starts_is_not():
    windows = {
        "declaration": Span(day(2025, 8, 1), day(2025, 8, 1)),
        "review": Span(day(2025, 8, 2), day(2025, 8, 1)),
    }
    assert told(check_windows(windows)) == [
        (
            "WINDOW",
            "review_closes_on",
            "“复核评审”的截止日期 2025-08-01 早于开始日期 2025-08-02，请调整其中一个。",
        )
    ]


@pytest.mark.parametrize(
    ("span", "today", "sentence"),
    [
        (None, day(2026, 1, 1), "2025 年度还没有设置“绩效自评”的时间，请联系系统管理员。"),
        (SPAN, day(2025, 12, 31), "2025 年度“绩效自评”将于 2026年1月1日 开始，现在还不能送审。"),
        (SPAN, day(2026, 6, 1), "2025 年度“绩效自评”已于 2026年5月31日 截止，如需补报请联系系统管理员调整时间。"),
    ],
)
def test_who_comes_too_early_or_too_late_is_told_the_day(span, today, sentence):
    with pytest.raises(Refused) as refused:
        require_open("self_evaluation", span, today, 2025)
    assert (refused.value.status, str(refused.value)) == (422, sentence)


@pytest.mark.parametrize("today", [SPAN.opens_on, SPAN.closes_on])
def test_the_first_and_the_last_day_are_in_time(today):
    require_open("self_evaluation", SPAN, today, 2025)


@steady
@given(st.dates(day(2025, 1, 1), day(2027, 1, 1)))
def test_a_step_is_refused_exactly_on_the_days_outside_the_window(today):
    try:
        require_open("review", SPAN, today, 2025)
        refused = False
    except Refused:
        refused = True
    assert refused is not SPAN.holds(today)

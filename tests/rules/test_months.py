"""Months: whole weeks, the way there and back, and addresses."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.months import Month, of_day, parse_month

ANY_DAY = st.dates(dt.date(2001, 1, 1), dt.date(2099, 12, 31))


@given(ANY_DAY, st.integers(-11, 11))
def test_weeks_hold_every_day_of_the_month_and_neighbours_lead_back(day: dt.date, by: int) -> None:
    month = of_day(day)
    days = [found for week in month.weeks() for found in week]
    assert days == [days[0] + dt.timedelta(days=n) for n in range(len(days))]
    assert days[0].weekday() == 0
    assert days[-1].weekday() == 6
    assert [found for found in days if of_day(found) == month] == [d for d in days if month.first <= d <= month.last]
    assert days[0] <= month.first <= day <= month.last <= days[-1]
    assert month.moved(by).moved(-by) == month
    assert month.moved(1).first == month.last + dt.timedelta(days=1)
    assert parse_month(str(month)) == month


def test_leap_years_and_the_turn_of_the_year() -> None:
    assert (Month(2028, 2).last, Month(2027, 2).last) == (dt.date(2028, 2, 29), dt.date(2027, 2, 28))
    assert (Month(2026, 12).moved(1), Month(2026, 1).moved(-1)) == (Month(2027, 1), Month(2025, 12))


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-1", "2026-13", "2026-00", "1999-12", "2101-01", "２０２６-01", "2026-1a"]
)
def test_what_is_no_month_is_none(text: str) -> None:
    assert parse_month(text) is None

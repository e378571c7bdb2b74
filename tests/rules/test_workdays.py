"""Working days: counted over weekends, holidays and moved days, and honest about years without a table."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.workdays import Reckoned, Workdays

D = dt.date.fromisoformat
# Spring Festival and New Year 2026 as the State Council moved them.
OFF = frozenset(D(f"2026-02-{n}") for n in range(15, 24)) | {D("2026-01-01"), D("2026-01-02"), D("2026-01-03")}
WORKED = frozenset({D("2026-01-04"), D("2026-02-14"), D("2026-02-28")})
DAYS = Workdays(OFF, WORKED, frozenset({2026}))
ANY_DAY = st.dates(dt.date(2004, 1, 1), dt.date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),  # Friday
        ("2026-02-14", True),  # Saturday, moved
        ("2026-02-15", False),  # Sunday
        ("2026-02-16", False),  # Monday, holiday
        ("2026-02-24", True),
        ("2026-03-01", False),  # an ordinary Sunday
    ],
)
def test_holidays_and_moved_days_go_before_the_weekday(day: str, works: bool) -> None:
    assert DAYS.is_workday(D(day)) is works


@pytest.mark.parametrize(
    ("day", "n", "found"),
    [
        ("2026-02-14", 0, "2026-02-14"),
        ("2026-02-15", 0, "2026-02-24"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-02-20", 1, "2026-02-24"),  # the day itself never counts
        ("2026-02-24", -1, "2026-02-14"),
        ("2026-02-24", 5, "2026-03-02"),  # over the Saturday that is worked
        ("2026-03-02", -5, "2026-02-24"),
    ],
)
def test_days_are_added_in_both_directions(day: str, n: int, found: str) -> None:
    assert DAYS.add(D(day), n) == Reckoned(D(found), True)


def test_a_year_without_table_makes_every_answer_that_touches_it_uncertain() -> None:
    assert DAYS.next_workday(D("2026-12-31")) == Reckoned(D("2026-12-31"), True)
    assert DAYS.add(D("2026-12-31"), 1) == Reckoned(D("2027-01-01"), False)
    assert DAYS.add(D("2027-01-04"), -2) == Reckoned(D("2026-12-31"), False)
    assert DAYS.missing(D("2028-02-29"), D("2025-06-01")) == (2025, 2027, 2028)
    assert (DAYS.knows(2026), DAYS.knows(2027)) == (True, False)


def test_the_ends_of_the_calendar_are_days_like_others() -> None:
    assert Workdays().add(dt.date.max, 1) == Reckoned(dt.date.max, False)
    assert Workdays().add(dt.date.min, -3) == Reckoned(dt.date.min, False)
    assert Workdays().add(dt.date(9999, 12, 30), 9).day == dt.date.max
    assert Workdays().between(dt.date.max, dt.date.max) == 0
    assert Workdays().between(dt.date.min, dt.date.min) == 0


@given(ANY_DAY, st.integers(-40, 40))
def test_adding_and_counting_are_each_other_s_reverse(day: dt.date, n: int) -> None:
    found = DAYS.add(day, n).day
    assert DAYS.is_workday(found)
    if n > 0 or n < 0:
        assert DAYS.between(day, found) == n
    else:
        assert found >= day
        assert DAYS.between(day, found) == (found != day)


@given(ANY_DAY, st.integers(0, 60), st.integers(0, 60))
def test_counts_add_up(first: dt.date, one: int, two: int) -> None:
    middle = first + dt.timedelta(days=one)
    last = middle + dt.timedelta(days=two)
    assert DAYS.between(first, middle) + DAYS.between(middle, last) == DAYS.between(first, last)


@given(ANY_DAY)
def test_the_next_working_day_is_the_first_one(day: dt.date) -> None:
    found = DAYS.next_workday(day).day
    before = [day + dt.timedelta(days=i) for i in range((found - day).days)]
    assert DAYS.is_workday(found)
    assert not any(DAYS.is_workday(earlier) for earlier in before)


def test_days_left_fall_by_one_each_day_from_2024_to_2030() -> None:
    due, day = dt.date(2031, 1, 1), dt.date(2024, 1, 1)
    plain = working = None
    while day < due:
        left, working_left = (due - day).days, DAYS.between(day, due)
        if plain is not None and working is not None:
            assert left == plain - 1
            assert working_left == working - DAYS.is_workday(day)
        plain, working = left, working_left
        day += dt.timedelta(days=1)

"""Dates as Chinese users write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.dates import EARLIEST, LATEST, chinese, parse_day
from tests.rules.sheets import HOSTILE, slowest, steady

days = st.dates(EARLIEST, LATEST)
NEW_YEAR = dt.date(2025, 1, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-1-1", NEW_YEAR),
        ("2025-01-01", NEW_YEAR),
        ("2025/1/1", NEW_YEAR),
        ("2025.1.1", NEW_YEAR),
        ("2025年1月1日", NEW_YEAR),
        ("2025年1月1", NEW_YEAR),
        ("2025年1月1号", NEW_YEAR),
        ("20250101", NEW_YEAR),
        (" ２０２５－１－１ ", NEW_YEAR),
        ("2025 年 1 月 1 日", NEW_YEAR),
        ("2028-2-29", dt.date(2028, 2, 29)),
        ("1949-10-1", EARLIEST),
        ("2999-12-31", LATEST),
    ],
)
def test_the_usual_ways_of_writing_a_day_are_read(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "2025-02-30",
        "2025-13-1",
        "2025-0-1",
        "2025-1-0",
        "2027-2-29",
        "20250230",
        "2025-1",
        "2025年1月",
        "25-1-1",
        "2025-1-1-1",
        "1-1-2025",
        "2025-1-1T00:00",
        "1949-9-30",
        "0001-01-01",
        "3000-1-1",
        "9999-12-31",
        "٢٠٢٥-١-١",
        "二〇二五年一月一日",
        "2025--1-1",
        "-2025-1-1",
    ],
)
def test_what_is_no_real_day_is_none(text):
    assert parse_day(text) is None


@pytest.mark.parametrize(("day", "printed"), [(NEW_YEAR, "2025年1月1日"), (dt.date(2025, 12, 31), "2025年12月31日")])
def test_a_day_is_printed_without_leading_zeros(day, printed):
    assert chinese(day) == printed


@steady
@given(days)
def test_a_printed_day_is_read_back(day):
    assert [parse_day(text) for text in (chinese(day), day.isoformat(), f"{day:%Y%m%d}")] == [day] * 3


def test_hostile_texts_are_refused_in_a_moment():
    assert [parse_day(text) for text in HOSTILE] == [None] * len(HOSTILE)
    assert slowest(parse_day) < 2

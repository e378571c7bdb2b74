"""Numbers as they are typed, rounded and printed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.numbers import decimals, grouped, half_up, parse_number, percent, plain, quantity
from tests.rules.sheets import HOSTILE, D, hundredths, slowest, steady

exact_numbers = st.builds(lambda n, places: D(n).scaleb(-places), st.integers(-(10**20), 10**20), st.integers(0, 12))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("570", "570"),
        ("570.00", "570.00"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("１，２３４．５０", "1234.50"),
        ("１２３", "123"),
        ("12、345。6", "12345.6"),
        ("  570\u3000", "570"),
        ("\u00a0570\n", "570"),
        ("0.000001", "0.000001"),
        ("-3.2", "-3.2"),
        ("－3.2", "-3.2"),
        ("+5", "5"),
        ("007", "7"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("9" * 28, "9" * 28),
    ],
)
def test_what_people_type_as_a_number_is_read(text, expected):
    assert str(parse_number(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1e3",
        "1E3",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1_000",
        "0x10",
        "0b1",
        "1,23",
        "12,34,567",
        ",123",
        "1,,234",
        "1234,567",
        "1.2.3",
        ".5",
        "5.",
        "1 000",
        "--1",
        "+-1",
        "5-",
        "1/2",
        "570万元",
        "95%",
        "≥90",
        "二十",
        "①",
        "²",
        "½",
        "٣",
        "१२",
        "𝟏𝟐",
        "1\x00",
        "1\n2",
        "9" * 29,
        "1." + "0" * 40,
    ],
)
def test_what_is_not_plainly_a_number_is_none(text):
    assert parse_number(text) is None


@steady
@given(exact_numbers)
def test_a_printed_number_is_read_back_exactly(value):
    assert parse_number(plain(value)) == value


@steady
@given(hundredths(-(10**16), 10**16))
def test_a_number_with_thousands_commas_is_read_back_exactly(value):
    assert parse_number(grouped(value)) == value


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("0.005", 2, "0.01"),
        ("0.0049999", 2, "0.00"),
        ("1.005", 2, "1.01"),
        ("2.675", 2, "2.68"),
        ("2.665", 2, "2.67"),
        ("-0.005", 2, "-0.01"),
        ("90.25", 1, "90.3"),
        ("8.6183", 2, "8.62"),
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("7", 2, "7.00"),
    ],
)
def test_a_half_is_rounded_away_from_zero(value, places, expected):
    assert str(half_up(D(value), places)) == expected


@steady
@given(st.integers(-(10**15), 10**15))
def test_rounding_half_up_is_what_whole_numbers_say(thousandths):
    size = (abs(thousandths) + 5) // 10
    expected = D(size if thousandths >= 0 else -size).scaleb(-2)
    assert half_up(D(thousandths).scaleb(-3)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        ("0.000", 0),
        ("5", 0),
        ("500", 0),
        ("5E+3", 0),
        ("1.50", 1),
        ("0.000001", 6),
        ("-2.25", 2),
        ("1E-30", 30),
        ("1E-9999999", 9999999),
    ],
)
def test_trailing_zeros_need_no_decimals(value, expected):
    assert decimals(D(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("570", "570"),
        ("570.00", "570"),
        ("90.30", "90.3"),
        ("0.000001", "0.000001"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("-12.50", "-12.5"),
        ("0", "0"),
        ("0.00", "0"),
    ],
)
def test_a_plain_number_has_neither_exponent_nor_trailing_zeros(value, expected):
    assert plain(D(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("60000.00", "60,000"), ("1234.50", "1,234.5"), ("999", "999"), ("0.000001", "0.000001"), ("-1E+6", "-1,000,000")],
)
def test_a_quantity_has_commas_and_no_trailing_zeros(value, expected):
    assert quantity(D(value)) == expected


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("6183.25", 2, "6,183.25"),
        ("9358.59", 2, "9,358.59"),
        ("570", 2, "570.00"),
        ("1234567.895", 2, "1,234,567.90"),
        ("-1234.5", 2, "-1,234.50"),
        ("99.95", 1, "100.0"),
        ("0", 2, "0.00"),
        ("-0.001", 2, "0.00"),
    ],
)
def test_a_grouped_number_has_commas_and_fixed_decimals(value, places, expected):
    assert grouped(D(value), places) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (Decimal("215457.6"), Decimal(250000), "86.18"),
        (Decimal("6183.25"), Decimal("8502.23"), "72.73"),
        (Decimal("932.14"), Decimal("1032.26"), "90.30"),
        (Decimal(9), Decimal(9), "100.00"),
        (Decimal(0), Decimal(9), "0.00"),
        (Decimal(1), Decimal(0), None),
        (Decimal(0), Decimal(0), None),
    ],
)
def test_a_percentage_of_nothing_is_none(part, whole, expected):
    share = percent(part, whole)
    assert (None if share is None else str(share)) == expected


def test_two_decimals_are_usual():
    assert (str(half_up(D("1.005"))), grouped(D("1234.5")), str(percent(D(1), D(3)))) == ("1.01", "1,234.50", "33.33")


def test_hostile_texts_are_refused_in_a_moment():
    assert [parse_number(text) for text in HOSTILE] == [None] * len(HOSTILE)
    assert slowest(parse_number) < 2

"""Receipt numbers: what they look like, and that a wrongly copied one is found."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perfmgr.rules.receipts import is_receipt_number, receipt_number

CODES = st.text(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=1, max_size=10)
NUMBERS = st.builds(receipt_number, st.integers(2000, 2100), CODES, st.integers(1, 10**8 - 1))


def test_a_number_names_year_and_unit() -> None:
    number = receipt_number(2027, "219001", 15)
    assert number.rpartition("-")[0] == "2027-219001-00000015"
    assert is_receipt_number(number)


def test_odd_characters_of_a_unit_code_are_left_out() -> None:
    assert receipt_number(2027, " ２19-甲a ", 1).startswith("2027-219A-00000001-")
    assert receipt_number(2027, "甲", 1).startswith("2027-0-")


@given(NUMBERS)
def test_every_number_is_right_also_when_typed_carelessly(number: str) -> None:
    assert is_receipt_number(f" {number.lower()} ")


@given(NUMBERS, st.data())
def test_one_wrong_character_is_found(number: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, c in enumerate(number) if c != "-"]))
    other = data.draw(st.sampled_from("0123456789"))
    assume(other != number[at] and number[at].isdigit())
    assert not is_receipt_number(number[:at] + other + number[at + 1 :])


@given(NUMBERS, st.data())
def test_two_neighbouring_digits_exchanged_are_found(number: str, data: st.DataObject) -> None:
    places = [n for n in range(len(number) - 1) if number[n : n + 2].isdigit() and number[n] != number[n + 1]]
    assume(places)
    at = data.draw(st.sampled_from(places))
    assert not is_receipt_number(number[:at] + number[at + 1] + number[at] + number[at + 2 :])


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-219001-00000015", "2027-219001-00000015-", "a-b-c-d", "2027-２１９-1-²"]
)
def test_what_is_no_number_at_all_is_wrong(text: str) -> None:
    assert not is_receipt_number(text)

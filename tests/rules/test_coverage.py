"""A share keeps its numerator and denominator, and nothing of nothing is no percentage."""

import pytest
from hypothesis import assume, given

from perfmgr.rules.coverage import NOTHING_OWED, Share
from tests.rules.sheets import D, amounts, steady


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        ("9", "9", "100.00"),
        ("0", "9", "0.00"),
        ("61832500", "85022300", "72.73"),
        ("3140769000", "3204090200", "98.02"),
        ("1", "3", "33.33"),
        ("2", "3", "66.67"),
        ("0", "0", None),
        ("5", "0", None),
    ],
)
def test_a_share_in_percent(part, whole, percent):
    share = Share(D(part), D(whole))
    assert (share.part, share.whole, None if share.percent is None else str(share.percent)) == (
        D(part),
        D(whole),
        percent,
    )


def test_nothing_owed_has_words_of_its_own():
    assert NOTHING_OWED == "—（无应评项目）"


@steady
@given(amounts, amounts)
def test_a_part_of_something_is_between_nothing_and_all(one, other):
    part, whole = sorted([one, other])
    assume(whole)
    assert 0 <= Share(part, whole).percent <= 100

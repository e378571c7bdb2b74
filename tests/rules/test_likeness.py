"""Likeness of short texts, and marks that never miss a pair that is alike."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.likeness import THRESHOLD, Index, likeness, marks, pairs
from tests.rules.sheets import HOSTILE, D, slowest, steady

WORDS = (
    "培训",
    "人数",
    "合格率",
    "居民",
    "满意度",
    "及时",
    "发放",
    "道路",
    "养护",
    "验收",
    "项目",
    "完成率",
    "A",
    "1",
    "𠮷",
)
names = st.lists(st.sampled_from(WORDS), max_size=12).map("".join) | st.text(max_size=30)


@st.composite
def near(draw):
    """Two names of which the second is the first with a few changes: most of them are alike."""
    name = draw(names)
    other = list(name)
    for _change in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(other)))
        other[at : at + draw(st.integers(0, 1))] = draw(st.sampled_from(("", "的", "新", "率")))
    return name, "".join(other)


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        ("培训人数", "培训人数", "1"),
        ("培训人数", "培训 人数 ", "1"),
        ("ＡＢ率", "ab率", "1"),
        ("培训人数", "培训次数", "0.2"),
        ("", "", "0"),
        ("数", "数", "1"),
        ("数", "率", "0"),
    ],
)
def test_likeness_is_the_share_of_common_pairs(first, second, share):
    assert likeness(first, second) == D(share)


@steady
@given(names, names)
def test_likeness_is_symmetric_and_between_nought_and_one(first, second):
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, first) == (1 if pairs(first) else 0)


@steady
@given(near())
def test_two_texts_that_are_alike_share_a_mark(both):
    first, second = both
    if likeness(first, second) >= THRESHOLD:
        assert set(marks(first)) & set(marks(second))


@steady
@given(names)
def test_marks_fit_a_column_of_whole_numbers_and_depend_on_the_name_alone(name):
    found = marks(name)
    assert all(0 <= mark < 2**31 for mark in found)
    assert len(set(found)) == len(found) <= 100
    assert found == marks(f" {name}\u200b")


def test_marks_are_those_that_databases_hold():
    """Stored marks must stay findable: a change of these numbers needs all marks to be made anew."""
    assert marks("居民") == (zlib.crc32("居民".encode()) & 0x7FFFFFFF,)
    assert marks("道路养护里程") == (488253747, 176375641, 830015006)
    assert marks("") == ()


@steady
@given(st.lists(names, max_size=20), names)
def test_the_index_finds_exactly_what_comparing_everything_finds(stored, wanted):
    index = Index()
    for n, name in enumerate(stored):
        index.add(n, name)
    assert len(index) == len(stored)
    expected = [(n, likeness(name, wanted)) for n, name in enumerate(stored) if likeness(name, wanted) >= THRESHOLD]
    assert list(index.like(wanted)) == expected


def test_hostile_texts_take_no_time():
    assert slowest(marks) < 2
    assert len(pairs(HOSTILE[0])) < 2_001

"""Sentences taken over from another project: their marks and shares."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules import copies

TEXT = "全年开办社区食堂十二家。为八十岁以上老人每天送餐；周边群众反映良好。好！"
SENTENCES = ["全年开办社区食堂十二家", "为八十岁以上老人每天送餐"]


def test_only_sentences_that_say_something_are_compared() -> None:
    assert copies.sentences(TEXT) == SENTENCES


def test_the_marks_are_the_same_in_every_process() -> None:
    assert copies.marks([SENTENCES[0]]) == {497175119843}


@pytest.mark.parametrize(
    ("known", "share"),
    [(SENTENCES, "1"), (SENTENCES[:1], str(Decimal(11) / 23)), ([], "0")],
)
def test_the_share_counts_characters(known: list[str], share: str) -> None:
    assert copies.copied_share(TEXT, copies.marks(known)) == Decimal(share)


def test_blanks_and_width_do_not_hide_a_copy() -> None:
    assert copies.marks(["全年 开办社区食堂１２家"]) == copies.marks(["全年开办社区食堂12家。"])


@given(st.text(max_size=300))
def test_a_text_is_a_whole_copy_of_itself(text: str) -> None:
    share = copies.copied_share(text, copies.marks([text]))
    assert share == (1 if copies.sentences(text) else 0)
    assert all(2**31 <= mark < 2**47 for mark in copies.marks([text]))

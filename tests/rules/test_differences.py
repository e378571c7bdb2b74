"""Differences of texts and rows: both sides can be put together again, and a reader finds what changed."""

import itertools
import time

from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.differences import DELETED, INSERTED, SAME, Pair, Part, pair_rows, text_parts

CHINESE = st.text(st.sampled_from("绩效目标项目预算指标个％，。12.5 \nab𠮷"), max_size=60)
NAMES = st.lists(st.sampled_from(["合格率", "满意度", "办结数量", "办结数", "成本", ""]), max_size=8)


def side(parts: list[Part], op: str) -> str:
    """Return one of the two texts that were compared."""
    return "".join(part.text for part in parts if part.op in (SAME, op))


@given(CHINESE, CHINESE)
def test_both_texts_can_be_put_together_again(old: str, new: str) -> None:
    parts = text_parts(old, new)
    assert (side(parts, DELETED), side(parts, INSERTED)) == (old, new)


@given(st.text(max_size=80), st.text(max_size=80))
def test_so_can_any_other_texts(old: str, new: str) -> None:
    parts = text_parts(old, new)
    assert (side(parts, DELETED), side(parts, INSERTED)) == (old, new)


@given(CHINESE)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert text_parts(text, text) == ([Part(SAME, text)] if text else [])


@given(CHINESE, CHINESE)
def test_no_piece_is_empty_and_no_two_of_a_kind_follow_each_other(old: str, new: str) -> None:
    parts = text_parts(old, new)
    assert all(part.text for part in parts)
    assert all(before.op != after.op for before, after in itertools.pairwise(parts))


def test_a_number_changes_as_a_whole() -> None:
    assert text_parts("计划服务 1,200 人次", "计划服务 1,350 人次") == [
        Part(SAME, "计划服务 "),
        Part(DELETED, "1,200"),
        Part(INSERTED, "1,350"),
        Part(SAME, " 人次"),
    ]


def test_a_chinese_word_is_found_inside_a_sentence() -> None:
    assert text_parts("由街道组织实施。", "由社区组织实施。") == [
        Part(SAME, "由"),
        Part(DELETED, "街道"),
        Part(INSERTED, "社区"),
        Part(SAME, "组织实施。"),
    ]


def test_a_single_character_in_common_does_not_tear_a_change_apart() -> None:
    parts = text_parts("甲乙丙的丁戊己", "一二三的四五六")
    assert parts == [Part(DELETED, "甲乙丙的丁戊己"), Part(INSERTED, "一二三的四五六")]


def test_a_new_paragraph_is_an_insertion() -> None:
    assert text_parts("第一段。\n", "第一段。\n第二段。") == [Part(SAME, "第一段。\n"), Part(INSERTED, "第二段。")]


def test_two_quite_different_long_texts_are_compared_in_no_time() -> None:
    old, new = "的一是在不了有和人这" * 2000, "这人和有了不在是一的" * 2000
    before = time.perf_counter()
    parts = text_parts(old, new)
    assert time.perf_counter() - before < 1
    assert (side(parts, DELETED), side(parts, INSERTED)) == (old, new)


@given(NAMES, NAMES)
def test_every_row_is_told_of_once(old: list[str], new: list[str]) -> None:
    pairs = pair_rows(old, new)
    assert sorted(p.old for p in pairs if p.old is not None) == list(range(len(old)))
    assert sorted(p.new for p in pairs if p.new is not None) == list(range(len(new)))
    assert [p.new for p in pairs if p.new is not None] == list(range(len(new)))


def test_rows_are_the_same_by_name_wherever_they_stand() -> None:
    assert pair_rows(["甲", "乙", "丙"], ["丙", "甲", "乙"]) == [Pair(2, 0, moved=True), Pair(0, 1), Pair(1, 2)]


def test_a_renamed_row_is_still_itself_and_another_one_is_not() -> None:
    assert pair_rows(["验收合格率", "培训人次"], ["工程验收合格率", "满意度"]) == [
        Pair(0, 0),
        Pair(1, None),
        Pair(None, 1),
    ]


def test_a_row_that_came_between_moves_nobody() -> None:
    assert pair_rows(["甲", "乙"], ["甲", "新", "乙"]) == [Pair(0, 0), Pair(None, 1), Pair(1, 2)]


def test_two_hundred_replaced_rows_are_paired_in_no_time() -> None:
    before = time.perf_counter()
    pairs = pair_rows([f"{n} 旧指标名称甲乙丙" for n in range(200)], [f"全新内容不相干{n}" for n in range(200)])
    assert time.perf_counter() - before < 2
    assert len(pairs) == 400

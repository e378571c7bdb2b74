"""Pasted text becomes plain text that every document and database takes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.texts import N_, clean, clean_line, half_width, same_name
from tests.rules.sheets import slowest, steady

NASTY = "\x00\x08\x0b\x0c\r\n\t \x1f\x7f\x85\xa0\xad\u061c\u180e\u200b\u200d\u202e\u2028\u2029\u2066\u3000\ufeff\ufffe\uffff\ud800\udfff"
pasted = st.text(st.one_of(st.sampled_from(NASTY + "甲乙a1，"), st.characters()), max_size=40)

# Every code point of the planes in which something is forbidden, apart from each other so that none hides another.
CODES = [*range(0x20000), *range(0xE0000, 0xE1000)]
EVERYTHING = "甲".join(map(chr, CODES))


def forbidden(character: str) -> bool:
    """What XML 1.0 (docx, xlsx) or PostgreSQL cannot hold, or what hides or turns other characters round."""
    code = ord(character)
    return (
        (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in "\n\t")
        or 0xFDD0 <= code <= 0xFDEF
        or code in (0xFFFE, 0xFFFF, 0xAD, 0x61C, 0x180E, 0xFEFF)
        or 0x200B <= code <= 0x200F
        or 0x202A <= code <= 0x202E
        or 0x2060 <= code <= 0x206F
        or 0xFFF9 <= code <= 0xFFFB
        or 0xE0000 <= code <= 0xE007F
    )


def test_no_forbidden_character_of_all_there_are_is_left():
    assert [hex(ord(c)) for c in sorted(set(clean(EVERYTHING))) if forbidden(c)] == []


def test_every_character_that_is_not_forbidden_and_not_a_blank_is_kept():
    bullets = {"\uf06c", "\uf06e", "\uf075", "\uf076", "\uf0a7", "\uf0b2", "\uf0b7", "\uf0d8", "\uf0fc"}
    ordinary = {c for c in map(chr, CODES) if not forbidden(c) and not c.isspace()} - bullets
    assert set(clean(EVERYTHING)) - {" ", "\n", "\t", "\u3000"} == ordinary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("", ""),
        (" \t\n\u3000", ""),
        ("570", "570"),
        ("\uf0b7 第一项\n\uf0d8 第二项", "• 第一项\n• 第二项"),
        ("第一段\r\n第二段\r第三段", "第一段\n第二段\n第三段"),
        ("一\x0b二\x0c三\x85四\u2028五\u2029六", "一\n二\n三\n四\n五\n六"),
        ("行尾空格 \t\n下一行\u3000", "行尾空格\n下一行"),
        ("\n\n 开头和结尾 \n\n", "开头和结尾"),
        ("一\n\n二", "一\n\n二"),
        ("一\n \n\n\n二", "一\n\n二"),
        ("不\u00a0换\u2003行\u202f空格", "不 换 行 空格"),
        ("a\x00b\x08c\ufffed\ud800e", "abcde"),
        ("零宽\u200b字符\ufeff和\u00ad软连字符", "零宽字符和软连字符"),
        ("反转\u202egnp.exe", "反转gnp.exe"),
        ("表\t格", "表\t格"),
        ("\u3000\u3000首行缩进", "\u3000\u3000首行缩进"),
        ("大组〔2022〕101号·𠮷𬭎㛃", "大组〔2022〕101号·𠮷𬭎㛃"),
        ("A&B a < b > c ]]> {{7*7}}", "A&B a < b > c ]]> {{7*7}}"),
    ],
)
def test_long_text_keeps_its_lines_and_loses_what_pasting_brought(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("  社区党组织\n服务群众\u3000经费\t570 ", "社区党组织 服务群众 经费 570"),
        ("一\u2028二", "一 二"),
        ("\u200b", ""),
    ],
)
def test_short_text_becomes_one_line(text, expected):
    assert clean_line(text) == expected


@steady
@given(pasted)
def test_cleaning_twice_is_cleaning_once(text):
    once = clean(text)
    assert clean(once) == once
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_line(once) == clean_line(text)


@steady
@given(pasted)
def test_one_line_has_no_break_and_no_double_blank(text):
    line = clean_line(text)
    assert line == " ".join(line.split())
    assert [c for c in line if forbidden(c)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("１２３．４５", "123.45"),
        ("ＡＢｃ％（）＝＞", "ABc%()=>"),
        ("\u3000", " "),
        ("！～", "!~"),
        ("\uff00｟￥", "\uff00｟￥"),
        ("㎡²①、。", "㎡²①、。"),
        ("中文", "中文"),
    ],
)
def test_only_the_full_width_block_becomes_half_width(text, expected):
    assert half_width(text) == expected
    assert half_width(expected) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("培训 人次", "培训人次", True),
        ("ＡＰＰ下载量", "app 下载量", True),
        ("培训（期）", "培训(期)", True),
        ("培训\u200b人次", "培训人次\n", True),
        ("培训人次", "培训人数", False),
    ],
)
def test_two_names_are_the_same_whatever_their_width_case_and_blanks(one, other, same):
    assert (same_name(one) == same_name(other)) is same


def test_marking_a_sentence_for_translation_changes_nothing():
    assert N_("“%(name)s”不能为空。") == "“%(name)s”不能为空。"


def test_hostile_texts_are_cleaned_in_a_moment():
    assert slowest(lambda text: (clean(text), clean_line(text), same_name(text))) < 2

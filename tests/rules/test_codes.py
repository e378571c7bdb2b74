"""The field's codes: what they look like and what is said of a wrong one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.codes import (
    CATEGORY_LETTERS,
    check_function_code,
    check_project_code,
    check_unit_code,
    function_level,
    make_project_code,
    tidy,
)
from perfmgr.rules.projects import CATEGORIES
from tests.rules.sheets import slowest, steady, told

SHAPE = "“项目代码”应为 21 位：6 位区划、2 位年份、1 位字母、12 位流水号；现在是 {} 位“{}”。"
LETTER = "“项目代码”第 9 位是 {}，与所选项目类别应有的 {} 不符，请核对代码或类别。"
UNIT = "“预算单位编码”每级 3 位数字，例如部门 219、单位 219001；现在是“{}”。"
FUNCTION = "“功能分类编码”应为类 3 位、款 5 位或项 7 位数字，例如 2013202；现在是“{}”。"


def sentences(finding):
    return [] if finding is None else told([finding])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("５１０９２３２４ｔ 0000 1026 3357", "51092324T000010263357"), (" 219001 ", "219001"), ("", "")],
)
def test_a_code_is_stored_half_width_in_capitals_without_blanks(typed, stored):
    assert tidy(typed) == stored


@pytest.mark.parametrize(
    ("code", "category", "sentence"),
    [
        ("51092324T000010263357", "specific", None),
        ("51000021R000000019951", "staff", None),
        ("21020025Y000000000001", "public", None),
        ("21020025Y000000000001", "other_operation", None),
        ("51092324T000010263357", "staff", LETTER.format("T", "R")),
        ("51000021R000000019951", "specific", LETTER.format("R", "T")),
        ("21020025T000000000001", "public", LETTER.format("T", "Y")),
        ("", "specific", SHAPE.format(0, "")),
        ("51092324T00001026335", "specific", SHAPE.format(20, "51092324T00001026335")),
        ("51092324T0000102633570", "specific", SHAPE.format(22, "51092324T0000102633570")),
        ("51092324X000010263357", "specific", SHAPE.format(21, "51092324X000010263357")),
        ("51092324t000010263357", "specific", SHAPE.format(21, "51092324t000010263357")),
        ("51092324T00001026335٧", "specific", SHAPE.format(21, "51092324T00001026335٧")),
        ("51092324T000010263357\n", "specific", SHAPE.format(22, "51092324T000010263357\n")),
        ("9" * 100, "specific", SHAPE.format(100, "9" * 30)),
    ],
)
def test_a_project_code_has_21_characters_and_the_letter_of_its_category(code, category, sentence):
    expected = [] if sentence is None else [("CODE", "code", sentence)]
    assert sentences(check_project_code(code, category)) == expected


def test_every_project_category_has_its_letter():
    assert list(CATEGORY_LETTERS) == list(CATEGORIES)


@pytest.mark.parametrize(
    ("area", "year", "category", "serial", "code"),
    [
        ("210200", 2025, "specific", 1, "21020025T900000000001"),
        ("2102", 2025, "staff", 12345, "21020025R900000012345"),
        ("", 2000, "public", 0, "00000000Y900000000000"),
        ("210200123", 2099, "other_operation", 99_999_999_999, "21020099Y999999999999"),
    ],
)
def test_a_code_of_our_own_has_a_9_before_its_serial_number(area, year, category, serial, code):
    assert make_project_code(area, year, category, serial) == code


@steady
@given(
    st.text("0123456789", max_size=8),
    st.integers(2000, 2099),
    st.sampled_from(sorted(CATEGORIES)),
    st.integers(0, 10**11 - 1),
)
def test_a_code_of_our_own_is_a_right_one(area, year, category, serial):
    assert check_project_code(make_project_code(area, year, category, serial), category) is None


@pytest.mark.parametrize("code", ["219", "219001", "906017", "219001002", "219001002003"])
def test_a_unit_code_has_three_digits_for_each_of_up_to_four_levels(code):
    assert check_unit_code(code) is None


@pytest.mark.parametrize("code", ["", "21", "2190", "21900", "219001002003004", "21A", "２１９", "٢١٩", "219\n"])
def test_any_other_unit_code_is_refused(code):
    assert sentences(check_unit_code(code)) == [("CODE", "code", UNIT.format(code))]


def test_a_long_wrong_code_is_shown_cut_to_thirty_characters():
    assert told([check_unit_code("8" * 100), check_function_code("9" * 100)]) == [
        ("CODE", "code", UNIT.format("8" * 30)),
        ("CODE", "code", FUNCTION.format("9" * 30)),
    ]


@pytest.mark.parametrize(("code", "level"), [("201", "类"), ("20132", "款"), ("2013202", "项")])
def test_a_function_code_says_its_level(code, level):
    assert (check_function_code(code), function_level(code)) == (None, level)


@pytest.mark.parametrize("code", ["", "20", "2013", "201320", "20132021", "2O1", "２０１", "٢٠١", "201\n"])
def test_any_other_function_code_is_refused(code):
    assert sentences(check_function_code(code)) == [("CODE", "code", FUNCTION.format(code))]


def test_hostile_texts_are_refused_in_a_moment():
    def refuse(text):
        code = tidy(text)
        assert None not in [check_project_code(code, "specific"), check_unit_code(code), check_function_code(code)]

    assert slowest(refuse) < 2

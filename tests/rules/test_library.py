"""The indicator library: places in schemes, groups, drafts, pinyin, near names, steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents.schemes import by_code
from perfmgr.rules.library import (
    MEANINGS,
    STATES,
    STEPS,
    EntryDraft,
    Typical,
    by_sound,
    entry_of,
    group_of,
    justified,
    near,
    pairs_of,
    place,
    require_entry,
    search_text,
    search_words,
    sound_text,
    state_after,
    tidied,
)
from perfmgr.rules.library_fields import fields_of
from perfmgr.rules.refusals import Conflict, Invalid

GOOD = EntryDraft("培训考核合格率", "quality", "ge", unit="%", definition="合格的比例。")


@pytest.mark.parametrize(
    ("scheme", "meaning", "found"),
    [
        ("10-50-30-10", "quantity", ("output", "数量指标")),
        ("10-50-30-10", "cost", ("output", "成本指标")),
        ("10-50-30-10", "sustained", ("benefit", "可持续影响指标")),
        ("10-50-30-10", "input", ("output", "时效指标")),
        ("10-20-40-20-10", "cost", ("cost", "经济成本指标")),
        ("10-20-40-20-10", "sustained", ("benefit", "社会效益指标")),
        ("20-80", "satisfaction", ("goals", "满意度指标")),
        ("five-way", "input", ("input", "资金到位指标")),
        ("five-way", "efficiency", ("efficiency", "单位成本指标")),
        ("five-way", "social", ("effect", "社会效益指标")),
        ("five-way", "satisfaction", ("outcome", "服务对象满意度指标")),
        ("department-six", "quantity", ("duties", "重点工作履行")),
        ("department-six", "cost", ("cost", "公用经费控制")),
        ("department-six", "sustained", ("sustainability", "体制机制改革")),
    ],
)
def test_what_is_meant_has_its_place_in_each_scheme(scheme: str, meaning: str, found: tuple[str, str]) -> None:
    assert place(by_code(scheme), meaning) == found


@pytest.mark.parametrize(
    ("scheme", "category", "subcategory", "name", "group"),
    [
        ("10-50-30-10", "output", "数量指标", "次数", "quantity"),
        ("10-50-30-10", "output", "成本指标", "总价", "cost"),
        ("10-50-30-10", "satisfaction", "", "居民", "satisfaction"),
        ("10-50-30-10", "output", "", "按期办结率", "timeliness"),
        ("10-50-30-10", "output", "", "次数", ""),
        ("20-80", "goals", "生态效益指标", "绿地", "benefit"),
        ("five-way", "effect", "", "收入", "benefit"),
        ("10-20-40-20-10", "cost", "生态环境成本指标", "排放", "cost"),
        ("10-50-30-10", "gone", "", "", ""),
    ],
)
def test_an_indicator_of_a_sheet_belongs_to_a_group(
    scheme: str, category: str, subcategory: str, name: str, group: str
) -> None:
    assert group_of(by_code(scheme), category, subcategory, name) == group


@pytest.mark.parametrize("scheme", ["10-50-30-10", "10-20-40-20-10", "20-80", "five-way"])
def test_what_an_entry_fills_in_is_recognised_again(scheme: str) -> None:
    # An input has no place of its own where only outputs are scored: there it counts as timeliness.
    for code, meaning in MEANINGS.items():
        found = place(by_code(scheme), code)
        assert found is not None
        if code != "input":
            assert group_of(by_code(scheme), *found, "") == meaning.group, (scheme, code)


def test_a_draft_is_tidied() -> None:
    typed = EntryDraft(
        " 培训\u3000合格率 ",
        "quality",
        "ge",
        "",
        "%",
        words="培训、学员，班次",
        typical=(Typical("９０", " 一般 "), Typical(" ")),
    )
    found = tidied(typed)
    assert (found.name, found.field, found.words) == ("培训 合格率", "general", "培训 学员 班次")
    assert found.typical == (Typical("90", "一般"),)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"meaning": "x"}, "meaning"),
        ({"sign": "~"}, "sign"),
        ({"field": "x"}, "field"),
        ({"basis": "x"}, "basis"),
        ({"definition": ""}, "definition"),
        ({"unit": ""}, "unit"),
        ({"typical": (Typical(" "), Typical("很多"))}, "typical.1.value"),
        ({"typical": (Typical("1.1234567"),)}, "typical.0.value"),
        ({"typical": (Typical("9999999999999"),)}, "typical.0.value"),
    ],
)
def test_a_faulty_draft_is_refused_at_its_field(changes: dict[str, object], field: str) -> None:
    require_entry(GOOD)
    values = {name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__}
    with pytest.raises(Invalid) as refused:
        require_entry(EntryDraft(**{**values, **changes}))
    assert [finding.field for finding in refused.value.findings] == [field]


def test_words_may_stand_for_the_value_of_a_qualitative_entry() -> None:
    require_entry(EntryDraft("制度", "quality", "qualitative", definition="有制度。", typical=(Typical("印发"),)))


def test_a_row_of_the_files_is_read() -> None:
    row = {"name": "次数", "meaning": "quantity", "sign": "ge", "unit": "次", "definition": "次数。"}
    draft = entry_of({**row, "typical": ["90 一般 水平", "95"]}, "training")
    assert (draft.field, draft.typical, draft.starting_value) == (
        "training",
        (Typical("90", "一般 水平"), Typical("95", "")),
        "95",
    )
    assert entry_of(row, "general").starting_value == ""


@pytest.mark.parametrize("text", ["", "  ", "没有", "无\n。"])
def test_a_justification_must_say_something(text: str) -> None:
    with pytest.raises(Invalid, match="请说明为什么"):
        justified(text)


def test_what_is_searched_is_folded() -> None:
    assert search_text(EntryDraft("ＡＢ率", "quality", "ge", "training", words="Excel", definition="好")) == (
        "ab率 excel 培训 好"
    )
    assert search_words("　ＰＸ  合格率 ") == ["px", "合格率"]
    assert (by_sound("px1"), by_sound("培训"), by_sound("p%"), by_sound("")) == (True, False, False, False)


def test_pinyin_is_found_from_every_syllable_on() -> None:
    words = sound_text([["man"], ["yi"], ["du"]]).split()
    assert words == ["myd", "yd", "d", "manyidu", "yidu", "du"]


def test_the_other_reading_of_a_character_is_kept() -> None:
    words = sound_text([["chong", "zhong"], ["xin"]]).split()
    assert {"cx", "zx", "chongxin", "zhongxin"} <= set(words)


def test_letters_digits_and_odd_marks_in_a_name() -> None:
    assert sound_text([["1"], ["2"], ["（"], ["A"], ["lü"]]).split()[:2] == ["12al", "2al"]
    assert sound_text([]) == ""
    assert sound_text([["（"]]) == ""


@given(st.lists(st.lists(st.text("abzü1（", max_size=4), max_size=5), max_size=12))
def test_pinyin_of_anything_is_plain_words_and_not_endless(readings: list[list[str]]) -> None:
    found = sound_text(readings)
    assert all(by_sound(word) for word in found.split())
    assert len(found.split()) <= 25 * 2 * 12


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("居民满意度", "居民满意度", True),
        ("居民满意度", " 居民 满意度", True),
        ("居民满意度", "社区居民满意度", True),
        ("培训人次", "教师培训人次", True),
        ("居民满意度", "企业满意度", False),
        ("培训人次", "培训班次", False),
        ("验收合格率", "考核合格率", False),
        ("次", "次", True),
        ("次", "人", False),
    ],
)
def test_near_names(one: str, other: str, same: bool) -> None:
    assert near(pairs_of(one), pairs_of(other)) is same


def test_the_field_of_a_project_is_told_by_its_name_or_function() -> None:
    assert fields_of("党员教育培训", "") == {"party": "党员", "training": "培训", "education": "教育"}
    assert fields_of("其他支出", "2050803") == {"training": ""}
    assert fields_of("其他支出", "") == {}


def test_every_step_leads_from_one_state_to_another_and_is_refused_elsewhere() -> None:
    for step, (start, end) in STEPS.items():
        for state in STATES:
            if state == start:
                assert state_after(step, state) == end
            else:
                with pytest.raises(Conflict):
                    state_after(step, state)

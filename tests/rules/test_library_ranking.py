"""Suggestions: what fits comes first, with its reason, complete over the groups, nothing twice."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents.library import built_in
from perfmgr.documents.schemes import by_code, parsed
from perfmgr.rules.library import GROUPS, MEANINGS, known_near, pairs_of
from perfmgr.rules.library_ranking import MOST, Asked, Entry, Index, Suggestion, build_index, suggest

SCHEME = by_code("10-50-30-10")


def entries() -> list[Entry]:
    """Return the built-in library as ranking sees it."""
    return [
        Entry(n, row.draft.name, row.draft.field, row.draft.meaning, tuple(row.draft.words.split()))
        for n, row in enumerate(built_in(), 1)
    ]


INDEX = build_index(entries())
EMPTY = build_index([])


def said(suggestion: Suggestion) -> str:
    """Return the reasons as one sentence."""
    return "；".join(reason.sentence() for reason in suggestion.reasons)


def found(asked: Asked, index: Index = INDEX, scheme: str = "10-50-30-10") -> list[Suggestion]:
    """Return what is suggested."""
    return suggest(index, asked, by_code(scheme))


def test_a_training_project_gets_the_indicators_of_training_with_the_reason() -> None:
    suggestions = found(Asked("新录用公务员培训"))
    assert {s.entry.field for s in suggestions[:6]} == {"training"}
    quality = next(s for s in suggestions if s.entry.meaning == "quality")
    assert said(quality) == "项目名称含“培训”，同类项目常用；“产出指标”还没有质量指标"


@pytest.mark.parametrize(
    "name",
    [
        "社区食堂助餐服务",
        "政务信息系统运维",
        "老旧小区改造工程",
        "困难群众临时救助",
        "高层次人才引进",
        "物业管理",
        "杂项",
    ],
)
@pytest.mark.parametrize("scheme", sorted(parsed()))
def test_a_new_sheet_is_completed_over_every_group(name: str, scheme: str) -> None:
    suggestions = found(Asked(name), scheme=scheme)
    assert {MEANINGS[s.entry.meaning].group for s in suggestions[:6]} == set(GROUPS)
    assert len(suggestions) == MOST


def test_what_is_missing_comes_first_and_says_so() -> None:
    suggestions = found(Asked("党务培训", groups=frozenset({"quantity", "quality", "timeliness", "benefit"})))
    assert [MEANINGS[s.entry.meaning].group for s in suggestions[:2]] == ["cost", "satisfaction"]
    assert ["还没有" in said(s) for s in suggestions] == [True, True] + [False] * (len(suggestions) - 2)


def test_what_the_sheet_has_is_not_proposed_again_nor_anything_nearly_the_same() -> None:
    before = [s.entry.name for s in found(Asked("党务培训"))]
    asked = Asked("党务培训", names=[before[0], f"党员{before[1]}"])
    after = [s.entry.name for s in found(asked)]
    assert not {before[0], before[1]} & set(after)
    for one, other in itertools.combinations(after, 2):
        assert not known_near(pairs_of(one), [pairs_of(other)]), (one, other)


def test_texts_count_less_than_the_name_and_are_told() -> None:
    asked = Asked("年度专项", {"项目概述": "主要用于疫苗接种和疾控宣传。"})
    suggestions = found(asked)
    vaccine = next(s for s in suggestions if s.entry.name == "疫苗接种剂次")
    assert said(vaccine).startswith("“项目概述”里写到“")
    in_name = next(s for s in found(Asked("疫苗接种")) if s.entry.name == "疫苗接种剂次")
    assert in_name.score > vaccine.score


def test_the_function_tells_the_field_when_the_name_does_not() -> None:
    suggestions = found(Asked("年度专项", function="2050803"))
    assert suggestions[0].entry.field == "training"
    assert said(suggestions[0]).startswith("功能分类属于“培训”")


def test_what_is_used_often_is_preferred_among_equals_and_says_so() -> None:
    rows = [
        Entry(n, f"{name}办件数", "general", "quantity", ("窗口",), uses)
        for n, (name, uses) in enumerate([("城西甲乙", 0), ("江东丙丁", 30)], 1)
    ]
    suggestions = found(Asked("窗口建设"), build_index(rows))
    assert [s.entry.uses for s in suggestions] == [30, 0]
    assert said(suggestions[0]).endswith("已用于 30 个项目")


def test_entries_one_may_not_use_are_left_out() -> None:
    own = [Entry(900, "某单位专用指标", "training", "quality", ("党务", "党务培训"), owner=7)]
    index = build_index([*entries(), *own])
    seen = suggest(index, Asked("党务培训"), SCHEME, lambda entry: entry.owner in (None, 7), most=100)
    hidden = suggest(index, Asked("党务培训"), SCHEME, lambda entry: entry.owner is None, most=100)
    assert ([s.entry.id for s in seen].count(900), [s.entry.id for s in hidden].count(900)) == (1, 0)


def test_an_empty_library_suggests_nothing() -> None:
    assert found(Asked("党务培训"), EMPTY) == []


@given(st.text(max_size=200), st.text(max_size=2000), st.lists(st.text(max_size=40), max_size=5))
def test_anything_typed_gives_a_short_list_without_repetition(name: str, text: str, names: list[str]) -> None:
    suggestions = found(Asked(name, {"项目概述": text}, names=names))
    ids = [s.entry.id for s in suggestions]
    assert len(ids) == len(set(ids)) <= MOST
    assert all(s.reasons for s in suggestions)

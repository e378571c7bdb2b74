"""The indicator library: searching by words and pinyin, literally, ranked, and only what one may see."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from perfmgr.actions import declarations, library
from perfmgr.documents.library import built_in
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.library import LibraryEntry
from perfmgr.models.unit import Unit
from perfmgr.queries import library as queries
from perfmgr.queries import schemes
from perfmgr.queries.library import LibraryFilters
from perfmgr.queries.people import Viewer
from perfmgr.rules.library import EntryDraft
from perfmgr.rules.library_ranking import MOST
from tests import cast as make
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast

By = Callable[[str], Viewer]
ODD = ["达100%率", "a_b率", "a\\b率", "it's率", "a/b率", "axb率"]


def add(cast: Cast, by: Viewer, name: str, unit: int, **more: Any) -> LibraryEntry:
    """Add an own entry of a unit."""
    draft = EntryDraft(name, "quality", "ge", unit="%", definition=more.pop("definition", "试验。"), **more)
    return library.create(db.session.get_one(Unit, unit), draft, "库里没有合适的。", by)


def found(by: Viewer, search: str, **filters: Any) -> list[str]:
    """Return the names a search finds, in order."""
    return [entry.name for entry in queries.page(by, LibraryFilters(search, **filters)).rows]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("%", ["达100%率"]),
        ("_", ["a_b率"]),
        ("\\", ["a\\b率"]),
        ("'", ["it's率"]),
        ("a/b", ["a/b率"]),
        ("A_B", ["a_b率"]),
        ("' OR 1=1 --", []),
        ("没有这样的", []),
    ],
)
def test_a_search_is_taken_letter_by_letter(cast: Cast, by: By, search: str, names: list[str]) -> None:
    for name in ODD:
        add(cast, by(FILLER), name, cast.unit)
    assert found(by(FILLER), search, scope="own") == names


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("培训人次", "培训人次"),
        ("培训 合格", "培训考核合格率"),
        ("合格 培训", "培训考核合格率"),
        ("ＰＸＫＨ", "培训考核合格率"),
        ("pxkhhgl", "培训考核合格率"),
        ("peixunkaohe", "培训考核合格率"),
        ("zqkhhgl", "人才项目中期考核合格率"),
        ("sqjm myd", "社区居民满意度"),
        ("助餐 成本", "单份助餐补助成本"),
    ],
)
def test_words_and_pinyin_find_what_is_meant(by: By, search: str, first: str) -> None:
    assert found(by(FILLER), search)[0] == first


def test_every_word_must_stand_somewhere_name_key_words_field_or_definition(cast: Cast, by: By) -> None:
    add(cast, by(FILLER), "甲率", cast.unit, words="钥匙", field="health", definition="隐藏的定义")
    for search in ("甲率 钥匙", "钥匙 定义", "卫生健康 钥匙", "jl 定义"):
        assert found(by(FILLER), search) == ["甲率"]
    assert found(by(FILLER), "钥匙 培训") == []


def test_the_beginning_of_a_name_comes_before_its_middle_its_sound_and_its_text(cast: Cast, by: By) -> None:
    for name, definition in (
        ("丁率", "文中有钥匙二字"),
        ("要时检查率", "试验"),
        ("丙钥匙率", "试验"),
        ("钥匙乙率", "试验"),
    ):
        add(cast, by(FILLER), name, cast.unit, definition=definition)
    assert found(by(FILLER), "钥匙") == ["钥匙乙率", "丙钥匙率", "丁率"]
    add(cast, by(FILLER), "ys编号率", cast.unit)
    assert found(by(FILLER), "ys", scope="own")[0] == "ys编号率"
    assert set(found(by(FILLER), "ys", scope="own")[1:]) >= {"钥匙乙率", "丙钥匙率", "要时检查率"}


def test_filters_and_paging(by: By) -> None:
    whole = len(built_in())
    every = queries.page(by(FILLER), LibraryFilters())
    assert (every.total, len(every.rows), every.last) == (whole, 50, -(-whole // 50))
    seen = [e.id for n in range(1, every.last + 1) for e in queries.page(by(FILLER), LibraryFilters(page=n)).rows]
    assert (len(seen), len(set(seen))) == (whole, whole)
    training = queries.page(by(FILLER), LibraryFilters(field="training", group="satisfaction"))
    assert [(e.field, e.meaning) for e in training.rows] == [("training", "satisfaction")]
    benefits = queries.page(by(FILLER), LibraryFilters(field="environment", group="benefit"))
    assert {e.meaning for e in benefits.rows} == {"ecological", "sustained"}
    assert {e.field for e in queries.page(by(FILLER), LibraryFilters(scope="common")).rows} == {"general"}


def test_an_own_entry_is_seen_by_its_unit_and_those_above_and_below(cast: Cast, by: By) -> None:
    of_unit = add(cast, by(FILLER), "本级自建率", cast.unit)
    of_department = add(cast, by(FILLER), "部门自建率", cast.department)
    seen = {
        person: ("本级自建率" in found(by(person), "自建率"), "部门自建率" in found(by(person), "自建率"))
        for person in (FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER)
    }
    assert seen == {
        FILLER: (True, True),
        FILLER_2: (False, True),  # of another unit of the same department
        REVIEWER: (True, True),
        FINANCE: (True, True),
        ADMIN: (True, True),
        OUTSIDER: (False, False),
    }
    assert queries.find(of_unit.id, by(FILLER_2)) is None
    assert queries.find(of_department.id, by(FILLER_2)) is not None
    ids = {of_unit.id, of_department.id, 10**9}
    assert queries.names(ids, by(FILLER_2)) == {of_department.id: "部门自建率"}
    assert queries.names(ids, by(FILLER_2), {of_unit.id}) == {of_department.id: "部门自建率", of_unit.id: "本级自建率"}


def test_a_retired_entry_is_only_found_when_asked_for(cast: Cast, by: By) -> None:
    entry = add(cast, by(FILLER), "停用率", cast.unit)
    library.take(entry, "retire", by(FILLER))
    assert found(by(FILLER), "停用率") == []
    assert found(by(FILLER), "停用率", retired=True) == ["停用率"]
    assert queries.find_usable(entry.id, by(FILLER)) is None
    assert queries.same_named("停用率", by(FILLER)) is None


def test_proposals_are_those_below_the_administrator(cast: Cast, by: By) -> None:
    entry = add(cast, by(FILLER), "申报率", cast.unit)
    assert queries.proposals(by(ADMIN), 1).total == 0
    library.take(entry, "propose", by(FILLER))
    assert [e.id for e in queries.proposals(by(ADMIN), 1).rows] == [entry.id]
    assert queries.proposals(by(FILLER), 1).total == 0


def test_where_an_entry_is_used_lists_only_what_one_sees(cast: Cast, by: By) -> None:
    entry = queries.same_named("培训人次", by(FILLER))
    assert entry is not None
    own, other = (
        db.session.get_one(Declaration, make.declare(cast, name, by=person, unit=unit))
        for name, person, unit in (("甲", FILLER, cast.unit), ("乙", OUTSIDER, cast.other_unit))
    )
    for declaration, person in ((own, FILLER), (other, OUTSIDER)):
        rows = make.indicator_drafts()
        named = declarations.IndicatorDraft("output", "培训人次", "ge", make.WAN, unit="人次")
        declarations.save_indicators(declaration, [*rows, named], by(person))
    assert [row.name for row in queries.used_in(entry, by(FILLER))] == ["甲"]
    assert [row.name for row in queries.used_in(entry, by(FINANCE))] == ["乙", "甲"]


def test_suggestions_follow_the_project_and_notice_every_change(cast: Cast, by: By) -> None:
    declaration = db.session.get_one(Declaration, make.declare(cast, "窗口人员业务培训", complete=False))
    scheme = schemes.by_id(declaration.scheme_id)
    names = [entry.name for _s, entry in queries.suggestions(declaration, scheme, by(FILLER))]
    assert len(names) == MOST
    assert "培训考核合格率" in names
    own = add(cast, by(FILLER), "窗口人员业务差错率", cast.unit, words="窗口 培训 业务", field="training")
    assert "窗口人员业务差错率" in [e.name for _s, e in queries.suggestions(declaration, scheme, by(FILLER))]
    assert "窗口人员业务差错率" not in [e.name for _s, e in queries.suggestions(declaration, scheme, by(OUTSIDER))]
    library.take(own, "retire", by(FILLER))
    assert "窗口人员业务差错率" not in [e.name for _s, e in queries.suggestions(declaration, scheme, by(FILLER))]


def test_searching_takes_two_statements_and_suggesting_three(
    cast: Cast, by: By, count_queries: Callable[[], Any]
) -> None:
    viewer = by(FILLER)
    declaration = db.session.get_one(Declaration, make.declare(cast))
    scheme = schemes.by_id(declaration.scheme_id)
    queries.suggestions(declaration, scheme, viewer)
    with count_queries() as searched:
        queries.page(viewer, LibraryFilters("培训 myd"))
    with count_queries() as suggested:
        queries.suggestions(declaration, scheme, viewer)
    assert (len(searched), len(suggested)) == (2, 3)


def test_the_index_is_built_once_for_each_state_of_the_library(by: By) -> None:
    first = queries.index()
    assert queries.index() is first
    db.session.execute(update(LibraryEntry).where(LibraryEntry.code == "general-01").values(uses=5))
    assert queries.index() is not first
    db.session.rollback()

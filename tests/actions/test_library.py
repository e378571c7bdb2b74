"""The indicator library: taking in, a unit's own entries, their way to everybody, and what is counted."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update

from perfmgr.actions import _library_counts, declarations, evaluations, library
from perfmgr.actions._sounds import sounds_of
from perfmgr.actions.declarations import IndicatorDraft
from perfmgr.documents import library as documents
from perfmgr.documents.library import BuiltIn
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.library import LibraryEntry
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.library import EntryDraft, Typical
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from tests import cast as make
from tests.actions.test_evaluations import TEXTS, entries
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast

By = Callable[[str], Viewer]
WHY = "指标库里没有反映阵地建设的指标。"
DRAFT = EntryDraft(
    "阵地标识规范率",
    "quality",
    "ge",
    "party",
    "%",
    "标识规范的阵地比例。",
    typical=(Typical("90", "首年"), Typical("95")),
)


def named(name: str) -> LibraryEntry:
    """Return the only entry of this name."""
    return db.session.scalars(select(LibraryEntry).where(LibraryEntry.name == name)).one()


@pytest.fixture
def own(cast: Cast, by: By) -> LibraryEntry:
    """An own entry of the cast's unit."""
    return library.create(db.session.get_one(Unit, cast.unit), DRAFT, WHY, by(FILLER))


# --- the built-in entries -----------------------------------------------------------------------


def test_the_built_in_entries_are_taken_in_once(context: None) -> None:
    stored = db.session.scalars(select(LibraryEntry).where(LibraryEntry.code.is_not(None))).all()
    rows = {row.code: row.draft for row in documents.built_in()}
    assert {entry.code: entry.as_draft() for entry in stored} == rows
    assert {(entry.scope, entry.field == "general") for entry in stored} == {("common", True), ("field", False)}
    assert library.take_in(documents.built_in()) == 0


def test_a_newer_edition_replaces_an_entry_unless_somebody_edited_it(context: None, cast: Cast, by: By) -> None:
    library.take_in([BuiltIn("试-01", 1, DRAFT), BuiltIn("试-02", 1, DRAFT)])
    first, second = (
        db.session.scalars(select(LibraryEntry).where(LibraryEntry.code == c)).one() for c in ("试-01", "试-02")
    )
    try:
        library.update(second, EntryDraft("改过的名称", "quality", "ge", "party", "%", "改过。"), "", by(ADMIN))
        newer = EntryDraft("新版名称", "quality", "ge", "party", "%", "新版。")
        assert library.take_in([BuiltIn("试-01", 2, newer), BuiltIn("试-02", 2, newer)]) == 1
        assert (first.name, first.edition, second.name, second.edition) == ("新版名称", 2, "改过的名称", 1)
        assert first.name_key == "新版名称"
        assert " xbmc " in first.sounds
    finally:
        db.session.delete(first)
        db.session.delete(second)
        db.session.commit()


@pytest.mark.parametrize("person", [FILLER, REVIEWER, FINANCE, OUTSIDER])
def test_only_administrators_change_what_everybody_uses(context: None, by: By, person: str) -> None:
    entry = named("培训人次")
    for attempt in (
        lambda: library.update(entry, DRAFT, "", by(person)),
        lambda: library.take(entry, "retire", by(person)),
    ):
        with pytest.raises(NotAllowed, match="只能由系统管理员修改"):
            attempt()
    assert (entry.name, entry.state) == ("培训人次", "active")


def test_an_administrator_retires_and_restores(context: None, by: By, history: Callable[..., Any]) -> None:
    entry = named("培训人次")
    library.take(entry, "retire", by(ADMIN))
    assert entry.state == "retired"
    with pytest.raises(Conflict, match="当前为“已停用”"):
        library.take(entry, "retire", by(ADMIN))
    library.take(entry, "restore", by(ADMIN))
    assert entry.state == "active"
    assert [row[0] for row in history("library", entry.id)] == ["retire", "restore"]


# --- a unit's own entries -----------------------------------------------------------------------


def test_an_own_entry_belongs_to_a_unit_and_says_why(
    own: LibraryEntry, cast: Cast, history: Callable[..., Any]
) -> None:
    assert (own.scope, own.state, own.owner_id, own.created_by_id, own.justification) == (
        "own",
        "active",
        cast.unit,
        cast.people[FILLER],
        WHY,
    )
    assert own.as_draft() == DRAFT
    assert history("library", own.id) == [("start", None, None)]


def test_what_is_faulty_unjustified_known_or_not_ones_own_is_not_added(cast: Cast, by: By) -> None:
    unit, area = db.session.get_one(Unit, cast.unit), db.session.get_one(Unit, cast.area)
    attempts: list[tuple[type[Exception], Callable[[], Any]]] = [
        (Invalid, lambda: library.create(unit, DRAFT, "无", by(FILLER))),
        (Invalid, lambda: library.create(unit, EntryDraft("甲", "x", "ge"), WHY, by(FILLER))),
        (
            Conflict,
            lambda: library.create(unit, EntryDraft("培训 人次", "quantity", "ge", "", "次", "次。"), WHY, by(FILLER)),
        ),
        (NotAllowed, lambda: library.create(unit, DRAFT, WHY, by(OUTSIDER))),
        (NotAllowed, lambda: library.create(unit, DRAFT, WHY, by(ADMIN))),
        (NotAllowed, lambda: library.create(area, DRAFT, WHY, by(FILLER))),
    ]
    for refusal, attempt in attempts:
        with pytest.raises(refusal):
            attempt()
    assert db.session.scalar(select(func.count()).where(LibraryEntry.code.is_(None))) == 0


def test_the_owner_and_an_administrator_above_change_it_others_do_not(own: LibraryEntry, by: By) -> None:
    for person in (FILLER_2, REVIEWER, FINANCE, OUTSIDER):
        with pytest.raises(NotAllowed):
            library.update(own, DRAFT, WHY, by(person))
    version = own.version
    changed = EntryDraft("阵地标牌规范率", "quality", "ge", "party", "%", "规范的比例。")
    library.update(own, changed, "改写理由，仍然没有。", by(FILLER), version)
    assert (own.name, own.justification, own.typical) == ("阵地标牌规范率", "改写理由，仍然没有。", [])
    with pytest.raises(Conflict, match="已被他人修改"):
        library.update(own, DRAFT, WHY, by(ADMIN), version)
    library.update(own, DRAFT, WHY, by(ADMIN), own.version)
    assert own.name == DRAFT.name


def test_a_proposal_is_approved_and_everybody_may_use_it(
    own: LibraryEntry, cast: Cast, by: By, told: Callable[[], Any], history: Callable[..., Any]
) -> None:
    library.take(own, "propose", by(FILLER))
    assert (own.state, told()) == ("proposed", [(ADMIN, "library_propose")])
    with pytest.raises(Conflict, match="等待管理员处理"):
        library.update(own, DRAFT, WHY, by(FILLER))
    library.take(own, "approve", by(ADMIN))
    assert (own.scope, own.state, own.owner_id) == ("field", "active", cast.unit)
    assert told()[1:] == [(FILLER, "library_approve")]
    assert [row[0] for row in history("library", own.id)] == ["start", "propose", "approve"]
    with pytest.raises(Conflict, match="已经在指标库里"):
        library.take(own, "propose", by(FILLER))
    with pytest.raises(NotAllowed):
        library.update(own, DRAFT, WHY, by(FILLER))


def test_a_proposal_is_declined_with_an_opinion_and_stays_the_units_own(
    own: LibraryEntry, by: By, told: Callable[[], Any]
) -> None:
    library.take(own, "propose", by(FILLER))
    with pytest.raises(Refused, match="请填写意见"):
        library.take(own, "decline", by(ADMIN), "  ")
    assert own.state == "proposed"
    library.take(own, "decline", by(ADMIN), "请用“党组织标准化建设达标率”。")
    assert (own.scope, own.state) == ("own", "active")
    assert told()[-1] == (FILLER, "library_decline")


def test_a_proposal_is_taken_back(own: LibraryEntry, by: By) -> None:
    library.take(own, "propose", by(FILLER))
    library.take(own, "take_back", by(FILLER))
    assert own.state == "active"
    with pytest.raises(Conflict):
        library.take(own, "approve", by(ADMIN))


@pytest.mark.parametrize(
    ("person", "step"),
    [(ADMIN, "propose"), (FILLER, "approve"), (REVIEWER, "approve"), (FINANCE, "decline"), (OUTSIDER, "propose")],
)
def test_each_step_has_its_people(own: LibraryEntry, by: By, person: str, step: str) -> None:
    if step in ("approve", "decline"):
        library.take(own, "propose", by(FILLER))
    before = own.state
    with pytest.raises(NotAllowed):
        library.take(own, step, by(person), "意见")
    assert own.state == before


# --- what indicators remember -------------------------------------------------------------------


def draft_from(entry: LibraryEntry, weight: str = "20") -> IndicatorDraft:
    """Return an entry as a typed row."""
    return IndicatorDraft(
        "output", entry.name, entry.sign, Decimal(90), unit=entry.unit, weight=Decimal(weight), library_id=entry.id
    )


def test_an_indicator_remembers_its_entry_through_saving_copying_and_evaluation(
    cast: Cast, by: By, own: LibraryEntry
) -> None:
    first = named("培训考核合格率")
    declaration = db.session.get_one(Declaration, make.declare(cast))
    rows = [draft_from(first), draft_from(own, "15"), *make.indicator_drafts()[2:]]
    declarations.save_indicators(declaration, rows, by(FILLER))
    assert [i.library_id for i in declaration.indicators] == [first.id, own.id, None, None, None]
    make.take(declaration.id, cast, *make.APPROVED)
    from perfmgr.actions import budgets
    from perfmgr.queries import budgets as budget_queries

    line = budget_queries.of_project(declaration.project_id, YEAR)
    assert line is not None
    budgets.take(line, "approve", by(FINANCE))
    sheet = db.session.get_one(Evaluation, make.opened(cast)["社区服务经费"])
    assert [line.library_id for line in sheet.lines] == [first.id, own.id, None, None, None]


def test_a_row_keeps_its_entry_when_it_is_imported_and_loses_it_when_it_is_called_otherwise(cast: Cast, by: By) -> None:
    entry = named("培训考核合格率")
    declaration = db.session.get_one(Declaration, make.declare(cast))

    def saved(name: str, library_id: int | None) -> int | None:
        row = IndicatorDraft("output", name, "ge", Decimal(90), unit="%", library_id=library_id)
        declarations.save_indicators(declaration, [row], by(FILLER))
        return declaration.indicators[0].library_id

    assert saved("培训考核合格率", entry.id) == entry.id
    assert saved("培训考核合格率", None) == entry.id  # as from a workbook, which knows no entries
    assert saved("学员培训考核合格率", entry.id) == entry.id
    assert saved("慰问户数", entry.id) is None
    assert saved("培训考核合格率", None) is None


def test_an_entry_nobody_may_see_here_is_not_remembered(cast: Cast, by: By) -> None:
    foreign = library.create(db.session.get_one(Unit, cast.other_unit), DRAFT, WHY, by(OUTSIDER))
    declaration = db.session.get_one(Declaration, make.declare(cast))
    rows = [draft_from(foreign), IndicatorDraft("output", "次数", "ge", Decimal(1), library_id=10**9)]
    declarations.save_indicators(declaration, rows, by(FILLER))
    assert [i.library_id for i in declaration.indicators] == [None, None]


# --- counting -----------------------------------------------------------------------------------


def confirmed(cast: Cast, name: str, actual: str) -> Evaluation:
    """Take a project through its year; the first line of its sheet has this actual value."""
    make.budgeted(cast, name)
    sheet = db.session.get_one(Evaluation, make.opened(cast)[name])
    rows = entries()
    evaluations.submit(sheet, rows, TEXTS, cast.viewer(FILLER))
    evaluations.take(sheet, "confirm", cast.viewer(REVIEWER))
    line = sheet.lines[1]  # 验收合格率
    db.session.execute(update(EvaluationLine).where(EvaluationLine.id == line.id).values(actual_value=Decimal(actual)))
    db.session.commit()
    return sheet


def counted(entry: LibraryEntry) -> tuple[Any, ...]:
    """Return what was counted for an entry."""
    db.session.refresh(entry)
    return tuple(getattr(entry, name) for name in _library_counts.COUNTED)


def test_uses_and_results_are_counted_by_entry_or_by_name(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    rate = library.create(
        unit, EntryDraft(" 验收\u3000合格率", "quality", "ge", "", "％", "合格的比例。"), WHY, by(FILLER)
    )
    metres = library.create(unit, EntryDraft("居民满意度", "quality", "ge", "", "米", "单位不同。"), WHY, by(FILLER))
    version = rate.version
    for name, actual in (("甲", "90"), ("乙", "96"), ("丙", "99")):
        confirmed(cast, name, actual)
    make.declare(cast, "丁")  # only declared
    assert _library_counts.count_uses(dry_run=True) == _library_counts.count_uses() > 0
    assert counted(rate) == (4, YEAR, 3, Decimal(90), Decimal(96), Decimal(99), Decimal(95))
    assert counted(metres) == (4, None, None, None, None, None, None)
    assert rate.version == version
    assert _library_counts.count_uses() == 0


def test_only_the_newest_year_and_confirmed_sheets_count(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    rate = library.create(unit, EntryDraft("验收合格率", "quality", "ge", "", "%", "合格的比例。"), WHY, by(FILLER))
    old, new, open_one = (confirmed(cast, name, actual) for name, actual in (("甲", "60"), ("乙", "95"), ("丙", "10")))
    old.year, open_one.state = YEAR - 1, "submitted"
    new_line = new.lines[1]
    db.session.commit()
    # Filled from another entry, it is no result of this one although the names are the same.
    _library_counts.count_uses()
    assert counted(rate)[1:5] == (YEAR, 1, Decimal(95), Decimal(95))
    new_line.library_id = named("培训考核合格率").id
    db.session.commit()
    _library_counts.count_uses()
    assert counted(rate)[1:5] == (YEAR - 1, 1, Decimal(60), Decimal(60))
    other = named("培训考核合格率")
    assert counted(other)[1:3] == (YEAR, 1)


def test_the_job_says_how_many_it_changed(context: None) -> None:
    from perfmgr.jobs import CLOCK

    outcome = CLOCK["count_library"].run(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dry_run=True)
    assert outcome.text == f"更新指标使用情况 {outcome.done} 项"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("居民满意度", "jmmyd"),
        ("居民满意度", "myd"),
        ("居民满意度", "manyidu"),
        ("重大舆情报告时限", "zdyq"),
        ("重大舆情报告时限", "chongda"),
        ("12345热线办结率", "12345rx"),
        ("A级景区数", "ajjq"),
        ("绿化养护面积", "lvhua"),
    ],
)
def test_names_are_found_by_pinyin_with_other_readings(name: str, typed: str) -> None:
    assert f" {typed}" in sounds_of(name)

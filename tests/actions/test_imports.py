"""Imports: nothing is written before it is confirmed, then exactly what was shown, each project once and whole."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from perfmgr import jobs, times
from perfmgr.actions import _import_match, declarations, imports, projects
from perfmgr.documents import target_forms
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.import_batch import ImportBatch, ImportRow
from perfmgr.models.person import Person
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import imports as queries
from perfmgr.rules.imports import unpacked
from perfmgr.rules.refusals import NotAllowed, Refused
from tests import cast as make
from tests import target_books as given
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, REVIEWER, YEAR, Cast


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.rollback()


def upload(cast: Cast, data: bytes, *, by: str = FILLER, unit: int | None = -1, year: int = YEAR) -> ImportBatch:
    """Check a workbook for the cast's unit (None: the unit each form names)."""
    at = None if unit is None else db.session.get_one(Unit, cast.unit if unit == -1 else unit)
    db.session.rollback()
    return imports.take_in(target_forms.drafts(data, "表.xlsx"), year, at, data, "表.xlsx", cast.viewer(by))


def rows(batch: ImportBatch) -> list[ImportRow]:
    """Return the projects of a batch as stored now."""
    db.session.expire_all()
    return list(db.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.id)))


def said(row: ImportRow) -> list[str]:
    """Return what a project was told, with its place."""
    return [f"{data['field']} {unpacked(data).sentence()}" for data in row.findings]


def carry_out(batch: ImportBatch, cast: Cast, by: str = FILLER, most: int = 3) -> int:
    """Confirm a batch and write all of it; returns how many slices it took."""
    imports.confirm(batch, cast.viewer(by))
    slices = 0
    while imports.work(batch.id, cast.viewer(by), most):
        slices += 1
    return slices


def stored(batch: ImportBatch) -> list[dict[str, Any]]:
    """Return what is stored now of the projects a batch has written."""
    found = {d.id: d for d in queries.whole([r.declaration_id or 0 for r in rows(batch)])}
    return [queries.values_of(found[r.declaration_id or 0]) for r in rows(batch)]


def count() -> tuple[int, int]:
    """Return how many projects and declarations there are."""
    counted = [db.session.scalar(select(func.count()).select_from(model)) for model in (Project, Declaration)]
    return counted[0] or 0, counted[1] or 0


@pytest.mark.parametrize("layout", ["national", "yuan", "list"])
def test_what_is_exported_comes_back_the_same(cast: Cast, tmp_path: Path, layout: str) -> None:
    wanted = [given.values(seed) for seed in range(1, 26)]
    batch = upload(cast, given.book(layout, [given.form(v) for v in wanted], tmp_path))
    assert [(r.outcome, said(r)) for r in rows(batch)] == [("create", [])] * 25
    assert count() == (0, 0)
    assert carry_out(batch, cast) == 9
    written = stored(batch)
    for before, after in zip(wanted, written, strict=True):
        if not before["project"]["code"]:
            before["project"]["code"] = after["project"]["code"]
        assert after == before
    assert batch.state == "done"
    again = upload(cast, given.book(layout, [given.form(v) for v in written], tmp_path))
    assert [(r.outcome, r.changes) for r in rows(again)] == [("unchanged", [])] * 25


def test_an_imported_project_is_stored_like_one_typed_by_hand(cast: Cast) -> None:
    by_hand = make.declare(cast)
    batch = upload(cast, given.book("national", [given.form(given.plain(0, "社区服务经费二"))], Path()))
    carry_out(batch, cast)
    typed, imported = queries.whole([by_hand]), queries.whole([rows(batch)[0].declaration_id or 0])

    def columns(record: Any, *left_out: str) -> dict[str, Any]:
        return {c.key: getattr(record, c.key) for c in record.__table__.columns if c.key not in left_out}

    apart = ("id", "project_id", "updated_at", "version", "declaration_id", "saves")
    assert columns(imported[0], *apart) == columns(typed[0], *apart)
    assert imported[0].version == 1
    assert [columns(i, *apart) for i in imported[0].indicators] == [columns(i, *apart) for i in typed[0].indicators]
    project = imported[0].project
    assert (project.code[:9], project.code[9], project.version) == ("21029125T", "9", 1)
    events = [
        (e.subject_kind, e.step, e.state_to, e.person_id) for e in db.session.scalars(select(Event).order_by(Event.id))
    ]
    assert events[2:] == events[:2]
    declarations.take(imported[0], "submit", cast.viewer(FILLER))
    assert imported[0].state == "submitted"


def test_three_bad_lines_of_twelve_are_all_told_with_their_cells(cast: Cast) -> None:
    data = given.plain()
    data["indicators"] = [[*data["indicators"][1][:2], f"指标 {n}", *data["indicators"][1][3:]] for n in range(12)]
    data["indicators"][2][0], data["indicators"][5][2], data["indicators"][9][7] = "过程指标", "", "1.234"
    batch = upload(cast, given.book("national", [given.form(data)], Path()))
    [row] = rows(batch)
    assert (row.outcome, row.data, count()) == ("refused", {}, (0, 0))
    assert said(row) == [
        "申报表!B21 “一级指标”填的是“过程指标”，本年度评分方案里应为 产出指标、效益指标、满意度指标 之一。",
        "申报表!D24 “三级指标”不能为空，请填写指标名称。",
        "申报表!H28 “分值”最多保留 2 位小数。",
    ]
    assert carry_out(batch, cast) == 0
    assert count() == (0, 0)


def test_a_draft_is_updated_by_its_code_and_shows_what_changes(cast: Cast) -> None:
    declaration_id = make.declare(cast)
    [declaration] = queries.whole([declaration_id])
    data = queries.values_of(declaration)
    data["texts"]["plan"] = "按月实施。"
    data["funds"] = {"general_public": "5000000", "other": "700000"}
    data["indicators"] = [
        *data["indicators"][:4],
        ["benefit", "", "新指标", "qualitative", None, "合理", "", "10", None, ""],
    ]
    batch = upload(cast, given.book("yuan", [given.form(data)], Path()))
    [row] = rows(batch)
    assert (row.outcome, row.declaration_id) == ("update", declaration_id)
    assert row.changes == [
        ["实施方案", "", "分季度实施。", "按月实施。"],
        ["一般公共预算", "", "5700000", "5000000"],
        ["其他", "", "0", "700000"],
        ["绩效目标", "5", "居民满意度 · ≥90% · 10 · 居民问卷 200 份", "新指标 · 合理 · 10"],
    ]
    carry_out(batch, cast)
    [declaration] = queries.whole([declaration_id])
    assert queries.values_of(declaration) == data
    assert str(declaration.annual_amount) == "5700000.00"


def test_an_official_form_without_our_parts_leaves_them_as_they_are(cast: Cast) -> None:
    declaration_id = make.declare(cast)
    [before] = queries.whole([declaration_id])
    kept = queries.values_of(before)
    data = given.sheet(
        [
            ["项目支出绩效目标申报表"],
            [f"（{YEAR}年度）"],
            ["项目名称", "社区服务经费", "主管部门", "甲部门"],
            ["一级指标", "二级指标", "三级指标", "指标值"],
            ["产出指标", "数量指标", "办事数", "≥200件"],
            [None, "质量指标", "合格率", "≥９５％"],
        ]
    )
    batch = upload(cast, data)
    assert [r.outcome for r in rows(batch)] == ["update"]
    carry_out(batch, cast)
    [after] = queries.whole([declaration_id])
    found = queries.values_of(after)
    assert [line[:8] for line in found["indicators"]] == [
        ["output", "数量指标", "办事数", "ge", "200", "", "件", "0"],
        ["output", "质量指标", "合格率", "ge", "95", "", "%", "0"],
    ]
    assert {k: v for k, v in found.items() if k != "indicators"} == {k: v for k, v in kept.items() if k != "indicators"}


def test_what_was_submitted_is_not_updated(cast: Cast) -> None:
    declaration_id = make.declare(cast)
    [declaration] = queries.whole([declaration_id])
    data = queries.values_of(declaration)
    make.take(declaration_id, cast, (FILLER, "submit"))
    batch = upload(cast, given.book("national", [given.form(data)], Path()))
    assert said(rows(batch)[0])[0].startswith("申报表!C4 申报当前为“待部门审核”，不能修改")
    make.take(declaration_id, cast, (REVIEWER, "return"))
    data["texts"]["body"] = "改正"
    batch = upload(cast, given.book("national", [given.form(data)], Path()))
    assert [r.outcome for r in rows(batch)] == ["update"]


def test_a_code_of_another_unit_is_taken_and_its_project_not_touched(cast: Cast) -> None:
    other = make.declare(cast, "别人的", by=make.OUTSIDER, unit=cast.other_unit)
    [declaration] = queries.whole([other])
    data = given.plain(code=declaration.project.code)
    batch = upload(cast, given.book("national", [given.form(data)], Path()))
    assert [(r.outcome, said(r)) for r in rows(batch)] == [
        ("refused", [f"申报表!H4 项目代码“{declaration.project.code}”已被使用，请核对。"])
    ]
    with pytest.raises(NotAllowed):
        upload(cast, given.book("national", [given.form(given.plain())], Path()), unit=cast.other_unit)
    with pytest.raises(NotAllowed):
        upload(cast, given.book("national", [given.form(given.plain())], Path()), by=ADMIN)


def test_each_form_may_name_its_own_unit(cast: Cast, tmp_path: Path) -> None:
    names = [db.session.get_one(Unit, key).name for key in (cast.unit, cast.unit_2, cast.other_unit)]
    forms = [given.form(given.plain(n, f"项目 {n}"), unit) for n, unit in enumerate([*names, ""])]
    batch = upload(cast, given.book("list", forms, tmp_path), unit=None)
    assert [(r.outcome, r.unit_id) for r in rows(batch)] == [
        ("create", cast.unit),
        ("create", cast.unit_2),
        ("refused", None),
        ("refused", None),
    ]
    carry_out(batch, cast)
    found = db.session.execute(select(Project.name, Project.unit_id).order_by(Project.name)).all()
    assert [tuple(row) for row in found] == [("项目 0", cast.unit), ("项目 1", cast.unit_2)]


def test_the_same_project_twice_in_a_workbook_counts_once(cast: Cast) -> None:
    forms = [given.form(given.plain(n, "同名")) for n in range(2)]
    batch = upload(cast, given.book("national", forms, Path()))
    assert [r.outcome for r in rows(batch)] == ["create", "refused"]
    assert said(rows(batch)[1]) == ["2 同名!C4 与“1 同名”C4 是同一个项目，请只保留一处。"]


def test_what_changed_after_the_check_is_not_overwritten(cast: Cast) -> None:
    declaration_id = make.declare(cast)
    [declaration] = queries.whole([declaration_id])
    data = queries.values_of(declaration)
    data["texts"]["body"] = "表中的"
    forms = [given.form(data), given.form(given.plain(1, "另一项"))]
    batch = upload(cast, given.book("national", forms, Path()))
    declarations.save_texts(declaration, {"body": "网页上的"}, cast.viewer(FILLER))
    carry_out(batch, cast)
    states = [(r.state, said(r)) for r in rows(batch)]
    assert states[0] == ("failed", [" 检查之后这个项目或申报已有变化，没有导入。请重新上传，核对后再确认。"])
    assert states[1][0] == "done"
    assert queries.values_of(queries.whole([declaration_id])[0])["texts"]["body"] == "网页上的"


def test_one_project_that_cannot_be_written_does_not_hold_up_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forms = [given.form(given.plain(n, f"项目 {n}", f"21029125T{n:012d}")) for n in range(5)]
    batch = upload(cast, given.book("list", forms, tmp_path))
    # Somebody takes the code between the look-up and the insert: the database says no.
    declarations.create(
        db.session.get_one(Unit, cast.other_unit),
        projects.ProjectDraft("21029125T000000000002", "抢先", "specific"),
        YEAR,
        cast.viewer(make.OUTSIDER),
    )
    real = _import_match.imports.known

    def blind(year: int, codes: Any, names: Any) -> Any:
        return real(year, {code for code in codes if not code.endswith("2")}, names)

    monkeypatch.setattr(_import_match.imports, "known", blind)
    carry_out(batch, cast, most=10)
    assert [r.state for r in rows(batch)] == ["done", "done", "failed", "done", "done"]
    assert count() == (5, 5)


def test_a_killed_import_goes_on_where_it_was_and_never_twice(cast: Cast, tmp_path: Path) -> None:
    forms = [given.form(given.plain(n, f"项目 {n}")) for n in range(10)]
    batch = upload(cast, given.book("list", forms, tmp_path))
    imports.confirm(batch, cast.viewer(FILLER))
    imports.work(batch.id, cast.viewer(FILLER), 4)
    assert count() == (4, 4)

    @event.listens_for(db.engine, "before_cursor_execute")
    def _die(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO indicator"):
            raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            imports.work(batch.id, cast.viewer(FILLER), 4)
    finally:
        event.remove(db.engine, "before_cursor_execute", _die)
    assert count() == (4, 4)
    assert jobs.continue_imports(times.now()).done == 6
    assert jobs.continue_imports(times.now()).done == 0
    assert count() == (10, 10)
    db.session.refresh(batch)
    assert batch.state == "done"


def test_two_at_the_same_batch_write_every_project_once(app: Flask, cast: Cast, tmp_path: Path) -> None:
    forms = [given.form(given.plain(n, f"项目 {n}")) for n in range(40)]
    batch_id = upload(cast, given.book("list", forms, tmp_path)).id
    imports.confirm(db.session.get_one(ImportBatch, batch_id), cast.viewer(FILLER))
    db.session.rollback()
    wrong: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            try:
                by = cast.viewer(FILLER)
                db.session.rollback()
                while imports.work(batch_id, by, 3):
                    pass
            except BaseException as error:
                wrong.append(error)

    threads = [threading.Thread(target=run) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    imports.work(batch_id, cast.viewer(FILLER))
    assert (count(), {r.state for r in rows(db.session.get_one(ImportBatch, batch_id))}) == ((40, 40), {"done"})


def test_nothing_is_written_for_somebody_who_was_switched_off(cast: Cast) -> None:
    batch = upload(cast, given.book("national", [given.form(given.plain())], Path()))
    imports.confirm(batch, cast.viewer(FILLER))
    db.session.get_one(Person, cast.people[FILLER]).active = False
    db.session.commit()
    assert jobs.continue_imports(times.now()).done == 0
    assert count() == (0, 0)


def test_nothing_is_written_once_the_post_is_gone(cast: Cast) -> None:
    batch = upload(cast, given.book("national", [given.form(given.plain())], Path()))
    imports.confirm(batch, cast.viewer(FILLER))
    db.session.get_one(Person, cast.people[FILLER]).appointments = []
    db.session.commit()
    imports.work(batch.id, cast.viewer(FILLER))
    assert [(r.state, said(r)) for r in rows(batch)] == [("failed", [" 您已不再是这个单位的填报人，没有导入。"])]
    assert count() == (0, 0)


def test_old_imports_are_forgotten(cast: Cast) -> None:
    batch = upload(cast, given.book("national", [given.form(given.plain())], Path()))
    assert jobs.forget_imports(times.now()).done == 0
    batch_id, later = batch.id, times.now() + dt.timedelta(days=8)
    assert jobs.forget_imports(later, dry_run=True).done == 1
    assert jobs.forget_imports(later).done == 1
    assert db.session.get(ImportBatch, batch_id) is None
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0


def test_a_workbook_that_cannot_be_read_leaves_nothing_behind(cast: Cast) -> None:
    with pytest.raises(Refused):
        upload(cast, b"PK\x03\x04 nonsense")
    with pytest.raises(Refused, match="周期尚未建立"):
        upload(cast, given.book("national", [given.form(given.plain())], Path()), year=2031)
    assert db.session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_others_do_not_see_a_batch(cast: Cast) -> None:
    batch = upload(cast, given.book("national", [given.form(given.plain())], Path()))
    seen = [
        queries.find(batch.id, cast.viewer(name)) is not None for name in (FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN)
    ]
    assert seen == [True, False, False, False, False]
    with pytest.raises(NotAllowed):
        imports.confirm(batch, cast.viewer(FILLER_2))


def test_the_number_of_queries_does_not_grow_with_the_projects(cast: Cast, count_queries: Any, tmp_path: Path) -> None:
    def statements(number: int) -> tuple[int, int]:
        forms = [given.form(given.plain(n, f"{number} 项目 {n}")) for n in range(number)]
        data = given.book("list", forms, tmp_path)
        with count_queries() as checking:
            batch = upload(cast, data)
        imports.confirm(batch, cast.viewer(FILLER))
        with count_queries() as writing:
            imports.work(batch.id, cast.viewer(FILLER))
        return len(checking), len(writing)

    statements(1)  # schemes and years are remembered from then on
    assert statements(3) == statements(60)

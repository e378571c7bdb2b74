"""Importing target forms through the pages: upload, faults at their cells, annotated copy, confirming, progress."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.import_batch import ImportBatch
from perfmgr.models.project import Project
from perfmgr.queries import imports as queries
from perfmgr.rules.imports import cell_name
from tests import cast as make
from tests import target_books as given
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast
from tests.records import snapshot

Visit = Callable[[str | None], Visitor]


def upload(visitor: Visitor, data: bytes, unit: int | str, name: str = "申报表.xlsx", year: int = YEAR) -> TestResponse:
    """Post a workbook as a browser does."""
    fields = {"year": str(year), "unit_id": str(unit), "file": (io.BytesIO(data), name)}
    return visitor.post("/imports", fields, content_type="multipart/form-data")


def form(*projects: dict[str, Any], layout: str = "national", folder: Path = Path()) -> bytes:
    """Return projects as a workbook."""
    return given.book(layout, [given.form(p) for p in projects], folder)


def count(app: Flask) -> int:
    """Return how many declarations there are."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Declaration)) or 0


def test_faults_are_shown_nothing_is_written_and_the_rest_can_be_imported(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor, bad = visit(FILLER), given.plain(1, "有错的")
    bad["indicators"][0][2], bad["indicators"][1][7], bad["project"]["end_on"] = "", "0.001", "2020-01-01"
    answer = upload(visitor, form(bad, given.plain(2, "好的")), cast.unit)
    assert (answer.status_code, count(app)) == (303, 0)
    address = answer.headers["Location"]
    page = visitor.get(address)
    shown = text(page)
    assert "有 1 个项目有错误，不能导入" in shown
    for sentence in (
        "1 有错的 D19 “三级指标”不能为空，请填写指标名称。",
        "1 有错的 H20 “分值”最多保留 2 位小数。",
        "1 有错的 C7 结束日期 2020-01-01 早于开始日期 2025-01-01，请调整其中一个。",
        "只导入其余 1 个",
    ):
        assert sentence in shown
    copy = visitor.get(f"{address}/annotated.xlsx")
    assert copy.headers["Content-Disposition"].endswith("%E7%BB%93%E6%9E%9C%EF%BC%89.xlsx")
    with zipfile.ZipFile(io.BytesIO(copy.data)) as package:
        comments = b"".join(package.read(n) for n in package.namelist() if "comments" in n).decode()
    assert 'ref="D19"' in comments
    assert 'ref="H20"' in comments
    assert count(app) == 0
    assert visitor.post(f"{address}/confirmation").status_code == 303
    assert ("正在导入" in text(visitor.get(address)), count(app)) == (True, 0)
    answer = visitor.post(f"{address}/slices")
    while "正在导入" in text(visitor.get(address)):
        answer = visitor.post(f"{address}/slices")
    assert answer.status_code == 303
    assert "导入完成：写入 1 个项目。" in text(visitor.get(address))
    assert count(app) == 1


def test_progress_is_told_as_json(cast: Cast, visit: Visit, tmp_path: Path) -> None:
    visitor = visit(FILLER)
    data = form(*(given.plain(n, f"项目 {n}") for n in range(30)), layout="list", folder=tmp_path)
    address = upload(visitor, data, cast.unit).headers["Location"]
    visitor.post(f"{address}/confirmation")
    seen = []
    while not seen or not seen[-1]["finished"]:
        answer = visitor.post(f"{address}/slices", headers={"Accept": "application/json"})
        seen.append(answer.get_json())
        assert len(seen) < 50
    assert seen[-1] == {"settled": 30, "due": 30, "finished": True}
    assert visitor.post(f"{address}/confirmation").status_code == 303  # twice is harmless


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "“表.xlsx”不是完整的 Excel 工作簿（.xlsx），请重新保存后再上传。"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 99, "“表.xlsx”是旧格式的 Excel 文件（.xls），请另存为 .xlsx 后再上传。"),
        (given.sheet([["别的表"]]), "没有找到项目支出绩效目标申报表"),
    ],
)
def test_a_workbook_that_is_none_is_told_so_and_nothing_kept(
    app: Flask, cast: Cast, visit: Visit, data: bytes, sentence: str
) -> None:
    visitor = visit(FILLER)
    before = snapshot(app)
    answer = upload(visitor, data, cast.unit, "表.xlsx")
    assert answer.status_code == 422
    assert sentence in problems(answer)[0]
    assert snapshot(app) == before


def test_year_unit_and_file_are_asked_for(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit(FILLER)
    assert problems(visitor.post("/imports", {"year": str(YEAR), "unit_id": str(cast.unit)})) == [
        "请选择要导入的 Excel 文件。"
    ]
    assert upload(visitor, form(given.plain()), cast.other_unit).status_code == 422
    assert upload(visitor, form(given.plain()), cast.unit, year=1999).status_code == 422
    assert count(app) == 0


def test_nobody_else_sees_confirms_or_takes_up_an_import(app: Flask, cast: Cast, visit: Visit) -> None:
    address = upload(visit(FILLER), form(given.plain()), cast.unit).headers["Location"]
    for username, status in (
        (FILLER_2, 404),
        (OUTSIDER, 404),
        (REVIEWER, 403),
        (FINANCE, 403),
        (ADMIN, 403),
        (None, 401),
    ):
        visitor = visit(username)
        for path in ("/confirmation", "/slices", "/discarding"):
            assert visitor.post(address + path).status_code == status, (username, path)
        if username:
            assert visitor.get(address).status_code == status
            assert visitor.get(f"{address}/annotated.xlsx").status_code == status
    assert count(app) == 0
    assert "申报表.xlsx" not in text(visit(FILLER_2).get("/imports"))


def test_a_form_exported_from_the_page_comes_back_unchanged(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
    visitor = visit(FILLER)
    for layout in ("national", "yuan", "list"):
        answer = visitor.get(f"/declarations/{declaration_id}/form.xlsx?layout={layout}", buffered=True)
        address = upload(visitor, answer.data, cast.unit).headers["Location"]
        shown = visitor.get(address)
        assert "表中内容与系统里的完全一致" in text(shown)
        page = shown.get_data(as_text=True)
        assert page.count("btn-primary") == 1
        assert f'<a class="btn btn-primary" href="/declarations/{declaration_id}">返回申报</a>' in page
        assert "/confirmation" not in page
        assert "/discarding" not in page
    assert visit(OUTSIDER).get(f"/declarations/{declaration_id}/form.xlsx").status_code == 404


def test_a_project_without_term_or_category_is_no_surprise(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit(FILLER)
    data = given.plain()
    data["project"] |= {"start_on": None, "end_on": None, "category": ""}
    address = upload(visitor, form(data), cast.unit).headers["Location"]
    assert "没有填写“项目类别”，将按“特定目标类”新建" in text(visitor.get(address))
    visitor.post(f"{address}/confirmation")
    visitor.post(f"{address}/slices")
    with app.app_context():
        [declaration] = db.session.scalars(select(Declaration))
        project = declaration.project
        assert (project.category, project.start_on, project.end_on) == ("specific", None, None)
        declaration_id = declaration.id
    for layout in ("national", "yuan"):
        answer = visitor.get(f"/declarations/{declaration_id}/form.xlsx?layout={layout}", buffered=True)
        shown = text(visitor.get(upload(visitor, answer.data, cast.unit).headers["Location"]))
        assert "表中内容与系统里的完全一致" in shown
        assert "没有填写“项目类别”" not in shown


def test_a_change_is_shown_before_it_is_confirmed(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        data = queries.values_of(queries.whole([declaration_id])[0])
    data["texts"]["body"] = "<b>另一科</b>"
    visitor = visit(FILLER)
    address = upload(visitor, form(data), cast.unit).headers["Location"]
    assert "实施主体： 甲部门 → <b>另一科</b>" in text(visitor.get(address))
    visitor.post(f"{address}/discarding")
    assert visitor.get(address).status_code == 404
    with app.app_context():
        assert queries.whole([declaration_id])[0].body == "甲部门"


@pytest.mark.parametrize("username", [FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER])
def test_exports_hold_exactly_what_one_sees(app: Flask, cast: Cast, visit: Visit, username: str) -> None:
    with app.app_context():
        make.declare(cast, "甲项目")
        make.declare(cast, "=HYPERLINK(1)", by=FILLER_2, unit=cast.unit_2)
        make.declare(cast, "乙项目", by=OUTSIDER, unit=cast.other_unit)
    sees = {
        FILLER: {"甲项目", "=HYPERLINK(1)"},
        FILLER_2: {"=HYPERLINK(1)"},
        OUTSIDER: {"乙项目"},
        REVIEWER: {"甲项目", "=HYPERLINK(1)"},
    }.get(username, {"甲项目", "=HYPERLINK(1)", "乙项目"})
    visitor = visit(username)
    for query in ("", "&scope=all", f"&org_id={cast.other_unit}", "&fields=*", "&per_page=1000000000"):
        rows = visitor.get(f"/projects/targets.csv?year={YEAR}{query}").get_data(as_text=True).splitlines()
        names = {row.split(",")[1].removeprefix("'") for row in rows[1:]}
        assert (names, len(rows)) == (sees, 1 + 5 * len(sees))
        for layout in ("list", "national", "yuan"):
            data = visitor.get(f"/projects/export.xlsx?year={YEAR}&layout={layout}{query}", buffered=True).data
            found = {draft.head.text("name") for draft in given_drafts(data)}
            assert found == sees
    assert visitor.get("/projects/export.xlsx?page=-1").status_code == 404
    empty = visitor.get("/projects/export.xlsx?year=2030&layout=national", buffered=True)
    assert empty.status_code == 200


def given_drafts(data: bytes) -> Any:
    """Return the projects of an exported workbook."""
    from perfmgr.documents.target_forms import read

    return read(data, "导出.xlsx")


def test_templates_are_for_the_year_and_unit_asked_for(cast: Cast, visit: Visit) -> None:
    visitor = visit(FILLER)
    for layout in ("national", "yuan", "list"):
        answer = visitor.get(f"/imports/template.xlsx?layout={layout}&year={YEAR}&unit={cast.unit_2}")
        assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    with zipfile.ZipFile(io.BytesIO(visitor.get(f"/imports/template.xlsx?unit={cast.unit_2}").data)) as package:
        strings = package.read("xl/sharedStrings.xml").decode()
    assert "甲部门服务中心" in strings
    assert f"（{YEAR}年度）" in strings
    assert visitor.get("/imports/template.xlsx?year=2077").status_code == 404


def test_the_list_of_projects_is_paged_and_asks_as_often_for_many(
    cast: Cast, visit: Visit, count_queries: Any, tmp_path: Path
) -> None:
    visitor = visit(FILLER)

    def statements(number: int) -> int:
        data = form(*(given.plain(n, f"{number} 项目 {n}") for n in range(number)), layout="list", folder=tmp_path)
        address = upload(visitor, data, cast.unit).headers["Location"]
        visitor.get(address)
        with count_queries() as asked:
            page = visitor.get(address)
        assert len(re.findall("<tr><td", page.get_data(as_text=True))) == min(number, 50)
        return len(asked)

    assert statements(1) == statements(3) == statements(120)


def test_long_exports_wait_for_their_turn_and_then_say_so(
    app: Flask, cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from perfmgr.web import target_files

    monkeypatch.setattr(target_files, "PATIENCE", 0.01)
    visitor = visit(FILLER)
    held = [target_files._ROOM.acquire() for _n in range(2)]
    try:
        answer = visitor.get(f"/projects/export.xlsx?year={YEAR}")
    finally:
        for _held in held:
            target_files._ROOM.release()
    assert (answer.status_code, "正在导出的人较多，请稍后再试。" in text(answer)) == (429, True)
    assert visitor.get(f"/projects/export.xlsx?year={YEAR}", buffered=True).status_code == 200


def test_a_large_export_is_sent_piece_by_piece_and_leaves_no_file(
    app: Flask, cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from perfmgr.web import target_files

    monkeypatch.setattr(target_files, "SENT_AT_ONCE", 0)
    with app.app_context():
        make.declare(cast, "甲项目")
    with visit(FILLER).get(f"/projects/export.xlsx?year={YEAR}") as answer:
        assert [draft.head.text("name") for draft in given_drafts(answer.data)] == ["甲项目"]


def test_nothing_of_a_refused_import_is_in_the_database(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit(FILLER)
    upload(visitor, given.sheet([["项目名称", "甲"], ["一级指标", "三级指标", "指标值"]] * 2), cast.unit)
    with app.app_context():
        found = [db.session.scalar(select(func.count()).select_from(m)) for m in (Project, Declaration, ImportBatch)]
    assert found == [0, 0, 1]
    assert cell_name(0, 27) == "AB1"

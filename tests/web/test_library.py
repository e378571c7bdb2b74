"""Pages of the indicator library: adding, proposing, deciding, and filling a row of a declaration."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.library import LibraryEntry
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FILLER_2, OUTSIDER, REVIEWER, Cast

Visit = Callable[[str | None], Visitor]
WHY = "库里没有反映阵地标识的指标。"


def form(cast: Cast, **changes: str) -> dict[str, str]:
    """Return a filled-in form for an own entry."""
    return {
        "owner_id": str(cast.unit),
        "name": "阵地标识规范率",
        "meaning": "quality",
        "field": "party",
        "definition": "标识规范的阵地比例。",
        "sign": "ge",
        "unit": "%",
        "basis": "plan",
        "typical-0-value": "９０",
        "typical-0-when": "首年",
        "justification": WHY,
        **changes,
    }


def entry_id(app: Flask, name: str) -> int:
    """Return the id of the entry with this name."""
    with app.app_context():
        return db.session.scalars(select(LibraryEntry.id).where(LibraryEntry.name == name)).one()


def declared(app: Flask, cast: Cast, **more: Any) -> int:
    """Return the id of a declaration."""
    with app.app_context():
        return make.declare(cast, "党员教育培训", **more)


def rows(app: Flask, declaration_id: int) -> list[tuple[Any, ...]]:
    """Return the indicators of a declaration as stored."""
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id).indicators
        return [(i.category, i.subcategory, i.name, i.sign, i.unit, i.library_id) for i in found]


def test_everybody_signed_in_may_read_it(visit: Visit) -> None:
    for username in (FILLER, REVIEWER, ADMIN, OUTSIDER):
        page = text(visit(username).get("/library?q=pxrc"))
        assert "培训人次" in page
        assert re.search(r"\b[1-9] 项指标", page)


def test_an_own_entry_goes_its_way_to_everybody(app: Flask, cast: Cast, visit: Visit) -> None:
    filler, admin = visit(FILLER), visit(ADMIN)
    answer = filler.post("/library", form(cast))
    assert answer.status_code == 303
    address = f"/library/{entry_id(app, '阵地标识规范率')}"
    assert answer.headers["Location"] == address
    page = text(filler.get(address))
    assert (WHY in page, "90 % 首年" in page, "申报入库" in page) == (True, True, True)
    assert visit(FILLER_2).get(address).status_code == 404
    assert filler.post(f"{address}/proposal").status_code == 303
    assert "阵地标识规范率" in text(admin.get("/library/proposals"))
    assert "申报进入通用指标库" in text(admin.get("/notices"))
    refused = admin.post(f"{address}/decline", {"comment": ""})
    assert (refused.status_code, "请填写意见" in text(refused)) == (422, True)
    assert admin.post(f"{address}/approval").status_code == 303
    assert admin.post(f"{address}/approval").status_code == 409
    assert "已由 何管理 批准入库" in text(filler.get("/notices"))
    assert visit(FILLER_2).get(address).status_code == 200
    assert "阵地标识规范率" in text(visit(OUTSIDER).get("/library?q=zdbs"))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"name": ""}, 422, "“指标名称”不能为空，请填写。"),
        ({"meaning": "x"}, 422, "请从“考核内容”的列表中选择。"),
        ({"justification": ""}, 422, "请说明为什么指标库里没有合适的指标（至少 5 个字）。"),
        ({"typical-0-value": "很多"}, 422, "参考值“很多”不是数字；定量指标的参考值请填数字，单位另填。"),
        ({"unit": ""}, 422, "定量指标没有计量单位，请填写，例如 %、个、万元。"),
        ({"name": "培训人次"}, 409, "指标库里已有“培训人次”，请直接选用。"),
        ({"name": "长" * 61}, 422, "“指标名称”超出 1 字，最多 60 字，请删减。"),
        ({"owner_id": ""}, 422, "请选择自建指标归哪个单位使用。"),
    ],
)
def test_a_refused_entry_says_why_and_loses_nothing(
    app: Flask, cast: Cast, visit: Visit, changes: dict[str, str], status: int, sentence: str
) -> None:
    answer = visit(FILLER).post("/library", form(cast, **changes))
    assert (answer.status_code, problems(answer)) == (status, [sentence])
    body = answer.get_data(as_text=True)
    assert "标识规范的阵地比例。" in body
    assert "首年" in body
    with app.app_context():
        assert db.session.scalars(select(LibraryEntry).where(LibraryEntry.code.is_(None))).all() == []


def test_a_wrong_typical_value_is_linked_to_its_row(app: Flask, cast: Cast, visit: Visit) -> None:
    wrong = form(cast, **{"typical-0-value": "", "typical-1-value": "很多", "typical-1-when": "次年"})
    body = visit(FILLER).post("/library", wrong).get_data(as_text=True)
    assert re.search(r'<a href="#typical-1-value">参考值“很多”不是数字', body)
    assert re.search(r'<input class="form-control is-invalid [^>]*id="typical-1-value"[^>]*typical-1-value-error', body)


def test_a_proposal_without_typical_value_says_so(app: Flask, cast: Cast, visit: Visit) -> None:
    visit(FILLER).post("/library", form(cast, unit="户", **{"typical-0-value": ""}))
    visit(FILLER).post(f"/library/{entry_id(app, '阵地标识规范率')}/proposal")
    page = text(visit(ADMIN).get("/library/proposals"))
    assert "户（≥，未给参考值）" in page
    assert "≥ —" not in page


def test_an_administrator_edits_a_common_entry(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit(ADMIN)
    visit(FILLER).post("/library", form(cast))
    address = f"/library/{entry_id(app, '阵地标识规范率')}/edit"
    page = visitor.get(address).get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    changed = form(cast, name="阵地标牌规范率", version=version[1])
    del changed["owner_id"]  # it is not asked again
    assert visitor.post(address, changed).status_code == 303
    again = visitor.post(address, changed)
    assert (again.status_code, "已被他人修改" in text(again)) == (409, True)
    answer = visit(FILLER).get(f"/library/{entry_id(app, '培训人次')}/edit")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/library/{entry_id(app, '培训人次')}")


def test_suggestions_are_filled_in_without_javascript(app: Flask, cast: Cast, visit: Visit) -> None:
    declaration, filler = declared(app, cast, complete=False), visit(FILLER)
    page = filler.get(f"/declarations/{declaration}/library").get_data(as_text=True)
    assert "项目名称含“培训”，同类项目常用" in page
    entry = entry_id(app, "培训考核合格率")
    answer = filler.post(f"/declarations/{declaration}/library", {"entry_id": str(entry), "version": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/declarations/{declaration}/sections/indicators")
    assert rows(app, declaration) == [("output", "质量指标", "培训考核合格率", "ge", "%", entry)]
    page = filler.get(answer.headers["Location"]).get_data(as_text=True)
    assert "目标值是参考值，请核对" in page
    assert f'name="indicators-0-library_id" value="{entry}"' in page
    assert "培训考核合格率" not in text(filler.get(f"/declarations/{declaration}/library"))


def test_saving_the_table_keeps_what_a_row_was_filled_from(app: Flask, cast: Cast, visit: Visit) -> None:
    declaration, filler = declared(app, cast, complete=False), visit(FILLER)
    entry = entry_id(app, "培训考核合格率")
    row = {"category": "output", "name": "培训合格率", "sign": "ge", "target": "95", "unit": "%", "weight": "10"}
    for library_id, kept in ((str(entry), entry), (str(10**9), None), ("x", None), ("", None)):
        data = {f"indicators-0-{name}": value for name, value in {**row, "library_id": library_id}.items()}
        answer = filler.post(f"/declarations/{declaration}/sections/indicators", data)
        assert answer.status_code == 303
        assert [found[5] for found in rows(app, declaration)] == [kept]
        with app.app_context():  # what is stored already stays known; each turn starts anew
            db.session.get_one(Declaration, declaration).indicators = []
            db.session.commit()


def test_a_foreign_or_missing_choice_fills_nothing(app: Flask, cast: Cast, visit: Visit) -> None:
    declaration, filler = declared(app, cast, complete=False), visit(FILLER)
    entry = entry_id(app, "培训考核合格率")
    address = f"/declarations/{declaration}/library"
    assert filler.post(address, {"entry_id": str(10**9)}).status_code == 404
    assert filler.post(address, {}).status_code == 303
    assert visit(OUTSIDER).post(address, {"entry_id": str(entry)}).status_code == 404
    assert rows(app, declaration) == []


def test_json_is_for_those_who_fill_the_declaration(app: Flask, cast: Cast, visit: Visit) -> None:
    declaration = declared(app, cast, complete=False)
    address = f"/declarations/{declaration}/library.json"
    data = visit(FILLER).get(f"{address}?q=pxkhhgl").get_json()
    assert (data["total"], data["offers"][0]["values"]) == (
        1,
        {
            "category": "output",
            "subcategory": "质量指标",
            "name": "培训考核合格率",
            "sign": "ge",
            "target": "92",
            "unit": "%",
            "evidence": "考核成绩单",
            "library_id": str(entry_id(app, "培训考核合格率")),
        },
    )
    assert all(offer["reason"] for offer in visit(FILLER).get(address).get_json()["offers"])
    assert visit(OUTSIDER).get(address).status_code == 404
    assert visit(REVIEWER).get(address).status_code == 403


def test_a_submitted_declaration_is_offered_nothing(app: Flask, cast: Cast, visit: Visit) -> None:
    declaration, filler = declared(app, cast), visit(FILLER)
    with app.app_context():
        make.take(declaration, cast, (FILLER, "submit"))
    assert filler.get(f"/declarations/{declaration}/library.json").get_json()["offers"] == []
    assert filler.get(f"/declarations/{declaration}/library").status_code == 302
    entry = entry_id(app, "培训考核合格率")
    filler.post(f"/declarations/{declaration}/library", {"entry_id": str(entry)})
    assert len(rows(app, declaration)) == 5


def test_a_row_of_ones_own_becomes_an_entry_and_remembers_it(app: Flask, cast: Cast, visit: Visit) -> None:
    declaration, filler = declared(app, cast), visit(FILLER)
    page = filler.get(f"/declarations/{declaration}/sections/indicators").get_data(as_text=True)
    address = f"/library/new?declaration={declaration}&amp;row=1"
    assert address in page
    body = filler.get(address.replace("&amp;", "&")).get_data(as_text=True)
    for value in ('value="办理服务项目数"', 'value="个"', 'value="190"', '<option value="quantity" selected>'):
        assert value in body, value
    typed = form(cast, name="办理服务项目数", meaning="quantity", unit="个")
    assert filler.post(f"/library?declaration={declaration}&row=1", typed).status_code == 303
    assert rows(app, declaration)[0][5] == entry_id(app, "办理服务项目数")
    assert address not in filler.get(f"/declarations/{declaration}/sections/indicators").get_data(as_text=True)
    assert visit(OUTSIDER).get(address.replace("&amp;", "&")).status_code == 404

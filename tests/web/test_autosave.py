"""Autosave: what is kept while somebody types, what the page is told, and who gets it back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from perfmgr.actions import declarations as actions
from perfmgr.extensions import db
from perfmgr.models.draft import Draft
from perfmgr.queries import declarations
from perfmgr.rules.findings import Finding
from tests import cast as make
from tests import records
from tests.browser import text
from tests.cast import ADMIN, FILLER, FILLER_2, OUTSIDER, REVIEWER, Cast
from tests.web.sections import Visit, fields, keep, post, stored


def test_autosave_says_when_and_changes_only_the_draft(app: Flask, declared: int, visit: Visit) -> None:
    visitor, before = visit(FILLER), records.snapshot(app)
    answer = keep(visitor, declared, "overview", {"overview": "写到一半"})
    assert (answer.status_code, re.fullmatch(r"\d\d:\d\d", answer.json["saved_at"]) is not None) == (200, True)
    after = records.snapshot(app)
    assert {name for name in after if after[name] != before[name]} == {"draft"}


def test_autosave_knows_what_the_page_knows(
    app: Flask, declared: int, cast: Cast, visit: Visit, count_queries: Callable[[], Any]
) -> None:
    """Text typed as it stands in another project's sheet is told at once; sections that nothing is known of cost less."""
    copied = "全年办理服务群众项目一百九十个，惠及居民六万人次。验收合格率达到百分之九十五以上。"
    with app.app_context():
        other = declarations.find(make.declare(cast, "甲社区经费"), cast.viewer(FILLER))
        assert other
        actions.save_texts(other, {"goals": copied}, cast.viewer(FILLER))
        make.take(other.id, cast, (FILLER, "submit"))
    visitor = visit(FILLER)
    found = keep(visitor, declared, "plan", {"goals": copied, "plan": "分季度实施。"}).json["findings"]
    assert [f["field"] for f in found if "甲社区经费" in f["message"]] == ["goals"]
    costs = []
    for name, data in (("plan", {"goals": copied}), ("body", {"body": "社区管理科"})):
        with count_queries() as statements:
            assert keep(visitor, declared, name, data).status_code == 200
        costs.append(len(statements))
    assert costs[1] < costs[0] <= costs[1] + 3


def test_what_was_typed_is_in_the_form_again_and_can_be_discarded(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    data = {
        "plan": "办法<b>",
        "goals": "",
        "steps-0-content": "一",
        "steps-0-start_on": "二月三十",
        "steps-1-content": "",
    }
    keep(visitor, declared, "plan", data)
    page = visitor.get(path)
    found = fields(page)
    assert {name: found[name] for name in data} == data
    assert "还没有保存的内容" in text(page)
    assert found["tab"] != "t1"
    visitor.post(f"{path}/draft/discarding", {"draft": "t1"})
    assert fields(visitor.get(path))["plan"] == "分季度实施。"


def test_drafts_of_several_tabs_are_all_offered(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/overview"
    for tab in ("t1", "t2"):
        keep(visitor, declared, "overview", {"overview": f"窗口 {tab}", "tab": tab})
    page = visitor.get(path)
    assert fields(page)["overview"] == "窗口 t2"
    assert f'href="{path}?draft=t1"' in page.get_data(as_text=True)
    assert fields(visitor.get(f"{path}?draft=t1"))["overview"] == "窗口 t1"


def test_saving_the_restored_draft_leaves_none_behind(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/overview"
    keep(visitor, declared, "overview", {"overview": "写到一半"})
    assert post(visitor, path, {**fields(visitor.get(path)), "overview": "写完"}).status_code == 303
    with app.app_context():
        assert db.session.query(Draft).count() == 0
    assert stored(app, declared).overview == "写完"


def test_autosave_tells_what_fields_and_rules_say_at_their_controls(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declared = make.declare(cast, complete=False)
    good = {"category": "output", "sign": "ge", "target": "9", "unit": "次", "weight": "10"}
    rows = [
        {"name": ""},
        {**good, "name": "次数"},
        {**good, "name": "次数", "target": "很多"},
        {**good, "name": "", "weight": "x"},
    ]
    data = {f"indicators-{n}-{key}": value for n, row in enumerate(rows) for key, value in row.items()}
    said = keep(visit(FILLER), declared, "indicators", data).json["findings"]
    found = {f["field"]: (f["level"], f["message"]) for f in said}
    table = [f["message"] for f in said if f["field"] == "indicators"]
    assert found["indicators-2-target"][1].startswith("第 3 项指标“次数”的目标值“很多”不是数字")
    assert found["indicators-2-name"] == ("warning", "第 2 项指标“次数”与第 1 项重名，请删除一项或改写名称。")
    assert found["indicators-3-weight"][1].startswith("第 4 行：“分值”填的“x”不是数字")
    assert any(message.startswith("“产出指标”的分值合计为 20 分") for message in table)
    assert "indicators-3-name" not in found  # still empty: not typed yet is no finding


def test_autosave_is_quiet_about_what_is_not_typed_yet(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    answer = keep(visit(FILLER), declaration_id, "plan", {"plan": "", "goals": "", "steps-0-content": ""})
    assert answer.json["findings"] == []


def test_a_warning_comes_with_its_suggestion_and_goes_when_mended(
    app: Flask, declared: int, visit: Visit, warned: list[Finding]
) -> None:
    visitor = visit(FILLER)
    found = keep(visitor, declared, "plan", {"goals": "办成事"}).json["findings"]
    assert found == [
        {
            "field": "goals",
            "level": "warning",
            "message": "“主要目标”里的“办成”说得不具体。",
            "suggestion": "写成数字。",
        }
    ]
    assert keep(visitor, declared, "plan", {"goals": "190 件"}).json["findings"] == []


def test_autosave_of_a_declaration_that_has_gone_on_keeps_the_text_to_be_copied(
    app: Flask, cast: Cast, declared: int, visit: Visit
) -> None:
    visitor = visit(FILLER)
    with app.app_context():
        make.take(declared, cast, (FILLER, "submit"))
    answer = keep(visitor, declared, "overview", {"overview": "来晚了<b>"})
    assert (answer.status_code, answer.json["address"]) == (409, f"/declarations/{declared}/drafts")
    assert "来晚了&lt;b&gt;" in visitor.get(answer.json["address"]).get_data(as_text=True)
    assert "您在这份申报里有填写后没有保存的文字。" in text(visitor.get(f"/declarations/{declared}"))
    assert visitor.get(f"/declarations/{declared}/sections/overview").status_code == 302


@pytest.mark.parametrize("username", [FILLER_2, OUTSIDER, REVIEWER, ADMIN])
def test_nobody_else_keeps_or_sees_drafts_there(app: Flask, declared: int, visit: Visit, username: str) -> None:
    keep(visit(FILLER), declared, "overview", {"overview": "只有我看得到"})
    visitor, before = visit(username), records.snapshot(app)
    expected = 403 if username in (REVIEWER, ADMIN) else 404
    assert keep(visitor, declared, "overview", {"overview": "别人"}).status_code == expected
    for path in ("drafts", "sections/overview", "check"):
        answer = visitor.get(f"/declarations/{declared}/{path}")
        assert (answer.status_code, "只有我看得到" in answer.get_data(as_text=True)) == (expected, False)
    assert (
        visitor.post(f"/declarations/{declared}/sections/overview/draft/discarding", {"draft": "t1"}).status_code
        == expected
    )
    assert records.snapshot(app) == before


@pytest.mark.parametrize("name", ["nowhere", "drafts", "submission", "OVERVIEW"])
def test_there_are_no_other_sections(app: Flask, declared: int, visit: Visit, name: str) -> None:
    assert keep(visit(FILLER), declared, name, {"x": "1"}).status_code == 404


def test_a_forged_tab_or_base_breaks_nothing(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    odd = {"tab": "x" * 500, "base": "[" * 5000, "took": "a@yesterday", "overview": "字"}
    assert keep(visitor, declared, "overview", odd).status_code == 200
    assert keep(visitor, declared, "overview", {"tab": "", "overview": "字"}).status_code == 422
    odd["took"] = "a@2026-01-01T00:00:00"
    assert keep(visitor, declared, "overview", odd).status_code == 200

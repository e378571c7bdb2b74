"""Sections of a declaration in the browser's words: task list, check page, autosave, conflicts."""

import dataclasses
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from perfmgr.actions import declarations as actions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.draft import Draft
from perfmgr.models.event import Event
from perfmgr.queries import declarations, quality
from perfmgr.rules.findings import ERROR, WARNING, Finding
from perfmgr.rules.quality import Report
from tests import cast as make
from tests import records
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FILLER_2, OUTSIDER, REVIEWER, Cast

Visit = Callable[[str | None], Visitor]
JSON = {"Accept": "application/json"}


@pytest.fixture
def declared(app: Flask, cast: Cast) -> int:
    """A complete declaration that was not submitted yet."""
    with app.app_context():
        return make.declare(cast)


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """A rule that warns of the main objectives as long as they are vague."""
    finding = Finding(
        "Q03", "“主要目标”里的“%(word)s”说得不具体。", "goals", WARNING, "写成数字。", params={"word": "办成"}
    )
    examine = quality.examine

    def examining(sheet: Any, *rest: Any) -> Report:
        report = examine(sheet, *rest)
        kept = [found for found in report.findings if found.level == ERROR]
        return dataclasses.replace(report, findings=(*kept, *([finding] if "办成" in sheet.goals else [])))

    monkeypatch.setattr("perfmgr.queries.quality.examine", examining)
    return [finding]


def stored(app: Flask, declaration_id: int) -> Declaration:
    """Return the declaration as it is stored, detached, with its rows."""
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id)
        for rows in (found.bases, found.steps, found.funds, found.indicators):
            list(rows)
        db.session.expunge_all()
        return found


def fields(response: TestResponse) -> dict[str, str]:
    """Return every field of the page's section or conflict form as the browser would post it."""
    page = response.get_data(as_text=True)
    form = re.search(r'<form method="post" action="[^"]*/sections/\w+" .*?</form>', page, re.DOTALL)
    assert form, page[:2000]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        got = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in got:
            continue
        if got.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        found[html.unescape(got["name"])] = html.unescape(got.get("value", ""))
    for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL):
        found[name] = html.unescape(value)
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def post(visitor: Visitor, path: str, data: dict[str, str], **options: Any) -> TestResponse:
    """Post fields exactly as given."""
    return visitor.client.post(path, data=data, **options)


# --- task list --------------------------------------------------------------------------------


def statuses(page: TestResponse) -> list[tuple[str, str]]:
    """Return section and status of the task list."""
    block = page.get_data(as_text=True).split('class="card task-list"')[1].split("</ol>")[0]
    rows = re.findall(r"<li>(.*?)</li>", block, re.DOTALL)
    cells = [[c for c in re.sub(r"<[^>]+>", "\n", row).split("\n") if c.strip()] for row in rows]
    return [(name.strip(), state.strip()) for _number, name, state in cells]


def test_the_task_list_names_every_section_with_a_status_in_words(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    visitor = visit(FILLER)
    visitor.post(f"/declarations/{declaration_id}/sections/overview", {"overview": "概述"})
    visitor.post(f"/declarations/{declaration_id}/sections/plan", {"plan": "办法"})
    visitor.post(f"/declarations/{declaration_id}/sections/body/draft", {"body": "科室", "tab": "t1"})
    row = {"category": "output", "name": "次数", "sign": "ge", "target": "9", "unit": "次", "weight": "49"}
    visitor.post(
        f"/declarations/{declaration_id}/sections/indicators", {f"indicators-0-{k}": v for k, v in row.items()}
    )
    page = visitor.get(f"/declarations/{declaration_id}")
    assert statuses(page) == [
        ("项目概述", "已完成"),
        ("立项依据", "未开始"),
        ("实施主体", "填写中"),
        ("实施方案", "填写中"),
        ("实施周期", "未开始"),
        ("年度预算安排", "未开始"),
        ("绩效目标", "有问题"),
        ("附件材料", "未开始"),
    ]
    assert "已完成 1/8" in text(page)
    assert "下一步：填写“绩效目标”" in text(page)


def test_when_all_is_done_the_next_step_is_the_check(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    with app.app_context():
        db.session.get_one(Declaration, declared).no_attachments = True
        db.session.commit()
    page = text(visitor.get(f"/declarations/{declared}"))
    assert ("已完成 8/8" in page, "下一步：核对并送审" in page) == (True, True)


def test_in_a_year_that_is_over_nothing_can_be_filled_in(app: Flask, cast: Cast, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    visit(ADMIN).post(f"/cycles/{cast.cycle}/closing")
    page = visitor.get(f"/declarations/{declared}")
    assert {state for _name, state in statuses(page)} == {"暂不能填写"}
    assert "这一年度已经结束，不能再填写。" in text(page)
    answer = visitor.post(f"/declarations/{declared}/sections/body", {"body": "别人"})
    assert (answer.status_code, "2025 年度已经结束" in text(answer), "别人" in text(answer)) == (422, True, True)


def test_reviewers_see_no_task_list(app: Flask, declared: int, visit: Visit) -> None:
    assert "task-list" not in visit(REVIEWER).get(f"/declarations/{declared}").get_data(as_text=True)


# --- check before submission ------------------------------------------------------------------


def test_the_check_page_shows_every_answer_and_every_gap_as_a_link(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    page = visit(FILLER).get(f"/declarations/{declaration_id}/check")
    body = page.get_data(as_text=True)
    assert text(page).count("未填写") == 7
    for anchor in (
        "overview?back=check#overview",
        "plan?back=check#goals",
        "plan?back=check#step_spans",
        "period?back=check#start_on",
    ):
        assert f'href="/declarations/{declaration_id}/sections/{anchor}"' in body
    assert "还有 11 处需要补齐：" in text(page)


def test_saving_leads_back_to_the_check(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    page = visitor.get(f"/declarations/{declared}/sections/body?back=check")
    answer = post(visitor, f"/declarations/{declared}/sections/body", {**fields(page), "body": "新主体"})
    assert answer.headers["Location"] == f"/declarations/{declared}/check#body"


@pytest.mark.parametrize("back", ["//evil.example", "/projects", "javascript:alert(1)", "check2", ""])
def test_back_leads_nowhere_else(app: Flask, declared: int, visit: Visit, back: str) -> None:
    data = {"body": "新主体", "back": back}
    answer = visit(FILLER).post(f"/declarations/{declared}/sections/body", data)
    assert answer.headers["Location"] == f"/declarations/{declared}"


def test_submitting_with_gaps_lists_them_and_says_so_in_the_title(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    answer = visit(FILLER).post(f"/declarations/{declaration_id}/submission")
    assert (answer.status_code, len(problems(answer))) == (422, 11)
    body = answer.get_data(as_text=True)
    assert "<title>错误：" in body
    assert body.index('class="problems"') < body.index("<h1>")


def test_a_warning_needs_a_sentence_which_reviewers_then_see(
    app: Flask, cast: Cast, declared: int, visit: Visit, warned: list[Finding]
) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/submission"
    page = visitor.get(f"/declarations/{declared}/check")
    assert "“主要目标”里的“办成”说得不具体。 写成数字。" in text(page)
    refused = visitor.post(path)
    said = "请用一句话说明理由，或者修改：“主要目标”里的“办成”说得不具体。"
    assert (refused.status_code, problems(refused)) == (422, [said])
    assert 'href="#why-Q03:goals"' in refused.get_data(as_text=True)
    too_long = visitor.post(path, {"why-Q03:goals": "字" * 501})
    assert (too_long.status_code, "字" * 501 in too_long.get_data(as_text=True)) == (422, True)
    assert visitor.post(path, {"why-Q03:goals": "<b>事项</b>已列入清单。", "why-Q99:x": "无关"}).status_code == 303
    assert stored(app, declared).justifications == {"Q03:goals": "<b>事项</b>已列入清单。"}
    seen = visit(REVIEWER).get(f"/declarations/{declared}")
    assert "填报人对提示的说明" in text(seen)
    assert "&lt;b&gt;事项&lt;/b&gt;已列入清单。" in seen.get_data(as_text=True)


def test_a_sentence_goes_when_what_it_explains_was_mended(
    app: Flask, cast: Cast, declared: int, visit: Visit, warned: list[Finding]
) -> None:
    visitor = visit(FILLER)
    visitor.post(f"/declarations/{declared}/submission", {"why-Q03:goals": "说明"})
    visitor.post(f"/declarations/{declared}/withdrawal")
    visitor.post(f"/declarations/{declared}/sections/plan", {"goals": "解决 190 件实事。"})
    assert "填报人对提示的说明" not in text(visitor.get(f"/declarations/{declared}"))
    assert visitor.post(f"/declarations/{declared}/submission").status_code == 303
    assert stored(app, declared).justifications == {}


def test_sentences_typed_on_the_check_page_are_kept_too(
    app: Flask, declared: int, visit: Visit, warned: list[Finding]
) -> None:
    visitor = visit(FILLER)
    visitor.post(f"/declarations/{declared}/sections/check/draft", {"why-Q03:goals": "写到一半", "tab": "t1"})
    page = visitor.get(f"/declarations/{declared}/check").get_data(as_text=True)
    assert 'name="why-Q03:goals" value="写到一半"' in page
    assert visitor.post(f"/declarations/{declared}/submission", {"why-Q03:goals": "写完"}).status_code == 303
    with app.app_context():
        assert db.session.query(Draft).count() == 0


def test_a_declaration_that_is_with_others_has_nothing_to_check(
    app: Flask, cast: Cast, declared: int, visit: Visit
) -> None:
    with app.app_context():
        make.take(declared, cast, (FILLER, "submit"))
    answer = visit(FILLER).get(f"/declarations/{declared}/check")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/declarations/{declared}")


# --- autosave ---------------------------------------------------------------------------------


def keep(visitor: Visitor, declared: int, name: str, data: dict[str, str]) -> TestResponse:
    """Send what a page sends by itself."""
    path = f"/declarations/{declared}/sections/{name}/draft"
    return visitor.post(path, {"tab": "t1", **data}, headers=JSON)


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


def test_fields_that_are_none_of_the_forms_change_nothing_else(app: Flask, declared: int, visit: Visit) -> None:
    more = {
        "state": "approved",
        "unit_id": "1",
        "version": "999",
        "filled_by_id": "5",
        "annual_amount": "1",
        "saves": "{}",
    }
    assert visit(FILLER).post(f"/declarations/{declared}/sections/body", {"body": "新主体", **more}).status_code == 303
    found = stored(app, declared)
    assert (found.state, found.body, found.overview, found.annual_amount) == (
        "draft",
        "新主体",
        "为居民办实事。",
        5_700_000,
    )


# --- two people, two tabs ---------------------------------------------------------------------

MINE = {"plan": "我的办法 <script>", "goals": "我的目标"}


def conflict(
    visitor: Visitor,
    declared: int,
    name: str,
    mine: dict[str, str],
    theirs: dict[str, str],
    other: Visitor | None = None,
) -> TestResponse:
    """Open a section twice, save theirs (the other one's, or in one's own second window), then mine."""
    path = f"/declarations/{declared}/sections/{name}"
    first, second = fields((other or visitor).get(path)), fields(visitor.get(path))
    assert post(other or visitor, path, {**first, **theirs}).status_code == 303
    return post(visitor, path, {**second, **mine})


def test_two_sections_never_conflict(app: Flask, declared: int, visit: Visit) -> None:
    visitor, base = visit(FILLER), f"/declarations/{declared}/sections"
    opened = {name: fields(visitor.get(f"{base}/{name}")) for name in ("overview", "plan", "funds", "indicators")}
    for name, page in opened.items():
        assert post(visitor, f"{base}/{name}", page).status_code == 303


def test_the_same_content_is_no_conflict(app: Flask, declared: int, visit: Visit) -> None:
    answer = conflict(visit(FILLER), declared, "plan", {"goals": "同样的"}, {"goals": "同样的"})
    assert answer.status_code == 303


@pytest.mark.parametrize("name", ["overview", "bases", "body", "plan", "period", "funds", "indicators"])
def test_opening_and_saving_a_section_again_and_again_is_no_conflict(
    app: Flask, declared: int, visit: Visit, name: str
) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/{name}"
    page = fields(visitor.get(path))
    for _time in range(3):
        assert post(visitor, path, page).status_code == 303


def test_the_conflict_page_shows_mine_and_theirs_who_and_when(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declared = make.declare(cast, unit=cast.unit_2)  # where two people fill
    theirs = {"goals": "他的目标", "steps-0-content": "他的一步"}
    answer = conflict(visit(FILLER), declared, "plan", MINE, theirs, visit(FILLER_2))
    page = text(answer)
    assert answer.status_code == 409
    assert "另一个窗口" not in page
    assert re.search(r"您打开本节之后，孙填报 于 \d{4}-\d\d-\d\d \d\d:\d\d 保存过本节。", page)
    for word in ("我的办法 <script>", "我的目标", "他的目标", "他的一步", "制定计划", "分季度实施。"):
        assert word in page
    assert "<script>" not in answer.get_data(as_text=True).split("<main")[1]
    found = fields(answer)
    # Chosen is what only one side has changed; where both did, nobody chooses for them.
    assert {k: v for k, v in found.items() if k.startswith("choice-")} == {
        "choice-plan": "mine",
        "choice-steps-0": "theirs",
    }
    assert stored(app, declared).goals == "他的目标"


def test_one_save_keeps_what_was_chosen(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    answer = conflict(visitor, declared, "plan", MINE, {"goals": "他的目标", "steps-0-content": "他的一步"})
    undecided = post(visitor, path, fields(answer))
    assert (undecided.status_code, problems(undecided)) == (422, ["请选择“主要目标”保留哪一份。"])
    assert fields(undecided)["goals"] == "我的目标"
    assert post(visitor, path, {**fields(undecided), "choice-goals": "theirs"}).status_code == 303
    found = stored(app, declared)
    assert (found.plan, found.goals, [s.content for s in found.steps]) == (
        "我的办法 <script>",
        "他的目标",
        ["他的一步"],
    )
    with app.app_context():
        assert db.session.query(Draft).count() == 0


def test_until_it_is_decided_mine_is_a_draft(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    own = text(conflict(visitor, declared, "plan", MINE, {"goals": "他的目标"}))
    assert re.search(r"您打开本节之后，您在另一个窗口于 \d{4}-\d\d-\d\d \d\d:\d\d 保存过本节。", own)
    assert "保留另一个窗口里保存的" in own
    assert "林填报 于" not in own
    page = visitor.get(f"/declarations/{declared}/sections/plan")
    assert fields(page)["goals"] == "我的目标"
    assert "此后您在另一个窗口于" in text(page)
    again = post(visitor, f"/declarations/{declared}/sections/plan", fields(page))
    assert again.status_code == 409


def test_others_who_save_once_more_ask_for_one_more_choice(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    answer = conflict(visitor, declared, "plan", MINE, {"goals": "他的目标"})
    visitor.post(path, {"goals": "他又改了"})
    once_more = post(visitor, path, {**fields(answer), "choice-goals": "mine"})
    assert (once_more.status_code, "他又改了" in text(once_more)) == (409, True)
    assert post(visitor, path, {**fields(once_more), "choice-goals": "mine"}).status_code == 303
    assert stored(app, declared).goals == "我的目标"


def test_rows_of_a_table_are_chosen_one_by_one(app: Flask, declared: int, visit: Visit) -> None:
    row = {
        "category": "output",
        "subcategory": "",
        "sign": "ge",
        "target": "5",
        "unit": "次",
        "weight": "1",
        "rule_type": "",
        "rule_numbers": "",
        "evidence": "",
    }
    mine = {"indicators-0-target": "200", **{f"indicators-5-{k}": v for k, v in {**row, "name": "我加的"}.items()}}
    theirs = {
        "indicators-0-target": "180",
        "indicators-1-target": "96",
        **{f"indicators-5-{k}": v for k, v in {**row, "name": "他加的"}.items()},
    }
    visitor = visit(FILLER)
    answer = conflict(visitor, declared, "indicators", mine, theirs)
    chosen = {k: v for k, v in fields(answer).items() if k.startswith("choice-")}
    assert sorted(chosen.values()) == ["mine", "theirs", "theirs"]
    both = next(k for k in re.findall(r'name="(choice-[\w-]+)"', answer.get_data(as_text=True)) if k not in chosen)
    saved = post(visitor, f"/declarations/{declared}/sections/indicators", {**fields(answer), both: "mine"})
    assert saved.status_code == 303
    lines = [(i.name, str(i.target_value.normalize())) for i in stored(app, declared).indicators]
    assert lines[:2] == [("办理服务项目数", "2E+2"), ("验收合格率", "96")]
    assert {name for name, _value in lines[5:]} == {"我加的", "他加的"}


def test_what_was_chosen_and_does_not_fit_together_is_told_and_kept(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/period"
    mine, theirs = {"start_on": "2025-10-01", "end_on": "2025-12-31"}, {"start_on": "2025-1-1", "end_on": "2025-06-30"}
    answer = conflict(visitor, declared, "period", mine, theirs)
    chosen = {**fields(answer), "choice-start_on": "mine", "choice-end_on": "theirs"}
    refused = post(visitor, path, chosen)
    assert refused.status_code == 422
    assert problems(refused) == ["“实施周期”的结束日期 2025-06-30 早于开始日期 2025-10-01，请调整其中一个。"]
    assert post(visitor, path, {**fields(refused), "choice-end_on": "mine"}).status_code == 303


def test_amounts_are_chosen_by_source(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/funds"
    answer = conflict(
        visitor, declared, "funds", {"other": "1.5", "general_public": ""}, {"general_public": "600", "carry_over": "2"}
    )
    chosen = {k: v for k, v in fields(answer).items() if k.startswith("choice-")}
    assert chosen == {"choice-other": "mine", "choice-carry_over": "theirs"}
    assert post(visitor, path, {**fields(answer), "choice-general_public": "theirs"}).status_code == 303
    amounts = {f.source: str(f.amount) for f in stored(app, declared).funds}
    assert amounts == {"general_public": "6000000.00", "other": "15000.00", "carry_over": "20000.00"}


def test_a_double_click_on_save_is_no_conflict(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    page = {**fields(visitor.get(path)), **MINE}
    assert [post(visitor, path, page).status_code for _click in range(2)] == [303, 303]
    with app.app_context():
        assert db.session.query(Draft).count() == 0


def test_a_failed_save_is_kept_as_a_draft_with_everything_typed(app: Flask, declared: int, visit: Visit) -> None:
    visitor, path = visit(FILLER), f"/declarations/{declared}/sections/plan"
    steps = {f"steps-{n}-content": f"第 {n} 步" for n in range(12)}
    page = {**fields(visitor.get(path)), **MINE, **steps, "steps-11-start_on": "二月三十"}
    answer = post(visitor, path, page)
    assert answer.status_code == 422
    typed = {k: v for k, v in page.items() if k not in ("csrf_token", "owner")}
    assert {k: v for k, v in fields(answer).items() if k in typed} == typed
    again = fields(visitor.get(path))
    assert {k: again[k] for k in (*MINE, *steps, "steps-11-start_on")} == {
        k: page[k] for k in (*MINE, *steps, "steps-11-start_on")
    }


# --- how many statements ----------------------------------------------------------------------


def test_sections_take_as_many_statements_with_many_rows_as_with_few(
    app: Flask, cast: Cast, declared: int, visit: Visit, count_queries: Any
) -> None:
    visitor, path, found = visit(FILLER), f"/declarations/{declared}/sections/plan", []
    for count in (1, 100):
        page = {**fields(visitor.get(path)), **{f"steps-{n}-content": f"步骤 {n}" for n in range(count)}}
        with count_queries() as saving:
            assert post(visitor, path, page).status_code == 303
        with count_queries() as showing:
            visitor.get(path)
        with count_queries() as checking:
            visitor.get(f"/declarations/{declared}/check")
        with count_queries() as keeping:
            keep(visitor, declared, "plan", page | {"tab": f"q{count}"})
        visitor.post(f"{path}/draft/discarding", {"draft": f"q{count}"})
        found.append((len(showing), len(checking), len(keeping), sum("UPDATE declaration" in s for s in saving)))
    assert found[0] == found[1]
    assert max(found[0]) <= 18, found


def test_nothing_here_writes_history(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    keep(visitor, declared, "plan", {"goals": "x"})
    visitor.get(f"/declarations/{declared}/sections/plan")
    with app.app_context():
        assert [event.step for event in db.session.query(Event).filter_by(subject_kind="declaration")] == ["start"]

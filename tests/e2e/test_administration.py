"""What administrators do beside the year's work, in a real browser: schemes, units, people, published documents."""

import io
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
import xlsxwriter
from playwright.sync_api import FilePayload, Page, expect

import config
from perfmgr.demonstration.department import PASSWORD
from perfmgr.documents.units import HEAD
from tests.e2e.axe import violations
from tests.e2e.conftest import picture, picture_of
from tests.e2e.server import Server
from tests.e2e.walker import Walker

PUBLISHED = config.ROOT / "tests" / "data" / "published"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNIT = "中共大连高新技术产业园区工作委员会党群工作部（本级）"
CENTRE = "大连高新技术产业园区社会工作服务中心"


@pytest.fixture
def admin(demonstration: Server, open_page: Callable[..., Page]) -> Walker:
    """The administrator of the demonstration, signed in."""
    walker = Walker(open_page(demonstration.address), demonstration.address)
    walker.sign_in("guanli", PASSWORD)
    return walker


@pytest.mark.own_server
def test_a_scheme_is_copied_corrected_published_and_chosen(admin: Walker) -> None:
    page = admin.page
    admin.go("/schemes")
    picture(page, "schemes")
    admin.follow("项目支出自评 10/50/30/10（2020）")
    expect(page.get_by_role("button", name="复制为新版本")).to_be_visible()
    picture(page, "scheme")
    admin.click("复制为新版本")
    admin.fill("第 1 行 分值", "45")
    admin.click("保存草稿")
    admin.sees("预算执行与各类指标的分值合计应为 100 分，现在是 95 分。")
    assert violations(page) == []
    picture(page, "scheme-edit")
    expect(admin.labelled("第 1 行 分值")).to_have_value("45")
    admin.fill("第 1 行 分值", "45")
    admin.fill("第 2 行 分值", "３５")
    admin.click("保存草稿")
    admin.click("发布")
    expect(page.locator(".page-facts")).to_contain_text("已发布")
    expect(page.get_by_role("row", name=re.compile("^效益指标"))).to_contain_text("35")
    admin.go("/cycles/new")
    options = page.get_by_label("项目评分方案").locator("option").all_inner_texts()
    assert len([name for name in options if "10/50/30/10" in name]) == 2, options


def test_a_changed_scheme_is_tried_on_the_sheets_of_a_year(
    demonstration: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(demonstration.address)
    guanli = Walker(page, demonstration.address)
    guanli.sign_in("guanli", PASSWORD)
    guanli.go("/schemes")
    guanli.follow("项目支出自评 10/50/30/10（2020）")
    guanli.click("复制为新版本")
    for place, value in (("第 1 行 分值", "40"), ("第 2 行 分值", "40"), ("第 2 行 不低于", "70")):
        guanli.fill(place, value)
    guanli.click("保存草稿")
    expect(page.locator(".page-facts")).to_contain_text("草稿")
    guanli.follow("试算")
    page.goto(f"{page.url.split('?')[0]}?year=2025")
    changed = page.locator(".figure", has_text="等级有变").locator("b")
    assert int(changed.inner_text()) > 0
    changes = page.locator('td[data-label="变动"]').all_inner_texts()
    assert [text for text in changes if text not in ("—", "0.00")], changes
    expect(page.locator(".grade-moves .is-moved").first).to_be_visible()
    assert violations(page) == []
    picture(page, "scheme-trial")


def workbook(*rows: tuple[str, ...]) -> FilePayload:
    """Return a filled-in table of units, as a browser sends it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("单位")
        for n, row in enumerate((HEAD, *rows)):
            sheet.write_row(n, 0, row)
    return {"name": "单位.xlsx", "mimeType": XLSX, "buffer": buffer.getvalue()}


def test_units_come_from_excel_all_or_none(admin: Walker) -> None:
    page = admin.page
    admin.go("/units")
    admin.follow("从 Excel 导入")
    good = ("", "部门", "318", CENTRE, "行政单位")
    page.get_by_label("Excel 文件").set_input_files(
        workbook(good, ("318", "科室", "318001", "", "事业单位"), ("999", "单位", "318002", "无上级单位", "事业单位"))
    )
    admin.click("导入")
    admin.sees("没有导入任何单位，请先修改以下内容")
    told = page.locator(".problems li").all_inner_texts()
    assert told == [
        "第 3 行“类型”填的是“科室”，应为 行政区划、部门、单位 之一。",
        "第 4 行：找不到上级代码“999”，上级应已存在或排在本行之前。",
    ]
    assert violations(page) == []
    picture(page, "units-import")
    admin.go("/units")
    expect(page.get_by_role("link", name=CENTRE)).to_have_count(0)
    admin.follow("从 Excel 导入")
    page.get_by_label("Excel 文件").set_input_files(
        workbook(good, ("318", "单位", "318001", f"{CENTRE}（本级）", "行政单位"))
    )
    admin.click("导入")
    expect(page.get_by_role("link", name=CENTRE, exact=True)).to_be_visible()
    admin.follow(f"{CENTRE}（本级）")
    expect(page.get_by_label("启用")).to_be_checked()
    picture(page, "unit")
    page.get_by_label("启用").uncheck()
    admin.click("保存")
    expect(page.get_by_role("row", name=f"{CENTRE}（本级）")).to_contain_text("停用")


def test_a_forgotten_password_is_replaced_by_one_that_is_shown_once(
    admin: Walker, demonstration: Server, open_page: Callable[..., Page]
) -> None:
    admin.go("/people")
    admin.follow("林晓")
    expect(admin.page.get_by_role("button", name="重置密码")).to_be_visible()
    picture(admin.page, "person")
    admin.click("重置密码")
    given = admin.page.locator(".secret code").inner_text()
    assert violations(admin.page) == []
    picture(admin.page, "person-password")
    admin.go(admin.page.url)
    expect(admin.page.locator(".secret code")).to_have_count(0)
    filler = Walker(open_page(demonstration.address), demonstration.address)
    filler.first_sign_in("tianbao", given, "Xin-Mima-2025-hao")


def test_published_documents_are_read_kept_and_shown_with_their_lines(admin: Walker, demonstration: Server) -> None:
    page = admin.page
    for name in ("2025-department-budget.txt", "2022-final-accounts.txt"):
        demonstration.run("read-document", str(PUBLISHED / name), "--save")
    admin.menu("信息公开")
    admin.follow("已公开文件核对")
    expect(page.locator("tbody tr")).to_have_count(2)
    picture(page, "published")
    assert violations(page) == []
    page.get_by_role("row", name="部门决算").get_by_role("link").click()
    row = page.get_by_role("row", name="自评分")
    assert row.locator("td").all_inner_texts()[0] == "83.4"
    assert row.locator("td").all_inner_texts()[1].isdigit()
    admin.sees("932.14")
    picture(page, "published-accounts")
    assert violations(page) == []
    admin.go("/published")
    page.get_by_role("row", name="部门预算").get_by_role("link").click()
    admin.sees("大组〔2022〕101号")
    picture(page, "published-budget")
    assert violations(page) == []


def test_what_was_typed_survives_a_lost_session(demonstration: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(demonstration.address)
    filler = Walker(page, demonstration.address)
    filler.sign_in("tianbao", PASSWORD)
    filler.go("/declarations/12/sections/overview")
    page.get_by_label("项目概述").fill("登录失效时写下的一段话。")
    connection = sqlite3.connect(demonstration.environment["PERFMGR_DATABASE_URL"].removeprefix("sqlite:///"))
    with closing(connection), connection:
        connection.execute("update sign_in set seen_at = datetime(seen_at, '-2 hours')")
    page.get_by_role("button", name="保存", exact=True).last.click()
    page.get_by_label("用户名").fill("tianbao")
    page.get_by_label("密码").fill(PASSWORD)
    filler.click("登录")
    filler.sees("登录失效时写下的一段话。")
    assert violations(page) == []
    picture(page, "session-again")
    filler.click("再次提交")
    filler.go("/declarations/12")
    filler.sees("登录失效时写下的一段话。")


def test_a_double_click_makes_one_project_and_its_draft_can_be_deleted(
    demonstration: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(demonstration.address)
    filler = Walker(page, demonstration.address)
    filler.sign_in("tianbao", PASSWORD)
    filler.go("/projects/new")
    page.get_by_label("项目名称").fill("双击建立的项目（示例）")
    filler.choose("申报单位", UNIT)
    page.get_by_role("button", name="建立并填写申报").dblclick()
    filler.sees("项目已建立")
    filler.go("/projects?q=双击建立")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").first.click()
    filler.follow("下一步：填写“项目概述”")
    expect(page.locator(".gaps-here")).to_have_count(0)
    filler.go(page.url.split("/sections")[0] + "/sections/period")
    page.get_by_label("开始日期").fill("2020-01-01")
    page.get_by_role("button", name="保存", exact=True).last.click()
    filler.sees("“实施周期”已保存。")
    filler.go(page.url.split("?")[0] + "/sections/period")
    expect(page.locator(".gaps-here li").first).to_be_visible()
    assert violations(page) == []
    picture(page, "section-gaps")
    filler.go(page.url.split("/sections")[0])
    page.get_by_text("删除草稿").click()
    filler.click("确认删除")
    filler.sees("已删除“双击建立的项目（示例）”")
    filler.go("/projects?q=双击建立")
    expect(page.locator("tbody tr")).to_have_count(0)


# Forms of records that are there: who works there, address.
FORMS = (
    ("tianbao", "/projects/4/edit"),
    *(
        ("tianbao", f"/declarations/12/sections/{name}")
        for name in ("overview", "bases", "body", "plan", "period", "funds", "indicators")
    ),
    ("tianbao", "/evaluations/4/edit"),
    ("tianbao", "/evaluations/13/lines"),
    ("shenhe", "/evaluations/9/review"),
    ("guanli", "/cycles/2"),
    ("guanli", "/units/4"),
    ("guanli", "/people/1"),
)


def test_a_form_saved_as_it_was_shown_is_accepted(demonstration: Server, open_page: Callable[..., Page]) -> None:
    walkers: dict[str, Walker] = {}
    for username, address in FORMS:
        if username not in walkers:
            walkers[username] = Walker(open_page(demonstration.address), demonstration.address)
            walkers[username].sign_in(username, PASSWORD)
        page = walkers[username].page
        page.goto(address)
        asked = page.locator(".field:has(.must) :is(input, select)").evaluate_all("all => all.map(one => one.value)")
        assert "" not in asked, address
        page.get_by_role("button", name=re.compile("^保存(指标)?$")).last.click()
        expect(page.get_by_role("status")).to_contain_text("已保存")
        expect(page.locator(".problems")).to_have_count(0)


# The other pages of the demonstration, for docs/pages.md: picture, who works there, address.
OTHERS = (
    ("projects", "tianbao", "/projects"),
    ("project", "tianbao", "/projects/4"),
    ("project-edit", "tianbao", "/projects/4/edit"),
    ("projects-continuing", "tianbao", "/projects/continuing"),
    ("attachments", "tianbao", "/declarations/12/attachments"),
    ("quality", "shenhe", "/quality"),
    ("quality-sheet", "tianbao", "/quality/12"),
    ("section-body", "tianbao", "/declarations/12/sections/body"),
    ("section-period", "tianbao", "/declarations/12/sections/period"),
    ("evaluations", "tianbao", "/evaluations"),
    ("evaluation-department", "tianbao", "/evaluations/3"),
    ("password", "tianbao", "/password"),
    ("manual", "tianbao", "/manual/start"),
    ("not-found", "tianbao", "/nowhere"),
    ("coverage-units", "guanli", "/coverage/list?year=2025&basis=units"),
    ("coverage-departments", "guanli", "/coverage/list?year=2025&basis=departments"),
    ("coverage-exempt", "guanli", "/coverage/list?year=2025&basis=exempt"),
    ("coverage-nothing", "guanli", "/coverage?year=2022"),
    ("cycle", "guanli", "/cycles/2"),
    ("unit-new", "guanli", "/units/new"),
    ("functions", "guanli", "/functions?q=组织事务"),
    ("home-administrator", "guanli", "/"),
    ("monitorings", "tianbao", "/monitorings"),
    ("monitoring-edit", "tianbao", "/monitorings/8/edit"),
    ("monitoring", "shenhe", "/monitorings/4"),
    ("monitoring-items", "tianbao", "/monitorings/items"),
    ("evaluation-sheet", "tianbao", "/evaluations/10"),
    ("figures", "tianbao", "/evaluations/13/figures"),
    ("inflation", "shenhe", "/inflation"),
    ("review", "shenhe", "/evaluations/9/review"),
    ("consequences", "tianbao", "/consequences"),
    ("rectifications", "tianbao", "/rectifications"),
    ("rectification", "tianbao", "/rectifications/1"),
    ("samples", "caizheng", "/samples"),
    ("sample", "caizheng", "/samples/1"),
    ("appraisals", "shenhe", "/appraisals"),
    ("appraisal", "shenhe", "/appraisals/1"),
    ("appraisal-new", "shenhe", "/evaluations/6/appraisal/new"),
    ("appraisal-marks", "zhuanjia2", "/appraisals/2/marks"),
    ("rubric", "guanli", "/rubrics/6"),
    ("my-reminders", "tianbao", "/notices/reminders"),
    ("preferences", "tianbao", "/preferences"),
    ("calendar", "tianbao", "/calendar"),
    ("calendar-subscription", "tianbao", "/calendar/subscription"),
    ("cycle-exceptions", "guanli", "/cycles/2/exceptions"),
    ("workdays", "guanli", "/workdays/2026"),
    ("reminders", "guanli", "/reminders"),
    ("reminder", "guanli", "/reminders/1"),
    ("reminders-preview", "guanli", "/reminders/preview"),
    ("reminder-rules", "guanli", "/reminder-rules"),
    ("reminder-rule", "guanli", "/reminder-rules/3/evaluating"),
    ("endpoints", "guanli", "/endpoints"),
    ("endpoint-new", "guanli", "/endpoints/new"),
    ("messages", "guanli", "/messages"),
)


# The charts, for the manual: picture, who sees it, address.
CHARTS = (
    ("chart-composition", "tianbao", "/evaluations/10"),
    ("chart-spread", "shenhe", "/appraisals/1"),
)


def test_the_other_pages_open_without_a_word_in_the_console(
    demonstration: Server, open_page: Callable[..., Page]
) -> None:
    pages: dict[str, Page] = {}
    for name, username, address in OTHERS:
        if username not in pages:
            pages[username] = open_page(demonstration.address)
            Walker(pages[username], demonstration.address).sign_in(username, PASSWORD)
        answer = pages[username].goto(address)
        assert answer is not None
        assert answer.status == (404 if name == "not-found" else 200), name
        expect(pages[username].locator("h1").first).to_be_visible()
        picture(pages[username], name)
    for name, username, address in CHARTS:
        pages[username].goto(address)
        picture_of(pages[username].locator(".card:has(svg.chart)").first, name)
    pages["tianbao"].set_viewport_size({"width": 390, "height": 844})
    for name, address in (
        ("home-phone", "/"),
        ("section-indicators-phone", "/declarations/12/sections/indicators"),
        ("calendar-phone", "/calendar"),
    ):
        pages["tianbao"].goto(address)
        assert violations(pages["tianbao"]) == []
        picture(pages["tianbao"], name)
    pages["guanli"].get_by_role("button", name="English").click()
    pages["guanli"].goto("/evaluations/3")
    picture(pages["guanli"], "evaluation-english")

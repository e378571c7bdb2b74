"""Filling in a declaration: carried from section to section, nothing typed is lost, two people on one section."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.conftest import need, new_database
from tests.e2e.axe import violations
from tests.e2e.conftest import Server, picture
from tests.e2e.walker import Walker

Open = Callable[..., Page]
BASE = "/declarations/12"
SECTIONS = ("overview", "bases", "body", "plan", "period", "funds", "indicators")

# What is typed wrong into each section: control, value; and one good value beside it.
WRONG: dict[str, list[tuple[str, str]]] = {
    "overview": [("overview", "字" * 10_001)],
    "bases": [("bases-1-title", ""), ("bases-1-number", "大组〔2022〕9号"), ("rationale", "由" * 10_001)],
    "body": [("body", "字" * 4_001)],
    "plan": [("plan", "字" * 20_001), ("steps-0-start_on", "二月三十"), ("steps-1-end_on", "2025-13-1")],
    "period": [("start_on", "2025-02-30"), ("end_on", "年底")],
    "funds": [("general_public", "五百"), ("other", "1e3"), ("carry_over", "-1")],
    "indicators": [("indicators-0-target", "很多"), ("indicators-1-weight", "x"), ("indicators-2-weight", "-5")],
}
# Where the messages stand: one per wrong field, in the order of the page.
AT = {
    **{name: [field for field, _value in typed] for name, typed in WRONG.items()},
    "bases": ["bases-1-title", "rationale"],
    "funds": ["general_public", "carry_over", "other"],
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """One server with the demonstration department for all tests here, and a copy of its database."""
    need("browser")
    folder = tmp_path_factory.mktemp("desk")
    made = Server(new_database("sqlite", "demonstration", folder), folder)
    made.run("migrate")
    made.run("demo")
    copy(folder / "demonstration.sqlite3", folder / "before.sqlite3")
    with made.serving():
        yield made, folder


@pytest.fixture
def demonstration(desk: tuple[Server, Path]) -> Server:
    """The server as it was at the beginning."""
    made, folder = desk
    copy(folder / "before.sqlite3", folder / "demonstration.sqlite3")
    return made


def copy(source: Path, target: Path) -> None:
    """Copy one database into another, which may be in use."""
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target, timeout=15)) as writing:
        reading.backup(writing)


@pytest.fixture
def page(demonstration: Server, open_page: Open) -> Page:
    """The filler at a browser."""
    return signed_in(demonstration, open_page)


def signed_in(server: Server, open_page: Open, who: str = "tianbao", **options: object) -> Page:
    """Open a browser and sign in."""
    opened = open_page(server.address, **options)
    Walker(opened, server.address).sign_in(who, PASSWORD)
    return opened


def sql(server: Server, statement: str) -> list[tuple[object, ...]]:
    """Run one statement in the server's database."""
    connection = sqlite3.connect(server.environment["PERFMGR_DATABASE_URL"].removeprefix("sqlite:///"), timeout=15)
    with closing(connection), connection:
        return connection.execute(statement).fetchall()


def saved(page: Page) -> None:
    """Expect that what was typed is kept, as the page says."""
    expect(page.locator("[data-save-state]")).to_have_text(re.compile(r"^已自动保存 \d\d:\d\d$"), timeout=5_000)


def values(page: Page) -> dict[str, str]:
    """Return what stands in every field that somebody can fill in."""
    found: dict[str, str] = page.locator("form[data-autosave]").evaluate(
        "form => Object.fromEntries([...form.querySelectorAll('input:not([type=hidden]), textarea, select')]"
        ".map(one => [one.name, one.value]))"
    )
    return found


def save(page: Page) -> None:
    """Press the plain save button."""
    page.get_by_role("button", name="保存", exact=True).last.click()


# --- U01, U02: a failed save ------------------------------------------------------------------


@pytest.mark.parametrize("name", SECTIONS)
def test_a_refused_section_leads_to_each_fault_and_keeps_the_rest(page: Page, name: str) -> None:
    page.goto(f"{BASE}/sections/{name}")
    for field, value in WRONG[name]:
        page.locator(f"[id='{field}']").fill(value)
    typed = values(page)
    save(page)
    expect(page).to_have_title(re.compile("^错误："))
    expect(page.locator(".problems")).to_be_focused()
    assert page.evaluate(
        "document.querySelector('main .problems').compareDocumentPosition(document.querySelector('h1')) & 4"
    )
    links = page.locator(".problems a")
    assert [(link.get_attribute("href") or "")[1:] for link in links.all()] == AT[name]
    for n, field in enumerate(AT[name]):
        links.nth(n).click()
        assert page.evaluate("document.activeElement.id") == field
        assert page.locator(f"[id='{field}-error']").inner_text() == links.nth(n).inner_text()
    assert values(page) == typed
    assert violations(page) == []


# --- U05: autosave ----------------------------------------------------------------------------


def test_what_is_typed_is_kept_within_seconds_and_survives_a_killed_browser(
    demonstration: Server, open_page: Open
) -> None:
    before = sql(demonstration, "select state, version, updated_at from declaration where id = 12")
    page = signed_in(demonstration, open_page)
    page.goto(f"{BASE}/sections/plan")
    page.locator("#goals").fill("写到一半 𠮷 <b>")
    page.locator("#steps-2-content").press_sequentially("第三步")
    saved(page)
    assert page.locator("[data-save-state]").get_attribute("role") == "status"
    page.context.close()
    again = signed_in(demonstration, open_page)
    again.goto(BASE)
    expect(again.locator(".task-list li", has_text="实施方案")).to_contain_text(re.compile("填写中|有问题"))
    again.goto(f"{BASE}/sections/plan")
    found = values(again)
    assert (found["goals"], "第三步" in found["steps-2-content"]) == ("写到一半 𠮷 <b>", True)
    expect(again.locator(".restored")).to_contain_text("还没有保存的内容")
    assert violations(again) == []
    picture(again, "section-restored")
    assert sql(demonstration, "select state, version, updated_at from declaration where id = 12") == before
    again.get_by_role("button", name="放弃这些内容").click()
    expect(again.locator(".alert")).to_contain_text("已放弃未保存的内容。")
    assert sql(demonstration, "select count(*) from draft") == [(0,)]


def test_leaving_the_page_at_once_loses_nothing(page: Page) -> None:
    page.goto(f"{BASE}/sections/body")
    page.locator("#body").fill("刚写就离开")
    page.goto(BASE)
    page.goto(f"{BASE}/sections/body")
    expect(page.locator("#body")).to_have_value("刚写就离开")


def test_without_network_the_page_says_so_until_it_is_back(demonstration: Server, browser: Browser) -> None:
    # A context of its own: that the network is gone stands in the console, too.
    context = browser.new_context(base_url=demonstration.address, locale="zh-CN")
    page = context.new_page()
    Walker(page, demonstration.address).sign_in("tianbao", PASSWORD)
    page.goto(f"{BASE}/sections/body")
    state = page.locator("[data-save-state]")
    session = context.new_cdp_session(page)
    offline(session, True)
    page.locator("#body").fill("没有网络时写的")
    expect(state).to_have_text("未保存，正在重试")
    page.wait_for_timeout(2500)
    expect(state).to_have_text("未保存，正在重试")
    offline(session, False)
    saved(page)
    page.goto(f"{BASE}/sections/body")
    expect(page.locator("#body")).to_have_value("没有网络时写的")
    context.close()


def offline(session: CDPSession, off: bool) -> None:
    """Cut the browser's network, or give it back."""
    session.send("Network.enable")
    conditions = {"offline": off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", conditions)


def test_a_draft_is_sent_only_when_something_changed_and_never_while_composing(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/draft") else None)
    page.goto(f"{BASE}/sections/body")
    field = page.locator("#body")
    field.fill("")
    saved(page)
    assert len(sent) == 1
    field.focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6})
    page.wait_for_timeout(3000)
    assert len(sent) == 1
    assert field.evaluate("one => one.selectionStart") == 6
    session.send("Input.insertText", {"text": "你好"})
    page.wait_for_timeout(2500)
    assert (field.input_value(), len(sent)) == ("你好", 2)
    field.press("End")
    page.wait_for_timeout(2000)
    assert len(sent) == 2


def test_enter_in_a_composition_does_not_submit(page: Page) -> None:
    page.goto(f"{BASE}/sections/period")
    page.locator("#start_on").fill("")
    page.locator("#start_on").focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "yi", "selectionStart": 2, "selectionEnd": 2})
    key = {"windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 13, "key": "Process", "code": "Enter"}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    session.send("Input.insertText", {"text": "一"})
    page.wait_for_timeout(500)
    assert page.url.endswith("/sections/period")
    expect(page.locator("#start_on")).to_have_value("一")


def test_what_the_rules_say_stands_beside_the_field_until_it_is_mended(page: Page) -> None:
    page.goto(f"{BASE}/sections/indicators")
    page.locator("#indicators-1-target").fill("很多")
    finding = page.locator("td:has(> #indicators-1-target) .finding")
    expect(finding).to_contain_text("的目标值“很多”不是数字")
    assert violations(page) == []
    assert page.locator(".findings-here[role], .findings-here [role]").count() == 0
    page.locator("#indicators-1-target").fill("190")
    expect(finding).to_have_count(0)


# --- U03, U04: session and token --------------------------------------------------------------


def test_a_page_whose_session_is_gone_goes_on_after_signing_in_elsewhere(demonstration: Server, page: Page) -> None:
    page.goto(f"{BASE}/sections/plan")
    sql(demonstration, "delete from sign_in")
    page.locator("#goals").fill("登录没了以后写的")
    state = page.locator("[data-save-state]")
    expect(state).to_contain_text("未保存：登录已失效")
    with page.context.expect_page() as opening:
        state.get_by_role("link", name="在新窗口登录").click()
    other = opening.value
    other.get_by_label("用户名").fill("tianbao")
    other.get_by_label("密码").fill(PASSWORD)
    other.get_by_role("button", name="登录").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    expect(state).to_have_text(re.compile("^已自动保存"), timeout=20_000)
    save(page)
    expect(page.locator(".alert")).to_contain_text("“实施方案”已保存。")


def test_after_a_lost_session_row_saving_leads_back_to_the_same_section(demonstration: Server, page: Page) -> None:
    page.goto(f"{BASE}/sections/plan")
    while page.locator("[data-rows=steps] tbody tr").count() < 12:
        page.get_by_role("button", name="增加一步").click()
    for n in range(12):
        page.locator(f"#steps-{n}-content").fill(f"步骤 {n} <b>&“”")
    page.locator("#plan").fill("办法\n第二行")
    typed = values(page)
    sql(demonstration, "delete from sign_in")
    save(page)
    page.get_by_label("用户名").fill("tianbao")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/sections/plan"))
    assert values(page) == typed
    assert violations(page) == []
    page.get_by_role("button", name="再次提交").click()
    expect(page.locator(".alert")).to_contain_text("“实施方案”已保存。")


def test_somebody_else_who_signs_in_there_sees_nothing_and_saves_nothing(demonstration: Server, page: Page) -> None:
    page.goto(f"{BASE}/sections/plan")
    page.locator("#goals").fill("只属于填报人的话")
    sql(demonstration, "delete from sign_in")
    sql(demonstration, "delete from draft")
    save(page)
    page.get_by_label("用户名").fill("shenhe")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sections" not in url)
    page.goto(BASE)
    assert "只属于填报人的话" not in page.content()
    assert sql(demonstration, "select count(*) from draft") == [(0,)]


# --- U06: two tabs, two people ----------------------------------------------------------------


@pytest.mark.parametrize("javascript", [True, False])
def test_two_tabs_on_one_section_choose_field_by_field(
    demonstration: Server, open_page: Open, javascript: bool
) -> None:
    page = signed_in(demonstration, open_page, java_script_enabled=javascript)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{BASE}/sections/plan")
    other.locator("#goals").fill("窗口乙的目标")
    other.locator("#steps-0-content").fill("窗口乙的一步")
    page.locator("#goals").fill("窗口甲的目标")
    page.locator("#plan").fill("窗口甲的办法")
    if javascript:
        saved(page)
        saved(other)
    save(other)
    expect(other.locator(".alert")).to_contain_text("已保存")
    save(page)
    expect(page.locator("h1")).to_have_text("“实施方案”有两份不同的内容")
    for words in ("窗口甲的目标", "窗口乙的目标", "窗口甲的办法", "窗口乙的一步", "制定工作安排"):
        expect(page.locator(".choice", has_text=words)).to_have_count(1)
    expect(page.locator(".restored")).to_contain_text(
        re.compile(r"您在另一个窗口于 \d{4}-\d\d-\d\d \d\d:\d\d 保存过本节")
    )
    if javascript:
        assert violations(page) == []
        picture(page, "section-conflict")
    page.get_by_role("button", name="按选择保存").click()
    expect(page).to_have_title(re.compile("^错误："))
    page.locator(".choice", has_text="窗口乙的目标").get_by_label("保留我填写的").check()
    page.get_by_role("button", name="按选择保存").click()
    expect(page.locator(".alert")).to_contain_text("“实施方案”已保存。")
    text = page.locator("#plan").inner_text()
    for words, there in (
        ("窗口甲的目标", True),
        ("窗口乙的目标", False),
        ("窗口甲的办法", True),
        ("窗口乙的一步", True),
    ):
        assert (words in text) is there, words


def test_two_tabs_on_two_sections_do_not_disturb_each_other(page: Page) -> None:
    other = page.context.new_page()
    page.goto(f"{BASE}/sections/body")
    other.goto(f"{BASE}/sections/overview")
    page.locator("#body").fill("新主体")
    other.locator("#overview").fill("新概述")
    save(other)
    save(page)
    for words in ("“实施主体”已保存。", "新主体", "新概述"):
        expect(page.get_by_text(words).first).to_be_visible()


# --- U07, U08, U15: carried through, by keyboard alone ----------------------------------------


def press_to(page: Page, name: str, role: str = "link") -> None:
    """Press Tab until the focus is on the control with this name; it must be visible there."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    for _press in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            expect(wanted).to_be_in_viewport()
            return
    raise AssertionError(f"{name} is not reached by the keyboard")


def test_from_the_task_list_to_the_submission_by_keyboard_alone(demonstration: Server, page: Page) -> None:
    looked_at = "to_check = '[]', no_attachments = 1"  # what was copied from last year, and the evidence
    sql(
        demonstration,
        f"update declaration set {looked_at}, start_on = null, end_on = null, annual_amount = 0 where id = 12",
    )
    sql(demonstration, "delete from fund where declaration_id = 12")
    page.goto(BASE)
    expect(page.locator(".task-count")).to_have_text("已完成 6/8")
    picture(page, "declaration-tasks")
    press_to(page, "下一步：填写“实施周期”")
    page.keyboard.press("Enter")
    press_to(page, "开始日期", "textbox")
    page.keyboard.type("20270101")
    page.keyboard.press("Tab")
    page.keyboard.type("2027年12月31日")
    saved(page)
    press_to(page, "保存并填写下一节", "button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/sections/funds"))
    press_to(page, "返回申报")
    page.keyboard.press("Enter")
    press_to(page, "核对并送审")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/check$"))
    expect(page.locator("#funds")).to_contain_text("未填写")
    press_to(page, "送审", "button")
    page.keyboard.press("Enter")
    expect(page.locator(".problems")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/sections/funds\?back=check#funds"))
    page.locator("#general_public").focus()
    page.keyboard.type("570 万元")
    press_to(page, "保存并返回核对", "button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/check#funds"))
    assert violations(page) == []
    picture(page, "declaration-check")
    for warning in page.locator(".warning input").all():
        warning.fill("已经集体研究确定。")
    press_to(page, "送审", "button")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("回执")
    page.goto(BASE)
    expect(page.locator(".page-head .state")).to_have_text("待部门审核")


# --- states in both languages, at both widths -------------------------------------------------


def test_every_state_is_accessible_and_fits_in_english_and_on_a_phone(demonstration: Server, open_page: Open) -> None:
    page = signed_in(demonstration, open_page)
    page.get_by_role("button", name="English").click()
    page.goto(f"{BASE}/sections/plan")
    other = page.context.new_page()
    other.goto(f"{BASE}/sections/plan")
    page.locator("#goals").fill("甲")
    expect(page.locator("[data-save-state]")).to_have_text(re.compile(r"^Saved automatically at \d\d:\d\d$"))
    other.locator("#goals").fill("乙")
    other.get_by_role("button", name="Save", exact=True).last.click()
    other.wait_for_url(lambda url: url.endswith(BASE))
    fits(other)
    other.goto(f"{BASE}/sections/plan")
    expect(other.locator(".restored")).to_contain_text("have not saved yet")
    fits(other)
    other.goto(f"{BASE}/check")
    fits(other)
    other.get_by_role("button", name="Submit", exact=True).click()
    expect(other.locator(".problems")).to_be_visible()
    fits(other)
    other.goto(f"{BASE}/drafts")
    expect(other.locator(".kept-text", has_text="甲")).to_be_visible()
    fits(other)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator("fieldset.choice")).to_have_count(1)
    fits(page)


def fits(page: Page) -> None:
    """Expect nothing of axe and no page wider than the window, at the desk and on a phone."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 860})

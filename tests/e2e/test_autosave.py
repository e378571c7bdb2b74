"""Autosave in a real browser: nothing typed is lost, with or without a network (U05)."""

import re

from playwright.sync_api import Browser, CDPSession, Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.axe import violations
from tests.e2e.conftest import picture
from tests.e2e.desk import BASE, Open, saved, signed_in, sql, values
from tests.e2e.server import Server
from tests.e2e.walker import Walker


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

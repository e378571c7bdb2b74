"""What scripts add to the pages of reminders: a rule in words while it is typed, and notices read in their list."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.axe import violations
from tests.e2e.conftest import Server
from tests.e2e.walker import Walker


def test_a_rule_is_put_into_words_while_it_is_typed_and_can_be_tried(
    demonstration: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(demonstration.address)
    Walker(page, demonstration.address).sign_in("guanli", PASSWORD)
    page.goto("/reminder-rules")
    page.get_by_role("link", name="修改：绩效自评到期").click()
    expect(page.locator("html.no-js")).to_have_count(0)  # the scripts are there
    words = page.locator("[data-rule-words]")
    page.get_by_label("截止前提醒").fill("20、五")
    expect(words).to_have_text("“截止前提醒”应为 1 到 366 之间的整数，多个用逗号分开。")
    assert violations(page) == []
    page.get_by_label("截止前提醒").fill("20，5")
    expect(words).to_contain_text("截止前 20、5 天")
    page.get_by_role("button", name="先看看效果").click()
    expect(page.get_by_role("heading", name="照这样改，未来 60 天的变化")).to_be_visible()
    expect(page.get_by_label("截止前提醒")).to_have_value("20，5")
    assert violations(page) == []


def test_a_notice_is_read_without_leaving_the_list(demonstration: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(demonstration.address)
    Walker(page, demonstration.address).sign_in("rencai", PASSWORD)
    page.goto("/notices")
    bell, unread = page.locator(".tool .count"), page.locator("[data-read]")
    before = unread.count()
    assert int(bell.inner_text()) == before > 0
    unread.first.get_by_role("button").press("Enter")
    expect(unread).to_have_count(before - 1)
    if before > 1:
        expect(bell).to_have_text(str(before - 1))
        expect(unread.first.get_by_role("button")).to_be_focused()
    else:
        expect(bell).to_have_count(0)
    assert page.url.endswith("/notices")
    page.reload()
    expect(page.locator("[data-read]")).to_have_count(before - 1)

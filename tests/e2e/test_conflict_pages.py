"""Two windows of one person: on one section, and on two (U06)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import picture
from tests.e2e.desk import BASE, Open, save, saved, signed_in
from tests.e2e.server import Server


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

"""Filling in a declaration: each fault is led to, and keys alone carry from section to section."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import picture
from tests.e2e.desk import BASE, Open, save, saved, signed_in, sql, values
from tests.e2e.server import Server

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


# --- U07, U08, U15: carried through, by keyboard alone ----------------------------------------


Role = Literal["link", "button", "textbox"]


def press_to(page: Page, name: str, role: Role = "link") -> None:
    """Press Tab until the focus is on the control with this name; it must be visible there."""
    wanted = page.get_by_role(role, name=name, exact=True).first
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
    """Expect nothing of axe and no page wider than the window, at the demonstration and on a phone."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 860})

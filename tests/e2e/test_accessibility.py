"""Every page of the demonstration through axe-core, in both languages and at two widths."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.axe import violations
from tests.e2e.server import Server
from tests.e2e.walker import Walker

# Pages by the member of the cast who works there; the numbers are those of the demonstration.
PAGES = {
    "tianbao": (
        "/",
        "/projects",
        "/projects/new",
        "/projects/4",
        "/projects/4/edit",
        "/declarations/3",
        "/declarations/12",
        *(
            f"/declarations/12/sections/{name}"
            for name in ("overview", "bases", "body", "plan", "period", "funds", "indicators")
        ),
        "/declarations/12/attachments",
        "/declarations/12/check",
        "/declarations/12/drafts",
        "/declarations/14",
        "/declarations/14/sections/indicators",
        "/declarations/16",
        "/declarations/17",
        "/declarations/17/versions",
        "/declarations/17/versions/3",
        "/declarations/17/versions/3/receipt",
        "/declarations/17/versions/compare?from=2&to=3",
        "/declarations/4/versions/compare?from=1&to=draft&all=1",
        "/projects/continuing",
        "/budgets?year=2025",
        "/budgets/4",
        "/monitorings",
        "/monitorings/items",
        "/monitorings/5",
        "/monitorings/8/edit",
        "/evaluations",
        "/evaluations/3",
        "/evaluations/4/edit",
        "/evaluations/4/attachments",
        "/evaluations/10",
        "/evaluations/13/lines",
        "/evaluations/13/figures",
        "/consequences",
        "/rectifications",
        "/rectifications/1",
        "/appraisals/2",
        "/library",
        "/calendar",
        "/calendar?month=2026-10&view=list",
        "/calendar/subscription",
        "/library?q=pxrc",
        "/library/1",
        "/library/new",
        "/declarations/12/library",
        "/quality/12",
        "/notices",
        "/notices?show=unread&group=reminders",
        "/notices/reminders",
        "/password",
        "/preferences",
        "/manual/start",
        "/nowhere",
    ),
    "shenhe": (
        "/monitorings/4",
        "/declarations/13",
        "/declarations/13/attachments",
        "/quality",
        "/quality/12",
        "/declarations/17",
        "/evaluations/9",
        "/evaluations/9/review",
        "/evaluations/9/attachments",
        "/inflation",
        "/quality",
        "/quality/17",
        "/appraisals",
        "/appraisals/1",
        "/evaluations/6/appraisal/new",
    ),
    "caizheng": (
        "/samples?year=2025",
        "/samples/1",
        "/samples/1/verification",
        "/samples/new?year=2025",
        "/appraisals/2",
        "/appraisals/1",
    ),
    "zhuanjia1": ("/", "/appraisals", "/appraisals/1", "/appraisals/2"),
    "zhuanjia2": ("/appraisals/2", "/appraisals/2/marks"),
    "zhuanjia3": ("/appraisals/2",),
    "guanli": (
        "/endpoints",
        "/endpoints/new",
        "/messages",
        "/coverage?year=2025",
        "/coverage/list?year=2025&basis=units",
        "/coverage/list?year=2025&stage=self_evaluation&part=missing",
        "/coverage/list?year=2025&basis=departments",
        "/coverage/list?year=2025&basis=exempt",
        "/disclosures?year=2025",
        "/published",
        "/cycles",
        "/cycles/2/exceptions",
        "/workdays",
        "/workdays/2026",
        "/cycles/new",
        "/cycles/2",
        "/units",
        "/units/new",
        "/units/import",
        "/people",
        "/people/new",
        "/people/1",
        "/schemes",
        "/schemes/1",
        "/schemes/2/trial?year=2025",
        "/functions",
        "/reminders",
        "/reminders/1",
        "/reminders/people/1",
        "/reminders/preview",
        "/reminder-rules",
        "/reminder-rules/3/evaluating",
        "/rubrics",
        "/rubrics/6",
        "/library/proposals",
        "/library/1/edit",
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_on_any_page(demonstration: Server, open_page: Callable[..., Page], language: str) -> None:
    found: dict[str, list[str]] = {}
    for username, addresses in PAGES.items():
        page = open_page(demonstration.address, width=1280)
        page.goto("/sign-in")
        note(found, page, "/sign-in")
        Walker(page, demonstration.address).sign_in(username, PASSWORD)
        if language == "en":
            page.get_by_role("button", name="English").click()
        for address in addresses:
            page.goto(address)
            note(found, page, address)
    assert found == {}


def note(found: dict[str, list[str]], page: Page, address: str) -> None:
    """Keep what axe finds on this page, and a page that is wider than the window."""
    problems = violations(page)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            problems.append(f"wider than {width} pixels")
    page.set_viewport_size({"width": 1280, "height": 860})
    if problems:
        found[address] = problems


def test_a_refused_form_is_announced_and_accessible(demonstration: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(demonstration.address)
    walker = Walker(page, demonstration.address)
    walker.sign_in("tianbao", PASSWORD)
    page.goto("/projects/new")
    page.get_by_label("项目总额").fill("五百")
    page.get_by_label("项目期开始").fill("2025-02-30")
    walker.click("建立并填写申报")
    expect(page).to_have_title(re.compile("^错误："))
    expect(page.locator(".problems")).to_be_focused()
    links = page.locator(".problems a")
    assert links.count() == 4
    for n in range(4):
        links.nth(n).click()
        target = links.nth(n).get_attribute("href") or ""
        message = page.locator(f"{target}-error").inner_text()
        assert (page.evaluate("document.activeElement.id"), message) == (target[1:], links.nth(n).inner_text())
    assert page.get_by_label("项目总额").input_value() == "五百"
    assert violations(page) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_in_states_that_come_up_while_working(
    demonstration: Server, open_page: Callable[..., Page], language: str
) -> None:
    page = open_page(demonstration.address, reduced_motion="reduce")
    walker = Walker(page, demonstration.address)
    walker.sign_in("tianbao", PASSWORD)
    if language == "en":
        walker.click("English")
        expect(page.locator("html")).to_have_attribute("lang", "en")
    found: dict[str, list[str]] = {}
    page.goto("/declarations/12/sections/indicators")
    page.locator("[data-library-open]").click()
    expect(page.locator(".offers li").first).to_be_visible()
    note(found, page, "library panel")
    page.goto("/declarations/12/sections/funds")
    for name in ("general_public", "carry_over", "other"):
        page.locator(f"#{name}").fill("-1e3")
    page.locator("form.card button.btn-primary").first.click()
    expect(page.locator(".problems li")).to_have_count(3)
    note(found, page, "three errors")
    page.goto("/declarations/14/check")
    note(found, page, "check")
    assert found == {}

"""One declaration through two rounds and an adjustment, in a real browser, by those who do it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.axe import violations
from tests.e2e.conftest import picture
from tests.e2e.server import Server
from tests.e2e.walker import Walker

COPIED = "社区党组织服务群众经费（区级配套）"
SECTIONS = ("overview", "plan", "period", "funds", "indicators")
Walkers = Callable[[str], Walker]


@pytest.fixture
def walkers(demonstration: Server, open_page: Callable[..., Page]) -> Walkers:
    """A function that returns somebody of the demonstration, signed in at a window of their own."""

    def arrive(username: str) -> Walker:
        walker = Walker(open_page(demonstration.address), demonstration.address)
        walker.sign_in(username, PASSWORD)
        return walker

    return arrive


def save(walker: Walker) -> None:
    """Save the section on the screen and wait for the page after it."""
    before = walker.page.url
    walker.page.locator("form.card button.btn-primary").first.click()
    walker.page.wait_for_url(lambda url: url != before)


def clean(page: Page, write_remark: str = "") -> None:
    """Expect nothing of axe, in both languages; the English page is opened beside, so that this one stays as it is.

    ``write_remark`` opens the field for a remark at this place on the English page, too.
    """
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    beside = page.context.new_page()
    beside.set_viewport_size(page.viewport_size or {"width": 1280, "height": 860})
    beside.goto("/manual/start")
    switch(beside, "en")
    beside.goto(page.url)
    expect(beside.locator("html")).to_have_attribute("lang", "en")
    if write_remark:
        beside.locator(f"#{write_remark}").get_by_text("Write a remark").click()
        expect(beside.locator(f"#remark-{write_remark}")).to_be_visible()
    assert violations(beside) == []
    switch(beside, "zh")
    beside.close()


def switch(page: Page, language: str) -> None:
    """Choose the language of every page of this person; nothing happens when it is chosen already."""
    button = page.locator(f"button[name=language][value={language}]")
    if button.count():
        button.click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))
        page.wait_for_load_state("networkidle")


def raise_first_target(walker: Walker, address: str, by: int) -> str:
    """Raise the first target and return the new number."""
    walker.go(f"{address}/sections/indicators")
    field = walker.page.locator("[name='indicators-0-target']")
    number = str(int(field.input_value()) + by)
    field.fill(number)
    save(walker)
    return number


def test_two_rounds_and_an_adjustment(walkers: Walkers) -> None:
    filler, reviewer, finance = walkers("tianbao"), walkers("shenhe"), walkers("caizheng")
    page = filler.page

    # The year was started from last year's: what was copied is marked until somebody looked at it.
    filler.menu("项目与目标")
    page.get_by_role("navigation", name="按状态筛选").get_by_role("link", name="草稿").click()
    filler.follow(COPIED)
    expect(page.locator(".check-mark")).to_have_count(len(SECTIONS))
    address = re.sub(r"^https?://[^/]+", "", page.url)
    clean(page)
    picture(page, "declaration-copied")
    filler.follow("核对并送审")
    filler.click("送审")
    expect(page.locator(".problems li")).to_have_count(len(SECTIONS))
    for name in SECTIONS:
        filler.go(f"{address}/sections/{name}")
        save(filler)
    filler.go(address)
    expect(page.locator(".check-mark")).to_have_count(0)

    # The receipt: to be kept, and nothing is sent by opening it again.
    filler.hand_in()
    page.wait_for_url("**/versions/1/receipt")
    number = page.locator(".receipt-number").inner_text()
    expect(page.locator(".receipt")).to_contain_text("周正")
    clean(page)
    picture(page, "receipt")
    page.reload()
    expect(page.locator(".receipt-number")).to_have_text(number)

    # Until the reviewer opens it, it can be taken back; the page itself notes the opening.
    filler.go(address)
    expect(page.get_by_role("button", name="撤回")).to_be_visible()
    with reviewer.page.expect_response("**/opening") as noted:
        reviewer.go(address)
    assert noted.value.status == 204
    filler.go(address)
    filler.sees("打开审核，不能撤回")
    expect(page.get_by_role("button", name="撤回")).to_have_count(0)

    # Returned with remarks at the places concerned.
    review = reviewer.page
    review.locator("#overview").get_by_text("写批注").click()
    review.locator("#remark-overview").fill("请写明服务对象的数量。")
    review.locator("#indicators").get_by_text("写批注").click()
    review.locator("[id='remark-indicators.1']").fill("目标偏低，请说明或提高。")
    clean(review, write_remark="overview")
    reviewer.click("退回修改")
    reviewer.sees("请填写意见")
    expect(review.locator("#remark-overview")).to_have_value("请写明服务对象的数量。")
    review.locator("#return-comment").fill("请按批注修改。")
    picture(review, "declaration-remarks")
    reviewer.click("退回修改")
    reviewer.state("已退回")

    # The preparer sees them there, changes, and hands in again.
    filler.go(address)
    expect(page.locator("#indicators .remarks")).to_contain_text("目标偏低")
    expect(page.locator(".timeline").get_by_role("link", name="项目概述")).to_have_attribute(
        "href", f"{address}#overview"
    )
    clean(page)
    picture(page, "declaration-returned")
    filler.go(f"{address}/sections/overview")
    expect(page.locator(".remarks")).to_contain_text("请写明服务对象的数量。")
    text = page.get_by_label("项目概述")
    text.fill(f"{text.input_value()}\n服务居民约 6 万人。")
    save(filler)
    raised = raise_first_target(filler, address, 5)
    filler.go(address)
    filler.sees("现在有 2 处修改")
    filler.hand_in()
    page.wait_for_url("**/versions/2/receipt")

    # The second round shows what is different.
    reviewer.go(address)
    reviewer.sees("本次与上次送审相比有 2 处修改。")
    reviewer.follow("查看修改")
    expect(review.locator("ins").first).to_contain_text("服务居民约 6 万人。")
    expect(review.locator(".compare del").last).to_contain_text(str(int(raised) - 5))
    clean(review)
    picture(review, "versions-compare")
    reviewer.go(address)
    reviewer.click("通过")
    finance.go(address)
    finance.click("通过")
    finance.state("已批复")

    # Adjusted in the middle of the year: the same route, both values.
    filler.go(address)
    filler.follow("发起调整")
    clean(page)
    filler.fill("调整理由", "中央资金增加，服务范围扩大。")
    filler.fill("调整依据", "大财预〔2027〕12号")
    picture(page, "adjustment-new")
    filler.click("发起调整")
    filler.sees("在调整获批前继续有效")
    adjusting = re.sub(r"^https?://[^/]+", "", page.url)
    filler.go(f"{adjusting}/sections/funds")
    filler.fill("一般公共预算", "700")
    save(filler)
    higher = raise_first_target(filler, adjusting, 20)
    filler.go("/projects?state=approved")
    expect(page.locator("tr", has_text=COPIED)).to_contain_text("调整中")
    filler.go(address)
    expect(page.locator("#funds")).not_to_contain_text("700.00")
    filler.go(adjusting)
    clean(page)
    filler.hand_in()
    page.wait_for_url("**/receipt")
    clean(page)
    for walker in (reviewer, finance):
        walker.go(adjusting)
        walker.click("通过")
    finance.state("已批复")
    filler.go(address)
    row = page.locator("#indicators tr", has_text=f"≥{higher}")
    expect(row).to_contain_text(f"≥{raised}")
    expect(page.locator("#funds tfoot")).to_have_text(re.compile(r"合计\s*570\.00\s*700\.00"))
    clean(page)
    picture(page, "adjustment-both")
    filler.go(f"{address}/versions")
    expect(page.locator("tbody tr")).to_have_count(5)
    clean(page)
    picture(page, "versions")
    page.get_by_role("link", name="第 5 版").click()
    filler.sees("调整指标值")
    clean(page)


def test_the_pages_in_english_and_on_a_phone(
    demonstration: Server, open_page: Callable[..., Page], walkers: Walkers
) -> None:
    reviewer = walkers("shenhe")
    reviewer.go("/projects?state=submitted")
    reviewer.follow("党员教育培训（示例）")
    address = re.sub(r"^https?://[^/]+", "", reviewer.page.url)
    phone = Walker(open_page(demonstration.address, width=390), demonstration.address)
    phone.sign_in("tianbao", PASSWORD)
    for path in ("", "/versions", "/versions/1", "/versions/1/receipt", "/versions/compare?from=1&to=draft&all=1"):
        phone.go(f"{address}{path}")
        clean(phone.page)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    phone.go("/projects/continuing")
    clean(phone.page)
    switch(phone.page, "en")
    for path in ("", "/versions", "/versions/1", "/versions/1/receipt", "/versions/compare?from=1&to=draft&all=1"):
        phone.go(f"{address}{path}")
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390, path

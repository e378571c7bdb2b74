"""The indicator library in a real browser: suggestions fill rows, search by initials, an own entry goes its way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.axe import violations
from tests.e2e.conftest import picture
from tests.e2e.server import Server
from tests.e2e.walker import Walker

TABLE = "/declarations/12/sections/indicators"


@pytest.fixture
def filler(demonstration: Server, open_page: Callable[..., Page]) -> Walker:
    """The filler of the demonstration, signed in."""
    walker = Walker(open_page(demonstration.address), demonstration.address)
    walker.sign_in("tianbao", PASSWORD)
    return walker


def values(page: Page, row: int) -> list[str]:
    """Return what stands in the fields of a row, by name."""
    names = ("category", "subcategory", "name", "sign", "target", "unit", "weight", "evidence")
    return [page.locator(f'[name="indicators-{row}-{name}"]').input_value() for name in names]


def test_one_click_fills_a_row_that_is_saved(filler: Walker) -> None:
    page = filler.page
    filler.go(TABLE)
    filler.click("从指标库选择")
    first = page.locator(".offers li").first
    expect(first).to_contain_text("项目名称含“")
    assert violations(page) == []
    picture(page, "library-panel")
    name = first.locator("a").inner_text()
    rows = page.locator("table[data-rows] tbody tr").count()
    first.get_by_role("button").click()
    expect(page.get_by_role("status").filter(has_text=name)).to_contain_text("已填入第 9 行")
    assert page.locator("table[data-rows] tbody tr").count() == rows  # the first blank row was used
    filled = values(page, 8)
    assert (filled[2], "" in filled[:6], filled[6]) == (name, False, "")
    expect(page.locator(".check-note")).to_have_text("参考值，请核对")
    page.locator('[name="indicators-8-target"]').fill("40")
    expect(page.locator(".check-note")).to_have_count(0)
    page.locator('[name="indicators-8-weight"]').fill("5")
    assert violations(page) == []
    page.get_by_role("button", name="保存", exact=True).last.click()
    filler.sees("“绩效目标”已保存。")
    filler.go(TABLE)
    assert values(page, 8) == [*filled[:4], "40", filled[5], "5", filled[7]]
    filler.click("从指标库选择")
    expect(page.locator(".offers li").first).to_be_visible()
    expect(page.locator(".offers").get_by_role("link", name=name, exact=True)).to_have_count(0)


def test_initials_typed_by_keyboard_alone_fill_more_rows_than_there_are(filler: Walker) -> None:
    page = filler.page
    filler.go(TABLE)
    page.get_by_role("button", name="从指标库选择").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-library-search]")).to_be_focused()
    expect(page.locator(".offers li").first).to_be_visible()
    page.keyboard.type("px")
    expect(page.locator("[data-library-title]")).to_contain_text("查到")
    expect(page.get_by_role("button", name="填入 培训人次")).to_be_visible()
    for _time in range(4):  # three blank rows, then one more
        button = page.locator(".offers button").first
        button.focus()
        page.keyboard.press("Enter")
    assert page.locator("table[data-rows] tbody tr").count() == 12
    assert len({values(page, row)[2] for row in range(8, 12)}) == 4
    page.locator("[data-library-search]").fill("没有这样的")
    expect(page.locator("[data-library-said]")).to_have_text("没有找到指标")
    page.locator("[data-library-search]").fill("")
    page.keyboard.press("Escape")
    expect(page.locator("[data-library-body]")).to_be_hidden()
    expect(page.get_by_role("button", name="从指标库选择")).to_be_focused()


def test_the_library_is_searched_and_read(filler: Walker) -> None:
    page = filler.page
    filler.menu("指标库")
    expect(page.locator("tbody tr").first).to_be_visible()
    picture(page, "library")
    page.get_by_label("名称、关键词或拼音首字母").fill("sqjm myd")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("社区居民满意度")
    page.locator("tbody a").first.click()
    filler.sees("每个社区不少于 10 份")
    assert violations(page) == []
    picture(page, "library-entry")


@pytest.mark.own_server
def test_an_own_row_becomes_an_entry_is_proposed_and_approved(
    filler: Walker, demonstration: Server, open_page: Callable[..., Page]
) -> None:
    page = filler.page
    filler.go(TABLE)
    page.get_by_text("把自己写的指标加入指标库").click()
    page.get_by_role("link", name="把 经费按季拨付及时率 加入指标库").click()
    expect(page.get_by_label("指标名称")).to_have_value("经费按季拨付及时率")
    page.get_by_label("指标解释").fill("每季度规定日期前拨付到社区的笔数比例。")
    filler.click("加入指标库")
    expect(page.locator(".problems")).to_contain_text("请说明为什么指标库里没有合适的指标")
    assert violations(page) == []
    page.get_by_label("自建理由").fill("库里只有党建经费的口径，没有到社区的口径。")
    picture(page, "library-new")
    filler.click("加入指标库")
    filler.sees("已加入本单位的指标库")
    filler.click("申报入库")
    filler.sees("已申报入库")
    address = page.url
    admin = Walker(open_page(demonstration.address), demonstration.address)
    admin.sign_in("guanli", PASSWORD)
    admin.menu("指标库")
    admin.follow("入库申报")
    assert violations(admin.page) == []
    picture(admin.page, "library-proposals")
    admin.follow("经费按季拨付及时率")
    assert violations(admin.page) == []
    picture(admin.page, "library-proposal")
    admin.click("批准入库")
    admin.sees("已批准入库")
    page.goto("/notices")
    filler.sees("您申报的指标“经费按季拨付及时率”已由 何伟 批准入库")
    page.goto(address)
    filler.sees("分领域指标")


def test_without_javascript_a_page_does_the_same(demonstration: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(demonstration.address, java_script_enabled=False)
    filler = Walker(page, demonstration.address)
    filler.sign_in("tianbao", PASSWORD)
    filler.go(TABLE)
    filler.follow("从指标库选择")
    picture(page, "library-pick")
    name = page.locator(".offers li a").first.inner_text()
    page.get_by_role("button", name=f"填入 {name}").click()
    filler.sees(f"已填入“{name}”")
    assert values(page, 8)[2] == name
    page.goto("/declarations/12/library")
    assert page.locator(".offers li a").first.inner_text() != name

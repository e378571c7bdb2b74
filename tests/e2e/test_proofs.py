"""Evidence on the self-evaluation form in a real browser: a file comes beside its line, and nothing typed is lost."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.documents import uploads
from tests.e2e.axe import violations
from tests.e2e.conftest import Server
from tests.e2e.test_attachments import is_narrow, payload
from tests.e2e.walker import Walker

SHEET = "/evaluations/4"


def test_a_file_is_brought_beside_its_line_and_opened_at_its_page(
    demonstration: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(demonstration.address)
    walker = Walker(page, demonstration.address)
    walker.sign_in("tianbao", PASSWORD)
    walker.go(f"{SHEET}/edit")
    line = page.locator("[data-line]").nth(1)
    line.get_by_label("实际完成情况").fill("还没有保存的文字")
    line.locator("[data-proof-upload]").set_input_files(
        [payload("验收报告.pdf", uploads.pdf(12)), payload("坏的.pdf", b"<html>")]
    )
    expect(line.get_by_role("status")).to_contain_text("“坏的.pdf”的内容不是 .pdf 文件")
    expect(line.get_by_label("第 2 项 佐证文件 1", exact=True)).to_contain_text("验收报告.pdf（12 页）")
    line.get_by_label("第 2 项 佐证文件 1 的页码").fill("13")
    line.get_by_role("button", name="第 2 项 再加一份佐证文件").click()
    expect(line.get_by_label("第 2 项 佐证文件 2", exact=True)).to_be_focused()
    assert (violations(page), is_narrow(page)) == ([], True)
    page.get_by_role("button", name="保存", exact=True).click()
    walker.sees("第 2 项：“验收报告.pdf”只有 12 页，没有第 13 页，请核对页码。")
    expect(line.get_by_label("实际完成情况")).to_have_value("还没有保存的文字")
    line.get_by_label("第 2 项 佐证文件 1 的页码").fill("第3-5页")
    third = page.locator("[data-line]").nth(2)
    for _n in range(10):
        third.get_by_role("button", name="第 3 项 再加一份佐证文件").click()
        third.locator("[data-proof] select").last.select_option(label="验收报告.pdf（12 页）")
        third.locator("[data-proof] input").last.fill(str(_n + 1))
    third.get_by_role("button", name="第 3 项 再加一份佐证文件").click()
    expect(third.get_by_role("status")).to_contain_text("每项最多 10 份佐证文件")
    assert (third.locator("[data-proof]").count(), violations(page), is_narrow(page)) == (10, [], True)
    for _n in range(9):
        third.get_by_role("button", name="第 3 项 去掉佐证文件 2").click()
    assert third.locator("[data-proof]").count() == 1
    expect(third.get_by_label("第 3 项 佐证文件 1 的页码")).to_have_value("1")
    third.get_by_role("button", name="第 3 项 去掉佐证文件 1").click()
    expect(third.get_by_label("第 3 项 佐证文件 1", exact=True)).to_have_value("")
    page.get_by_role("button", name="保存", exact=True).click()
    walker.sees("已保存，可以稍后继续填写。")
    walker.go(SHEET)
    assert (violations(page), is_narrow(page)) == ([], True)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="验收报告.pdf 第 3-5 页").click()
    assert opened.value.url.endswith("/view#page=3")
    opened.value.close()
    walker.go(f"{SHEET}/attachments")
    assert (violations(page), is_narrow(page)) == ([], True)
    page.get_by_label("删除“验收报告.pdf”", exact=True).click()
    walker.sees("第 2 项指标正在使用它")

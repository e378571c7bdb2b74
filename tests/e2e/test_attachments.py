"""Uploading files in a real browser: several at once, with progress, a bad one, a stop, a lost network, and no script."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.documents import uploads
from tests.e2e.axe import violations
from tests.e2e.server import Server
from tests.e2e.walker import Walker

PAGE = "/declarations/12/attachments"
GOOD = ("立项批复.pdf", "实施方案.docx", "测算表.xlsx", "照片.jpg")
BAD = "“方案.pdf”的内容不是 .pdf 文件，请用原来的软件重新保存或导出后再上传。"


def payload(name: str, content: bytes) -> FilePayload:
    """Return a file as a person would choose it."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def five() -> list[FilePayload]:
    """Return four good files and, in the middle, a bad one."""
    good = [payload(name, uploads.good()[name]) for name in GOOD]
    return [*good[:2], payload("方案.pdf", b"<html>"), *good[2:]]


@pytest.fixture
def filler(demonstration: Server, open_page: Callable[..., Page]) -> Walker:
    """The filler of the demonstration at the files of a draft, of which there are none yet."""
    return at_files(open_page(demonstration.address), demonstration.address)


def at_files(page: Page, address: str) -> Walker:
    """Sign the filler in and go to the page."""
    walker = Walker(page, address)
    walker.sign_in("tianbao", PASSWORD)
    walker.go(PAGE)
    assert listed(page) == []
    return walker


def listed(page: Page) -> list[str]:
    return page.locator("#files-now .file-name .row-link").all_inner_texts()


def row(page: Page, name: str) -> Locator:
    return page.locator("[data-uploads] li", has_text=name)


def is_narrow(page: Page) -> bool:
    page.set_viewport_size({"width": 390, "height": 860})
    fits = page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 860})
    return bool(fits)


def test_five_files_with_a_bad_one_by_keyboard(filler: Walker) -> None:
    page = filler.page
    expect(page.get_by_text("请勿上传涉密文件")).to_be_visible()
    assert (violations(page), is_narrow(page)) == ([], True)
    page.get_by_label("选择文件").set_input_files(five())
    page.get_by_label("选择文件").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-upload-state]")).to_have_text("已上传 4 / 5")
    expect(row(page, "方案.pdf")).to_contain_text(BAD)
    expect(page.locator("#files-now .file-name .row-link")).to_have_count(4)
    assert listed(page) == list(GOOD)
    assert (violations(page), is_narrow(page)) == ([], True)
    page.locator('#files-now summary[aria-label^="删除"]').nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="确认删除“实施方案.docx”")).to_be_visible()
    assert (violations(page), is_narrow(page)) == ([], True)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    filler.sees("已删除“实施方案.docx”。")
    assert listed(page) == [name for name in GOOD if name != "实施方案.docx"]


def test_the_pages_in_english_and_for_a_reviewer(
    filler: Walker, demonstration: Server, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = filler.page
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.wait_for_load_state()  # a click before the scripts are there sends the form the plain way
    page.get_by_label("Choose files").set_input_files([payload("立项批复.pdf", uploads.pdf()), payload("a.exe", b"MZ")])
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("[data-upload-state]")).to_have_text("Uploaded 1 / 2")
    expect(row(page, "a.exe")).to_contain_text("Files like “a.exe” cannot be uploaded.")
    page.locator("#files-now summary").last.click()
    assert (violations(page), is_narrow(page)) == ([], True)
    reviewer = Walker(open_page(demonstration.address), demonstration.address)
    reviewer.sign_in("shenhe", PASSWORD)
    for address in ("/declarations/12", PAGE):
        reviewer.go(address)
        link = reviewer.page.get_by_role("link", name="立项批复.pdf", exact=True)
        with reviewer.page.expect_download() as waiting:
            link.click()
        waiting.value.save_as(tmp_path / "saved")
        assert (waiting.value.suggested_filename, (tmp_path / "saved").read_bytes()) == ("立项批复.pdf", uploads.pdf())
        assert (violations(reviewer.page), is_narrow(reviewer.page)) == ([], True)
    expect(reviewer.page.locator("form[data-upload]")).to_have_count(0)


def test_progress_and_a_stop(filler: Walker) -> None:
    page = filler.page
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    network.send("Network.emulateNetworkConditions", slow)
    files = [payload("大.txt", b"text\n" * 3_000_000), payload("小.txt", b"text")]
    page.get_by_label("选择文件").set_input_files(files)
    filler.click("上传")
    expect(row(page, "大.txt")).to_contain_text(re.compile("正在上传 [1-9]\\d?%"))
    expect(row(page, "小.txt")).to_contain_text("等待上传")
    assert violations(page) == []
    page.get_by_role("button", name="取消 大.txt").click()
    expect(row(page, "大.txt")).to_contain_text("已取消")
    expect(row(page, "小.txt")).to_contain_text("已上传")
    expect(page.locator("#files-now .file-name .row-link")).to_have_text(["小.txt"])


def test_a_lost_network_loses_no_file(demonstration: Server, browser: Browser) -> None:
    context = browser.new_context(base_url=demonstration.address, locale="zh-CN")  # its console may complain
    page = context.new_page()
    filler = at_files(page, demonstration.address)
    page.get_by_label("选择文件").set_input_files([payload("a.txt", b"text")])
    page.context.set_offline(True)
    filler.click("上传")
    expect(row(page, "a.txt")).to_contain_text("网络中断，这个文件没有保存，恢复后请重试。")
    page.context.set_offline(False)
    page.get_by_role("button", name="重试 a.txt").click()
    expect(page.locator("#files-now .file-name .row-link")).to_have_text(["a.txt"])
    context.close()


def test_an_ended_session_loses_no_file(filler: Walker) -> None:
    page = filler.page
    page.get_by_label("选择文件").set_input_files([payload("a.txt", b"text")])
    other = page.context.new_page()
    other.goto("/")
    other.locator("details.menu summary").click()
    other.get_by_role("button", name="退出登录").click()
    filler.click("上传")
    expect(row(page, "a.txt")).to_contain_text("登录已失效，这个文件没有保存。")


def test_nothing_chosen_and_a_file_that_is_too_large(filler: Walker) -> None:
    page = filler.page
    filler.click("上传")
    expect(page.locator("[data-uploads]")).to_have_text("请先选择要上传的文件。")
    expect(page.get_by_label("选择文件")).to_be_focused()
    page.get_by_label("选择文件").set_input_files([payload("大.txt", b"x" * (20 * 1024 * 1024 + 1))])
    filler.click("上传")
    expect(row(page, "大.txt")).to_contain_text("“大.txt”超过大小上限，请压缩或拆分后再上传。")


def test_without_script(demonstration: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(demonstration.address, java_script_enabled=False)
    walker = at_files(page, demonstration.address)
    page.get_by_label("本项目没有需要上传的附件").check()
    walker.click("保存")
    expect(page.get_by_label("本项目没有需要上传的附件")).to_be_checked()
    page.get_by_label("选择文件").set_input_files(five())
    walker.click("上传")
    walker.sees("已上传 4 个附件。")
    assert page.locator(".problems li").all_inner_texts() == [BAD]
    assert listed(page) == list(GOOD)
    page.locator('#files-now summary[aria-label^="删除"]').first.click()
    page.get_by_role("button", name="确认删除“立项批复.pdf”").click()
    walker.sees("已删除“立项批复.pdf”。")


def test_the_next_person_at_this_browser_finds_nothing(filler: Walker) -> None:
    page = filler.page
    page.get_by_label("选择文件").set_input_files([payload("内部.txt", b"text")])
    filler.click("上传")
    expect(page.locator("#files-now .file-name .row-link")).to_have_text(["内部.txt"])
    address = page.locator("#files-now .file-name .row-link").get_attribute("href") or ""
    filler.page.locator("details.menu summary").click()
    filler.click("退出登录")
    filler.page.wait_for_url("**/sign-in*")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert kept == "[{},{}]"
    page.go_back()
    expect(page.get_by_label("用户名")).to_be_visible()
    filler.sign_in("rencai", PASSWORD)
    assert [filler.page.request.get(path).status for path in (PAGE, address)] == [404, 404]

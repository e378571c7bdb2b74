"""Target forms from Excel in a real browser: faults at their cells, the annotated copy, confirming, progress."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from perfmgr.demonstration.department import PASSWORD
from perfmgr.documents.target_forms import books, read
from tests import target_books as given
from tests.e2e.axe import violations
from tests.e2e.conftest import picture
from tests.e2e.server import Server
from tests.e2e.walker import Walker

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNIT = "中共大连高新技术产业园区工作委员会党群工作部（本级）"


@pytest.fixture
def filler(demonstration: Server, open_page: Callable[..., Page]) -> Walker:
    """The filler of the demonstration, signed in."""
    walker = Walker(open_page(demonstration.address), demonstration.address)
    walker.sign_in("tianbao", PASSWORD)
    return walker


def payload(data: bytes, name: str = "申报表.xlsx") -> FilePayload:
    """Return a workbook as a browser sends it."""
    return {"name": name, "mimeType": XLSX, "buffer": data}


def both_languages(page: Page) -> list[str]:
    """Return what axe finds on this page in Chinese and in English; the page is in Chinese again afterwards."""
    found = violations(page)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    found += violations(page)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    return found


def project(number: int, **changes: Any) -> dict[str, Any]:
    """Return a project to be imported."""
    return {**given.plain(number, f"导入项目 {number}"), **changes}


def test_faults_are_found_corrected_and_then_everything_is_imported(filler: Walker, tmp_path: Path) -> None:
    page = filler.page
    filler.menu("项目与目标")
    filler.follow("导入 Excel")
    assert both_languages(page) == []
    picture(page, "import-new")
    year = int(page.get_by_label("申报年度").input_value())
    faulty = [project(n) for n in range(12)]
    faulty[2]["indicators"][0][2] = ""
    faulty[5]["indicators"][1][7] = "1.234"
    faulty[9]["project"]["end_on"] = "2020-01-01"
    data = books.forms([given.form(p, year=year) for p in faulty], "national")
    page.get_by_label("申报单位").select_option(label=UNIT)
    page.get_by_label("Excel 文件").set_input_files(payload(data))
    filler.click("上传并检查")
    filler.sees("有 3 个项目有错误，不能导入")
    told = page.locator(".row-remarks li").all_inner_texts()
    assert [text.split(" ", 4)[4] for text in told] == [
        "“三级指标”不能为空，请填写指标名称。",
        "“分值”最多保留 2 位小数。",
        f"结束日期 2020-01-01 早于开始日期 {given.YEAR}-01-01，请调整其中一个。",
    ]
    assert both_languages(page) == []
    picture(page, "import-faults")
    with page.expect_download() as waiting:
        filler.follow("下载标注副本")
    copy = tmp_path / "copy.xlsx"
    waiting.value.save_as(copy)
    assert waiting.value.suggested_filename == "申报表（检查结果）.xlsx"
    assert len(read(copy.read_bytes(), "copy.xlsx")) == 12
    filler.go(f"/projects?year={year}&q=导入项目")
    filler.sees("没有符合条件的项目")
    filler.go("/imports")
    filler.follow("申报表.xlsx")
    filler.follow("重新上传")
    expect(page.get_by_label("申报单位")).to_have_value(re.compile(r"\d+"))
    good = books.forms([given.form(project(n), year=year) for n in range(12)], "national")
    page.get_by_label("Excel 文件").set_input_files(payload(good))
    filler.click("上传并检查")
    filler.sees("确认后将新建 12 个、更新 0 个项目的申报草稿。")
    filler.click("确认导入")
    filler.sees("导入完成：写入 12 个项目。")
    assert both_languages(page) == []
    picture(page, "import-done")
    filler.follow("导入项目 3")
    filler.state("草稿")
    filler.sees("为居民办实事。")


def test_a_declaration_goes_to_excel_and_back_by_its_own_links(filler: Walker, tmp_path: Path) -> None:
    page = filler.page
    filler.go("/projects?state=draft")
    page.locator("a.row-link").first.click()
    address = page.url
    with page.expect_download() as waiting:
        filler.follow("导出申报表（万元）")
    file = tmp_path / "form.xlsx"
    waiting.value.save_as(file)
    assert waiting.value.suggested_filename.endswith("年度绩效目标申报表）.xlsx")
    filler.go(address)
    filler.follow("用 Excel 填写后导入")
    page.get_by_label("Excel 文件").set_input_files(file)
    filler.click("上传并检查")
    filler.sees("表中内容与系统里的完全一致，没有需要写入的。")


def test_many_projects_show_their_progress_and_work_without_scripts(
    demonstration: Server, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    for scripts in (True, False):
        page = open_page(demonstration.address, width=390, java_script_enabled=scripts)
        walker = Walker(page, demonstration.address)
        walker.sign_in("tianbao", PASSWORD)
        walker.go("/imports/new")
        year = int(page.get_by_label("申报年度").input_value())
        forms = [given.form(given.plain(n, f"批量 {scripts} {n}"), year=year) for n in range(1000 if scripts else 20)]
        page.get_by_label("申报单位").select_option(label=UNIT)
        page.get_by_label("Excel 文件").set_input_files(payload(given.book("list", forms, tmp_path), "批量.xlsx"))
        walker.click("上传并检查")
        expect(page.locator(".import-confirm")).to_contain_text(f"将新建 {len(forms)} 个", timeout=60_000)
        walker.click("确认导入")
        if scripts:
            expect(page.locator("progress")).to_be_visible()
            assert [found for found in violations(page) if "progress" in found] == []
        else:
            while page.get_by_role("button", name="继续").count():
                walker.click("继续")
        expect(page.get_by_text(f"导入完成：写入 {len(forms)} 个项目。")).to_be_visible(timeout=120_000)

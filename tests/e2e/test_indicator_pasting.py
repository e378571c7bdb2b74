"""Pasting into the indicator table: preview, bad cells, columns, undo (U13)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.indicators import BLOCK, cell, copy, names, paste_at, values

HEAD = ("一级指标", "二级指标", "三级指标", "指标值", "计量单位", "分值", "备注")


@pytest.mark.parametrize("flavour", ["excel", "wps"])
def test_a_block_is_pasted_with_one_key_and_undone_with_one(table: Callable[..., Page], flavour: str) -> None:
    page = table()
    before = values(page)
    copy(page, (HEAD, *BLOCK) if flavour == "excel" else BLOCK, flavour)
    dialog = paste_at(page, 1, "category")
    expect(dialog).to_have_accessible_name("粘贴预览")
    expect(dialog).to_contain_text("识别到 12 行")
    expect(dialog).to_contain_text("没有发现问题")
    assert dialog.locator("tbody tr").count() == 12
    assert violations(page) == []
    dialog.get_by_label("替换全部").check()
    dialog.get_by_role("button", name="写入表格").click()
    expect(dialog).to_be_hidden()
    expect(cell(page, 1, "name")).to_be_focused()
    after = values(page)
    assert after[0][:8] == ["output", "数量指标", "覆盖社区数", "ge", "38", "个", "5", "签到表；影像"]
    assert after[2][:8] == ["output", "数量指标", "组织活动场次", "ge", "1200", "场次", "5", ""]
    assert after[9][:8] == [
        *("benefit", "可持续影响指标", "工作机制", "qualitative", "健全并运行", "", "5", "制度文件")
    ]
    assert after[11][:8] == [*("satisfaction", "服务对象满意度指标", "居民满意度", "ge", "90", "%", "10", "问卷")]
    assert len(after) == 12
    expect(page.locator("[data-total]")).to_have_class("fits")
    page.keyboard.press("Control+z")
    assert values(page) == before
    expect(page.get_by_role("status").filter(has_text="已撤销")).to_have_count(1)
    page.get_by_role("button", name="重做：粘贴 12 行").click()
    assert values(page) == after


@pytest.mark.parametrize("english", [False, True])
def test_bad_cells_are_marked_and_can_be_mended_in_the_table(table: Callable[..., Page], english: bool) -> None:
    page = table(english=english)
    before = values(page)
    rows = (
        HEAD,
        ("投入指标", "人员指标", "覆盖社区数", "≥38", "个", "十分", ""),
        ("产出指标", "", "长" * 201, "九成以上", "", "5", ""),
        ("合计", "", "", "", "", "100", ""),
    )
    copy(page, rows, "excel")
    dialog = paste_at(page, 3, "name")
    bad = dialog.locator(".bad-cell .field-error")
    expect(bad).to_have_count(3)
    if not english:
        assert bad.all_inner_texts() == [
            "“投入指标”不是本方案的指标类别，请改选。",
            "“十分”不是可用的分值，请填数字，最多两位小数。",
            "超出 1 字，最多 200 字，请删减。",
        ]
        expect(dialog).to_contain_text("表头 1 行不导入；合计 1 行不导入；2 行有需要修改的地方")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(cell(page, 3, "name")).to_be_focused()
    assert values(page) == before
    dialog = paste_at(page, 3, "name")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    pasted = [row[:8] for row in values(page) if row not in before]
    assert pasted == [
        ["投入指标", "人员指标", "覆盖社区数", "ge", "38", "个", "十分", ""],
        ["output", "", "长" * 201, "qualitative", "九成以上", "", "5", ""],
    ]
    category = cell(page, len(before) - 2, "category")
    expect(category).to_be_focused()
    expect(category).to_have_accessible_description("".join(page.locator("td [data-pasted]").first.all_inner_texts()))
    assert violations(page) == []
    category.select_option("output")
    expect(page.locator("td [data-pasted]")).to_have_count(2)
    expect(category).not_to_have_attribute("aria-invalid", "true")
    # The server, too, refuses what is still wrong, and loses nothing of it.
    category.select_option("投入指标")
    page.get_by_role("button", name="Save" if english else "保存", exact=True).last.click()
    expect(page.locator(".problems li")).to_have_count(3)
    kept = [row[:8] for row in values(page)]
    assert all(row in kept for row in pasted)
    assert violations(page) == []


def test_what_a_column_means_can_be_changed(table: Callable[..., Page]) -> None:
    page = table()
    copy(page, (("覆盖社区数", "签到表"), ("资料归档率", "归档目录")), "wps")
    dialog = paste_at(page, 1, "name")
    columns = dialog.locator("[data-paste-columns] select")
    expect(columns).to_have_count(2)
    columns.nth(1).focus()
    columns.nth(1).select_option(label="数据来源与佐证")
    expect(columns.nth(1)).to_be_focused()
    columns.nth(0).select_option(label="三级指标")
    dialog.get_by_label("从第 1 行起覆盖").check()
    before = values(page)
    dialog.get_by_role("button", name="写入表格").click()
    after = values(page)
    assert [(row[2], row[7]) for row in after[:2]] == [("覆盖社区数", "签到表"), ("资料归档率", "归档目录")]
    assert [(*row[:2], *row[4:7]) for row in after] == [(*row[:2], *row[4:7]) for row in before]


def test_a_single_value_is_pasted_as_always(table: Callable[..., Page]) -> None:
    page = table()
    copy(page, (("服务项目\n验收合格率",),), "excel")
    field = cell(page, 1, "name")
    field.fill("旧")
    page.keyboard.press("Control+v")
    expect(field).to_have_value("旧服务项目 验收合格率")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(field).to_have_value("旧")


def test_more_rows_than_can_be_saved_are_refused_before_anything_is_written(table: Callable[..., Page]) -> None:
    page = table()
    before = values(page)
    filled = len(names(page))
    copy(page, tuple(("产出指标", "数量指标", f"指标{n}", "≥1", "个", "0.25") for n in range(200)), "excel")
    dialog = paste_at(page, 1, "category")
    expect(dialog.get_by_role("alert")).to_contain_text(f"粘贴后有 {200 + filled} 行，最多 200 行")
    expect(dialog.get_by_role("button", name="写入表格")).to_be_disabled()
    assert values(page) == before
    dialog.get_by_label("替换全部").check()
    dialog.get_by_role("button", name="写入表格").click()
    assert len(names(page)) == 200
    page.get_by_role("button", name="撤销：粘贴 200 行").click()
    assert values(page) == before

"""The indicator table by keys alone: rows, marks, undo (U15)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.indicators import ADDRESS, BLOCK, cell, copy, names, opened, paste_at, values
from tests.e2e.server import Server
from tests.e2e.walker import Walker


def test_twelve_rows_are_typed_moved_deleted_and_saved_by_keys_alone(
    demonstration: Server, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page, demonstration)
    filler = Walker(page, "")
    keys = page.keyboard
    cell(page, 1, "name").focus()
    for _row in range(len(values(page))):
        keys.press("Alt+Delete")
    assert names(page) == []
    expect(cell(page, 1, "name")).to_be_focused()
    for n, row in enumerate(BLOCK, 1):
        if n > 1:
            keys.press("Control+Enter")
            expect(cell(page, n, "subcategory")).to_be_focused()
        else:
            keys.press("Shift+Tab")
        keys.press("Shift+Tab")
        if row[0]:  # a new row has the category of the one before
            keys.press("ArrowDown")
        keys.press("Tab")
        keys.insert_text(row[1])
        keys.press("Tab")
        keys.insert_text(row[2])
        keys.press("Tab")
        keys.press("ArrowDown")
        keys.press("Tab")
        keys.insert_text("95")
        keys.press("Tab")
        keys.insert_text("%")
    expected = [row[2] for row in BLOCK]
    assert names(page) == expected
    assert [row[0] for row in values(page)] == ["output"] * 7 + ["benefit"] * 4 + ["satisfaction"]
    # Move the last row up and down again, and the first one beyond the edge.
    cell(page, 12, "name").focus()
    keys.press("Alt+ArrowUp")
    expect(cell(page, 11, "name")).to_be_focused()
    assert names(page) == [*expected[:10], expected[11], expected[10]]
    keys.press("Alt+ArrowDown")
    assert names(page) == expected
    cell(page, 1, "name").focus()
    keys.press("Alt+ArrowUp")
    assert names(page) == expected
    expect(page.get_by_role("status").filter(has_text="已是第一行。")).to_have_count(1)
    # Delete, and take it back.
    cell(page, 5, "unit").focus()
    keys.press("Alt+Delete")
    expect(cell(page, 5, "unit")).to_be_focused()
    assert names(page) == [*expected[:4], *expected[5:]]
    keys.press("Control+z")
    assert names(page) == expected
    # Enter goes down; from the last row to the button that adds one.
    cell(page, 11, "weight").focus()
    keys.press("Enter")
    expect(cell(page, 12, "weight")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("button", name="增加一行")).to_be_focused()
    # Share out all marks.
    expect(page.get_by_role("listitem").filter(has_text="产出指标")).to_contain_text("还差 50 分")
    tab_to(page, "分配全部余分")
    keys.press("Enter")
    assert [row[6] for row in values(page)][:12] == [*["7"] * 6, "8", "7", "7", "8", "8", "10"]
    expect(page.locator("[data-total]")).to_have_class("fits")
    keys.press("Control+z")
    assert [row[6] for row in values(page)] == [""] * 12
    tab_to(page, "重做：分配全部分值")
    keys.press("Enter")
    tab_to(page, "保存")
    keys.press("Enter")
    filler.sees("“绩效目标”已保存。")
    page.goto(ADDRESS)
    assert names(page) == expected


def tab_to(page: Page, name: str) -> None:
    """Press Tab, at most once round the page, until the button with this name has the focus; it must be seen."""
    for _stop in range(300):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText?.trim()") == name:
            return
    raise AssertionError(name)


def test_typing_after_a_change_of_rows_keeps_the_browsers_own_undo(table: Callable[..., Page]) -> None:
    page = table()
    before = names(page)
    page.get_by_role("button", name="删除本行").nth(1).click()
    expect(page.get_by_role("button", name="删除本行").nth(1)).to_be_focused()
    field = cell(page, 1, "name")
    field.press("End")
    page.keyboard.type("甲")
    page.keyboard.press("Control+z")
    expect(field).to_have_value(before[0])
    assert names(page) == [before[0], *before[2:]]
    # The button takes the deletion back and leaves what was typed since.
    field.press("End")
    page.keyboard.type("乙")
    page.get_by_role("button", name="撤销：删除第 2 行").click()
    assert names(page) == [f"{before[0]}乙", *before[1:]]
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)


def test_marks_of_one_category_are_shared_out_and_said_in_words(table: Callable[..., Page]) -> None:
    page = table()
    marks = [row[6] for row in values(page)]
    cell(page, 1, "weight").fill("")
    cell(page, 2, "weight").fill("５")
    item = page.get_by_role("listitem").filter(has_text="产出指标")
    expect(item).to_contain_text("还差 15 分")
    expect(page.get_by_role("status").filter(has_text="产出指标 还差 15 分")).to_have_count(1)
    item.get_by_role("button", name="分配").click()
    expect(cell(page, 1, "weight")).to_have_value("15")
    expect(cell(page, 2, "weight")).to_have_value("５")
    cell(page, 1, "weight").fill("30")
    expect(item).to_contain_text("多了 15 分")
    item.get_by_role("button", name="分配").click()
    assert sum(float(row[6].replace("５", "5")) for row in values(page)[:5]) == 50
    expect(item.get_by_role("button")).to_have_count(0)
    page.get_by_role("button", name="撤销：分配产出指标分值").click()
    assert [row[6] for row in values(page)] == ["30", "５", *marks[2:]]


def test_a_table_takes_no_more_rows_than_can_be_saved(table: Callable[..., Page]) -> None:
    page = table()
    copy(page, tuple(("产出指标", "数量指标", f"指标{n}", "≥1", "个", "0.25") for n in range(200)), "excel")
    dialog = paste_at(page, 1, "category")
    dialog.get_by_label("替换全部").check()
    dialog.get_by_role("button", name="写入表格").click()
    page.get_by_role("button", name="增加一行").click()
    expect(page.get_by_role("status").filter(has_text="最多 200 行。")).to_have_count(1)
    assert len(values(page)) == 200


def test_a_script_can_fill_a_row_and_add_one(table: Callable[..., Page]) -> None:
    page = table()
    before = values(page)
    filled = len(names(page))
    indicator = {"category": "benefit", "subcategory": "社会效益指标", "name": "惠及人次", "sign": "ge"}
    more = {"target": "60000", "unit": "人次", "evidence": "签到表"}
    page.evaluate(
        """async ([first, second]) => {
          const rows = await import("/static/js/rows.js");
          const table = document.querySelector("table[data-weights]");
          rows.fillRow(table.tBodies[0].rows[0], first);
          rows.addRow(table, second);
        }""",
        [indicator, indicator | more],
    )
    after = values(page)
    assert after[0] == ["benefit", "社会效益指标", "惠及人次", "ge", *before[0][4:]]
    assert after[filled][:8] == ["benefit", "社会效益指标", "惠及人次", "ge", "60000", "人次", "", "签到表"]
    for name in (f"撤销：填入第 {filled + 1} 行", "撤销：填入第 1 行"):
        page.get_by_role("button", name=name).click()
    assert values(page) == before


def test_other_tables_of_rows_can_be_undone_too(table: Callable[..., Page]) -> None:
    page = table()
    page.goto(ADDRESS.replace("indicators", "plan"))
    rows = page.locator("[data-rows=steps] tbody tr")
    count = rows.count()
    first = page.locator('[name="steps-0-content"]')
    text = first.input_value()
    first.press("Alt+Delete")
    expect(rows).to_have_count(count - 1)
    expect(page.locator('[name="steps-0-content"]')).to_be_focused()
    page.get_by_role("button", name="撤销：删除第 1 行").click()
    expect(first).to_have_value(text)
    expect(rows).to_have_count(count)
    # Enter is a line break in a long text.
    first.press("Control+End")
    first.press("Enter")
    expect(first).to_have_value(f"{text}\n")

"""The indicator table in a real browser: by keys alone, by pasting, with an input method, at both widths."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.conftest import need, new_database
from tests.e2e.axe import violations
from tests.e2e.conftest import Server
from tests.e2e.walker import Walker

ADDRESS = "/declarations/12/sections/indicators"
HEAD = ("一级指标", "二级指标", "三级指标", "指标值", "计量单位", "分值", "备注")
BLOCK = (
    ("产出\n指标", "数量指标", "覆盖社区数", "≥３８", "个", "5分", "签到表\n影像"),
    ("", "", "办理服务群众项目数", "≥190", "个", "5", ""),
    ("", "", "组织活动场次", "≥1,200", "场次", "５", ""),
    ("", "质量指标", "服务项目验收合格率", "≥95％", "", "10", "“验收单”"),
    ("", "", "资料归档率", "＝100%", "", "5", ""),
    ("", "时效指标", "经费拨付及时率", ">=100", "%", "10", ""),
    ("", "成本指标", "每个社区平均经费", "≤15", "万元", "10", ""),
    ("效益指标", "社会效益指标", "惠及居民人次", "不少于60000", "人次", "10", ""),
    ("", "", "矛盾纠纷化解率", "≥92%", "", "10", ""),
    ("", "可持续影响指标", "工作机制", "健全并运行", "", "5", "制度文件"),
    ("", "", "居民自治小组数", "≥76", "个", "5", ""),
    ("满意度指标", "服务对象满意度指标", "居民满意度", "90%以上", "", "10", "问卷"),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that save nothing."""
    need("browser")
    folder = tmp_path_factory.mktemp("indicators")
    made = Server(new_database("sqlite", "indicators", folder), folder)
    made.run("migrate")
    made.run("demo")
    with made.serving():
        yield made


def opened(open_page: Callable[..., Page], server: Server, english: bool = False, width: int = 1280) -> Page:
    """Open the table of the demonstration's draft; the page scrolls at once, not softly."""
    page = open_page(server.address, width, permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    # Tests share the server: what one of them types must not be put back into the form of the next.
    kept = {"saved_at": "14:03", "findings": []}
    page.route(re.compile("/sections/indicators/draft$"), lambda route: route.fulfill(json=kept))
    Walker(page, server.address).sign_in("tianbao", PASSWORD)
    if english:
        page.get_by_role("button", name="English").click()
    page.goto(ADDRESS)
    while page.locator(".restored form button").count():  # what the server refused is kept there, too
        page.locator(".restored form button").click()
        page.goto(ADDRESS)
    return page


@pytest.fixture
def table(shared: Server, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """A function that opens the table for a test that does not save it."""
    return lambda **options: opened(open_page, shared, **options)


def values(page: Page) -> list[list[str]]:
    """Return what stands in every control of every row."""
    rows: list[list[str]] = page.evaluate(
        "[...document.querySelector('[data-rows=indicators]').tBodies[0].rows]"
        ".map((row) => [...row.querySelectorAll('[name]:not([type=hidden])')].map((control) => control.value))"
    )
    return rows


def names(page: Page) -> list[str]:
    """Return the names of the indicators, in order, without the empty rows at the end."""
    found = [row[2] for row in values(page)]
    while found and not found[-1]:
        found.pop()
    return found


def cell(page: Page, row: int, field: str) -> Locator:
    """Return a cell by the number of its row, counted from 1."""
    return page.locator(f'[name="indicators-{row - 1}-{field}"]')


def copy(page: Page, rows: tuple[tuple[str, ...], ...], flavour: str) -> None:
    """Put cells on the real clipboard as Excel or WPS does."""
    page.evaluate(
        """async ([rows, flavour]) => {
          const quoted = (text) => /[\\t\\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const end = flavour === "excel" ? "\\r\\n" : "\\n";
          const plain = rows.map((row) => row.map(quoted).join("\\t") + end).join("");
          const cells = (row) => row.map((text) => `<td>${text.replaceAll("\\n", "<br>")}</td>`).join("");
          const html = `<table>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</table>`;
          const kinds = { "text/plain": plain, "text/html": html };
          const blobs = Object.entries(kinds).map(([type, text]) => [type, new Blob([text], { type })]);
          await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
        }""",
        [rows, flavour],
    )


def paste_at(page: Page, row: int, field: str) -> Locator:
    """Press Ctrl+V in a cell and return the preview."""
    cell(page, row, field).focus()
    page.keyboard.press("Control+v")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


# --- pasting (U13) ----------------------------------------------------------------------------


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


# --- keys (U15) -------------------------------------------------------------------------------


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


# --- input methods (U17) ----------------------------------------------------------------------


def test_the_enter_that_ends_a_composition_neither_moves_nor_submits(table: Callable[..., Page]) -> None:
    page = table()
    address = page.url
    field = cell(page, 1, "name")
    field.fill("")
    session = page.context.new_cdp_session(page)
    for letters in ("m", "ma", "man", "manyi"):
        session.send(
            "Input.imeSetComposition", {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)}
        )
    # While composing, keys arrive as 229 or with isComposing.
    session.send(
        "Input.dispatchKeyEvent",
        {
            "type": "rawKeyDown",
            "key": "Enter",
            "code": "Enter",
            "windowsVirtualKeyCode": 229,
            "nativeVirtualKeyCode": 229,
        },
    )
    expect(field).to_be_focused()
    expect(field).to_have_value("manyi")
    session.send("Input.insertText", {"text": "满意度"})
    expect(field).to_have_value("满意度")
    expect(field).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == 3
    assert page.url == address
    # A key that only says 229 is not taken for Enter either.
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true}))"
    )
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    expect(cell(page, 2, "name")).to_be_focused()
    assert page.url == address


def test_marks_composed_with_an_input_method_are_counted_when_they_are_complete(table: Callable[..., Page]) -> None:
    page = table()
    total = page.locator("[data-total] [data-sum]")
    field = cell(page, 1, "weight")
    field.fill("")
    expect(total).to_have_text("90")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "1", "selectionStart": 1, "selectionEnd": 1})
    session.send("Input.imeSetComposition", {"text": "10", "selectionStart": 2, "selectionEnd": 2})
    expect(total).to_have_text("90")
    session.send("Input.insertText", {"text": "１０"})
    expect(total).to_have_text("100")


# --- what it looks like (U16, U27, U28) -------------------------------------------------------


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_is_covered_or_too_wide(table: Callable[..., Page], english: bool, width: int) -> None:
    page = table(english=english, width=width)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # The bar is there before anybody scrolls, and no stop of the tab key lies wholly under it.
    expect(page.locator(".indicators-bar")).to_be_in_viewport(ratio=1)
    page.locator("[data-rows] [name]").first.focus()
    covered = []
    for _stop in range(90):
        where = page.evaluate(
            """() => {
              const element = document.activeElement;
              const box = element.getBoundingClientRect();
              const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
              const seen = points.some(([x, y]) => {
                const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
                return hit && (element.contains(hit) || hit.contains(element));
              });
              return [element.name || element.innerText || element.tagName, seen, element.closest("form") !== null];
            }"""
        )
        if not where[2]:
            break
        if not where[1]:
            covered.append(where[0])
        page.keyboard.press("Tab")
    assert covered == []
    page.locator("[data-rows] tr").last.get_by_role("button").last.focus()
    page.keyboard.press("Shift+Tab")
    page.set_viewport_size({"width": width, "height": 600})
    cell(page, 8, "name").focus()
    expect(cell(page, 8, "name")).to_be_in_viewport(ratio=1)


def test_an_empty_table_and_one_without_scripts(
    table: Callable[..., Page], shared: Server, open_page: Callable[..., Page]
) -> None:
    page = table()
    page.locator("[data-rows] [name]").first.focus()
    for _row in range(len(values(page))):
        page.keyboard.press("Alt+Delete")
    assert values(page) == [[""] * 10]
    assert violations(page) == []
    bare = open_page(shared.address, java_script_enabled=False)
    Walker(bare, shared.address).sign_in("tianbao", PASSWORD)
    bare.goto(ADDRESS)
    rows = bare.locator("[data-rows] tbody tr")
    count = rows.count()
    cell(bare, 1, "name").fill("改过的名称")
    bare.get_by_role("button", name="增加一行").click()
    assert (rows.count(), cell(bare, 1, "name").input_value()) == (count + 1, "改过的名称")
    expect(bare.get_by_role("button", name="分配")).to_have_count(0)
    expect(bare.locator(".keys-help")).to_be_hidden()

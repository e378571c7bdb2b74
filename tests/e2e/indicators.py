"""The indicator table of the demonstration's draft in a browser: opening, reading and pasting into it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.server import Server
from tests.e2e.walker import Walker

ADDRESS = "/declarations/12/sections/indicators"
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

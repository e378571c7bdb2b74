"""The indicator table in a real browser: with an input method, at every width, without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.axe import violations
from tests.e2e.indicators import ADDRESS, cell, values
from tests.e2e.server import Server
from tests.e2e.walker import Walker

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
    table: Callable[..., Page], demonstration: Server, open_page: Callable[..., Page]
) -> None:
    page = table()
    page.locator("[data-rows] [name]").first.focus()
    for _row in range(len(values(page))):
        page.keyboard.press("Alt+Delete")
    assert values(page) == [[""] * 10]
    assert violations(page) == []
    bare = open_page(demonstration.address, java_script_enabled=False)
    Walker(bare, demonstration.address).sign_in("tianbao", PASSWORD)
    bare.goto(ADDRESS)
    rows = bare.locator("[data-rows] tbody tr")
    count = rows.count()
    cell(bare, 1, "name").fill("改过的名称")
    bare.get_by_role("button", name="增加一行").click()
    bare.wait_for_load_state()  # a page that still arrives has fewer rows
    assert (rows.count(), cell(bare, 1, "name").input_value()) == (count + 1, "改过的名称")
    expect(bare.get_by_role("button", name="分配")).to_have_count(0)
    expect(bare.locator(".keys-help")).to_be_hidden()

"""Pasting 200 rows into the indicator table in a real browser: preview, writing, undo, in milliseconds.

Run it against a server with the demonstration: ``python -m benchmarks.pasting http://127.0.0.1:8700``.
"""

import argparse
import statistics

from playwright.sync_api import Page, sync_playwright

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.conftest import FLAGS
from tests.e2e.walker import Walker
from tests.parts import find_browser

ROWS = 200
AIM = 1000
TABLE = "/declarations/12/sections/indicators"
# Times from the first listener of an event to the frame after it, so that layout and painting are counted.
WATCH = """(rows) => {
  const text = Array.from({ length: rows }, (_, n) =>
    ["产出指标", "数量指标", `服务项目验收合格率第${n}项`, "≥９５％", "", "0.25", "签到表"].join("\\t")).join("\\r\\n");
  window.took = {};
  const watch = (kind, selector, name) => {
    let began = 0;
    const concerns = (event) => event.target.closest(selector);
    document.addEventListener(kind, (event) => { if (concerns(event)) began = performance.now(); }, true);
    document.addEventListener(kind, (event) => {
      if (concerns(event)) requestAnimationFrame(() => setTimeout(() => { took[name] = performance.now() - began; }));
    });
  };
  watch("paste", "table", "preview");
  watch("click", "[data-paste-confirm]", "write");
  watch("click", "[data-row-history] button", "undo");
  return navigator.clipboard.writeText(text);
}"""


def paste(page: Page) -> dict[str, float]:
    """Paste once into a fresh page, undo it, and return the milliseconds of each part."""
    page.goto(TABLE)
    page.evaluate(WATCH, ROWS)
    page.locator('[name="indicators-0-name"]').focus()
    page.keyboard.press("Control+v")
    page.get_by_label("替换全部").check()
    page.get_by_role("button", name="写入表格").click()
    page.wait_for_function("'write' in took")
    page.get_by_role("button", name="撤销").click()
    page.wait_for_function("'undo' in took")
    took: dict[str, float] = page.evaluate("took")
    return took


def main() -> None:
    """Print the median of each part and of all together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        permissions = ["clipboard-read", "clipboard-write"]
        page = browser.new_context(base_url=arguments.address, locale="zh-CN", permissions=permissions).new_page()
        Walker(page, arguments.address).sign_in("tianbao", PASSWORD)
        rounds = [paste(page) for _round in range(arguments.rounds)]
    for part in ("preview", "write", "undo"):
        print(f"{part:8} {statistics.median(took[part] for took in rounds):6.0f} ms")
    whole = statistics.median(took["preview"] + took["write"] for took in rounds)
    print(f"{ROWS} rows pasted in {whole:.0f} ms (aim: {AIM} ms)")


if __name__ == "__main__":
    main()

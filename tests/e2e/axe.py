"""What axe-core finds on a page, and what it cannot decide and nobody has decided yet."""

import functools
import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

import config

AXE = config.ROOT / "node_modules" / "axe-core" / "axe.min.js"
DECISIONS = Path(__file__).with_name("axe_decisions.json")
OPTIONS = """{
  runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']},
  rules: {
    'target-size': {enabled: true}, 'label-content-name-mismatch': {enabled: true},
    'td-has-header': {enabled: true}, 'css-orientation-lock': {enabled: true}
  },
  resultTypes: ['violations', 'incomplete']
}"""


@functools.cache
def decisions() -> list[dict[str, str]]:
    """Return the decisions: rule, a pattern for selector and HTML of the element, and the reason in words."""
    decided: list[dict[str, str]] = json.loads(DECISIONS.read_text(encoding="utf-8"))
    return decided


def decided(rule: str, element: str) -> bool:
    """Return whether somebody has decided what axe leaves open at this element (selector and HTML)."""
    return any(one["rule"] == rule and re.search(one["element"], element) for one in decisions())


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page and what it leaves open without a decision, one line per element."""
    page.wait_for_load_state()  # a click before may still be on its way to another page
    window = page.viewport_size
    assert window is not None
    # A window as high as the page: what is half under a sticky edge is measured as too small to hit.
    height = max(window["height"], page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": window["width"], "height": height})
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        f"async () => {{ const r = await axe.run(document, {OPTIONS});"
        " return {violations: r.violations, incomplete: r.incomplete}; }"
    )
    page.set_viewport_size(window)
    return [_line(rule, node) for rule in found["violations"] for node in rule["nodes"]] + [
        f"undecided {_line(rule, node)}"
        for rule in found["incomplete"]
        for node in rule["nodes"]
        if not decided(rule["id"], _element(node))
    ]


def _element(node: dict[str, Any]) -> str:
    return f"{' '.join(map(str, node['target']))}: {node['html'][:160]}"


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{rule['id']}: {_element(node)}"

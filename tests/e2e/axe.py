"""What axe-core finds on a page."""

from playwright.sync_api import Page

import config

AXE = config.ROOT / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = """{
  runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']},
  rules: {'target-size': {enabled: true}}, resultTypes: ['violations']
}"""


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page, one line per element."""
    page.evaluate("scrollTo(0, 0)")  # what is half under the sticky head is measured as too small to hit
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"async () => (await axe.run(document, {OPTIONS})).violations")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]

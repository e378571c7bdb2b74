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
    window = page.viewport_size
    assert window is not None
    # A window as high as the page: what is half under a sticky edge is measured as too small to hit.
    height = max(window["height"], page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": window["width"], "height": height})
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"async () => (await axe.run(document, {OPTIONS})).violations")
    page.set_viewport_size(window)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]

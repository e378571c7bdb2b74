"""The pure modules of the pages' scripts, run in the browser without a server."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

import config

SCRIPTS = config.ROOT / "perfmgr" / "static" / "js"
_ADDRESS = "http://scripts.test/"


def _serve(route: Route) -> None:
    name = Path(route.request.url).name
    if name.endswith(".js"):
        route.fulfill(path=SCRIPTS / name, content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><html lang=zh-CN><title>.</title>", content_type="text/html")


def page_of_scripts(browser: Browser) -> Page:
    """Return a page that can import every module by its file name."""
    page = browser.new_page()
    page.route(f"{_ADDRESS}**", _serve)
    page.goto(_ADDRESS)
    return page


def call(page: Page, module: str, expression: str, argument: Any = None) -> Any:
    """Return the value of an expression over ``m``, the module, and ``x``, the argument."""
    program = f"async (x) => {{ const m = await import('{_ADDRESS}{module}'); return ({expression}); }}"
    return page.evaluate(program, argument)

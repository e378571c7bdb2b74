"""The filler at a browser, and the database of the server behind it."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from perfmgr.demonstration.department import PASSWORD
from tests.e2e.server import Server
from tests.e2e.walker import Walker

Open = Callable[..., Page]
BASE = "/declarations/12"


def signed_in(server: Server, open_page: Open, who: str = "tianbao", **options: object) -> Page:
    """Open a browser and sign in."""
    opened = open_page(server.address, **options)
    Walker(opened, server.address).sign_in(who, PASSWORD)
    return opened


def database(server: Server) -> Path:
    """Return where the server's database is."""
    return Path(server.environment["PERFMGR_DATABASE_URL"].removeprefix("sqlite:///"))


def sql(server: Server, statement: str) -> list[tuple[object, ...]]:
    """Run one statement in the server's database."""
    connection = sqlite3.connect(database(server), timeout=15)
    with closing(connection), connection:
        return connection.execute(statement).fetchall()


def saved(page: Page) -> None:
    """Expect that what was typed is kept, as the page says."""
    expect(page.locator("[data-save-state]")).to_have_text(re.compile(r"^已自动保存 \d\d:\d\d$"), timeout=5_000)


def values(page: Page) -> dict[str, str]:
    """Return what stands in every field that somebody can fill in."""
    found: dict[str, str] = page.locator("form[data-autosave]").evaluate(
        "form => Object.fromEntries([...form.querySelectorAll('input:not([type=hidden]), textarea, select')]"
        ".map(one => [one.name, one.value]))"
    )
    return found


def save(page: Page) -> None:
    """Press the plain save button."""
    page.get_by_role("button", name="保存", exact=True).last.click()


def copy(source: Path, target: Path) -> None:
    """Copy one database into another, which may be in use."""
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target, timeout=15)) as writing:
        reading.backup(writing)

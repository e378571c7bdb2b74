"""A real server on a real database, and a real browser."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

import config
from perfmgr import times
from perfmgr.app import create_app
from perfmgr.extensions import db
from perfmgr.jobs import CLOCK
from tests.conftest import need, new_database
from tests.e2e.desk import copy, database, signed_in
from tests.e2e.indicators import opened
from tests.e2e.server import Server
from tests.parts import find_browser

ADMIN_PASSWORD = "Kaishi-Mima-2025"
# Every window would load web pages for its address bar, though nobody sees it: two thirds of what it costs to open one.
ADDRESS_BAR = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    "WebUIToolbar",
    "WebUIReloadButton",
)
# The last list counts: what Playwright switches off has to be named again.
FEATURES = (
    *ADDRESS_BAR,
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    f"--disable-features={','.join(FEATURES)}",
)
IMAGES = config.ROOT / "docs" / "images"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    need("browser")
    need("font")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[Server]:
    """A server on an empty, migrated database with its first administrator."""
    need("browser")
    made = Server(new_database(request.param, f"perfmgr_e2e_{worker_id}", tmp_path), tmp_path)
    made.run("migrate")
    area = ("--area-code", "210291", "--area-name", "大连高新技术产业园区")
    made.run("create-admin", "guanli", "--name", "何伟", *area, typed=f"{ADMIN_PASSWORD}\n")
    with made.serving("serve"):
        yield made


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder with the demonstration department, made once for all workers; tests work on copies of it."""
    need("browser")
    root = tmp_path_factory.getbasetemp()
    root = root if worker_id == "master" else root.parent
    folder = root / "furnished"
    with (root / "furnished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            furnish(root / "half-furnished")
            (root / "half-furnished").rename(folder)
    return folder


def furnish(folder: Path) -> None:
    """Fill a folder with the demonstration department as it is when the clock has gone round once."""
    folder.mkdir()
    made = demonstrating(folder)
    made.run("migrate")
    made.run("demo")
    app = create_app(config.load(environ=made.environment))
    with app.app_context():
        for job in CLOCK.values():
            if not job.at:
                job.run(times.now())
                db.session.rollback()
        db.engine.dispose()


def demonstrating(folder: Path) -> Server:
    """Return a server, not yet running, on the demonstration's database in this folder."""
    return Server(new_database("sqlite", "demonstration", folder), folder)


@pytest.fixture(scope="session")
def shared_server(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One web server with the demonstration department for all tests of a worker, on SQLite."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    made = demonstrating(folder)
    with made.serving("web"):
        yield made


@pytest.fixture
def demonstration(request: pytest.FixtureRequest, furnished: Path, tmp_path: Path) -> Iterator[Server]:
    """A web server with the demonstration department as it was at the beginning, on SQLite.

    The server is that of all tests unless the test is marked ``own_server``: what the server keeps in
    memory (published schemes, the index of the library) would outlive the database of such a test.
    """
    if request.node.get_closest_marker("own_server"):
        shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
        made = demonstrating(tmp_path)
        with made.serving("web"):
            yield made
        return
    made = request.getfixturevalue("shared_server")
    shutil.copytree(furnished / "attachments", database(made).parent / "attachments", dirs_exist_ok=True)
    copy(furnished / database(made).name, database(made))
    yield made


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens a page in a browser context of its own; anything odd in the console fails the test."""
    contexts: list[BrowserContext] = []
    odd: list[str] = []

    def opened(address: str, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": width, "height": 860}, locale="zh-CN", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: odd.append(m.text) if m.type == "error" and "status of 4" not in m.text else None)
        page.on("pageerror", lambda error: odd.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert odd == []


@pytest.fixture
def page(demonstration: Server, open_page: Callable[..., Page]) -> Page:
    """The filler at a browser."""
    return signed_in(demonstration, open_page)


@pytest.fixture
def table(demonstration: Server, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """A function that opens the indicator table of a draft."""
    return lambda **options: opened(open_page, demonstration, **options)


def picture_of(part: Locator, name: str) -> None:
    """Keep a picture of one part of a page for the manual, when SHOTS=1 asks for new ones."""
    expect(part).to_be_visible()
    if os.environ.get("SHOTS") == "1":
        part.screenshot(path=str(IMAGES / f"{name}.png"))


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page for the documentation, when SHOTS=1 asks for new ones."""
    if os.environ.get("SHOTS") == "1":
        IMAGES.mkdir(parents=True, exist_ok=True)
        window = page.viewport_size
        assert window is not None
        page.wait_for_load_state("networkidle")  # the click before may still be on its way to another page
        # A window as high as the page: what sticks to its edges is then pictured where it belongs.
        height = max(window["height"], page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": window["width"], "height": height})
        page.screenshot(path=str(IMAGES / f"{name}.png"))
        page.set_viewport_size(window)

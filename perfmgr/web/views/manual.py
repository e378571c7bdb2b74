"""The manual, kept as Markdown in docs/manual and shown inside the application."""

import re
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, abort, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

import config
from perfmgr.rules.workflow import MOVES

views = Blueprint("manual", __name__, url_prefix="/manual")

FOLDER = config.ROOT / "docs" / "manual"
IMAGES = config.ROOT / "docs" / "images"
PAGES = ("start", "filler", "reviewer", "administrator", "scoring")


@lru_cache(maxsize=32)
def _read(path: Path, stamp: float) -> tuple[str, Markup]:
    text = path.read_text(encoding="utf-8")
    title = text.split("\n", 1)[0].lstrip("# ").strip()
    # Our own text; raw HTML in it is not passed on all the same.
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    # Beside the text the pictures lie in docs/images; here they have a door of their own.
    html = html.replace('src="../images/', 'src="/manual/images/')
    return title, Markup(html)  # noqa: S704 - rendered from files of this repository


def _page(name: str) -> tuple[str, Markup]:
    path = FOLDER / f"{name}.md"
    return _read(path, path.stat().st_mtime)


@views.get("")
def index() -> ResponseReturnValue:
    """Go to the first page."""
    return redirect(url_for("manual.show", name=PAGES[0]))


@views.get("/images/<name>.png")
def image(name: str) -> ResponseReturnValue:
    """Send one of the manual's pictures."""
    path = IMAGES / f"{name}.png"
    if not re.fullmatch(r"[a-z-]+", name) or not path.is_file():
        abort(404)
    return send_file(path, mimetype="image/png", max_age=3600)


@views.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """Show one page of the manual."""
    if name not in PAGES:
        abort(404)
    title, body = _page(name)
    contents = [(key, _page(key)[0]) for key in PAGES]
    moves = MOVES if name == "start" else {}
    return render_template("manual/show.html", name=name, title=title, body=body, contents=contents, moves=moves)

"""The documentation: every link leads somewhere, and every page of the application is in docs/pages.md."""

import re
from pathlib import Path

import pytest
from flask import Flask

import config

TEXTS = [*config.ROOT.glob("*.md"), *config.ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\]\(([^)#\s]+)")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(config.ROOT)))
def test_every_link_and_picture_is_there(path: Path) -> None:
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not link.startswith("http")]
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_page_is_described_with_its_address(app: Flask) -> None:
    described = (config.ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    files = ("static", "export", "image", "template", "document", "download", "health")
    pages = [
        re.sub(r"<(?:\w+:)?(\w+)>", lambda m: "<id>" if m[1].endswith("_id") else f"<{m[1]}>", rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not any(word in rule.endpoint for word in files)
    ]
    assert len(pages) > 30
    assert [page for page in pages if f"`{page}`" not in described] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(link).name for text in TEXTS for link in LINK.findall(text.read_text(encoding="utf-8"))}
    assert {path.name for path in config.ROOT.glob("docs/images/*.png")} - shown == set()

"""Fixtures of the pages: the world of records, and manual pages to show."""

from pathlib import Path

import pytest
from flask import Flask

from perfmgr.web.views import manual
from tests import records
from tests.cast import Cast
from tests.records import World


@pytest.fixture
def world(app: Flask, cast: Cast) -> World:
    """One record of every kind in every place."""
    with app.app_context():
        return records.build(cast)


@pytest.fixture
def manual_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a small manual of its own, so that these tests do not depend on its wording."""
    for name in manual.PAGES:
        (tmp_path / f"{name}.md").write_text(
            f"# 手册 {name}\n\n正文 <b>粗</b>\n\n|列|\n|---|\n|格|\n", encoding="utf-8"
        )
    (tmp_path / "start.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.setattr(manual, "FOLDER", tmp_path)
    monkeypatch.setattr(manual, "IMAGES", tmp_path)
    return tmp_path

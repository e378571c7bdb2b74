"""Fixtures of the pages: the world of records, a declaration, a rule that warns, and manual pages to show."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from perfmgr.queries import quality
from perfmgr.rules.findings import ERROR, WARNING, Finding
from perfmgr.rules.quality import Report
from perfmgr.web.views import manual
from tests.cast import Cast
from tests.conftest import shelf
from tests.records import World


@pytest.fixture
def world(app: Flask, cast: Cast) -> World:
    """One record of every kind in every place."""
    with app.app_context():
        return shelf(app).take("world", World)


@pytest.fixture
def declared(app: Flask, cast: Cast) -> int:
    """A complete declaration that was not submitted yet."""
    with app.app_context():
        return shelf(app).take("declaration", int)


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """A rule that warns of the main objectives as long as they are vague."""
    finding = Finding(
        "Q03", "“主要目标”里的“%(word)s”说得不具体。", "goals", WARNING, "写成数字。", params={"word": "办成"}
    )
    examine = quality.examine

    def examining(sheet: Any, *rest: Any) -> Report:
        report = examine(sheet, *rest)
        kept = [found for found in report.findings if found.level == ERROR]
        return dataclasses.replace(report, findings=(*kept, *([finding] if "办成" in sheet.goals else [])))

    monkeypatch.setattr("perfmgr.queries.quality.examine", examining)
    return [finding]


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

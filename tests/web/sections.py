"""Sections of a declaration as a browser reads and posts them."""

import html
import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from tests.browser import Visitor

Visit = Callable[[str | None], Visitor]
JSON = {"Accept": "application/json"}


def stored(app: Flask, declaration_id: int) -> Declaration:
    """Return the declaration as it is stored, detached, with its rows."""
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id)
        for rows in (found.bases, found.steps, found.funds, found.indicators):
            list(rows)
        db.session.expunge_all()
        return found


def fields(response: TestResponse) -> dict[str, str]:
    """Return every field of the page's section or conflict form as the browser would post it."""
    page = response.get_data(as_text=True)
    form = re.search(r'<form method="post" action="[^"]*/sections/\w+" .*?</form>', page, re.DOTALL)
    assert form, page[:2000]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        got = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in got:
            continue
        if got.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        found[html.unescape(got["name"])] = html.unescape(got.get("value", ""))
    for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL):
        found[name] = html.unescape(value)
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def post(visitor: Visitor, path: str, data: dict[str, str], **options: Any) -> TestResponse:
    """Post fields exactly as given."""
    return visitor.client.post(path, data=data, **options)


def keep(visitor: Visitor, declared: int, name: str, data: dict[str, str]) -> TestResponse:
    """Send what a page sends by itself."""
    path = f"/declarations/{declared}/sections/{name}/draft"
    return visitor.post(path, {"tab": "t1", **data}, headers=JSON)

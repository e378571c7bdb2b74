"""A visitor of the application in tests: signs in, carries the CSRF token, and shows pages as text."""

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from perfmgr.actions import sessions
from perfmgr.web.gate import TOKEN
from tests.cast import PASSWORD, Cast

_TOKEN_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """One person at one browser. ``username`` None stays signed out."""

    def __init__(self, app: Flask, cast: Cast | None = None, username: str | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        if cast and username:
            with app.app_context():
                token = sessions._open_session(cast.people[username], _now())
            with self.client.session_transaction() as session:
                session[TOKEN] = token
        self.csrf = self._csrf()

    def _csrf(self) -> str:
        page = self.client.get("/password" if self._signed_in() else "/sign-in").get_data(as_text=True)
        found = _TOKEN_FIELD.search(page)
        assert found, page[:500]
        return html.unescape(found[1])

    def _signed_in(self) -> bool:
        with self.client.session_transaction() as session:
            return TOKEN in session

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET a page."""
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form with this visitor's CSRF token."""
        return self.client.post(path, data={"csrf_token": self.csrf, **(data or {})}, **options)

    def sign_in(self, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
        """Type user name and password into the sign-in page."""
        response = self.post("/sign-in", {"username": username, "password": password, **more})
        if response.status_code == 303:
            self.csrf = self._csrf()
        return response


def _now() -> Any:
    from perfmgr import times

    return times.now()


def text(response: TestResponse) -> str:
    """Return the visible text of a page, blanks folded."""
    body = response.get_data(as_text=True)
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def problems(response: TestResponse) -> list[str]:
    """Return the sentences of the page's problem summary, in order."""
    body = response.get_data(as_text=True)
    block = re.search(r'<div class="problems".*?</div>', body, re.DOTALL)
    if not block:
        return []
    items = re.findall(r"<li>(.*?)</li>", block[0], re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", item)).strip() for item in items]

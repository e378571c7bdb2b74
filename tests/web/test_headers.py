"""What every answer carries, and under which names the site answers."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.browser import Visitor, text
from tests.cast import FILLER, PASSWORD, Cast

Visit = Callable[[str | None], Visitor]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
ANSWERS = ["/", "/sign-in", "/projects", "/no-such-page", "/projects/999", "/people", "/static/css/app.css", "/healthz"]


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_carries_the_protecting_headers(visit: Visit, path: str) -> None:
    headers = visit(FILLER).get(path, buffered=True).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == POLICY
    names = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    assert [headers[name] for name in names] == ["nosniff", "DENY", "same-origin", "same-origin"]
    assert "Server" not in headers
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", [path for path in ANSWERS if not path.startswith("/static")])
@pytest.mark.parametrize("username", [None, FILLER])
def test_no_page_may_be_kept_by_a_cache(visit: Visit, path: str, username: str | None) -> None:
    headers = visit(username).get(path).headers
    assert (headers["Cache-Control"], "Cookie" in headers["Vary"]) == ("no-store", True)


def test_a_form_that_is_answered_may_not_be_kept_either(visit: Visit) -> None:
    assert visit(FILLER).post("/projects", {"name": ""}).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("query", "age"), [("?v=17", 31_536_000), ("", 3600)])
def test_a_stamped_asset_may_be_kept_for_a_year(visit: Visit, query: str, age: int) -> None:
    response = visit(None).get(f"/static/css/app.css{query}", buffered=True)
    assert (response.cache_control.max_age, response.cache_control.public) == (age, True)


def test_every_asset_a_page_names_exists_and_is_stamped(visit: Visit) -> None:
    import re

    visitor = visit(FILLER)
    found = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', visitor.get("/").get_data(as_text=True)))
    assert found
    for address in found:
        assert re.search(r"\?v=[1-9]\d*$", address)
        assert visitor.get(address, buffered=True).status_code == 200


def test_pages_hold_no_script_or_style_of_their_own(visit: Visit) -> None:
    import re

    body = visit(FILLER).get("/projects/new").get_data(as_text=True)
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", body) == []


def test_behind_https_browsers_are_told_to_stay_with_it(another_app: Callable[..., Flask], cast: Cast) -> None:
    response = another_app(HTTPS=True).test_client().get("/sign-in", base_url="https://localhost")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_behind_https_a_form_from_another_site_is_refused(another_app: Callable[..., Flask], cast: Cast) -> None:
    client = another_app(HTTPS=True).test_client()
    page = client.get("/sign-in", base_url="https://localhost").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token, "username": FILLER, "password": PASSWORD}
    statuses = [
        client.post("/sign-in", data=data, base_url="https://localhost", headers=headers).status_code
        for headers in ({}, {"Referer": "https://evil.example/"}, {"Referer": "https://localhost/sign-in"})
    ]
    assert statuses == [400, 400, 303]


@pytest.mark.parametrize(
    ("host", "status"), [("perfmgr.example", 200), ("perfmgr.example:8443", 200), ("evil.example", 400), ("", 400)]
)
def test_the_site_answers_only_to_its_own_names(another_app: Callable[..., Flask], host: str, status: int) -> None:
    client = another_app(HOSTS="perfmgr.example, other.example").test_client()
    response = client.get("/sign-in", headers={"Host": host})
    assert response.status_code == status
    assert ("请求不完整" in text(response)) == (status == 400)


def test_a_forged_host_appears_nowhere_in_the_answer(app: Flask, visit: Visit) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "worse.example"}
    for path in ("/", "/sign-in", "/no-such-page"):
        response = visit(None).get(path, headers=headers)
        answer = response.get_data(as_text=True) + str(response.headers)
        assert ("evil.example" in answer, "worse.example" in answer) == (False, False)


def test_without_a_proxy_its_headers_are_not_believed(another_app: Callable[..., Flask], cast: Cast) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "perfmgr.example"}
    assert another_app(HOSTS="perfmgr.example").test_client().get("/sign-in", headers=forged).status_code == 400


def test_behind_one_proxy_its_last_word_counts(another_app: Callable[..., Flask], cast: Cast) -> None:
    client = another_app(HOSTS="perfmgr.example", PROXIES=1).test_client()
    ours = {"X-Forwarded-Host": "evil.example, perfmgr.example"}
    theirs = {"X-Forwarded-Host": "perfmgr.example, evil.example"}
    assert [client.get("/sign-in", headers=headers).status_code for headers in (ours, theirs)] == [200, 400]

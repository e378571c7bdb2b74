"""Where one is led after signing in: always to a page of ours, whatever ``next`` says."""

from collections.abc import Callable

from tests.browser import Visitor
from tests.cast import FILLER

Visit = Callable[[str | None], Visitor]


LANDING = {
    "": "/",
    "/": "/",
    "/projects": "/projects",
    "/projects?year=2025&state=draft": "/projects?year=2025&state=draft",
    "/projects?q=%E9%A1%B9": "/projects?q=%E9%A1%B9",
    "/projects?next=//evil.example": "/projects?next=//evil.example",
    "//evil.example": "/",
    "///evil.example": "/",
    "////evil.example": "/",
    "/\\evil.example": "/",
    "\\\\evil.example": "/",
    "\\/evil.example": "/",
    "/%09/evil.example": "/",
    "/%5Cevil.example": "/",
    "/\t/evil.example": "/",
    "/\n/evil.example": "/",
    " //evil.example": "/",
    "https:evil.example": "/",
    "https://evil.example/projects": "/",
    "//evil.example/projects": "/",
    "http://localhost@evil.example": "/",
    "javascript:alert(1)": "/",
    "data:text/html,x": "/",
    "/%0d%0aSet-Cookie:x=1": "/",
    "/projects?x=%0d%0aSet-Cookie:y=1": "/projects?x=%0d%0aSet-Cookie:y=1",
    "/projects?a=1\r\nSet-Cookie: y=1": "/projects?a=1Set-Cookie:y=1",
    "/projects#//evil.example": "/",
    "/no-such-page": "/",
    "/sign-in": "/",
    "/sign-out": "/",
    "/static/css/app.css": "/",
    "/healthz": "/",
    "/projects/../../evil": "/",
    "projects": "/",
    "/projects/7/edit": "/projects/7/edit",
}


def test_after_signing_in_one_lands_on_our_own_page_whatever_was_asked(visit: Visit) -> None:
    answers = {target: visit(None).sign_in(FILLER, next=target) for target in LANDING}
    assert {target: answer.headers["Location"] for target, answer in answers.items()} == LANDING
    cookies = [header for answer in answers.values() for header in answer.headers.getlist("Set-Cookie")]
    assert {header.split("=")[0] for header in cookies} == {"perfmgr"}


def test_somebody_signed_out_comes_back_to_the_page_they_wanted(visit: Visit) -> None:
    response = visit(None).get("/projects?year=2025&q=%E9%A1%B9")
    assert response.headers["Location"] == "/sign-in?next=/projects?year%3D2025%26q%3D%25E9%25A1%25B9"
    page = visit(None).get(response.headers["Location"]).get_data(as_text=True)
    assert 'name="next" value="/projects?year=2025&amp;q=%E9%A1%B9"' in page


def test_switching_the_language_cannot_lead_away_either(visit: Visit) -> None:
    response = visit(FILLER).post("/language", {"language": "en", "next": "//evil.example"})
    assert response.headers["Location"] == "/"

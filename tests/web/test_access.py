"""Who may open which door, and to which records: every route, every visitor, every place."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from perfmgr.web.doors import ANYONE, DOORS, may_enter
from tests import cast as make
from tests.browser import Visitor
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast
from tests.records import EXPERT, NOWHERE, PLACES, STRANGER, World, snapshot

pytestmark = pytest.mark.usefixtures("manual_pages")

VISITORS = (FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER, STRANGER, EXPERT)
ROLES = {
    FILLER: {"filler"},
    FILLER_2: {"filler"},
    REVIEWER: {"department_reviewer"},
    FINANCE: {"finance_reviewer"},
    ADMIN: {"administrator"},
    OUTSIDER: {"filler", "department_reviewer"},
    STRANGER: {"filler", "department_reviewer", "finance_reviewer", "administrator"},
    EXPERT: {"expert"},
}
# Whose records each visitor sees. The second filler belongs to another unit of the same department.
SEES: dict[str, set[str]] = {
    FILLER: {"own"},
    FILLER_2: set(),
    REVIEWER: {"own"},
    FINANCE: {"own", "other"},
    ADMIN: {"own", "other"},
    OUTSIDER: {"other"},
    STRANGER: {"elsewhere"},
    EXPERT: set(),
}
WORDS = {
    "name": "overview",
    "year": 2025,
    "kind": "budget",
    "filename": "css/app.css",
    "number": 1,
    "code": "reviewing",
}
UPLOADED = {"own": FILLER, "other": OUTSIDER, "elsewhere": STRANGER}
# A project's self-evaluation is re-checked by its department: finance sees it and may not judge it.
NOT_THEIRS = {(FINANCE, name) for name in ("evaluations.returning", "reviews.update", "reviews.submission")}
# These two fill and review; the records they see are their own work.
NOT_THEIRS |= {(OUTSIDER, "reviews.update"), (STRANGER, "reviews.update")}
# The department organises its own evaluation, finance only sees that there is one; nobody organises that of their own work.
ORGANISING = ("experts", "closing", "cancelling", "update", "conclusion")
for _username in (FINANCE, OUTSIDER, STRANGER):
    NOT_THEIRS |= {(_username, f"appraisals.{name}") for name in ORGANISING}
    NOT_THEIRS |= {(_username, "appraisal_questions.create")}

Cell = tuple[str, str, str, str]  # method, endpoint, place ("" without a record), address


def rules(app: Flask) -> list[Rule]:
    """Return every route, what ends a record or the session last."""
    ends = (
        "attachments.removal",
        "declarations.discarding",
        "imports.discarding",
        "endpoints.removal",
        "sessions.destroy",
    )
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint in ends, rule.endpoint))


def method(rule: Rule) -> str:
    """Return GET or POST, whichever the route is for."""
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def cells(app: Flask, world: World, username: str | None) -> Iterator[Cell]:
    """Yield every route with a record of every place, and with one that does not exist."""
    adapter = app.url_map.bind("localhost")
    known = {**WORDS, "secret": world.secret}
    for rule in rules(app):
        words = {name: known[name] for name in rule.arguments if name in known}
        if rule.endpoint.startswith("manual."):
            words = dict.fromkeys(words, "start")
        key = next((name for name in rule.arguments if name not in known), "")
        for place in (*PLACES, "nowhere") if key else ("",):
            values = {**words, key: record(world, key, place, username)} if key else words
            yield method(rule), rule.endpoint, place, adapter.build(rule.endpoint, values)


def record(world: World, key: str, place: str, username: str | None) -> int:
    """Return the id of the record in this place; one's own notice is one's own."""
    if place == "nowhere":
        return NOWHERE
    if key == "scheme_id":
        return world.scheme
    if key == "rubric_id":
        return world.rubric
    if key == "notice_id":
        holders = {"own": username or FILLER, "other": next(n for n in world.notices if n != username)}
        return world.notices[holders.get(place, holders["other"])]
    return world.ids[place][key]


def expected(username: str | None, endpoint: str, place: str) -> str:
    """Return what doors and visibility say about this visitor at this route with this record."""
    if DOORS[endpoint] is not ANYONE and (username is None or endpoint == "sessions.destroy"):
        return "signed out"
    if username is not None and not may_enter(endpoint, frozenset(ROLES[username])):
        return "forbidden"
    if place == "nowhere" or (username is not None and place not in visible(username, endpoint)):
        return "missing"
    return "forbidden" if (username, endpoint) in NOT_THEIRS else "open"


def visible(username: str, endpoint: str) -> set[str]:
    """Return the places whose records this visitor sees at this route."""
    if endpoint.startswith(("schemes.", "trials.", "rubrics.")):
        return {"", *PLACES}
    if endpoint == "notices.read":
        return {"", "own"}
    if endpoint.startswith("imports.") or endpoint == "notices.acknowledge":  # nobody but who uploaded it or was told
        return {"", *(place for place, owner in UPLOADED.items() if owner == username)}
    if username == EXPERT:  # over the whole area, and yet only what was assigned to them
        given = endpoint.startswith("appraisal") or endpoint in ("attachments.download", "attachments.open_at_page")
        return {"", "own"} if given else {""}
    return {"", *SEES[username]}


def outcome(response: TestResponse) -> str:
    """Return what happened, in a word."""
    to_sign_in = response.headers.get("Location", "").startswith("/sign-in")
    words = {401: "signed out", 403: "forbidden", 404: "missing", 405: "wrong method", 500: "broken"}
    return "signed out" if to_sign_in else words.get(response.status_code, "open")


def knock(visitor: Visitor, world: World, how: str, address: str) -> TestResponse:
    """Open one door, with as little in hand as possible."""
    data = {"project_id": world.ids["own"]["project_id"]} if address == "/budgets" else {}
    return visitor.get(address, buffered=True) if how == "GET" else visitor.post(address, data, buffered=True)


@pytest.mark.parametrize("username", [None, *VISITORS])
def test_every_door_opens_only_for_those_it_should(
    app: Flask, cast: Cast, world: World, visit: Callable[[str | None], Visitor], username: str | None
) -> None:
    table = {cell: expected(username, cell[1], cell[2]) for cell in cells(app, world, username)}
    if username == STRANGER:  # the budget of a project of another area is proposed
        table = {cell: "missing" if cell[1] == "budgets.create" else word for cell, word in table.items()}
    visitor = visit(username)
    refused = [cell for cell, word in table.items() if word != "open" and cell[1] != "sessions.destroy"]
    before = snapshot(app)
    found = {cell: outcome(knock(visitor, world, cell[0], cell[3])) for cell in refused}
    assert snapshot(app) == before
    found |= {cell: outcome(knock(visitor, world, cell[0], cell[3])) for cell in table if cell not in found}
    assert found == table


@pytest.mark.parametrize("username", [None, FILLER, FINANCE, ADMIN, EXPERT])
def test_looking_changes_nothing(
    app: Flask, world: World, visit: Callable[[str | None], Visitor], username: str | None
) -> None:
    visitor = visit(username)
    before = snapshot(app)
    for how, endpoint, place, address in cells(app, world, username):
        if how == "GET" and expected(username, endpoint, place) == "open":
            visitor.get(address, buffered=True)
            visitor.client.head(address, buffered=True)
    assert snapshot(app) == before


@pytest.mark.parametrize("username", [FILLER, FILLER_2, REVIEWER, FINANCE, ADMIN, EXPERT])
def test_a_foreign_record_answers_like_one_that_does_not_exist(
    app: Flask, world: World, visit: Callable[[str | None], Visitor], username: str
) -> None:
    def said(cell: Cell) -> tuple[Any, ...]:
        response = knock(visitor, world, cell[0], cell[3])
        # The switch of languages leads back to the address that was asked; nothing else may differ.
        body = response.get_data(as_text=True).replace(cell[3], "ADDRESS")
        headers = sorted((name, value) for name, value in response.headers if name != "Content-Length")
        return cell[1], response.status_code, headers, body

    with time_machine.travel("2026-03-02 09:00+08:00", tick=False):
        visitor = visit(username)
        table = list(cells(app, world, username))
        foreign = [c for c in table if c[2] and c[2] != "nowhere" and expected(username, c[1], c[2]) == "missing"]
        nothing = {c[1]: said(c) for c in table if c[2] == "nowhere"}
        assert [said(cell) for cell in foreign] == [nothing[cell[1]] for cell in foreign]


# The rows of the matrix that people ask about, written out (S04).
@pytest.mark.parametrize(
    ("username", "address"),
    [
        (FILLER, "/declarations/{declaration_id}/approval"),
        (FILLER, "/declarations/{declaration_id}/return"),
        (FILLER, "/evaluations/{evaluation_id}/confirmation"),
        (FILLER, "/evaluations/{evaluation_id}/review"),
        (FILLER, "/budgets/{line_id}/approval"),
        (FILLER, "/budgets/{line_id}/amounts"),
        (FILLER, "/projects/{project_id}/exemption"),
        (REVIEWER, "/declarations/{declaration_id}/submission"),
        (REVIEWER, "/declarations/{declaration_id}/sections/overview"),
        (REVIEWER, "/evaluations/{evaluation_id}/edit"),
        (REVIEWER, "/budgets/{line_id}/approval"),
        (FINANCE, "/declarations/{declaration_id}/submission"),
        (FINANCE, "/evaluations/{evaluation_id}/submission"),
        (FINANCE, "/budgets/{line_id}/execution"),
        (FINANCE, "/people"),
        (REVIEWER, "/declarations/{declaration_id}/attachments"),
        (REVIEWER, "/attachments/{attachment_id}/removal"),
        (ADMIN, "/declarations/{declaration_id}/attachments/none"),
        (ADMIN, "/declarations/{declaration_id}/approval"),
        (ADMIN, "/declarations/{declaration_id}/submission"),
        (ADMIN, "/evaluations/{evaluation_id}/confirmation"),
    ],
)
def test_what_is_not_ones_office_is_forbidden(
    app: Flask, world: World, visit: Callable[[str | None], Visitor], username: str, address: str
) -> None:
    before = snapshot(app)
    response = visit(username).post(address.format(**world.ids["own"]), {"comment": "同意"})
    assert (response.status_code, snapshot(app)) == (403, before)


def test_a_route_without_a_door_is_closed_to_everybody(another_app: Callable[..., Flask], cast: Cast) -> None:
    other = another_app()
    other.add_url_rule("/forgotten", "forgotten", lambda: "in")
    assert Visitor(other, cast, ADMIN).get("/forgotten").status_code == 403
    assert Visitor(other).get("/forgotten").headers["Location"] == "/sign-in?next=/forgotten"


@pytest.mark.parametrize(
    "path", ["/projects/0", "/projects/-1", "/projects/1e3", "/projects/９", "/projects/" + "9" * 30]
)
def test_an_odd_record_number_is_not_found(app: Flask, visit: Callable[[str | None], Visitor], path: str) -> None:
    assert visit(FILLER).get(path).status_code == 404


def test_a_department_asked_for_by_number_shows_only_what_one_sees(
    app: Flask, cast: Cast, world: World, visit: Callable[[str | None], Visitor]
) -> None:
    visitor = visit(FILLER)
    for path in ("/projects", "/budgets", "/evaluations", "/coverage", "/coverage/list", "/projects/export.csv"):
        for query in (
            f"department={cast.other_department}",
            "scope=all",
            f"org_id={cast.other_department}",
            "fields=*",
        ):
            body = visitor.get(f"{path}?{query}&year={make.YEAR}").get_data(as_text=True)
            assert ("other 项目" in body, "elsewhere 项目" in body) == (False, False), (path, query)

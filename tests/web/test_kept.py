"""What somebody typed when their session ran out: offered again to them, and to nobody else."""

import datetime as dt
import html
import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests import cast as make
from tests import records
from tests.browser import Visitor, text
from tests.cast import FILLER, FILLER_2, PASSWORD, Cast

Visit = Callable[[str | None], Visitor]
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
TYPED = {"name": "“新”项目 <b>&", "goals_total": "第一行\r\n第二行", "category": "specific", "code": ""}
AGAIN = "登录已失效，刚才填写的内容还在。登录后可以再次提交，不用重填。"


def hidden(response: TestResponse) -> dict[str, str]:
    """Return the hidden fields of a page's forms by name."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.get_data(as_text=True))
    return {html.unescape(name): html.unescape(value) for name, value in found}


@pytest.fixture
def expired(visit: Visit) -> Iterator[Visitor]:
    """The filler at a browser whose session has run out; the clock stands still there."""
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(FILLER)
        clock.move_to(NOON + dt.timedelta(minutes=61))
        yield visitor


def sign_in_again(
    visitor: Visitor, late: TestResponse, username: str = FILLER, password: str = PASSWORD
) -> TestResponse:
    """Fill in the sign-in form that came back in place of the answer."""
    fields = hidden(late)
    return visitor.client.post("/sign-in", data={**fields, "username": username, "password": password})


def test_a_form_posted_too_late_asks_to_sign_in_and_changes_nothing(app: Flask, expired: Visitor) -> None:
    before = records.snapshot(app)
    late = expired.post("/projects", TYPED)
    assert (late.status_code, AGAIN in text(late), records.snapshot(app)) == (401, True, before)


def test_after_signing_in_everything_typed_is_there_to_submit_again(app: Flask, cast: Cast, expired: Visitor) -> None:
    late = expired.post("/projects", {**TYPED, "unit_id": str(cast.unit), "year": "2025", "attribute": "new"})
    again = sign_in_again(expired, late)
    assert (again.status_code, "再次提交" in text(again)) == (200, True)
    fields = hidden(again)
    assert {name: fields[name] for name in TYPED} == TYPED
    assert 'action="/projects"' in again.get_data(as_text=True)
    saved = expired.client.post("/projects", data={**fields, "csrf_token": fields["csrf_token"]})
    assert saved.status_code == 303
    assert "“新”项目 <b>&" in text(expired.get("/projects"))


def test_a_wrong_password_in_between_keeps_what_was_typed(expired: Visitor) -> None:
    late = expired.post("/projects", TYPED)
    wrong = sign_in_again(expired, late, password="wrong")
    assert wrong.status_code == 403
    assert hidden(wrong)["kept"] == hidden(late)["kept"]
    assert hidden(sign_in_again(expired, wrong))["name"] == TYPED["name"]


def test_somebody_else_who_signs_in_sees_nothing_of_it(expired: Visitor) -> None:
    late = expired.post("/projects", TYPED)
    other = sign_in_again(expired, late, FILLER_2)
    assert (other.status_code, other.headers["Location"]) == (303, "/")
    assert "新" + "”项目" not in text(expired.get("/"))


def test_a_forged_form_is_not_offered(expired: Visitor) -> None:
    late = expired.post("/projects", TYPED)
    fields = hidden(late)
    for forged in (fields["kept"][:-3] + "abc", "x.y", "{}", "🎉"):
        response = expired.client.post(
            "/sign-in", data={**fields, "kept": forged, "username": FILLER, "password": PASSWORD}
        )
        assert response.status_code == 303
        expired.post("/sign-out")
        fields = hidden(expired.get("/sign-in"))


def test_passwords_are_never_kept(expired: Visitor) -> None:
    late = expired.post("/password", {"old": PASSWORD, "new": "Xin-Kouling-2026", "again": "Xin-Kouling-2026"})
    assert (late.status_code, AGAIN in text(late), "kept" in hidden(late)) == (401, False, False)


def test_after_signing_out_nothing_is_kept(visit: Visit) -> None:
    visitor, token = visit(FILLER), visit(FILLER).csrf
    copied = visitor.client.get_cookie("perfmgr")
    visitor.post("/sign-out")
    assert copied is not None
    visitor.client.set_cookie("perfmgr", copied.value)
    late = visitor.client.post("/projects", data={"csrf_token": token, **TYPED})
    assert (late.status_code, AGAIN in text(late)) == (401, False)


def test_a_step_of_the_workflow_is_offered_too_and_taken_once(app: Flask, cast: Cast, visit: Visit) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        with app.app_context():
            declaration_id = make.declare(cast)
        visitor = visit(FILLER)
        clock.move_to(NOON + dt.timedelta(minutes=61))
        again = sign_in_again(visitor, visitor.post(f"/declarations/{declaration_id}/submission", {"version": "7"}))
        assert hidden(again)["version"] == "7"
        assert f'action="/declarations/{declaration_id}/submission"' in again.get_data(as_text=True)


def test_the_live_score_is_told_in_json_that_the_session_has_ended(
    app: Flask, world: records.World, visit: Visit
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(FILLER)
        clock.move_to(NOON + dt.timedelta(minutes=61))
        address = f"/evaluations/{world.ids['own']['evaluation_id']}/preview"
        response = visitor.post(address, {"lines-0-actual": "1"}, headers={"Accept": "application/json"})
        assert (response.status_code, list(response.json)) == (401, ["message"])

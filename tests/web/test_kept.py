"""What somebody typed when their session ran out: offered again to them, and to nobody else."""

import datetime as dt
import html
import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from perfmgr.extensions import db
from perfmgr.models.session import SignIn
from tests import cast as make
from tests import records
from tests.browser import Visitor, text
from tests.cast import FILLER, FILLER_2, PASSWORD, REVIEWER, Cast

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


# --- sections of a declaration (U03, U04) -----------------------------------------------------

ROWS = {f"steps-{n}-{name}": f"第 {n} 行 {name} <b>&𠮷" for n in range(12) for name in ("content", "responsible")}
SECTION = {"plan": "办法\r\n第二行", "goals": "“目标”", **ROWS, "steps-3-start_on": "二月三十"}


def opened(visitor: Visitor, declared: int) -> tuple[str, dict[str, str]]:
    """Open a section and type into it; returns its address and what the browser would post."""
    path = f"/declarations/{declared}/sections/plan"
    page = visitor.get(path)
    around = {name: value for name, value in hidden(page).items() if name in ("csrf_token", "owner", "tab", "base")}
    assert set(around) == {"csrf_token", "owner", "tab", "base"}
    return path, {**around, **SECTION}


def shown(response: TestResponse) -> dict[str, str]:
    """Return the fields of the section's form that were typed into."""
    page = response.get_data(as_text=True)
    found = dict(re.findall(r'<input class="[^"]*" type="text" id="[^"]+" name="([^"]+)" value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL))
    return {name: html.unescape(found.get(name, "")).replace("\r\n", "\n") for name in SECTION}


TYPED_SECTION = {name: value.replace("\r\n", "\n") for name, value in SECTION.items()}


@pytest.mark.parametrize("hours", [61 / 60, 12.5, 24 * 20])
def test_a_section_posted_too_late_comes_back_whole(app: Flask, declared: int, visit: Visit, hours: float) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(FILLER)
        path, fields = opened(visitor, declared)
        clock.move_to(NOON + dt.timedelta(hours=hours))
        late = visitor.client.post(path, data=fields)
        assert (late.status_code, AGAIN in text(late)) == (401, True)
        _comes_back(visitor, late, path)


def _comes_back(visitor: Visitor, late: TestResponse, path: str) -> None:
    back = sign_in_again(visitor, late)
    assert (back.status_code, back.headers["Location"].split("?")[0]) == (303, path)
    page = visitor.get(back.headers["Location"])
    assert shown(page) == TYPED_SECTION
    assert page.get_data(as_text=True).count(">再次提交</button>") == 1
    assert "登录前填写的内容没有丢失" in text(page)


def test_a_section_comes_back_when_the_session_is_gone_altogether(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    path, fields = opened(visitor, declared)
    with app.app_context():
        db.session.query(SignIn).delete()
        db.session.commit()
    late = visitor.client.post(path, data=fields)
    assert late.status_code == 401
    _comes_back(visitor, late, path)


def test_a_section_comes_back_after_signing_out_in_another_window(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    path, fields = opened(visitor, declared)
    visitor.post("/sign-out")
    late = visitor.client.post(path, data=fields)
    assert late.status_code == 401
    _comes_back(visitor, late, path)


def test_somebody_else_who_signs_in_sees_and_saves_nothing_of_a_section(
    app: Flask, cast: Cast, declared: int, visit: Visit
) -> None:
    visitor = visit(FILLER)
    path, fields = opened(visitor, declared)
    with app.app_context():
        db.session.query(SignIn).delete()
        db.session.commit()
    late = visitor.client.post(path, data=fields)
    before = records.snapshot(app)
    other = sign_in_again(visitor, late, REVIEWER)
    assert (other.status_code, other.headers["Location"]) == (303, "/")
    assert "第 3 行" not in text(visitor.get(f"/declarations/{declared}"))
    assert records.snapshot(app) == before


def test_a_page_of_somebody_else_is_not_shown_to_whoever_is_signed_in_now(
    app: Flask, declared: int, visit: Visit
) -> None:
    path, fields = opened(visit(FILLER), declared)
    before = records.snapshot(app)
    for options in ({}, {"headers": {"Accept": "application/json"}}):
        for address in (path, f"{path}/draft"):
            answer = visit(REVIEWER).client.post(address, data=fields, **options)
            body = answer.get_data(as_text=True)
            assert (answer.status_code, "第 3 行" in body, "token" in (answer.json or {})) == (400, False, False)
    assert records.snapshot(app) == before


@pytest.mark.parametrize("token", ["", "IjEi.aa.bb", "x" * 5000])
def test_with_a_bad_token_the_same_section_comes_back_to_be_submitted_again(
    app: Flask, declared: int, visit: Visit, token: str
) -> None:
    visitor = visit(FILLER)
    path, fields = opened(visitor, declared)
    before = records.snapshot(app)
    answer = visitor.client.post(path, data={**fields, "csrf_token": token})
    assert (answer.status_code, shown(answer)) == (400, TYPED_SECTION)
    assert answer.get_data(as_text=True).count(">再次提交</button>") == 1
    assert records.snapshot(app) == before
    again = {**fields, **hidden(answer), "steps-3-start_on": "2025-03-01"}
    assert visitor.client.post(path, data=again).status_code == 303


def test_with_a_bad_token_any_other_form_is_offered_again(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    page = visitor.get("/projects/new")
    answer = visitor.client.post("/projects", data={**TYPED, "owner": hidden(page)["owner"]})
    assert (answer.status_code, hidden(answer)["name"], "再次提交" in text(answer)) == (400, TYPED["name"], True)


def test_autosave_with_an_old_token_is_given_the_new_one(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(FILLER)
    path, fields = opened(visitor, declared)
    visitor.post("/sign-out")
    visitor.csrf = visitor._csrf()
    assert visitor.sign_in(FILLER).status_code == 303
    answer = visitor.client.post(f"{path}/draft", data=fields, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    renewed = {**fields, "csrf_token": answer.json["token"]}
    assert visitor.client.post(f"{path}/draft", data=renewed, headers={"Accept": "application/json"}).status_code == 200


def test_a_section_that_is_too_large_says_so_and_where_the_last_text_is(
    another_app: Callable[..., Flask], cast: Cast, declared: int
) -> None:
    visitor = Visitor(another_app(MAX_BODY_MB=1), cast, FILLER)
    path = f"/declarations/{declared}/sections/plan"
    huge = {"plan": "字" * 400_000, "tab": "t1"}
    plain = visitor.post(path, huge)
    assert (plain.status_code, "提交的内容超过 1 MB，没有保存，请删减或分开提交。" in text(plain)) == (413, True)
    assert "打开已自动保存的内容" not in text(plain)
    visitor.post(f"{path}/draft", {"plan": "早先的字", "tab": "t1"})
    kept = visitor.post(path, huge)
    assert kept.status_code == 413
    assert f'href="{path}">打开已自动保存的内容' in kept.get_data(as_text=True)
    quiet = visitor.post(f"{path}/draft", huge, headers={"Accept": "application/json"})
    assert (quiet.status_code, quiet.json["message"][:12]) == (413, "提交的内容超过 1 MB"[:12])
    assert "早先的字" in visitor.get(path).get_data(as_text=True)


def test_a_forged_owner_keeps_nothing(app: Flask, declared: int, visit: Visit) -> None:
    visitor = visit(None)
    for owner in ("", "1", "MQ.xxxx", "🎉" * 50):
        late = visitor.client.post(f"/declarations/{declared}/sections/plan", data={**SECTION, "owner": owner})
        assert (late.status_code, AGAIN in text(late)) == (401, False)

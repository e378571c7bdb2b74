"""Signing in and out: what opens a session, what ends it, and that a copied cookie opens nothing then."""

import datetime as dt
import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from perfmgr.actions import people, sessions
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.session import SignIn
from perfmgr.rules.refusals import NotAllowed
from tests import records
from tests.browser import Visitor, text
from tests.cast import ADMIN, FILLER, PASSWORD, REVIEWER, Cast

Visit = Callable[[str | None], Visitor]
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
MINUTE = dt.timedelta(minutes=1)


def cookie(visitor: Visitor) -> str:
    """Return the visitor's session cookie, as a thief would copy it."""
    found = visitor.client.get_cookie("perfmgr")
    assert found is not None
    return found.value


def opens(app: Flask, value: str) -> bool:
    """Tell whether a copied cookie still opens the first page."""
    thief = app.test_client()
    thief.set_cookie("perfmgr", value)
    response = thief.get("/")
    assert response.status_code in (200, 302), response.status_code
    return response.status_code == 200


@pytest.mark.parametrize("username", [FILLER, " filler ", "Filler", "ｆｉｌｌｅｒ", "\u200bfiller"])
def test_the_right_password_opens_the_first_page(visit: Visit, username: str) -> None:
    visitor = visit(None)
    response = visitor.sign_in(username)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert "林填报" in text(visitor.get("/"))


@pytest.mark.parametrize(
    ("username", "password"),
    [(FILLER, "Shiyan-Mima-2026"), (FILLER, PASSWORD.lower()), (FILLER, f" {PASSWORD}"), ("nobody", PASSWORD)],
)
def test_anything_else_opens_nothing(visit: Visit, username: str, password: str) -> None:
    visitor = visit(None)
    response = visitor.sign_in(username, password)
    assert response.status_code == 403
    assert sessions.WRONG in text(response)
    assert visitor.get("/").headers["Location"] == "/sign-in"


def test_an_empty_form_is_told_what_is_missing(visit: Visit) -> None:
    response = visit(None).sign_in("", "")
    assert response.status_code == 422
    assert "“用户名”不能为空，请填写。" in text(response)
    assert "“密码”不能为空，请填写。" in text(response)


def test_a_password_that_was_typed_is_never_shown_again(visit: Visit) -> None:
    assert "Geheim-2025-xyz" not in visit(None).sign_in(FILLER, "Geheim-2025-xyz").get_data(as_text=True)


@pytest.mark.parametrize("reason", ["unknown", "disabled", "locked"])
def test_every_refusal_looks_the_same(app: Flask, cast: Cast, visit: Visit, reason: str) -> None:
    with time_machine.travel(NOON, tick=False):
        usual = visit(None).sign_in(REVIEWER, "wrong")
        with app.app_context():
            person = db.session.get_one(Person, cast.people[FILLER])
            person.active = reason != "disabled"
            person.locked_until = NOON + MINUTE if reason == "locked" else None
            db.session.commit()
        username = "unknown" if reason == "unknown" else FILLER
        refused = visit(None).sign_in(username, PASSWORD)
    hidden = [response.get_data(as_text=True) for response in (usual, refused)]
    hidden = [body.replace(f'value="{name}"', "") for body, name in zip(hidden, (REVIEWER, username), strict=True)]
    # Each visitor has a token of their own, of one and the same length.
    tokens = [body.split('name="csrf_token" value="')[1].split('"')[0] for body in hidden]
    bodies = [body.replace(token, "") for body, token in zip(hidden, tokens, strict=True)]
    assert bodies[0] == bodies[1]
    assert (usual.status_code, len(tokens[0])) == (refused.status_code, len(tokens[1]))


def test_five_wrong_passwords_lock_for_half_an_hour(app: Flask, cast: Cast, visit: Visit) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(None)
        answers = [visitor.sign_in(FILLER, "wrong").status_code for _n in range(5)]
        assert answers == [403] * 5
        locked = visitor.sign_in(FILLER)
        assert (locked.status_code, sessions.WRONG in text(locked)) == (403, True)
        assert visit(None).sign_in(REVIEWER).status_code == 303
        clock.move_to(NOON + 30 * MINUTE - dt.timedelta(seconds=1))
        assert visitor.sign_in(FILLER).status_code == 403
        clock.move_to(NOON + 30 * MINUTE)
        assert visitor.sign_in(FILLER).status_code == 303


def test_a_success_in_between_starts_the_count_anew(visit: Visit) -> None:
    visitor = visit(None)
    for _round in range(2):
        assert [visitor.sign_in(FILLER, "wrong").status_code for _n in range(4)] == [403] * 4
        assert visitor.sign_in(FILLER).status_code == 303
        visitor = visit(None)


def test_a_forged_address_does_not_buy_more_guesses(visit: Visit) -> None:
    visitor = visit(None)
    for n in range(5):
        data = {"username": FILLER, "password": "wrong"}
        visitor.post("/sign-in", data, headers={"X-Forwarded-For": f"10.0.0.{n}"})
    assert visitor.sign_in(FILLER).status_code == 403


def test_an_administrator_who_resets_the_password_unlocks(app: Flask, cast: Cast, visit: Visit) -> None:
    for _n in range(5):
        visit(None).sign_in(FILLER, "wrong")
    with app.app_context():
        password = people.reset_password(db.session.get_one(Person, cast.people[FILLER]), cast.viewer(ADMIN))
    response = visit(None).sign_in(FILLER, password)
    assert (response.status_code, response.headers["Location"]) == (303, "/")


def test_wrong_guesses_at_once_are_all_counted_and_all_answered_alike(app: Flask, cast: Cast, visit: Visit) -> None:
    visitors = [visit(None) for _n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda visitor: visitor.sign_in(FILLER, "wrong"), visitors))
    assert [answer.status_code for answer in answers] == [403] * 6
    assert all(sessions.WRONG in text(answer) for answer in answers)
    assert visit(None).sign_in(FILLER).status_code == 403


def test_failed_sign_ins_do_not_disturb_the_administrators_form(app: Flask, cast: Cast, visit: Visit) -> None:
    before = records.person(app, cast.people[FILLER]).version
    visit(None).sign_in(FILLER, "wrong")
    visit(None).sign_in(FILLER)
    assert records.person(app, cast.people[FILLER]).version == before


def test_signing_in_gives_a_new_cookie_and_a_planted_one_stays_outside(app: Flask, visit: Visit) -> None:
    visitor = visit(None)
    planted = cookie(visitor)
    visitor.sign_in(FILLER)
    assert cookie(visitor) != planted
    assert (opens(app, cookie(visitor)), opens(app, planted)) == (True, False)


def test_signing_in_anew_ends_the_session_that_was_there(app: Flask, visit: Visit) -> None:
    visitor = visit(FILLER)
    first = cookie(visitor)
    visitor.sign_in(FILLER)
    assert (opens(app, first), opens(app, cookie(visitor))) == (False, True)


def test_a_copied_cookie_opens_nothing_after_signing_out(app: Flask, visit: Visit) -> None:
    visitor = visit(FILLER)
    copied = cookie(visitor)
    assert opens(app, copied)
    response = visitor.post("/sign-out")
    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in")
    assert not opens(app, copied)
    assert visitor.get("/").headers["Location"] == "/sign-in"


def test_signing_out_of_one_browser_leaves_the_other_one_in(app: Flask, visit: Visit) -> None:
    first, second = visit(FILLER), visit(FILLER)
    first.post("/sign-out")
    assert second.get("/").status_code == 200


def test_a_changed_password_ends_every_other_session(app: Flask, visit: Visit) -> None:
    here, elsewhere = visit(FILLER), visit(FILLER)
    copied = cookie(elsewhere)
    new = "Xin-Kouling-2026"
    assert here.post("/password", {"old": PASSWORD, "new": new, "again": new}).status_code == 303
    assert (here.get("/").status_code, opens(app, copied)) == (200, False)
    assert (visit(None).sign_in(FILLER).status_code, visit(None).sign_in(FILLER, new).status_code) == (403, 303)


def test_a_disabled_person_is_out_at_once_and_stays_out(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit(FILLER)
    copied = cookie(visitor)
    data = {"name": "林填报", "postings-0-role": "filler", "postings-0-unit_id": str(cast.department)}
    admin = visit(ADMIN)
    assert admin.post(f"/people/{cast.people[FILLER]}", data).status_code == 303
    assert not opens(app, copied)
    assert admin.post(f"/people/{cast.people[FILLER]}", {**data, "active": "y"}).status_code == 303
    assert not opens(app, copied), "a session that was ended must not come to life again"


def test_a_role_taken_away_is_gone_with_the_next_request(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit(REVIEWER)
    assert visitor.get("/projects").status_code == 200
    data = {"name": "周审核", "active": "y", "postings-0-role": "", "postings-0-unit_id": ""}
    assert visit(ADMIN).post(f"/people/{cast.people[REVIEWER]}", data).status_code == 303
    assert visitor.get("/projects").status_code == 403
    assert "您还没有分配岗位，请联系系统管理员。" in text(visitor.get("/"))


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 302)])
def test_a_session_ends_after_an_idle_hour(visit: Visit, minutes: int, status: int) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(FILLER)
        clock.move_to(NOON + minutes * MINUTE)
        assert visitor.get("/").status_code == status


def test_a_session_in_use_ends_after_twelve_hours_all_the_same(visit: Visit) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(FILLER)
        for half_hour in range(1, 24):
            clock.move_to(NOON + 30 * half_hour * MINUTE)
            assert visitor.get("/").status_code == 200
        clock.move_to(NOON + dt.timedelta(hours=12))
        assert visitor.get("/").headers["Location"] == "/sign-in"


def test_a_page_left_open_for_hours_can_still_be_submitted(cast: Cast, visit: Visit) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(FILLER)
        token = visitor.csrf
        for minutes in (50, 100, 150, 200):
            clock.move_to(NOON + minutes * MINUTE)
            visitor.get("/notices")
        response = visitor.client.post("/notices/reading", data={"csrf_token": token})
        assert response.status_code == 303


def test_only_a_hash_of_the_token_is_stored(app: Flask, visit: Visit) -> None:
    visitor = visit(FILLER)
    with visitor.client.session_transaction() as session:
        token = session["token"]
    with app.app_context():
        stored = db.session.scalars(select(SignIn.token_hash)).all()
    assert (token in stored, sessions.hash_token(token) in stored) == (False, True)


def test_being_seen_is_noted_at_most_once_a_minute(app: Flask, visit: Visit) -> None:
    def seen() -> dt.datetime:
        with app.app_context():
            found = db.session.scalar(select(func.max(SignIn.seen_at)))
            assert found is not None
            return found

    with time_machine.travel(NOON, tick=False) as clock:
        visitor = visit(FILLER)
        clock.move_to(NOON + MINUTE)
        visitor.get("/")
        assert seen() == NOON
        clock.move_to(NOON + MINUTE + dt.timedelta(seconds=1))
        visitor.get("/")
        assert seen() == NOON + MINUTE + dt.timedelta(seconds=1)


def test_a_refused_form_is_answered_at_once_and_counts_as_being_seen(app: Flask, visit: Visit) -> None:
    with time_machine.travel(NOON, tick=True) as clock:
        visitor = visit(FILLER)
        clock.shift(2 * MINUTE)
        begin = time.monotonic()
        assert visitor.post("/projects", {"name": ""}).status_code == 422
        assert time.monotonic() - begin < 5  # the database waits ten seconds for a lock
        with app.app_context():
            seen = db.session.scalar(select(func.max(SignIn.seen_at)))
    assert seen is not None
    assert seen > NOON + MINUTE


class SlowForm(io.BytesIO):
    """A form on its way: while it is read, somebody else writes."""

    def __init__(self, data: bytes, meanwhile: Callable[[], None]) -> None:
        super().__init__(data)
        self.meanwhile = meanwhile

    def read(self, size: int | None = -1, /) -> bytes:
        self.meanwhile()
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        self.meanwhile()
        return super().readinto(buffer)


def test_a_slow_form_keeps_nobody_from_writing(app: Flask, cast: Cast, visit: Visit) -> None:
    written: list[int] = []

    def write() -> None:
        with app.app_context(), db.engine.execution_options(impatient=True).begin() as connection:
            written.append(connection.execute(update(Person).values(failures=0)).rowcount)

    visitor = visit(FILLER)
    data = urlencode({"csrf_token": visitor.csrf, "name": ""}).encode()
    answer = visitor.client.post(
        "/projects",
        input_stream=SlowForm(data, write),
        content_length=len(data),
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, bool(written)) == (422, True)


def test_a_password_changed_meanwhile_opens_no_session(app: Flask, cast: Cast) -> None:
    with app.app_context():
        person = db.session.get_one(Person, cast.people[FILLER])
        old = person.password_hash
        people.reset_password(person, cast.viewer(ADMIN))
        with pytest.raises(NotAllowed):
            sessions._open_session(person.id, NOON, old)
        assert db.session.scalars(select(SignIn)).all() == []


def test_the_cookie_is_out_of_reach_of_scripts_and_foreign_sites(app: Flask, cast: Cast) -> None:
    header = app.test_client().get("/sign-in").headers["Set-Cookie"]
    first, *flags = [part.strip() for part in header.split(";")]
    assert (first.split("=")[0], flags) == ("perfmgr", ["HttpOnly", "Path=/", "SameSite=Lax"])


def test_behind_https_the_cookie_is_bound_to_the_host_and_https(another_app: Callable[..., Flask], cast: Cast) -> None:
    response = another_app(HTTPS=True).test_client().get("/sign-in", base_url="https://localhost")
    parts = [part.strip() for part in response.headers["Set-Cookie"].split(";")]
    assert parts[0].startswith("__Host-perfmgr=")
    assert parts[1:] == ["Secure", "HttpOnly", "Path=/", "SameSite=Lax"]


def test_the_language_stays_chosen_when_signing_in_and_out(visit: Visit) -> None:
    visitor = visit(None)
    visitor.post("/language", {"language": "en", "next": "/sign-in?next=/projects"})
    visitor.csrf = visitor._csrf()
    visitor.sign_in(FILLER)
    assert '<html class="no-js" lang="en">' in visitor.get("/").get_data(as_text=True)
    visitor.post("/sign-out")
    assert '<html class="no-js" lang="en">' in visitor.get("/sign-in").get_data(as_text=True)


def test_switching_the_language_stays_on_the_page(visit: Visit) -> None:
    response = visit(FILLER).post("/language", {"language": "en", "next": "/projects?year=2025"})
    assert response.headers["Location"] == "/projects?year=2025"


@pytest.mark.usefixtures("manual_pages")
@pytest.mark.parametrize("username", [None, FILLER])
def test_the_manual_is_open_to_all_and_the_language_switch_stays_on_it(visit: Visit, username: str | None) -> None:
    visitor = visit(username)
    assert 'href="/manual/' in visitor.get("/" if username else "/sign-in").get_data(as_text=True)
    assert visitor.get("/manual/filler").status_code == 200
    assert visitor.post("/language", {"language": "en", "next": "/manual/filler"}).location == "/manual/filler"


def test_a_language_nobody_speaks_changes_nothing(visit: Visit) -> None:
    visitor = visit(FILLER)
    visitor.post("/language", {"language": "tlh"})
    assert 'lang="zh-CN"' in visitor.get("/").get_data(as_text=True)

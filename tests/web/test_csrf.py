"""Changes need a token of one's own session; addresses that change something cannot be opened by a link."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from perfmgr.extensions import ReadOnlyError, begin_reading, db
from perfmgr.models.unit import Unit
from perfmgr.web.doors import may_enter
from tests.browser import Visitor, text
from tests.cast import ADMIN, FILLER, FINANCE, REVIEWER, Cast
from tests.records import World, snapshot
from tests.web.test_access import ROLES, cells

pytestmark = pytest.mark.usefixtures("manual_pages")


def changing(app: Flask, world: World, username: str) -> list[str]:
    """Return the address of every route by which this visitor could change something."""
    return [
        address
        for how, endpoint, place, address in cells(app, world, username)
        if how == "POST" and place in ("", "own") and may_enter(endpoint, frozenset(ROLES[username]))
    ]


@pytest.mark.parametrize("username", [FILLER, REVIEWER, FINANCE, ADMIN])
def test_every_change_needs_the_token_of_ones_own_session(
    app: Flask, world: World, visit: Callable[[str | None], Visitor], username: str
) -> None:
    visitor, other = visit(username), visit(FILLER if username == ADMIN else ADMIN)
    before = snapshot(app)
    attempts: dict[str, dict[str, Any]] = {
        "no token": {"data": {}},
        "a token somebody made up": {"data": {"csrf_token": "IjEi.aa.bb"}},
        "somebody else's token": {"data": {"csrf_token": other.csrf}},
        "a body that is no form": {"data": '{"csrf_token": 1}', "content_type": "text/plain"},
        "a foreign token in the header": {"headers": {"X-CSRFToken": other.csrf}},
    }
    addresses = changing(app, world, username)
    found = {
        (address, what): visitor.client.post(address, **attempt).status_code
        for address in addresses
        for what, attempt in attempts.items()
    }
    assert found == dict.fromkeys(((address, what) for address in addresses for what in attempts), 400)
    assert snapshot(app) == before


def test_signing_in_and_switching_the_language_need_a_token_too(
    app: Flask, visit: Callable[[str | None], Visitor]
) -> None:
    visitor, other = visit(None), visit(None)
    data = {"username": FILLER, "password": "Shiyan-Mima-2025"}
    for token in ({}, {"csrf_token": other.csrf}):
        assert visitor.client.post("/sign-in", data={**data, **token}).status_code == 400
        assert visitor.client.post("/language", data={"language": "en", **token}).status_code == 401
    assert visitor.get("/").headers["Location"] == "/sign-in"


def test_the_token_may_also_come_in_the_header(world: World, visit: Callable[[str | None], Visitor]) -> None:
    visitor = visit(FILLER)
    address = f"/evaluations/{world.ids['own']['evaluation_id']}/preview"
    data = {"lines-0-actual": "9"}
    answer = visitor.client.post(address, data=data, headers={"X-CSRFToken": visitor.csrf})
    assert (answer.status_code, answer.json["lines"][0]["score"]) == (200, "50.00")


def test_a_refused_token_says_what_to_do_and_keeps_nothing_back(visit: Callable[[str | None], Visitor]) -> None:
    response = visit(FILLER).client.post("/projects", data={"name": "一个项目"})
    assert response.status_code == 400
    assert "页面的安全凭证已失效，本次提交没有保存。请返回上一页（内容仍在），刷新后再次提交。" in text(response)


def test_no_address_that_only_changes_can_be_opened_by_a_link(
    app: Flask, world: World, visit: Callable[[str | None], Visitor]
) -> None:
    visitor = visit(ADMIN)
    readable = {address for how, _e, _p, address in cells(app, world, ADMIN) if how == "GET"}
    addresses = {
        address for how, _e, place, address in cells(app, world, ADMIN) if how == "POST" and place in ("", "own")
    }
    before = snapshot(app)
    found = {address: visitor.get(address).status_code for address in addresses - readable}
    assert found == dict.fromkeys(addresses - readable, 405)
    assert snapshot(app) == before


def test_a_page_that_only_shows_cannot_write(app: Flask, cast: Cast) -> None:
    with app.test_request_context("/projects"):
        begin_reading()
        db.session.get_one(Unit, cast.unit).name = "改名"
        with pytest.raises(ReadOnlyError):
            db.session.flush()
        db.session.rollback()
    with app.app_context():
        assert db.session.get_one(Unit, cast.unit).name == "甲部门（本级）"


@pytest.mark.parametrize("change", ["add", "delete", "edit"])
def test_every_kind_of_write_is_stopped_on_a_page_that_only_shows(app: Flask, cast: Cast, change: str) -> None:
    with app.test_request_context("/projects"):
        begin_reading()
        unit = db.session.get_one(Unit, cast.unit_2)
        if change == "add":
            db.session.add(Unit(kind="area", code="100000", name="新", path="/9/"))
        elif change == "delete":
            db.session.delete(unit)
        else:
            unit.active = False
        with pytest.raises(ReadOnlyError):
            db.session.commit()
        db.session.rollback()


def test_what_a_page_that_only_shows_writes_by_hand_is_lost_at_its_end(app: Flask, cast: Cast) -> None:
    with app.test_request_context("/projects"):
        begin_reading()
        db.session.execute(update(Unit).values(active=False))
    with app.app_context():
        assert db.session.get_one(Unit, cast.unit).active is True

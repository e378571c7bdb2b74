"""The same button pressed twice within a moment, script or no script: one step, one notice, one answer."""

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from tests import cast as make
from tests.browser import Visitor, text
from tests.cast import FILLER, REVIEWER, Cast

Visit = Callable[[str | None], Visitor]


def twice(visitor: Visitor, path: str, data: dict[str, str]) -> list[TestResponse]:
    """Post one form twice at the same moment, on two connections with the same cookie."""
    cookie = visitor.client.get_cookie("perfmgr")
    assert cookie is not None
    start = Barrier(2)

    def click(_n: int) -> TestResponse:
        client = visitor.app.test_client()
        client.set_cookie("perfmgr", cookie.value)
        start.wait()
        return client.post(path, data={"csrf_token": visitor.csrf, **data})

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(click, range(2)))


@pytest.mark.parametrize("times", range(2))
@pytest.mark.parametrize(
    ("before", "person", "step", "address", "said"),
    [
        ((), FILLER, "submit", "submission", "回执"),
        (((FILLER, "submit"),), REVIEWER, "approve", "approval", "已通过。"),
        (((FILLER, "submit"),), REVIEWER, "return", "return", "已退回，填报人已收到您的意见。"),
    ],
)
def test_a_double_click_is_one_step_with_one_answer(
    app: Flask,
    cast: Cast,
    visit: Visit,
    times: int,
    before: tuple[tuple[str, str], ...],
    person: str,
    step: str,
    address: str,
    said: str,
) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        make.take(declaration_id, cast, *before)
        version = str(db.session.get_one(Declaration, declaration_id).version)
    visitor = visit(person)
    page = visitor.get(f"/declarations/{declaration_id}/check").get_data(as_text=True)
    reasons = {html.unescape(name): "已经集体研究。" for name in re.findall(r'name="(why-[^"]+)"', page)}
    data = {"version": version, "comment": "请修改", **reasons}
    answers = twice(visitor, f"/declarations/{declaration_id}/{address}", data)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    for answer in answers:
        client = app.test_client()
        cookie = answer.headers.get("Set-Cookie", "").split(";")[0].partition("=")[2]
        kept = visitor.client.get_cookie("perfmgr")
        client.set_cookie("perfmgr", cookie or (kept.value if kept else ""))
        assert said in text(client.get(answer.headers["Location"]))
    with app.app_context():
        assert db.session.query(Event).filter_by(step=step).count() == 1
        told = db.session.query(Notice).filter_by(kind=f"declaration_{step}").all()
        assert len(told) == len({notice.person_id for notice in told}) == 1


def test_a_double_click_on_saving_a_section_saves_it_once_for_both(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
    path = f"/declarations/{declaration_id}/sections/plan"
    visitor = visit(FILLER)
    page = visitor.get(path).get_data(as_text=True)
    base = page.split('name="base" value="')[1].split('"')[0].replace("&#34;", '"')
    data = {"plan": "新办法", "goals": "新目标", "steps-0-content": "一步", "tab": "t1", "base": base}
    answers = twice(visitor, path, data)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id)
        assert (found.plan, [s.content for s in found.steps]) == ("新办法", ["一步"])

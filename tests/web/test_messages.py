"""The pages about messages: one's own choices with a confirmed address, channels, and what was sent."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from perfmgr.actions import messages_due, people
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.message import Endpoint, Message
from perfmgr.models.person import Person
from perfmgr.times import now
from tests import hook_server, mail_server
from tests.browser import Visitor
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, Cast, declare, take
from tests.hook_server import Receiver

Visit = Callable[[str | None], Visitor]
SECRET = "geheim-geheim-geheim"


@pytest.fixture
def server(app: Flask) -> Iterator[Any]:
    """A mail server, and the application set up for it."""
    with mail_server.running() as running:
        before = dict(app.config)
        app.config.update(
            SMTP_HOST="127.0.0.1", SMTP_PORT=running.port, SMTP_SECURITY="none", MAIL_FROM="jixiao@example.gov.cn"
        )
        yield running
        app.config.update(before)


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    """A receiver that the application may call."""
    with hook_server.running() as running:
        app.config["WEBHOOK_HOSTS"] = running.host
        yield running
        app.config["WEBHOOK_HOSTS"] = ""


def send(app: Flask) -> int:
    """Do what the clock does."""
    with app.app_context():
        return messages_due.send_due(now())


def test_an_address_counts_once_its_code_came_back(app: Flask, cast: Cast, visit: Visit, server: Any) -> None:
    visitor = visit(FILLER)
    assert visitor.post("/preferences/address", {"email": "lin@example"}).status_code == 422
    assert visitor.post("/preferences/address", {"email": "lin@example.cn\r\nBcc: x@example.cn"}).status_code == 422
    assert visitor.post("/preferences/address", {"email": "lin@example.cn"}).status_code == 303
    assert send(app) == 1
    (address, letter), *_rest = server.box.received
    (code,) = re.findall(r"\d{6}", letter.get_body(("plain",)).get_content())
    assert address == "lin@example.cn"
    with app.app_context():
        stored = str(db.session.execute(text("SELECT email, preferences FROM person")).all())
        stored += str(db.session.execute(text("SELECT content FROM message")).all())
        assert "lin@example" not in stored
        assert code not in stored
        db.session.rollback()
    wrong = "000000" if code != "000000" else "111111"
    assert visitor.post("/preferences/confirmation", {"code": wrong}).status_code == 422
    assert visit(FILLER_2).post("/preferences/confirmation", {"code": code}).status_code == 422
    assert "已发往 lin@example.cn" in visitor.get("/preferences").get_data(as_text=True)
    assert visitor.post("/preferences/confirmation", {"code": code}).status_code == 303
    assert "lin@example.cn" in visitor.get("/preferences").get_data(as_text=True)
    with app.app_context():
        assert people.email_of(db.session.get_one(Person, cast.people[FILLER])) == "lin@example.cn"
        assert "lin@example" not in str(db.session.execute(text("SELECT email FROM person")).all())
        db.session.rollback()
    assert visitor.post("/preferences/address/removal", {}).status_code == 303
    assert "lin@example.cn" not in visitor.get("/preferences").get_data(as_text=True)


def test_guessing_a_code_ends_soon(app: Flask, visit: Visit, server: Any) -> None:
    visitor = visit(FILLER)
    visitor.post("/preferences/address", {"email": "lin@example.cn"})
    said = [visitor.post("/preferences/confirmation", {"code": "x"}).get_data(as_text=True) for _n in range(6)]
    assert ["确认码不正确" in page for page in said] == [True] * 5 + [False]
    for _n in range(4):
        assert visitor.post("/preferences/address", {"email": "lin@example.cn"}).status_code == 303
    assert visitor.post("/preferences/address", {"email": "lin@example.cn"}).status_code == 422
    assert send(app) == 1  # the codes before it count no more


def test_choices_decide_which_notices_are_mailed(app: Flask, cast: Cast, visit: Visit, server: Any) -> None:
    page = visit(REVIEWER).get("/preferences").get_data(as_text=True)
    assert "法定职责的提醒" in page
    assert 'disabled aria-describedby="law-hint"' in page
    visit(REVIEWER).post("/preferences", {"topic_submitted": "y", "hour": ""})
    assert visit(REVIEWER).post("/preferences", {"hour": "3"}).status_code == 422
    with app.app_context():
        for username in (FILLER, REVIEWER, FINANCE):
            person = db.session.get_one(Person, cast.people[username])
            person.email = people.checked_email(f"{username}@example.cn")
        db.session.commit()
        number = declare(cast)
        take(number, cast, (FILLER, "submit"), (REVIEWER, "return"))
        keys = [row.key.split(":")[1:3] for row in db.session.scalars(select(Message).order_by(Message.id))]
        db.session.rollback()
    # The reviewer asked for what was submitted; the filler is told of returns without asking.
    assert keys == [
        [str(cast.people[REVIEWER]), "declaration_submit"],
        [str(cast.people[FILLER]), "declaration_return"],
    ]
    assert send(app) == 2
    assert sorted(server.box.to) == ["filler@example.cn", "reviewer@example.cn"]


def test_the_administrator_enters_an_address(app: Flask, cast: Cast, visit: Visit) -> None:
    admin, address = visit(ADMIN), f"/people/{cast.people[FILLER_2]}"
    form = {"name": "孙填报", "active": "y", "postings-0-role": "filler", "postings-0-unit_id": str(cast.unit_2)}
    answer = admin.post(address, {**form, "email": "sun"})
    assert (answer.status_code, "不是可用的地址" in answer.get_data(as_text=True)) == (422, True)
    assert admin.post(address, {**form, "email": "sun@example.cn"}).status_code == 303
    assert 'value="sun@example.cn"' in admin.get(address).get_data(as_text=True)


def test_setting_up_a_channel(app: Flask, cast: Cast, visit: Visit, receiver: Receiver) -> None:
    admin = visit(ADMIN)
    form = {
        "unit_id": str(cast.department),
        "kind": "webhook",
        "name": "统一平台",
        "address": receiver.url(),
        "secret": SECRET,
        "active": "y",
        "duty_evaluating": "y",
    }
    for wrong, said in (
        ({"address": "http://127.0.0.1:1/"}, "端口"),
        ({"address": "https://10.0.0.1/"}, "内部网络"),
        ({"secret": "kurz"}, "至少 16 个字符"),
        ({"kind": "fax"}, "列表中选择"),
    ):
        answer = admin.post("/endpoints", {**form, **wrong})
        assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True), wrong
    assert admin.post("/endpoints", form).status_code == 303
    with app.app_context():
        endpoint = db.session.scalars(select(Endpoint)).one()
        number, version = endpoint.id, endpoint.version
        assert endpoint.kinds == ["evaluating"]
        db.session.rollback()
    pages = admin.get("/endpoints").get_data(as_text=True) + admin.get(f"/endpoints/{number}").get_data(as_text=True)
    assert "http://127.0.0.1/…" in pages
    assert "geheim" not in pages
    assert "已收到测试消息" in admin.post(f"/endpoints/{number}/test", {}, follow_redirects=True).get_data(as_text=True)
    receiver.status = 500
    page = admin.post(f"/endpoints/{number}/test", {}, follow_redirects=True).get_data(as_text=True)
    assert "没有收到测试消息：对方处理出错：HTTP 500。" in page
    renamed = {"name": "平台", "address": "", "secret": "", "active": "y", "version": str(version)}
    assert admin.post(f"/endpoints/{number}", renamed).status_code == 303
    assert admin.post(f"/endpoints/{number}", {**renamed, "name": "晚了"}).status_code == 409
    receiver.status = 200
    receiver.secret = SECRET  # the stored one is still used
    assert "已收到测试消息" in admin.post(f"/endpoints/{number}/test", {}, follow_redirects=True).get_data(as_text=True)
    assert admin.post(f"/endpoints/{number}/removal", {}).status_code == 303
    assert "还没有消息渠道" in admin.get("/endpoints").get_data(as_text=True)


@action
def park(person_id: int, count: int, error: str = "") -> None:
    """Store e-mails that were given up."""
    common = {"channel": "email", "person_id": person_id, "content": [], "state": "parked", "tries": 8}
    at = now() - dt.timedelta(hours=1)
    first = (db.session.query(Message).count()) + 1
    for n in range(first, first + count):
        db.session.add(Message(**common, key=f"parked:{n}", due_at=at, created_at=at, error=error))


def test_what_was_sent_is_listed_and_sent_again(
    app: Flask, cast: Cast, visit: Visit, server: Any, count_queries: Callable[[], Any]
) -> None:
    admin = visit(ADMIN)
    with app.app_context():
        for username in (FILLER, OUTSIDER):
            person = db.session.get_one(Person, cast.people[username])
            person.email = people.checked_email(f"{username}@example.cn")
        db.session.commit()
        park(cast.people[FILLER], 1, "550 <script>alert(1)</script>")
    with count_queries() as one:
        page = admin.get("/messages?state=parked&channel=email").get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    with app.app_context():
        park(cast.people[OUTSIDER], 2)
    with count_queries() as three:
        admin.get("/messages?state=parked&channel=email")
    assert len(one) == len(three)
    with app.app_context():
        number = db.session.scalars(select(Message.id).order_by(Message.id)).first()
        db.session.rollback()
    assert admin.post(f"/messages/{number}/retry", {}).status_code == 303
    assert "不需要重发" in admin.post(f"/messages/{number}/retry", {}, follow_redirects=True).get_data(as_text=True)
    page = admin.post("/messages/retry", {"channel": ""}, follow_redirects=True).get_data(as_text=True)
    assert "2 条已搁置的消息已重新排队" in page
    assert send(app) == 3
    assert sorted(server.box.to) == ["filler@example.cn", "outsider@example.cn", "outsider@example.cn"]

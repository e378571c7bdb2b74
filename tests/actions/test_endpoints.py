"""Robots and webhooks: set up safely, told once each, refused at save and at send, and never holding up others."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import endpoints as actions
from perfmgr.actions import messages, messages_due
from perfmgr.actions._action import action
from perfmgr.actions.endpoints import EndpointDraft
from perfmgr.actions.messages import Outgoing
from perfmgr.channels import webhooks
from perfmgr.channels.sealing import seal
from perfmgr.extensions import db
from perfmgr.models.message import Endpoint, Message
from perfmgr.rules.refusals import Refused
from tests import hook_server
from tests.actions.test_messages import NOW, item, remind, states
from tests.cast import ADMIN, FILLER, FILLER_2, Cast
from tests.hook_server import Receiver

SECRET = "geheim-geheim-geheim"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    """A receiver that the application may call."""
    with hook_server.running() as running:
        before = app.config["WEBHOOK_HOSTS"]
        app.config["WEBHOOK_HOSTS"] = running.host
        yield running
        app.config["WEBHOOK_HOSTS"] = before


def make(cast: Cast, receiver: Receiver, kind: str = "webhook", **more: Any) -> int:
    """Set up an endpoint of the department; returns its id."""
    values = {"name": f"{kind} 渠道", "address": receiver.url(), "secret": SECRET, **more}
    return actions.create(cast.department, kind, EndpointDraft(**values), cast.viewer(ADMIN)).id


@action
def due(cast: Cast, *numbers: int, username: str = FILLER) -> int:
    """Lay in a digest for each number, each with one reminder."""
    entries = [
        Outgoing(cast.people[username], f"entry:{n}", [item(n)], NOW, [remind.__wrapped__(cast, username, n)])
        for n in numbers
    ]
    return messages.enqueue(entries, NOW)


def test_a_webhook_is_signed_and_told_once(app: Flask, cast: Cast, receiver: Receiver) -> None:
    receiver.secret = SECRET
    with app.app_context():
        endpoint_id = make(cast, receiver)
        stored = db.session.get_one(Endpoint, endpoint_id)
        assert "geheim" not in stored.address + stored.secret + actions.shown_address(stored)
        assert due(cast, *range(1, 6)) == 5
        assert messages_due.send_due(NOW) == 5
        assert messages_due.send_due(NOW + MINUTE) == 0
        assert list(receiver.effects) == [f"entry:{n}@{endpoint_id}" for n in range(1, 6)]
        told = receiver.effects[f"entry:1@{endpoint_id}"]
        assert (told["person"], told["unit"]) == ("林填报", "甲部门")
        assert told["items"][0]["text"].startswith("填报绩效自评：“社区服务经费”")
        # Killed after the receiver had it and before the mark: it comes again, and has no second effect.
        due(cast, 9)

        def die(at: str) -> None:
            if at == "accepted":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            messages_due.send_due(NOW, at=die)
        assert messages_due.send_due(NOW + 6 * MINUTE) == 1
        assert (len(receiver.requests), len(receiver.effects)) == (7, 6)


def test_only_what_an_endpoint_asked_for(app: Flask, cast: Cast, receiver: Receiver) -> None:
    with app.app_context():
        make(cast, receiver, kinds=("monitoring",))
        assert due(cast, 1) == 0
        mixed = Outgoing(
            cast.people[FILLER], "mixed", [item(70), item(71)], NOW, [remind(cast, FILLER, 71, "monitoring")]
        )
        assert action(messages.enqueue)([mixed], NOW) == 1
        assert [entry["subject_id"] for entry in db.session.scalars(select(Message.content)).one()] == [71]
        elsewhere = EndpointDraft("乙", receiver.url(), SECRET)
        actions.create(cast.other_department, "webhook", elsewhere, cast.viewer(ADMIN))
        assert due(cast, 2) == 0


def test_groups_get_one_digest_in_their_makers_form(app: Flask, cast: Cast, receiver: Receiver) -> None:
    with app.app_context():
        for kind in ("wecom", "dingtalk", "feishu"):
            make(cast, receiver, kind, address=receiver.url(f"/{kind}?key=geheim"))
        assert due(cast, *range(1, 61)) == 3
        assert messages_due.send_due(NOW) == 0  # more may come
        assert messages_due.send_due(NOW + MINUTE) == 3
        came = {urlsplit(path).path: (path, json.loads(body)) for path, _headers, body in receiver.requests}
    path, body = came["/wecom"]
    text = body["text"]["content"]
    assert body["msgtype"] == "text"
    assert len(text.encode()) <= 2048
    assert text.startswith("【绩效管理】甲部门：60 项待办\n1. ")
    assert text.splitlines()[-1].startswith("另有 ")
    path, body = came["/dingtalk"]
    query = parse_qs(urlsplit(path).query)
    signed = f"{query['timestamp'][0]}\n{SECRET}".encode()
    assert query["sign"] == [base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()]
    assert query["key"] == ["geheim"]
    _path, body = came["/feishu"]
    key = f"{body['timestamp']}\n{SECRET}".encode()
    assert body["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert body["msg_type"] == "text"


def test_a_group_gets_one_digest_of_a_run_that_tells_thousands(app: Flask, cast: Cast, receiver: Receiver) -> None:
    with app.app_context():
        make(cast, receiver, "feishu")
        for numbers in (range(1, 61), range(61, 111), range(111, 114)):
            assert due(cast, *numbers) == 1
        assert messages_due.send_due(NOW + MINUTE) == 3
        (told,) = (json.loads(body)["content"]["text"] for _path, _headers, body in receiver.requests)
        assert told.startswith("【绩效管理】甲部门：113 项待办\n1. ")
        # When the whole is not taken each goes alone, so that one bad message stops no other.
        due(cast, 201)
        due(cast, 202)
        spoil(202)
        assert messages_due.send_due(NOW + 2 * MINUTE) == 1
        assert sorted(state for state, _tries in states().values()) == ["parked", *["sent"] * 4]


@action
def spoil(number: int) -> None:
    """Give the digest of an entry something to tell that nobody can."""
    for message in db.session.scalars(select(Message).where(Message.state == "waiting")):
        if message.content[0]["subject_id"] == number:
            message.content = [{"kind": "reminder_due", "params": 7}]


@pytest.mark.parametrize(
    ("kind", "status", "reply", "state", "tries"),
    [
        ("webhook", 400, b"", "parked", 1),
        ("webhook", 500, b"", "waiting", 1),
        ("webhook", 503, b"", "waiting", 0),
        ("webhook", 429, b"", "waiting", 0),
        ("webhook", 404, b"", "waiting", 0),
        ("webhook", 302, b"", "waiting", 0),
        ("wecom", 200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', "waiting", 0),
        ("wecom", 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "waiting", 0),
        ("dingtalk", 200, b'{"errcode":400013,"errmsg":"x"}', "waiting", 1),
        ("feishu", 200, b'{"code":19021,"msg":"sign match fail"}', "waiting", 0),
        ("feishu", 200, b"<html>geheim</html>", "waiting", 1),
        ("wecom", 200, b"[" * 100_000, "waiting", 1),
    ],
)
def test_what_answers_mean(
    app: Flask, cast: Cast, receiver: Receiver, kind: str, status: int, reply: bytes, state: str, tries: int
) -> None:
    with app.app_context():
        endpoint_id = make(cast, receiver, kind)
        due(cast, 1)
        receiver.status, receiver.reply, receiver.elsewhere = status, reply, receiver.url("/elsewhere")
        assert messages_due.send_due(NOW + MINUTE) == 0
        assert set(states().values()) == {(state, tries)}
        error = db.session.scalars(select(Message.error)).one()
        assert error
        assert "geheim" not in error + db.session.get_one(Endpoint, endpoint_id).error
    assert len(receiver.requests) == 1  # and the redirection was not followed


def test_a_dead_endpoint_costs_one_attempt_and_delays_nobody(app: Flask, cast: Cast, receiver: Receiver) -> None:
    with hook_server.running() as dead, app.app_context():
        app.config["WEBHOOK_HOSTS"] += f",{dead.host}"
        bad = make(cast, dead, name="坏")
        make(cast, receiver, name="好")
        dead.status = 503
        due(cast, *range(1, 21))
        assert messages_due.send_due(NOW) == 20
        assert (len(dead.requests), len(receiver.effects)) == (1, 20)
        assert messages_due.send_due(NOW + MINUTE / 2) == 0
        assert len(dead.requests) == 1  # still left alone
        now = NOW
        for _step in range(24 * 6):
            now += 10 * MINUTE
            messages_due.send_due(now)
        assert 24 * 6 <= len(dead.requests) <= 24 * 6 + 1
        assert db.session.get_one(Endpoint, bad, populate_existing=True).failures > 100
        dead.status = 200
        assert messages_due.send_due(now + 11 * MINUTE) == 20
        assert db.session.get_one(Endpoint, bad, populate_existing=True).error == ""
        assert {tries for _state, tries in states().values()} == {0}


def test_hanging_and_dropping(app: Flask, cast: Cast, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "SECONDS", 0.3)
    with app.app_context():
        make(cast, receiver)
        due(cast, 1, 2, 3)
        receiver.drops = 1  # the first answer never comes, the others do
        assert messages_due.send_due(NOW) == 2
        assert sorted(states().values()) == [("sent", 0), ("sent", 0), ("waiting", 1)]
        receiver.seconds = 1
        assert messages_due.send_due(NOW + 5 * MINUTE) == 0
        assert sorted(states().values())[2] == ("waiting", 2)


def resolving(*addresses: str) -> Callable[..., list[Any]]:
    """Return a look-up that answers with these addresses, one after the other, the last one for ever."""
    left = list(addresses)

    def look_up(host: str, port: int, **rest: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return look_up


def test_a_name_that_means_something_else_later(
    app: Flask, cast: Cast, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks.socket, "getaddrinfo", resolving("93.184.216.34", "127.0.0.1"))
    with app.app_context():
        draft = EndpointDraft("外", "https://rebind.example.cn/hook", SECRET)
        endpoint = actions.create(cast.department, "webhook", draft, cast.viewer(ADMIN))
        due(cast, 1)
        assert messages_due.send_due(NOW) == 0
        assert states() == {f"entry:1@{endpoint.id}": ("waiting", 0)}
        assert "内部网络" in db.session.scalars(select(Message.error)).one()
        with pytest.raises(Refused, match="内部网络"):
            actions.update(endpoint, draft, cast.viewer(ADMIN))
        # The name is looked up once more for the connection: the address of that very look-up is used.
        target = actions.target_of("webhook", endpoint.address)
        assert webhooks.look_up(target.host, target.port) == ["127.0.0.1"]
    assert receiver.requests == []


def test_refused_when_sent_although_it_was_stored(app: Flask, cast: Cast, receiver: Receiver) -> None:
    with app.app_context():
        endpoint_id = make(cast, receiver)
        due(cast, 1)
        app.config["WEBHOOK_HOSTS"] = ""
        endpoint = db.session.get_one(Endpoint, endpoint_id)
        for address in (receiver.url(), "https://169.254.169.254/", "https://2130706433/", "file:///etc/passwd"):
            endpoint.address, endpoint.down_until = seal(address), None
            db.session.commit()
            assert messages_due.send_due(NOW) == 0
            assert actions.send_test(endpoint, cast.viewer(ADMIN))
        # The key of the installation was changed: nothing can be read, and the sentence says so.
        endpoint.address, endpoint.down_until = "gAAAAABother", None
        db.session.commit()
        assert "PERFMGR_SECRET_KEY" in actions.send_test(endpoint, cast.viewer(ADMIN))
        assert actions.shown_address(endpoint) == ""
    assert receiver.requests == []


def test_a_test_message_says_what_happened(app: Flask, cast: Cast, receiver: Receiver) -> None:
    with app.app_context():
        endpoint = db.session.get_one(Endpoint, make(cast, receiver))
        assert actions.send_test(endpoint, cast.viewer(ADMIN)) == ""
        due(cast, 1)
        receiver.status = 503
        messages_due.send_due(NOW)
        receiver.status = 200
        assert actions.send_test(endpoint, cast.viewer(ADMIN)) == ""
        assert messages_due.send_due(NOW) == 1  # it is not left alone any longer
        receiver.status = 500
        assert actions.send_test(endpoint, cast.viewer(ADMIN)) == "对方处理出错：HTTP 500。"


def test_pausing_keeps_and_deleting_forgets(app: Flask, cast: Cast, receiver: Receiver) -> None:
    with app.app_context():
        endpoint = db.session.get_one(Endpoint, make(cast, receiver))
        due(cast, 1, username=FILLER_2)
        actions.set_active(endpoint, False, cast.viewer(ADMIN))
        assert messages_due.send_due(NOW) == 0
        assert due(cast, 2) == 0
        actions.set_active(endpoint, True, cast.viewer(ADMIN))
        assert messages_due.send_due(NOW) == 1
        actions.delete(endpoint, cast.viewer(ADMIN))
        assert states() == {}

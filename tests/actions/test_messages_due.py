"""Several clocks at once, and clocks that are killed: nothing lost, nothing twice but in the one gap."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

import config
from perfmgr.actions import _mail_round, _outbox, messages_due
from perfmgr.actions._action import action
from perfmgr.actions._mail_round import AHEAD
from perfmgr.channels import letters
from perfmgr.extensions import db
from perfmgr.models.message import Message
from perfmgr.models.person import Person
from tests import hook_server, mail_server
from tests.actions.test_endpoints import MINUTE, due, make
from tests.actions.test_messages import NOW, enqueue, give_addresses, states
from tests.cast import Cast

# A clock of its own process, on the database of the test, that is killed at the n-th passing of a point.
CLOCK = """
import datetime as dt, json, os, signal, sys
from perfmgr.actions import _mail_round, _outbox, messages_due
from perfmgr.app import create_app
settings, point, left, now = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
def at(name):
    global left
    if name == point:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
with create_app(settings).app_context():
    print(messages_due.send_due(dt.datetime.fromisoformat(now), at=at))
"""


@pytest.fixture
def servers(app: Flask) -> Iterator[tuple[Any, Any]]:
    """A mail server and a receiver of webhooks, and the application set up for both."""
    with mail_server.running() as mail, hook_server.running() as receiver:
        before = dict(app.config)
        app.config.update(
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=mail.port,
            SMTP_SECURITY="none",
            MAIL_FROM="jixiao@example.gov.cn",
            PUBLIC_URL="https://jx.example.gov.cn",
            WEBHOOK_HOSTS=receiver.host,
        )
        yield mail.box, receiver
        app.config.update(before)


def kill_at(app: Flask, point: str, passing: int, now: Any) -> int:
    """Run a clock that is killed there; returns its exit code."""
    settings = {name: app.config[name] for name in config.load("testing", {})}
    command = [sys.executable, "-c", CLOCK, json.dumps(settings), point, str(passing), now.isoformat()]
    return subprocess.run(command, capture_output=True, cwd=config.ROOT, check=False, timeout=120).returncode


def unmarked(box: Any, receiver: Any) -> set[str]:
    """Return the ids that the other sides have accepted although the ledger does not say so yet: the one gap."""
    marked = {key for key, (state, _tries) in states().items() if state == "sent"}
    letters_marked = {letters.message_id(key, "jixiao@example.gov.cn") for key in marked}
    return (set(box.ids()) - letters_marked) | (set(receiver.effects) - marked)


@pytest.mark.parametrize("point", ["claimed", "accepted", "marked"])
def test_kill_9(app: Flask, cast: Cast, servers: tuple[Any, Any], point: str) -> None:
    box, receiver = servers
    with app.app_context():
        give_addresses(cast, filler="lin@example.cn")
        make(cast, receiver)
        assert due(cast, *range(1, 21)) == 40
        # E-mail goes first: the 7th passing is among the e-mails, the 21st among the webhooks.
        passings = {"claimed": (1, 2)}.get(point, (7, 21))
        assert kill_at(app, point, passings[0], NOW) == -signal.SIGKILL
        first = unmarked(box, receiver)
        assert kill_at(app, point, passings[1], NOW + 6 * MINUTE) == -signal.SIGKILL
        second = unmarked(box, receiver) - first
        assert messages_due.send_due(NOW + 12 * MINUTE) > 0
        assert set(states().values()) == {("sent", 0)}
    assert len(set(box.ids())) == 20
    assert len(receiver.effects) == 20
    came = Counter([*box.ids(), *(headers["X-Perfmgr-Id"] for _path, headers, _body in receiver.requests)])
    assert {id_ for id_, times in came.items() if times > 1} == first | second
    assert max(came.values()) <= 2
    assert len(first) <= AHEAD
    assert len(second) == (point == "accepted")


def test_four_clocks_send_each_message_once(app: Flask, cast: Cast, servers: tuple[Any, Any]) -> None:
    box, receiver = servers
    with app.app_context():
        give_addresses(cast, filler="lin@example.cn")
        make(cast, receiver)
        due(cast, *range(1, 151))

    def clock(number: int) -> int:
        with app.app_context():
            return messages_due.send_due(NOW)

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(clock, range(4)))
    assert sum(sent) == 300
    assert (len(box.received), len(set(box.ids()))) == (150, 150)
    assert (len(receiver.requests), len(receiver.effects)) == (150, 150)


def test_no_transaction_is_open_while_the_network_is_waited_for(
    app: Flask, cast: Cast, servers: tuple[Any, Any]
) -> None:
    _box, receiver = servers
    open_ones: list[int] = []
    balance = {"open": 0}

    def begun(connection: Any) -> None:
        balance["open"] += 1

    def ended(connection: Any) -> None:
        balance["open"] -= 1

    with app.app_context():
        give_addresses(cast, filler="lin@example.cn")
        make(cast, receiver)
        due(cast, 1, 2)
        db.session.close()
        listeners = (("begin", begun), ("commit", ended), ("rollback", ended))
        for name, listener in listeners:
            event.listen(db.engine, name, listener)
        try:
            messages_due.send_due(NOW, at=lambda point: open_ones.append(balance["open"]))
        finally:
            for name, listener in listeners:
                event.remove(db.engine, name, listener)
    assert open_ones
    assert set(open_ones) == {0}


def test_poison_is_parked_and_the_rest_arrives_after_a_day_without_server(
    app: Flask, cast: Cast, servers: tuple[Any, Any]
) -> None:
    _box, _receiver = servers

    @action
    def poison() -> None:
        """Give every twentieth message to somebody whose mail is always put off."""
        db.session.get_one(Person, cast.people["reviewer"]).email = "later@example.cn"
        for message in db.session.scalars(select(Message).where(Message.id % 20 == 0)):
            message.person_id = cast.people["reviewer"]

    with app.app_context():
        give_addresses(cast, filler="lin@example.cn")
        due(cast, *range(1, 101))
        poison()
        port, app.config["SMTP_PORT"] = app.config["SMTP_PORT"], 1
        now = NOW
        for _round in range(24):
            assert messages_due.send_due(now) == 0
            now += 60 * MINUTE
        app.config["SMTP_PORT"] = port
        sent = sum(messages_due.send_due(now + n * MINUTE) for n in range(15))
        assert sent == 95
        for _round in range(8):
            now += 90 * MINUTE
            messages_due.send_due(now)
        found = sorted(states().values())
        assert found == [("parked", 8)] * 5 + [("sent", 0)] * 95


def test_a_message_that_cannot_be_written_holds_up_no_other(app: Flask, cast: Cast, servers: tuple[Any, Any]) -> None:
    @action
    def spoil() -> None:
        """Give the first message something to tell that nobody can."""
        first = db.session.scalars(select(Message).order_by(Message.id).limit(1)).one()
        first.content = [{"kind": "reminder_due", "params": 7}]

    with app.app_context():
        give_addresses(cast, filler="lin@example.cn")
        due(cast, *range(1, 6))
        spoil()
        assert messages_due.send_due(NOW) == 4
        assert sorted(state for state, _tries in states().values()) == ["parked", *["sent"] * 4]


def test_three_that_make_the_server_hang_up_are_parked_and_others_pass(
    app: Flask, cast: Cast, servers: tuple[Any, Any]
) -> None:
    box, _receiver = servers
    bad = ("filler", "filler2", "reviewer")
    with app.app_context():
        give_addresses(cast, **{name: f"drop-{name}@example.cn" for name in bad}, finance="zheng@example.cn")
        enqueue(cast, *bad, "finance")
        # Those handed over ahead may be through before the third hangs up: the good one goes with them, or right after.
        assert messages_due.send_due(NOW) + messages_due.send_due(NOW + MINUTE / 2) == 1
        assert box.to == ["zheng@example.cn"]
        now = NOW
        for _round in range(80):
            now += 7 * MINUTE
            messages_due.send_due(now)
        assert states() == {"test:finance": ("sent", 0), **{f"test:{name}": ("parked", 8) for name in bad}}


def test_a_server_that_puts_everybody_off_for_a_day_costs_no_try(
    app: Flask, cast: Cast, servers: tuple[Any, Any]
) -> None:
    with app.app_context():
        give_addresses(cast, filler="later@example.cn")
        due(cast, *range(1, 61))
        now = NOW
        for _round in range(24):
            assert messages_due.send_due(now) == 0
            now += 60 * MINUTE
        assert set(states().values()) == {("waiting", 0)}
        give_addresses(cast, filler="lin@example.cn")
        assert messages_due.send_due(now) == 60


def test_a_clock_that_was_held_up_leaves_alone_what_another_took(
    app: Flask, cast: Cast, servers: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, receiver = servers
    monkeypatch.setattr(_outbox, "RENEW_SECONDS", 0)
    monkeypatch.setattr(_mail_round, "AHEAD", 1)
    took: list[int] = []

    def other() -> None:
        with app.app_context():
            took.append(messages_due.send_due(NOW + 6 * MINUTE))

    def sleep(point: str) -> None:
        """Let six minutes pass for another clock before the first mark."""
        if point == "accepted" and not took:
            thread = Thread(target=other)
            thread.start()
            thread.join()

    with app.app_context():
        give_addresses(cast, filler="lin@example.cn")
        due(cast, *range(1, 11))
        messages_due.send_due(NOW, at=sleep)
        assert took == [10]
        assert (len(box.received), len(set(box.ids()))) == (11, 10)
        took.clear()
        make(cast, receiver)
        due(cast, *range(11, 21))
        messages_due.send_due(NOW, only=messages_due.EMAIL)
        messages_due.send_due(NOW, only=messages_due.ROBOTS, at=sleep)
        assert took == [10]
        assert (len(receiver.requests), len(receiver.effects)) == (11, 10)


def test_a_claim_is_renewed_as_long_as_its_clock_works(
    app: Flask, cast: Cast, servers: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_outbox, "RENEW_SECONDS", 0)
    left: list[Any] = []

    def pass_time(point: str) -> None:
        """Let claims end at once; by the next mark they must have been renewed."""
        if point == "accepted":
            with db.engine.begin() as connection:
                claimed = Message.state == "claimed"
                left.append(connection.scalar(select(func.max(Message.claimed_until)).where(claimed)))
                connection.execute(update(Message).where(claimed).values(claimed_until=NOW))

    with app.app_context():
        give_addresses(cast, filler="lin@example.cn")
        due(cast, *range(1, 11))
        assert messages_due.send_due(NOW, at=pass_time) == 10
    assert len(left) == 10
    assert max(left[1:]) > NOW + 4 * MINUTE

"""Messages: laid in once, sent once, and what becomes of those that a server refuses, holds up or drops."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from perfmgr import times
from perfmgr.actions import messages, messages_due, preferences
from perfmgr.actions._action import action
from perfmgr.actions.messages import Outgoing
from perfmgr.channels import carriers, mail
from perfmgr.extensions import db
from perfmgr.models.message import Message, MessageReminder
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder, ReminderRule
from tests import mail_server
from tests.cast import FILLER, FILLER_2, OUTSIDER, REVIEWER, Cast

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def server(app: Flask) -> Iterator[Any]:
    """A mail server, and the application set up for it."""
    with mail_server.running() as running:
        mailing = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": running.port,
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "jixiao@example.gov.cn",
            "PUBLIC_URL": "https://jx.example.gov.cn",
        }
        before = {name: app.config[name] for name in mailing}
        app.config.update(mailing)
        yield running
        app.config.update(before)


@action
def give_addresses(cast: Cast, **addresses: str) -> None:
    """Store e-mail addresses of members of the cast."""
    for username, address in addresses.items():
        db.session.get_one(Person, cast.people[username]).email = address


@action
def remind(cast: Cast, username: str, number: int = 1, duty: str = "evaluating") -> int:
    """Store a reminder that was issued; returns its id."""
    rule = db.session.scalar(select(ReminderRule).where(ReminderRule.code == duty))
    if rule is None:
        rule = ReminderRule(code=duty, duty=duty, settings={})
        db.session.add(rule)
        db.session.flush()
    reminder = Reminder(
        person_id=cast.people[username],
        rule_id=rule.id,
        duty=duty,
        subject_kind="evaluation",
        subject_id=number,
        occurrence="1",
        unit_id=cast.unit,
        year=2025,
        due_at=NOW,
        state="sent",
        params={},
        sent_at=NOW,
        created_at=NOW,
    )
    db.session.add(reminder)
    db.session.flush()
    return reminder.id


def item(number: int = 1, **params: Any) -> dict[str, Any]:
    """Return an item as the engine of reminders makes it."""
    params = {"title": "社区服务经费", "year": 2025, "due_on": "2026-03-31", **params}
    return {"kind": "evaluating", "subject_kind": "evaluation", "subject_id": number, "params": params}


@action
def enqueue(cast: Cast, *usernames: str, law: bool = True, due_at: dt.datetime = NOW) -> int:
    """Lay in one message for each of these people."""
    entries = [Outgoing(cast.people[username], f"test:{username}", [item()], due_at, law=law) for username in usernames]
    return messages.enqueue(entries, NOW)


def states() -> dict[str, tuple[str, int]]:
    """Return state and tries of every message, by key."""
    found = {row.key: (row.state, row.tries) for row in db.session.execute(select(Message.__table__))}
    db.session.rollback()
    return found


def test_an_email_goes_out_once_with_everything_it_needs(app: Flask, cast: Cast, server: Any) -> None:
    with app.app_context():
        give_addresses(cast, filler="lin@example.gov.cn")
        reminders = [remind(cast, FILLER, n) for n in (1, 2)]
        hostile = "<script>alert(1)</script>\r\nBcc: all@example.gov.cn"
        entry = Outgoing(
            cast.people[FILLER], "digest:1", [item(1, title=hostile), item(2, comment="<b>请改</b>")], NOW, reminders
        )
        for _twice in range(2):
            laid = action(messages.enqueue)([entry], NOW)
        assert laid == 0
        assert db.session.query(MessageReminder).count() == 2
        db.session.rollback()
        assert messages_due.send_due(NOW - MINUTE) == 0
        assert [messages_due.send_due(NOW), messages_due.send_due(NOW)] == [1, 0]
        assert states() == {"digest:1": ("sent", 0)}
    (address, received), *more = server.box.received
    assert (address, more) == ("lin@example.gov.cn", [])
    assert received["Subject"] == "绩效管理：您有 2 项待办事项"
    assert received["From"] == "预算绩效目标管理 <jixiao@example.gov.cn>"
    assert (received["To"], received["Bcc"]) == ("lin@example.gov.cn", None)
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["List-Unsubscribe"] == "<https://jx.example.gov.cn/preferences>"
    assert received["Message-ID"].endswith("@example.gov.cn>")
    text, html = (received.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "林填报，您好" in text
    assert "https://jx.example.gov.cn/evaluations/2" in text
    assert "<script>" not in html
    assert "&lt;b&gt;请改&lt;/b&gt;" in html
    assert "src=" not in html


def test_who_gets_email(app: Flask, cast: Cast, server: Any) -> None:
    with app.app_context():
        give_addresses(cast, filler="a@example.cn", filler2="b@example.cn", reviewer="c@example.cn")
        person = db.session.get_one(Person, cast.people[FILLER_2])
        person.preferences = {"mail_reminders": False}
        db.session.get_one(Person, cast.people[REVIEWER]).active = False
        db.session.commit()
        assert enqueue(cast, FILLER, FILLER_2, REVIEWER, OUTSIDER, law=False) == 1
        assert enqueue(cast, FILLER_2) == 1  # a duty of law
        later = {"mail_hour": 14}
        db.session.get_one(Person, cast.people[FILLER]).preferences = later
        db.session.commit()
        action(messages.enqueue)([Outgoing(cast.people[FILLER], "later", [item()], NOW)], NOW)
        due = db.session.scalars(select(Message.due_at).where(Message.key == "later")).one()
        assert due == dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)


def test_one_bad_recipient_delays_nobody(app: Flask, cast: Cast, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SECONDS", 1)
    with app.app_context():
        addresses = ("never@example.cn", "later@example.cn", "hang@example.cn", "drop@example.cn", "good@example.cn")
        usernames = ("filler", "filler2", "reviewer", "finance", "admin")
        give_addresses(cast, **dict(zip(usernames, addresses, strict=True)))
        reminder = remind(cast, FILLER)
        entry = Outgoing(cast.people[FILLER], "test:filler", [item()], NOW, [reminder])
        action(messages.enqueue)([entry], NOW)
        enqueue(cast, *usernames[1:])
        assert messages_due.send_due(NOW) == 1
        assert server.box.to == ["good@example.cn"]
        assert states() == {
            "test:filler": ("parked", 1),
            "test:filler2": ("waiting", 1),
            "test:reviewer": ("waiting", 1),
            "test:finance": ("waiting", 1),
            "test:admin": ("sent", 0),
        }
        parked = db.session.scalars(select(Message).where(Message.state == "parked")).one()
        assert "550" in parked.error
        assert "@" not in parked.error
        told = db.session.get_one(Reminder, reminder)
        assert (told.state, told.reason, told.note) == ("failed", "error", parked.error)
        # Eight tries at most, each later than the one before.
        now = NOW
        for _try in range(12):
            now += 90 * MINUTE
            messages_due.send_due(now)
        assert states()["test:filler2"] == ("parked", 8)
        give_addresses(cast, filler="lin@example.cn")
        messages.retry(parked)
        assert messages_due.send_due(times.now()) == 1
        assert db.session.get_one(Reminder, reminder, populate_existing=True).state == "sent"


def test_a_server_that_is_away_costs_no_try(app: Flask, cast: Cast, server: Any) -> None:
    with app.app_context():
        give_addresses(cast, filler="a@example.cn", filler2="b@example.cn")
        enqueue(cast, FILLER, FILLER_2)
        port, app.config["SMTP_PORT"] = app.config["SMTP_PORT"], 1
        now = NOW
        for _hour in range(24):
            assert messages_due.send_due(now) == 0
            now += 60 * MINUTE
        assert set(states().values()) == {("waiting", 0)}
        assert "拒绝连接" in db.session.scalars(select(Message.error)).first()
        db.session.rollback()
        app.config["SMTP_PORT"] = port
        server.box.closed = True
        assert messages_due.send_due(now) == 0
        assert set(states().values()) == {("waiting", 0)}
        server.box.closed = False
        assert messages_due.send_due(now + MINUTE) == 2
        assert server.box.connections == 2  # one for the attempt while closed, one for both messages


@pytest.mark.parametrize("together", [1, 8])
def test_a_server_that_drops_everything_costs_no_try_either(
    app: Flask, cast: Cast, server: Any, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    # One after the other, or all handed over and dropped before the first is known.
    monkeypatch.setattr(carriers, "TOGETHER", together)
    monkeypatch.setattr(carriers, "TOGETHER_SECONDS", 1)
    with app.app_context():
        names = ("filler", "filler2", "reviewer", "finance", "admin")
        give_addresses(cast, **{name: f"drop{n}@example.cn" for n, name in enumerate(names)})
        enqueue(cast, *names)
        assert messages_due.send_due(NOW) == 0
        assert set(states().values()) == {("waiting", 0)}
        give_addresses(cast, **{name: f"good{n}@example.cn" for n, name in enumerate(names)})
        assert messages_due.send_due(NOW + 15 * MINUTE) == 5


def test_accepted_and_dropped_comes_again_with_the_same_id(app: Flask, cast: Cast, server: Any) -> None:
    with app.app_context():
        give_addresses(cast, filler="lost@example.cn")
        enqueue(cast, FILLER)
        messages_due.send_due(NOW)
        assert states() == {"test:filler": ("waiting", 1)}
        messages_due.send_due(NOW + 5 * MINUTE)
    first, second = server.box.ids()
    assert first == second


class Killed(BaseException):
    """Stands for kill -9: nothing that would tidy up runs in the process after it."""


@pytest.mark.parametrize(("point", "received"), [("claimed", 1), ("accepted", 2), ("marked", 1)])
def test_killed_between_any_two_steps(app: Flask, cast: Cast, server: Any, point: str, received: int) -> None:
    def die(at: str) -> None:
        if at == point:
            raise Killed

    with app.app_context():
        give_addresses(cast, filler="a@example.cn")
        enqueue(cast, FILLER)
        with pytest.raises(Killed):
            messages_due.send_due(NOW, at=die)
        assert messages_due.send_due(NOW + MINUTE) == 0  # still claimed, or sent
        messages_due.send_due(NOW + 6 * MINUTE)
        assert states() == {"test:filler": ("sent", 0)}
    assert len(server.box.received) == received
    assert len(set(server.box.ids())) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # behind TLS from the first byte
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_and_sign_in(app: Flask, cast: Cast, tmp_path: Path, security: str) -> None:
    files = mail_server.certificate(tmp_path)
    with mail_server.running(tls=files, starttls=security == "starttls", auth=True) as running:
        settings: dict[str, Any] = {
            **app.config,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": running.port,
            "SMTP_SECURITY": security,
            "SMTP_CA": str(files[0]),
            "SMTP_USER": mail_server.USER,
            "SMTP_PASSWORD": mail_server.PASSWORD,
            "MAIL_FROM": "jixiao@example.cn",
        }
        with mail.MailServer(settings) as server:
            server.send("lin@example.cn", b"Subject: x\r\n\r\nx\r\n")
        assert running.box.to == ["lin@example.cn"]
        wrong = {
            "SMTP_PASSWORD": "falsch-falsch",
            "SMTP_CA": "",
            "SMTP_HOST": "no-such-host.invalid",
            "SMTP_SECURITY": "none",
        }
        said = {}
        for name, value in wrong.items():
            with mail.MailServer({**settings, name: value}) as server, pytest.raises(mail.Unreachable) as caught:
                server.send("lin@example.cn", b"Subject: x\r\n\r\nx\r\n")
            said[name] = caught.value.reason
        assert "用户名或密码" in said["SMTP_PASSWORD"]
        assert "falsch" not in str(said)
        assert "证书不可信" in said["SMTP_CA"]
        assert "找不到邮件服务器" in said["SMTP_HOST"]
        assert running.box.to == ["lin@example.cn"]


def test_the_queue_is_filled_in_few_statements(
    app: Flask, cast: Cast, server: Any, count_queries: Callable[[], Any]
) -> None:
    with app.app_context():
        give_addresses(cast, filler="a@example.cn")
        reminder = remind(cast, FILLER)
        entries = [Outgoing(cast.people[FILLER], f"many:{n}", [item()], NOW, [reminder]) for n in range(1000)]
        with count_queries() as statements:
            assert action(messages.enqueue)(entries, NOW) == 1000
        assert len([s for s in statements if s.startswith(("SELECT", "INSERT"))]) <= 8


def test_a_code_that_counts_no_more_is_not_mailed(app: Flask, cast: Cast, server: Any) -> None:
    with app.app_context():
        me = cast.viewer(FILLER)
        for email in ("old@example.cn", "new@example.cn"):
            preferences.request_code(me, email, NOW)
        assert messages_due.send_due(NOW) == 1
        preferences.request_code(me, "late@example.cn", NOW)
        assert messages_due.send_due(NOW + 31 * MINUTE) == 0
        assert sorted(states().values()) == [("cancelled", 0), ("cancelled", 0), ("sent", 0)]
    assert server.box.to == ["new@example.cn"]


def test_what_was_sent_long_ago_is_forgotten(app: Flask, cast: Cast, server: Any) -> None:
    with app.app_context():
        give_addresses(cast, filler="a@example.cn", filler2="never@example.cn")
        reminder = remind(cast, FILLER)
        action(messages.enqueue)([Outgoing(cast.people[FILLER], "sent", [item()], NOW, [reminder])], NOW)
        enqueue(cast, FILLER_2)
        assert messages_due.send_due(NOW) == 1
        action(messages.enqueue)([Outgoing(cast.people[FILLER], "waits", [item()], NOW + 400 * DAY)], NOW)
        assert messages_due.forget(NOW + 399 * DAY) == 0
        assert messages_due.forget(NOW + 401 * DAY, dry_run=True) == 1
        app.config["MESSAGE_DAYS"] = 0
        assert messages_due.forget(NOW + 401 * DAY) == 0
        app.config["MESSAGE_DAYS"] = 400
        assert messages_due.forget(NOW + 401 * DAY) == 1
        assert states() == {"test:filler2": ("parked", 1), "waits": ("waiting", 0)}
        assert db.session.scalar(select(func.count()).select_from(MessageReminder)) == 0
        assert db.session.get_one(Reminder, reminder).state == "sent"

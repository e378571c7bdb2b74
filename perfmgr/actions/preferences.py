"""Preferences: where and of what somebody wants to be told by e-mail; an address counts once its code came back."""

import datetime as dt
import hmac
import secrets
from collections.abc import Collection
from typing import Any

from flask import current_app

from perfmgr import times
from perfmgr.actions import _mail_codes as codes
from perfmgr.actions._action import action
from perfmgr.actions._bulk import insert_new
from perfmgr.actions.people import BAD_EMAIL
from perfmgr.channels.sealing import address_of, seal
from perfmgr.extensions import db
from perfmgr.models.message import Message
from perfmgr.models.person import Person
from perfmgr.queries.people import Viewer
from perfmgr.rules.messages import DIGEST_HOURS, TOPICS, is_email
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_

VALID = dt.timedelta(minutes=30)
MOST_CODES = 5  # in one hour; each goes to an address that somebody typed

NO_SERVER = N_("系统没有设置邮件服务器，暂时不能确认邮箱，请联系系统管理员。")
TOO_MANY = N_("一小时内最多发送 5 次确认码，请稍后再试。")
NO_REQUEST = N_("没有等待确认的邮箱，请先填写邮箱并获取确认码。")
TOO_LATE = N_("确认码已过期或输错 5 次，请重新获取。")
WRONG_CODE = N_("确认码不正确，请核对邮件中的 6 位数字。")


def _me(by: Viewer) -> Person:
    return db.session.get_one(Person, by.id, populate_existing=True)


def _store(person: Person, **values: Any) -> None:
    # A new dictionary: a change inside the old one would not be noticed.
    person.preferences = {**(person.preferences or {}), **values}


def email_of(by: Viewer) -> str:
    """Return the person's confirmed e-mail address, or one the administrator entered."""
    return address_of(_me(by).email)


def pending_of(by: Viewer, now: dt.datetime) -> str:
    """Return the address whose code has not come back yet; empty when there is none, or its time is over."""
    pending = (_me(by).preferences or {}).get("mail_pending") or {}
    return address_of(pending["email"]) if pending and codes.is_open(pending, now) else ""


def chosen(by: Viewer) -> dict[str, Any]:
    """Return what the person has chosen so far."""
    return dict(_me(by).preferences or {})


@action
def save(by: Viewer, topics: Collection[str], reminders: bool, hour: int | None) -> None:
    """Store of what the person wants to be told by e-mail, and from which hour of the day on."""
    _store(
        _me(by),
        mail_topics=[topic for topic in TOPICS if topic in set(topics)],
        mail_reminders=reminders,
        mail_hour=hour if hour in DIGEST_HOURS else None,
    )


@action
def request_code(by: Viewer, email: str, now: dt.datetime | None = None) -> None:
    """Mail a code to an address; only when it comes back the address is the person's. Raises Refused."""
    now = now or times.now()
    if not is_email(email):
        raise Refused(BAD_EMAIL, field="email")
    if not current_app.config["SMTP_HOST"]:
        raise Refused(NO_SERVER, field="email")
    person = _me(by)
    earlier = ((person.preferences or {}).get("mail_pending") or {}).get("asked", [])
    asked = [at for at in earlier if dt.datetime.fromisoformat(at) > now - dt.timedelta(hours=1)]
    if len(asked) >= MOST_CODES:
        raise Refused(TOO_MANY, field="email")
    nonce = secrets.token_hex(8)
    _store(
        person,
        mail_pending={
            "email": seal(email),
            "nonce": nonce,
            "until": (now + VALID).isoformat(),
            "guesses": 0,
            "asked": [*asked, now.isoformat()],
        },
    )
    row = {
        "channel": "email",
        "person_id": person.id,
        "endpoint_id": None,
        "key": f"code:{person.id}:{nonce}",
        "content": [codes.item(email, nonce)],
        "due_at": now,
        "created_at": now,
    }
    insert_new(Message, [row], Message.id)


def confirm(by: Viewer, code: str, now: dt.datetime | None = None) -> None:
    """Take the address as the person's if this is the code that was mailed to it. Raises Refused."""
    refusal = _confirm(by, code, now or times.now())
    if refusal:
        raise Refused(refusal, field="code")


@action
def _confirm(by: Viewer, code: str, now: dt.datetime) -> str:
    """Check one guess; the count of wrong ones is stored, so this returns a sentence and does not raise."""
    person = _me(by)
    pending = dict((person.preferences or {}).get("mail_pending") or {})
    if not pending.get("nonce"):
        return NO_REQUEST
    if not codes.is_open(pending, now):
        return TOO_LATE
    email = address_of(pending["email"])
    if not hmac.compare_digest(codes.code_of(person.id, email, pending["nonce"]).encode(), code.encode()):
        _store(person, mail_pending={**pending, "guesses": pending["guesses"] + 1})
        return WRONG_CODE
    person.email = seal(email)
    _store(person, mail_pending={"asked": pending["asked"]})
    return ""


@action
def remove_address(by: Viewer) -> None:
    """Forget the person's e-mail address: from now on they are told in the system alone."""
    person = _me(by)
    person.email = ""
    _store(person, mail_pending={"asked": ((person.preferences or {}).get("mail_pending") or {}).get("asked", [])})

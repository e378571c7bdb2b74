"""Codes that confirm an e-mail address: computed when they are sent and checked, stored nowhere."""

import datetime as dt
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app

from perfmgr.channels import letters
from perfmgr.channels.sealing import address_of, seal
from perfmgr.rules.texts import N_

KIND = "mail_code"
MOST_GUESSES = 5
SUBJECT = N_("绩效管理：邮箱确认码")
TEXT = N_("您的邮箱确认码是 %(code)s，30 分钟内有效。请在“接收设置”中填写。")
DEAD = N_("确认码已过期或已被新的确认码取代，不再发送。")
NOT_YOU = N_("如果不是您本人操作，请忽略本邮件。")


def code_of(person_id: int, email: str, nonce: str) -> str:
    """Return the six digits that were mailed for this request; without the installation's key nobody can tell them."""
    text = f"mail code\n{person_id}\n{email}\n{nonce}"
    number = hmac.digest(current_app.config["SECRET_KEY"].encode(), text.encode(), "sha256")
    return f"{int.from_bytes(number[:8], 'big') % 1_000_000:06d}"


def item(email: str, nonce: str) -> dict[str, Any]:
    """Return the content of a message that brings a code."""
    return {"kind": KIND, "params": {"email": seal(email), "nonce": nonce}}


def is_code(content: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a message brings a code."""
    return bool(content) and content[0].get("kind") == KIND


def is_open(pending: Mapping[str, Any], now: dt.datetime) -> bool:
    """Tell whether the code of this request may still come back; ``pending`` is what preferences hold of it."""
    return (
        bool(pending.get("nonce"))
        and pending["guesses"] < MOST_GUESSES
        and dt.datetime.fromisoformat(pending["until"]) > now
    )


def is_awaited(content: Sequence[Mapping[str, Any]], preferences: Mapping[str, Any] | None, now: dt.datetime) -> bool:
    """Tell whether a message is of any use: no code, or the one that the person is to type now."""
    if not is_code(content):
        return True
    pending = (preferences or {}).get("mail_pending") or {}
    return is_open(pending, now) and pending["nonce"] == content[0]["params"]["nonce"]


def address(content: Sequence[Mapping[str, Any]]) -> str:
    """Return the address a code is sent to; empty for every other message."""
    return address_of(content[0]["params"]["email"]) if is_code(content) else ""


def write(row: Any, email: str, name: str, at: dt.datetime) -> bytes:
    """Return the e-mail with the code."""
    code = code_of(row.person_id, email, row.content[0]["params"]["nonce"])
    text = "\n".join(
        [letters.GREETING % {"name": name}, "", TEXT % {"code": code}, NOT_YOU, "", "-- ", letters.PRODUCT]
    )
    page = letters.html(name=name, code=code)
    return letters.compose(row.key, email, SUBJECT, text + "\n", page, at)

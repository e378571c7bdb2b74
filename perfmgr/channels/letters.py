"""Letters: the words of a message as an e-mail with plain text and HTML."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template

from perfmgr.rules import notices
from perfmgr.rules.texts import N_, clean_line

PRODUCT = N_("预算绩效目标管理")
GREETING = N_("%(name)s，您好：")
OPEN = N_("打开：%(address)s")
WHY = N_("本邮件由系统自动发出，请勿回复。接收哪些邮件，可登录后在“接收设置”中选择：%(address)s")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a message tells: a sentence, somebody's words if there are any, and where it leads."""

    text: str
    comment: str
    address: str


def items(content: Sequence[Mapping[str, Any]], site: str) -> list[Item]:
    """Return what a stored message tells."""
    return [
        Item(
            clean_line(notices.sentence(str(entry["kind"]), entry.get("params") or {})),
            str((entry.get("params") or {}).get("comment") or ""),
            site + notices.path(str(entry.get("subject_kind", "")), int(entry.get("subject_id") or 0)),
        )
        for entry in content
    ]


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID that belongs to a message's key: the same however often it is sent."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def write(key: str, to: str, name: str, content: Sequence[Mapping[str, Any]], at: dt.datetime) -> bytes:
    """Return the finished e-mail to one person. ``at`` is its date."""
    site = current_app.config["PUBLIC_URL"].rstrip("/")
    told = items(content, site)
    text = [GREETING % {"name": name}, ""]
    for n, item in enumerate(told, 1):
        text.append(f"{n}. {item.text}" if len(told) > 1 else item.text)
        text += [f"   > {line}" for line in item.comment.splitlines()]
        text += [f"   {OPEN % {'address': item.address}}", ""]
    settings_page = f"{site}/preferences"
    text += ["-- ", PRODUCT, WHY % {"address": settings_page}, ""]
    html = render_template("mail/message.html", name=name, items=told, preferences=settings_page)
    return compose(key, to, notices.subject([item.text for item in told]), "\n".join(text), html, at)


def compose(key: str, to: str, subject: str, text: str, html: str, at: dt.datetime) -> bytes:
    """Return an e-mail as it goes over the wire. A line break in a header raises ValueError: nothing is added to it."""
    sender = current_app.config["MAIL_FROM"]
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = Address(PRODUCT, addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(key, sender)
    message["Auto-Submitted"] = "auto-generated"
    if urlsplit(current_app.config["PUBLIC_URL"]).scheme == "https":
        message["List-Unsubscribe"] = f"<{current_app.config['PUBLIC_URL'].rstrip('/')}/preferences>"
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    return message.as_bytes()

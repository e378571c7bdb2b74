"""Letters: the words of a message as an e-mail with plain text and HTML."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from jinja2 import Environment, FileSystemLoader, Template

import config
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
    page = html(name=name, items=told, preferences=settings_page)
    return compose(key, to, notices.subject([item.text for item in told]), "\n".join(text), page, at)


def compose(key: str, to: str, subject: str, text: str, page: str, at: dt.datetime) -> bytes:
    """Return an e-mail as it goes over the wire. Raises ValueError for a header that would end in another one.

    Written by hand: ``email.message`` takes longer for one letter than a mail server does.
    """
    sender = current_app.config["MAIL_FROM"]
    site = current_app.config["PUBLIC_URL"].rstrip("/")
    headers = {
        "Subject": _encoded(subject),
        "From": f"{_encoded(PRODUCT)} <{sender}>",
        "To": to,
        "Date": format_datetime(at),
        "Message-ID": message_id(key, sender),
        "Auto-Submitted": "auto-generated",
    }
    if urlsplit(site).scheme == "https":
        headers["List-Unsubscribe"] = f"<{site}/preferences>"
    if any(not value.isascii() or set(value.replace("\r\n ", "")) & set("\r\n\0") for value in headers.values()):
        raise ValueError("a line break or a foreign character in a header")
    # No line of base64 begins like this.
    boundary = f"=_{hashlib.sha256(key.encode()).hexdigest()[:40]}"
    lines = [f"{name}: {value}" for name, value in headers.items()]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    for kind, body in (("plain", text), ("html", page)):
        content = base64.encodebytes(body.encode()).decode("ascii").replace("\n", "\r\n")
        head = (f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: base64")
        lines += [f"--{boundary}", *head, "", content]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")


MOST_ENCODED = 45  # bytes, so that no encoded word is longer than 75 characters


@lru_cache(maxsize=256)
def _encoded(text: str) -> str:
    """Return a header's text as RFC 2047 wants it, a word a line; plain ASCII stays as it is."""
    if text.isascii():
        return text
    words = [b""]
    for character in text:
        new = character.encode()
        if len(words[-1]) + len(new) > MOST_ENCODED:
            words.append(b"")
        words[-1] += new
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


@cache
def _page() -> Template:
    """Return the page of a letter, without all that pages of the site know: that takes longer than the page itself."""
    folder = Path(config.ROOT, "templates")
    found = Environment(loader=FileSystemLoader(folder), autoescape=True)
    found.globals["_"] = _filled
    return found.get_template("mail/message.html")


def _filled(text: str, **params: object) -> str:
    return text % params if params else text


def html(**values: Any) -> str:
    """Return the page of a letter."""
    return _page().render(**values)

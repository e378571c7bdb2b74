"""Robots: what WeCom, DingTalk, Feishu and a signed webhook want to be sent, and what they answer.

Described at developer.work.weixin.qq.com/document/path/91770 (text of at most 2,048 bytes, 20 a minute),
open.dingtalk.com/document/robots/custom-robot-access (signature, 20 a minute) and
open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (signature, 20 KB, 100 a minute).
"""

import base64
import datetime as dt
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from perfmgr.channels.letters import Item
from perfmgr.channels.outcomes import Permanent, Temporary, Unreachable
from perfmgr.rules.texts import N_

# How many bytes of text each takes, and how many messages it is sent in one minute at most.
LONGEST = {"wecom": 2000, "dingtalk": 16_000, "feishu": 16_000}
PER_MINUTE = {"wecom": 15, "dingtalk": 15, "feishu": 60}

HEAD = N_("【绩效管理】%(unit)s：%(count)s 项待办")
MORE = N_("另有 %(count)s 项，请登录查看。")

# What each answers: too many messages, or set up wrongly. Any other code but 0 is tried again, and parked in the end.
BUSY = {"wecom": {45009, 45033, -1}, "dingtalk": {130101, 660026, 90030, -1}, "feishu": {11232}}
WRONG = {
    "wecom": {93000, 93004, 93008},
    "dingtalk": {310000, 300001, 300005, 400101, 400102, 400105, 400106},
    "feishu": {19001, 19007, 19021, 19022, 19024},
}


@dataclass(frozen=True, slots=True)
class Request:
    """One POST: its body, its headers, and what is added to the address."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What an endpoint is told: the message's key, the unit, whom it concerns, and the items."""

    key: str
    unit: str
    person: str
    items: Sequence[Item]
    content: Sequence[Mapping[str, Any]]
    total: int


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


NO_MARKS = str.maketrans("<>", "＜＞")


def digest_text(told: Told, longest: int) -> str:
    """Return the text for a group, in at most so many bytes of UTF-8; what does not fit is counted."""
    lines = [HEAD % {"unit": told.unit, "count": told.total}]
    room = longest - len(lines[0].encode()) - 100  # for the line that says how many more
    shown = 0
    for n, item in enumerate(told.items, 1):
        # No group is to be paged by the name of a project: some makers read marks in angle brackets.
        line = f"{n}. {item.text}".translate(NO_MARKS)
        room -= len(line.encode()) + 1
        if room < 0:
            break
        lines.append(line)
        shown = n
    if told.total > shown:
        lines.append(MORE % {"count": told.total - shown})
    return "\n".join(lines).encode()[:longest].decode("utf-8", "ignore")


def _wecom(told: Told, secret: str, at: dt.datetime) -> Request:
    return Request(_json({"msgtype": "text", "text": {"content": digest_text(told, LONGEST["wecom"])}}))


def _dingtalk(told: Told, secret: str, at: dt.datetime) -> Request:
    query = ""
    if secret:
        timestamp = str(int(at.timestamp() * 1000))
        sign = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), "sha256")
        query = urlencode({"timestamp": timestamp, "sign": base64.b64encode(sign).decode()})
    body = {"msgtype": "text", "text": {"content": digest_text(told, LONGEST["dingtalk"])}}
    return Request(_json(body), query=query)


def _feishu(told: Told, secret: str, at: dt.datetime) -> Request:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": digest_text(told, LONGEST["feishu"])}}
    if secret:
        # Feishu signs nothing, with the timestamp and the secret as the key.
        timestamp = str(int(at.timestamp()))
        sign = hmac.digest(f"{timestamp}\n{secret}".encode(), b"", "sha256")
        body = {"timestamp": timestamp, "sign": base64.b64encode(sign).decode(), **body}
    return Request(_json(body))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what X-Perfmgr-Signature carries: HMAC-SHA256 over timestamp, a dot, and the body."""
    return "sha256=" + hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def _webhook(told: Told, secret: str, at: dt.datetime) -> Request:
    told_of = [
        {
            "kind": entry.get("kind", ""),
            "subject_kind": entry.get("subject_kind", ""),
            "subject_id": entry.get("subject_id"),
            "text": item.text,
            "address": item.address,
        }
        for entry, item in zip(told.content, told.items, strict=True)
    ]
    body = _json({"id": told.key, "unit": told.unit, "person": told.person, "items": told_of})
    timestamp = str(int(at.timestamp()))
    headers = {"X-Perfmgr-Id": quote(told.key, safe=":;@+=,/"), "X-Perfmgr-Timestamp": timestamp}
    if secret:
        headers["X-Perfmgr-Signature"] = signature(secret, timestamp, body)
    return Request(body, headers)


_WRITE: dict[str, Callable[[Told, str, dt.datetime], Request]] = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "webhook": _webhook,
}


def write(kind: str, told: Told, secret: str, at: dt.datetime) -> Request:
    """Return the request for an endpoint of this kind. Every attempt has its own timestamp, and the same id."""
    request = _WRITE[kind](told, secret, at)
    return Request(request.body, {"Content-Type": "application/json; charset=utf-8", **request.headers}, request.query)


def judge(kind: str, status: int, answer: bytes) -> None:
    """Return when the endpoint accepted the message; otherwise raise what its answer means.

    The text of the answer is never passed on: it may show what only the inside of a network should see.
    """
    if 300 <= status < 400:
        raise Unreachable(N_("对方要求转到另一个地址，系统不跟随跳转，请填写最终的地址。"))
    if status in (401, 403, 404, 405, 407, 410):
        raise Unreachable(f"对方不接受这个地址或密钥：HTTP {status}，请核对。")
    if status in (408, 425, 429, 502, 503, 504):
        raise Unreachable(f"对方暂不可用或限制了发送频率：HTTP {status}。")
    if status >= 500:
        raise Temporary(f"对方处理出错：HTTP {status}。")
    if not 200 <= status < 300:
        raise Permanent(f"对方不接受这条消息：HTTP {status}。")
    if kind != "webhook":
        _judge_code(kind, answer)


def _judge_code(kind: str, answer: bytes) -> None:
    try:
        data = json.loads(answer)
        code = data.get("errcode", data.get("code", data.get("StatusCode")))
        code = int(code)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Temporary(N_("对方的回答不是机器人的格式，请核对地址和类型。")) from error
    if code == 0:
        return
    if code in WRONG[kind]:
        raise Unreachable(f"机器人拒绝了消息（代码 {code}），请核对地址、密钥、关键词和允许的 IP 地址。")
    if code in BUSY[kind]:
        raise Unreachable(f"机器人限制了发送频率（代码 {code}），稍后自动再发。")
    raise Temporary(f"机器人没有接受消息（代码 {code}）。")

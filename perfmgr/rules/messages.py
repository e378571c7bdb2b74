"""Messages: the channels they leave by, what may become of them, and what people may choose."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from perfmgr.rules.reminders import DUTIES
from perfmgr.rules.texts import N_

ROBOTS = {
    "wecom": N_("企业微信群机器人"),
    "dingtalk": N_("钉钉群机器人"),
    "feishu": N_("飞书群机器人"),
    "webhook": N_("通用 Webhook"),
}
CHANNELS = {"email": N_("电子邮件"), **ROBOTS}
STATES = {
    "waiting": N_("待发送"),
    "claimed": N_("发送中"),
    "sent": N_("已发送"),
    "parked": N_("已搁置"),
    "cancelled": N_("已取消"),
}

MOST_TRIES = 8
# A message that was refused itself is tried again after so many minutes; the last one stays.
WAITS = (1, 2, 5, 10, 20, 40, 60)
# A server that cannot be reached is tried again soon, and no message counts that as a try.
LONGEST_OUTAGE_WAIT = 10

# --- what a person may choose ----------------------------------------------------------------

# Notices of steps, by what happened; the part of the notice's kind after the last underscore decides.
TOPICS = {
    "returned": N_("退回修改、要求整改，专家评价的邀请和提问"),
    "approved": N_("审核通过、批复和认定"),
    "submitted": N_("有材料送审，等我办理"),
    "other": N_("其他通知"),
}
USUAL_TOPICS = ("returned", "approved")
_TOPIC_OF = {
    "return": "returned",
    "decline": "returned",
    "revoke": "returned",
    "open": "returned",
    "approve": "approved",
    "confirm": "approved",
    "accept": "approved",
    "submit": "submitted",
    "answer": "submitted",
    "propose": "submitted",
    "invite": "returned",
    "ask": "returned",
    "ready": "submitted",
}
DIGEST_HOURS = tuple(range(7, 21))

_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+"
)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def is_email(text: str) -> bool:
    """Tell whether this is a plain ASCII e-mail address, with nothing in it that could end a header."""
    local, _at, host = text.rpartition("@")
    return (
        len(text) <= 200
        and len(local) <= 64
        and bool(_EMAIL.fullmatch(text))
        and all(_LABEL.fullmatch(label) for label in host.split("."))
    )


def topic_of(kind: str) -> str:
    """Return under which choice of the preferences a notice of this kind falls."""
    return _TOPIC_OF.get(kind.rpartition("_")[2], "other")


def wants(preferences: Mapping[str, Any], topic: str) -> bool:
    """Tell whether a person wants an e-mail about such notices; what was never chosen is as usual."""
    chosen = preferences.get("mail_topics")
    return topic in (USUAL_TOPICS if chosen is None else chosen)


def wants_reminders(preferences: Mapping[str, Any]) -> bool:
    """Tell whether a person wants e-mail about what is no duty of law."""
    return bool(preferences.get("mail_reminders", True))


def mail_due(due_at: dt.datetime, preferences: Mapping[str, Any], zone: dt.tzinfo) -> dt.datetime:
    """Return when an e-mail is to leave: not before the hour the person chose, and always on the same day."""
    hour = preferences.get("mail_hour")
    if hour not in DIGEST_HOURS:
        return due_at
    local = due_at.astimezone(zone)
    return max(due_at, local.replace(hour=int(hour), minute=0, second=0, microsecond=0).astimezone(dt.UTC))


# --- endpoints ---------------------------------------------------------------------------------


def asked_for(kinds: Iterable[str], duty: str) -> bool:
    """Tell whether an endpoint wants to hear of a duty; an empty list means every one."""
    wanted = list(kinds)
    return not wanted or duty in wanted


def known_kinds(kinds: Iterable[str]) -> list[str]:
    """Return the duties among these words, in their usual order."""
    wanted = set(kinds)
    return [duty for duty in DUTIES if duty in wanted]


# --- trying again ------------------------------------------------------------------------------


def wait_after(tries: int, chance: float) -> dt.timedelta:
    """Return how long to wait after so many tries. ``chance`` from 0 to 1 spreads them over ± 20 percent."""
    minutes = WAITS[min(tries, len(WAITS)) - 1]
    return dt.timedelta(minutes=minutes * (0.8 + 0.4 * chance))


def outage_wait(failures: int, chance: float) -> dt.timedelta:
    """Return how long a server that did not answer is left alone: at most ten minutes, however long it was away."""
    minutes = min(2 ** (min(max(failures, 1), 5) - 1), LONGEST_OUTAGE_WAIT)
    return dt.timedelta(minutes=minutes * (0.8 + 0.2 * chance))

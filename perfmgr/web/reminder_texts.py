"""Reminders in words: which occasion one was for, why it was not sent, and what it is about."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from flask import Flask

from perfmgr import times
from perfmgr.rules import messages, notice_groups, reminder_steps, reminders
from perfmgr.rules.dates import chinese
from perfmgr.rules.texts import N_
from perfmgr.web import subjects
from perfmgr.web.language import english, gettext
from perfmgr.web.reminder_preview import AUDIENCES
from perfmgr.web.reminder_words import WEEKDAYS

# The colour class of a state; words always stand beside the colour.
TONES = {
    "pending": "plain",
    "claimed": "waiting",
    "sent": "good",
    "failed": "bad",
    "skipped": "plain",
    "paused": "waiting",
}
MESSAGE_TONES = {"waiting": "plain", "claimed": "waiting", "sent": "good", "parked": "bad", "cancelled": "plain"}

OCCASIONS = {
    "start": N_("事项开始"),
    "before": N_("截止前 %(n)s 天"),
    "due": N_("截止当天"),
    "after": N_("逾期第 %(n)s 天"),
    "escalate": N_("第 %(n)s 次告知上级"),
}
BEFORE_WORKDAYS = N_("截止前 %(n)s 个工作日")
ALL_REASONS = {**reminders.REASONS, **reminder_steps.PAUSES}
STEPS = {
    "resend": N_("再次发送"),
    "pause": N_("暂停"),
    "unpause": N_("恢复"),
    "acknowledge": N_("登记知悉"),
    "change": N_("修改规则"),
    "restore": N_("恢复通用规则"),
    "switch_off": N_("停用规则"),
    "switch_on": N_("启用规则"),
}


def occasion(occurrence: str, workdays: bool = False) -> str:
    """Return the occasion of an occurrence (``before-7@2026-03-31#2``); ``workdays``: the rule counts in them."""
    kind, _dash, number = reminder_steps.first_of(occurrence).partition("@")[0].partition("-")
    if kind not in OCCASIONS:
        return occurrence
    template = BEFORE_WORKDAYS if workdays and kind == "before" else OCCASIONS[kind]
    return gettext(template, n=number)


def reason_text(state: str, code: str, note: str = "") -> str:
    """Return why a reminder was not sent; nothing for one that was or simply waits."""
    words = gettext(ALL_REASONS[code]) if code in ALL_REASONS else code
    if state == "sent":
        return ""
    if words and note:
        return words + gettext("（原因：%(note)s）", note=note)
    return words or note


def title_of(params: dict[str, Any]) -> str:
    """Return the name of what a reminder is about."""
    return str(params.get("title") or "") or gettext("全部事项")


def by_day(rows: Iterable[Any]) -> list[tuple[dt.date, list[Any]]]:
    """Return notices by the day they came, in their order."""
    return [(day, list(some)) for day, some in groupby(rows, key=lambda notice: times.day(notice.created_at))]


def day_name(day: dt.date) -> str:
    """Return a day as the head of a list says it: today and yesterday by name."""
    names = {0: N_("今天"), 1: N_("昨天")}
    ago = (times.today() - day).days
    written = day.isoformat() if english() else chinese(day)
    weekday = gettext(WEEKDAYS[day.isoweekday()])
    return f"{gettext(names[ago])} · {written}" if ago in names else f"{written} · {weekday}"


def step_text(step: str) -> str:
    """Return what a step in the history of a reminder or rule is called."""
    return gettext(STEPS[step]) if step in STEPS else step


def init_app(app: Flask) -> None:
    """Make everything here known to the templates."""
    app.jinja_env.globals.update(
        DUTIES=reminders.DUTIES,
        REMINDER_STATES=reminders.STATES,
        REMINDER_TONES=TONES,
        CHANNELS=messages.CHANNELS,
        MESSAGE_STATES=messages.STATES,
        MESSAGE_TONES=MESSAGE_TONES,
        AUDIENCES=AUDIENCES,
        NOTICE_GROUPS=notice_groups.GROUPS,
        by_day=by_day,
        day_name=day_name,
        notice_group=notice_groups.group_of,
        occasion=occasion,
        reminder_reason=reason_text,
        reminder_steps=reminder_steps.steps_for,
        reminder_step_name=step_text,
        reminder_title=title_of,
        sending_number=reminder_steps.number_of,
        subject_address=subjects.address,
    )

"""Forms: an area's version of a reminder rule. What is typed is read by ``rules.reminder_settings``, which names it."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField

from perfmgr.rules.numbers import parse_count
from perfmgr.rules.reminder_settings import LABELS, SUPERIORS
from perfmgr.rules.reminders import Settings
from perfmgr.rules.roles import ROLES
from perfmgr.rules.texts import half_width
from perfmgr.web.forms.fields import BaseForm, ChoiceField, LineField
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext as _l

LISTS = ("before", "after")
NUMBERS = ("until", "wait", "grace", "escalate_after", "escalate_every", "escalate_times")
TIMES = ("hour", "quiet_from", "quiet_to")
FLAGS = ("at_start", "before_workdays", "on_day", "only_workdays", "digest")
_BETWEEN = re.compile(r"[\s,;、，；/]+")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.点时](\d{1,2})?分?)?")


def _label(key: str) -> Any:
    return _l(LABELS[key])


class RuleForm(BaseForm):
    """Days, hours, escalation of one rule; everything as text or tick."""

    at_start = BooleanField(_label("at_start"))
    before = LineField(_label("before"))
    before_workdays = BooleanField(_label("before_workdays"))
    on_day = BooleanField(_label("on_day"))
    after = LineField(_label("after"))
    until = LineField(_label("until"))
    wait = LineField(_label("wait"))
    hour = LineField(_label("hour"))
    quiet_from = LineField(_label("quiet_from"))
    quiet_to = LineField(_label("quiet_to"))
    only_workdays = BooleanField(_label("only_workdays"))
    digest = BooleanField(_label("digest"))
    grace = LineField(_label("grace"))
    escalate_after = LineField(_label("escalate_after"))
    escalate_every = LineField(_label("escalate_every"))
    escalate_times = LineField(_label("escalate_times"))
    escalate_to = ChoiceField(_label("escalate_to"))

    weekdays: tuple[int, ...] = ()

    def settings(self) -> dict[str, Any]:
        """Return what was typed as data of a rule; what is no number stays text, and is refused by the rules."""
        found: dict[str, Any] = {name: bool(self[name].data) for name in FLAGS}
        found |= {name: _numbers(self[name].data or "") for name in LISTS}
        found |= {name: _number(self[name].data or "") for name in NUMBERS if (self[name].data or "").strip()}
        found |= {name: _time(self[name].data or "") for name in TIMES}
        found["weekdays"] = list(self.weekdays)
        found["escalate_to"] = self.escalate_to.data or ""
        return found


def _numbers(text: str) -> list[Any]:
    parts = [part for part in _BETWEEN.split(half_width(text).strip()) if part]
    return [_number(part) for part in parts]


def _number(text: str) -> Any:
    text = half_width(text).strip().rstrip("天日次个")
    number = parse_count(text)
    return text if number is None else number


def _time(text: str) -> str | None:
    """Return an hour as 09:00 (9, 9:5, 9点 are meant so); anything else as it was typed, nothing as None."""
    text = half_width(text).replace("：", ":").strip()
    match = _CLOCK.fullmatch(text)
    return f"{int(match[1]):02}:{int(match[2] or 0):02}" if match else text or None


def made(posted: Mapping[str, str] | None, settings: Settings) -> RuleForm:
    """Return the form with what was posted, or as the rule is in force."""
    form = RuleForm(posted) if posted is not None else RuleForm(data=_values(settings))
    form.escalate_to.choices = [(role, _(ROLES[role])) for role in SUPERIORS]
    if posted is not None:
        form.weekdays = tuple(day for day in range(1, 8) if posted.get(f"weekday_{day}"))
    else:
        form.weekdays = settings.weekdays
    return form


def _values(settings: Settings) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(settings, name) for name in (*FLAGS, "escalate_to")}
    values |= {name: f"{at:%H:%M}" if (at := getattr(settings, name)) else "" for name in TIMES}
    values |= {name: "、".join(str(n) for n in getattr(settings, name)) for name in LISTS}
    return values | {name: str(getattr(settings, name)) for name in NUMBERS}

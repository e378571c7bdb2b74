"""Reading a reminder rule's settings: plain data in, settings and everything wrong with them out."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from perfmgr.rules.findings import Finding
from perfmgr.rules.reminders import DUTIES, WITHOUT_LAST_DAY, Settings
from perfmgr.rules.roles import ADMINISTRATOR, DEPARTMENT_REVIEWER, FINANCE_REVIEWER
from perfmgr.rules.texts import N_, Term

SUPERIORS = (DEPARTMENT_REVIEWER, FINANCE_REVIEWER, ADMINISTRATOR)
LABELS = {
    "name": N_("规则名称"),
    "name_en": N_("规则英文名称"),
    "at_start": N_("事项开始当日提醒"),
    "before": N_("截止前提醒"),
    "before_workdays": N_("截止前按工作日计算"),
    "on_day": N_("截止当日提醒"),
    "after": N_("逾期后提醒"),
    "weekdays": N_("逾期后每周提醒日"),
    "until": N_("逾期后提醒天数上限"),
    "wait": N_("办理时限（工作日）"),
    "hour": N_("提醒时间"),
    "quiet_from": N_("免打扰开始"),
    "quiet_to": N_("免打扰结束"),
    "only_workdays": N_("只在工作日提醒"),
    "digest": N_("合并为一条"),
    "grace": N_("宽限天数"),
    "escalate_after": N_("逾期多少个工作日后告知上级"),
    "escalate_every": N_("每隔多少个工作日再次告知上级"),
    "escalate_times": N_("告知上级次数"),
    "escalate_to": N_("告知的上级岗位"),
    "by_law": N_("法定事项"),
}
MOST_DAYS = 12
_FLAGS = ("at_start", "before_workdays", "on_day", "only_workdays", "digest", "by_law")
# Least and most of the single numbers, and of those in a list.
_NUMBERS = {
    "until": (1, 180),
    "wait": (0, 60),
    "grace": (0, 60),
    "escalate_after": (0, 60),
    "escalate_every": (0, 60),
    "escalate_times": (1, 12),
}
_LISTS = {"before": (1, 366), "after": (1, 180), "weekdays": (1, 7)}
_TIMES = ("hour", "quiet_from", "quiet_to")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class _Reader:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.findings: list[Finding] = []

    def refuse(self, message: str, field: str, /, **params: Any) -> None:
        self.findings.append(Finding("REMINDER", message, field, params=params))

    def flag(self, key: str, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        self.refuse(N_("“%(label)s”应为是或否。"), key, label=Term(LABELS[key]))
        return None

    def number(self, key: str, value: Any) -> Any:
        low, high = _NUMBERS[key]
        if _whole(value) and low <= value <= high:
            return value
        self.refuse(
            N_("“%(label)s”应为 %(low)s 到 %(high)s 之间的整数。"), key, label=Term(LABELS[key]), low=low, high=high
        )
        return None

    def numbers(self, key: str, value: Any) -> Any:
        low, high = _LISTS[key]
        given = value if isinstance(value, list | tuple) else None
        if given is None or not all(_whole(item) and low <= item <= high for item in given):
            self.refuse(
                N_("“%(label)s”应为 %(low)s 到 %(high)s 之间的整数，多个用逗号分开。"),
                key,
                label=Term(LABELS[key]),
                low=low,
                high=high,
            )
            return None
        if len(set(given)) > MOST_DAYS:
            self.refuse(N_("“%(label)s”最多填 %(most)s 个。"), key, label=Term(LABELS[key]), most=MOST_DAYS)
            return None
        return tuple(sorted(set(given), reverse=key == "before"))

    def wall_clock(self, key: str, value: Any) -> Any:
        found = _TIME.fullmatch(value) if isinstance(value, str) else None
        if found:
            return time(int(found[1]), int(found[2]))
        self.refuse(N_("“%(label)s”应写成 09:00 的样子。"), key, label=Term(LABELS[key]))
        return None

    def word(self, key: str, value: Any) -> Any:
        if key != "escalate_to":
            return str(value).strip()[:60]
        if value in ("", *SUPERIORS):
            return value
        self.refuse(N_("“%(label)s”请从列表中选择。"), key, label=Term(LABELS[key]))
        return None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def read(duty: str, data: Mapping[str, Any]) -> tuple[Settings, list[Finding]]:
    """Return the settings of a rule for this kind of duty, and what is wrong with them.

    What the data leave out is as usual (``Settings``); a null quiet hour means none. A value that
    cannot be read is as usual too, and named by a finding whose field is its key.
    """
    reader = _Reader(data)
    found: dict[str, Any] = {}
    for key, value in data.items():
        if key not in LABELS:
            reader.refuse(N_("没有名为“%(key)s”的提醒设置，请删去或改正。"), str(key)[:40], key=str(key)[:40])
        elif value is None or value == "":
            if key in ("quiet_from", "quiet_to"):
                found[key] = None
        elif (value := _read_one(reader, key, value)) is not None:
            found[key] = value
    settings = Settings(**found)
    if duty not in DUTIES:
        reader.refuse(N_("请从列表中选择要提醒的事项。"), "duty")
    if not reader.findings:
        _check_together(reader, duty, settings)
    return settings, reader.findings


def _read_one(reader: _Reader, key: str, value: Any) -> Any:
    if key in _FLAGS:
        return reader.flag(key, value)
    if key in _NUMBERS:
        return reader.number(key, value)
    if key in _LISTS:
        return reader.numbers(key, value)
    return reader.wall_clock(key, value) if key in _TIMES else reader.word(key, value)


def _check_together(reader: _Reader, duty: str, settings: Settings) -> None:
    if (settings.quiet_from is None) != (settings.quiet_to is None):
        reader.refuse(N_("免打扰时段的开始和结束应同时填写，或同时留空。"), "quiet_from")
    elif settings.quiet_from is not None and settings.quiet_from == settings.quiet_to:
        reader.refuse(N_("免打扰时段的开始和结束不能相同，请改其中一个，或同时留空。"), "quiet_to")
    if duty in WITHOUT_LAST_DAY and not settings.wait:
        reader.refuse(N_("“%(duty)s”没有统一的截止日期，请填写办理时限。"), "wait", duty=Term(DUTIES[duty]))
    if settings.escalate_after and not settings.escalate_to:
        reader.refuse(N_("请选择逾期后告知哪个上级岗位。"), "escalate_to")
    own = settings.at_start or settings.before or settings.on_day or settings.after or settings.weekdays
    if not own and not settings.escalate_after:
        reader.refuse(N_("这条规则不会提醒任何人，请至少选择一个提醒时点。"), "before")

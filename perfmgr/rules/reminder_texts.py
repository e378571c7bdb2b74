"""What a reminder says: one duty, several together, overdue, or told to the superior."""

from collections.abc import Callable, Mapping
from typing import Any

from perfmgr.rules.reminders import DUTIES
from perfmgr.rules.texts import N_

SEVERAL = "reminders"
_ONE = "reminder_"

_OPEN = N_("请%(duty)s：“%(title)s”（%(year)s 年度）。")
_DUE = N_("请%(duty)s：“%(title)s”（%(year)s 年度），截止 %(due_on)s。")
_LATE = N_("已逾期 %(days)s 天，请尽快%(duty)s：“%(title)s”（%(year)s 年度），截止日期为 %(due_on)s。")
_ESCALATED = N_("请督促办理：%(unit)s“%(title)s”（%(year)s 年度）需要%(duty)s，截止 %(due_on)s，已逾期 %(days)s 天。")
_TOGETHER = N_("您有 %(count)s 项工作待办理，最早 %(due_on)s 截止：“%(title)s”等。")
_TOGETHER_OPEN = N_("您有 %(count)s 项工作待办理：“%(title)s”等。")
_TOGETHER_LATE = N_("您有 %(count)s 项工作待办理，其中 %(late)s 项已逾期：“%(title)s”等。")
_TOGETHER_ESCALATED = N_(
    "您有 %(count)s 项工作待办理或督促，其中 %(late)s 项已逾期、%(escalated)s 项请您督促他人：“%(title)s”等。"
)
_UNCERTAIN = N_("（相关年度的放假安排尚未录入，期限暂按周一至周五推算。）")


def kind_of(duty: str) -> str:
    """Return the kind of notice that reminds of one duty."""
    return _ONE + duty


def is_reminder(kind: str) -> bool:
    """Tell whether a notice of this kind reminds of duties."""
    return kind == SEVERAL or (kind.startswith(_ONE) and kind[len(_ONE) :] in DUTIES)


def sentence(kind: str, params: Mapping[str, Any], translate: Callable[[str], str] = str) -> str:
    """Return what a reminder says; ``params`` as ``actions.reminders_due`` writes them."""
    words = {"title": "", "year": "", "unit": "", "due_on": "", "days": 0, "count": 0, "late": 0, **params}
    if kind == SEVERAL:
        text = translate(_several(words)) % words
    else:
        words["duty"] = translate(DUTIES[kind[len(_ONE) :]])
        text = translate(_one(words)) % words
    return text + translate(_UNCERTAIN) if params.get("uncertain") else text


def _one(words: Mapping[str, Any]) -> str:
    if words.get("escalated"):
        return _ESCALATED
    if words["late"]:
        return _LATE
    return _DUE if words["due_on"] else _OPEN


def _several(words: Mapping[str, Any]) -> str:
    if words.get("escalated"):
        return _TOGETHER_ESCALATED
    if words["late"]:
        return _TOGETHER_LATE
    return _TOGETHER if words["due_on"] else _TOGETHER_OPEN

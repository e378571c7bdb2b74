"""Notices: the sentences people are told, on pages and in messages, and where each leads to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from perfmgr.rules.cycles import WINDOWS
from perfmgr.rules.reminder_texts import is_reminder
from perfmgr.rules.reminder_texts import sentence as reminder_sentence
from perfmgr.rules.reminders import DUTIES
from perfmgr.rules.texts import N_, clean_line

NOTICES = {
    "declaration_submit": N_("“%(title)s”%(year)s 年度绩效目标已由 %(by)s 送审，请审核。"),
    "declaration_return": N_("“%(title)s”%(year)s 年度绩效目标被 %(by)s 退回，请修改后重新送审。"),
    "declaration_approve": N_("“%(title)s”%(year)s 年度绩效目标已由 %(by)s 审核通过。"),
    "adjustment_submit": N_("“%(title)s”%(year)s 年度绩效目标的调整已由 %(by)s 送审，请审核。"),
    "adjustment_return": N_("“%(title)s”%(year)s 年度绩效目标的调整被 %(by)s 退回，请修改后重新送审。"),
    "adjustment_approve": N_("“%(title)s”%(year)s 年度绩效目标的调整已由 %(by)s 审核通过。"),
    "budget_approve": N_("“%(title)s”%(year)s 年度预算已由 %(by)s 批复。"),
    "budget_revoke": N_("“%(title)s”%(year)s 年度预算批复已被 %(by)s 撤销。"),
    "evaluation_submit": N_("“%(title)s”%(year)s 年度绩效自评已由 %(by)s 送审，请复核。"),
    "evaluation_return": N_("“%(title)s”%(year)s 年度绩效自评被 %(by)s 退回，请修改后重新送审。"),
    "evaluation_confirm": N_("“%(title)s”%(year)s 年度绩效自评已由 %(by)s 完成复核。"),
    "monitoring_submit": N_("“%(title)s”%(year)s 年度绩效运行监控表已由 %(by)s 送审，请审核。"),
    "monitoring_return": N_("“%(title)s”%(year)s 年度绩效运行监控表被 %(by)s 退回，请修改后重新送审。"),
    "monitoring_approve": N_("“%(title)s”%(year)s 年度绩效运行监控表已由 %(by)s 审核通过。"),
    "rectification_open": N_("“%(title)s”%(year)s 年度绩效评价须整改，请在 %(due_on)s 前报送结果。"),
    "rectification_answer": N_("“%(title)s”%(year)s 年度的整改结果已由 %(by)s 报送，请认定。"),
    "rectification_return": N_("“%(title)s”%(year)s 年度的整改结果被 %(by)s 退回，请补充后重新报送。"),
    "rectification_accept": N_("“%(title)s”%(year)s 年度的整改已由 %(by)s 认定完成。"),
    "evaluation_spot_check": N_("“%(title)s”%(year)s 年度绩效自评已由 %(by)s 完成抽查。"),
    "appraisal_invite": N_(
        "请您担任“%(title)s”%(year)s 年度绩效评价的专家：先声明有无利益冲突，%(due_on)s 前完成评分。"
    ),
    "appraisal_recuse": N_("%(by)s 因利益关系回避“%(title)s”%(year)s 年度绩效评价，可以增加专家。"),
    "appraisal_ready": N_("“%(title)s”%(year)s 年度绩效评价的专家评分已全部提交，请汇总。"),
    "appraisal_close": N_("“%(title)s”%(year)s 年度绩效评价的评分已由 %(by)s 结束，未提交的不再接收。"),
    "appraisal_cancel": N_("“%(title)s”%(year)s 年度绩效评价已由 %(by)s 撤销。"),
    "appraisal_ask": N_("“%(title)s”%(year)s 年度绩效评价有新的问题，请答复。"),
    "appraisal_answer": N_("“%(title)s”%(year)s 年度绩效评价的问题已由 %(by)s 答复。"),
    "appraisal_conclude": N_("“%(title)s”%(year)s 年度绩效评价已由 %(by)s 形成报告。"),
    "library_propose": N_("%(by)s 把自建指标“%(title)s”申报进入通用指标库，请审核。"),
    "library_approve": N_("您申报的指标“%(title)s”已由 %(by)s 批准入库，全体可用。"),
    "library_decline": N_("您申报的指标“%(title)s”没有入库，%(by)s 写了意见。"),
    "exception_made": N_("“%(title)s”%(year)s 年度“%(window)s”另行安排时间，改为 %(first)s 至 %(due_on)s。"),
    "exception_ended": N_("“%(title)s”%(year)s 年度“%(window)s”的例外时间已取消，改为 %(first)s 至 %(due_on)s。"),
    "evaluations_due": N_("%(year)s 年度绩效自评：您有 %(count)s 份待填写，截止 %(due_on)s。"),
}

# A kind of reminder without a sentence of its own is told with what every duty has.
DUTY = N_("%(duty)s：“%(title)s”%(year)s 年度，截止 %(due_on)s。")
DUTY_WITHOUT_DAY = N_("%(duty)s：“%(title)s”%(year)s 年度。")
PLAIN = N_("“%(title)s”%(year)s 年度有新的通知，请登录系统查看。")

ONE_ITEM = N_("绩效管理：%(text)s")
SEVERAL_ITEMS = N_("绩效管理：您有 %(count)s 项待办事项")
LONGEST_SUBJECT = 70

# The page of each kind of record; what has none leads to the to-do list.
PATHS = {
    "declaration": "/declarations/{id}",
    "evaluation": "/evaluations/{id}",
    "monitoring": "/monitorings/{id}",
    "budget": "/budgets/{id}",
    "rectification": "/rectifications/{id}",
    "appraisal": "/appraisals/{id}",
    "library": "/library/{id}",
    "project": "/projects/{id}",
    "window": "/calendar",
}


def sentence(kind: str, params: Mapping[str, Any], translate: Callable[[str], str] = str) -> str:
    """Return what a notice says; ``kind`` may end in the duty a reminder is about."""
    words = {"title": "", "year": "", "by": "", "count": "", "due_on": "", **params}
    if is_reminder(kind):
        return reminder_sentence(kind, params, translate)
    if "window" in words:
        words["window"] = translate(WINDOWS.get(words["window"], words["window"]))
    if kind in NOTICES:
        return translate(NOTICES[kind]) % words
    duty = next((name for name in DUTIES if kind == name or kind.endswith((f"_{name}", f".{name}"))), "")
    if not duty:
        return translate(PLAIN) % words
    words["duty"] = translate(DUTIES[duty])
    return translate(DUTY if words["due_on"] else DUTY_WITHOUT_DAY) % words


def path(subject_kind: str, subject_id: int) -> str:
    """Return the path of the page a notice is about."""
    return PATHS.get(subject_kind, "/").format(id=subject_id)


def subject(texts: Sequence[str], translate: Callable[[str], str] = str) -> str:
    """Return the subject line of a message with these sentences."""
    if len(texts) != 1:
        return translate(SEVERAL_ITEMS) % {"count": len(texts)}
    line = clean_line(translate(ONE_ITEM) % {"text": texts[0]})
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"

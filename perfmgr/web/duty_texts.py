"""How duties and holidays are called on pages and in subscriptions, and where a duty is done."""

from typing import Any

from perfmgr.rules.texts import N_
from perfmgr.web.language import english, gettext

SUBJECT_NAMES = {
    "project": N_("绩效目标"),
    "declaration": N_("绩效目标"),
    "budget": N_("预算"),
    "evaluation": N_("绩效自评"),
    "monitoring": N_("运行监控"),
    "rectification": N_("整改"),
    "sample": N_("抽查样本"),
    "appraisal": N_("专家评价"),
    "appraisal_expert": N_("专家评价"),
    "appraisal_question": N_("专家评价"),
}
SUBJECT_PAGES = {
    **{name: f"/{name}s/%s" for name in SUBJECT_NAMES},
    "sample": "/evaluations/%s/review",
    "appraisal_expert": "/appraisals/%s",
    "appraisal_question": "/appraisals/%s",
}


def subject_name(subject: str, adjusting: Any = None) -> str:
    """Return what kind of record a duty is about."""
    return gettext("绩效目标调整") if adjusting else gettext(SUBJECT_NAMES[subject])


def duty_address(row: Any) -> str:
    """Return the page on which a duty of the to-do list is done."""
    return SUBJECT_PAGES[row.subject] % row.id


def holiday_name(name: str) -> str:
    """Return the name of a holiday, or of two that fall together, in the page's language."""
    return (", " if english() else "、").join(gettext(part) for part in name.split("、")) if name else ""

"""What an evaluation by experts is called on pages: colours of states, duties."""

from perfmgr.rules.texts import N_

TONES = {
    "marking": "waiting",
    "consolidating": "waiting",
    "concluded": "good",
    "cancelled": "plain",
    "invited": "plain",
    "excluded": "plain",
    "missed": "bad",
    "asked": "waiting",
}

DUTY_NAMES = {
    ("appraisal", "consolidating"): N_("汇总评分并形成报告"),
    ("appraisal_expert", "invited"): N_("声明有无利益冲突"),
    ("appraisal_expert", "marking"): N_("评分并提交"),
    ("appraisal_question", "asked"): N_("答复专家的问题"),
}

"""What an evaluation by experts is called on pages: colours of states, duties, notices."""

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

NOTICES = {
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
}

"""Reminders: who is told of which duty, when, and how often."""

from perfmgr.rules.texts import N_

# What somebody may owe. The first five are the filler's, the others those of whom it waits for.
DUTIES = {
    "declaring": N_("申报绩效目标"),
    "monitoring": N_("填报运行监控"),
    "evaluating": N_("填报绩效自评"),
    "resubmitting": N_("修改退回材料"),
    "rectifying": N_("落实整改"),
    "reviewing": N_("审核材料"),
    "approving": N_("批复目标和预算"),
    "accepting": N_("验收整改"),
}
STATES = {
    "pending": N_("待发送"),
    "claimed": N_("发送中"),
    "sent": N_("已发送"),
    "failed": N_("发送失败"),
    "skipped": N_("未发送"),
    "paused": N_("已暂停"),
}

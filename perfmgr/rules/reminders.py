"""Reminders: who is told of which duty, when, and how often."""

from dataclasses import dataclass
from datetime import time

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
# Duties for which no window sets a last day: only the time somebody may take for them does.
WITHOUT_LAST_DAY = ("reviewing", "approving", "accepting")

STATES = {
    "pending": N_("待发送"),
    "claimed": N_("发送中"),
    "sent": N_("已发送"),
    "failed": N_("发送失败"),
    "skipped": N_("未发送"),
    "paused": N_("已暂停"),
}
# Why a line of the ledger was not sent.
REASONS = {
    "done": N_("事项已办结，不再提醒。"),
    "person": N_("此人已不再办理这件事。"),
    "moved": N_("截止日期已变更，按新的日期提醒。"),
    "rule": N_("提醒规则已变更。"),
    "rule_off": N_("提醒规则已停用，启用后恢复。"),
    "superseded": N_("同一事项已有更晚的提醒，不再补发这一条。"),
    "error": N_("发送时出错。"),
}
# A line that was not sent for one of these reasons is taken up again when the reason no longer holds.
REVIVED = ("done", "person", "moved", "rule", "rule_off")

# What the ledger adds to an occurrence when an administrator sends it once more.
AGAIN = "#"
# The last day of a person's absence, in the preferences: what falls due until then waits. By unit, where the
# administrator who noted it is not over all posts of the person.
AWAY, AWAY_UNTIL, AWAY_IN = "away", "reminders_paused_until", "reminders_paused_in"

# So many notices of reminders a person gets one by one on one day; what is more comes together in one.
MOST_SINGLE = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How one rule reminds. Days are calendar days unless said otherwise; times are Beijing's.

    ``at_start``: on the day the duty begins; ``before``: days before the last day, counted in
    working days with ``before_workdays``; ``on_day``: on the last day; ``after``: days after it;
    ``weekdays`` (1 Monday … 7 Sunday): each of these after the last day, up to ``until`` days
    after it. ``wait``: the duty's last day is so many working days after its beginning, whatever
    its window says; 0: the window's. Between ``quiet_from`` and ``quiet_to`` nothing is sent.
    ``grace``: days after the last day in which nothing is called late. After ``escalate_after``
    working days over the last day the superior is told, then every ``escalate_every`` working days,
    ``escalate_times`` times in all; 0 for the first: never. ``by_law``: nobody can decline it.
    """

    name: str = ""
    name_en: str = ""
    at_start: bool = False
    before: tuple[int, ...] = ()
    before_workdays: bool = False
    on_day: bool = False
    after: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    until: int = 30
    wait: int = 0
    hour: time = time(9)
    quiet_from: time | None = time(20)
    quiet_to: time | None = time(8)
    only_workdays: bool = False
    digest: bool = True
    grace: int = 0
    escalate_after: int = 0
    escalate_every: int = 0
    escalate_times: int = 1
    escalate_to: str = ""
    by_law: bool = False

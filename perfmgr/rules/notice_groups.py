"""Notices: the groups they are shown in."""

from perfmgr.rules.texts import N_

REMINDERS, AWAITING, RESULTS = "reminders", "awaiting", "results"
GROUPS = {REMINDERS: N_("到期提醒"), AWAITING: N_("等我审核"), RESULTS: N_("办理结果")}

# Kinds that say that something waits for whoever is told; what the clock tells begins with ``reminder``.
_AWAITING = (
    "declaration_submit",
    "adjustment_submit",
    "evaluation_submit",
    "monitoring_submit",
    "rectification_answer",
    "appraisal_invite",
    "appraisal_ready",
    "appraisal_ask",
    "library_propose",
)
_REMINDERS = ("evaluations_due",)
REMINDER_START = "reminder"


def kinds_of(group: str) -> tuple[str, ...]:
    """Return the kinds of a group that are known by name; ``results`` has what no other group has."""
    return {REMINDERS: _REMINDERS, AWAITING: _AWAITING, RESULTS: (*_REMINDERS, *_AWAITING)}[group]


def group_of(kind: str) -> str:
    """Return the group of a kind of notice."""
    if kind in _REMINDERS or kind.startswith(REMINDER_START):
        return REMINDERS
    return AWAITING if kind in _AWAITING else RESULTS

"""Rectifications: what kinds there are, and what is opened by itself from a poor grade."""

import datetime as dt

from perfmgr.rules.texts import N_

# What a rectification rests on, as the field's ledgers tell them apart (§4 of the field's rules).
TYPES = {
    "monitoring": N_("绩效监控"),
    "self_evaluation": N_("绩效自评"),
    "department_evaluation": N_("部门评价"),
    "finance_evaluation": N_("财政评价"),
}
FINISHED = "accepted"


def overdue(due_on: dt.date, state: str, today: dt.date) -> bool:
    """Tell whether the deadline has passed and the rectification is not finished."""
    return state != FINISHED and due_on < today


def due_after(day: dt.date, days: int) -> dt.date:
    """Return the last day of a deadline of so many days."""
    return day + dt.timedelta(days=days)

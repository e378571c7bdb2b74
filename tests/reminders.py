"""Reminders for tests: a rule and lines of the ledger, as the clock writes them."""

import datetime as dt
from typing import Any

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.reminder import Reminder, ReminderRule

NOON = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)  # 12:00 in Beijing


@action
def rule(unit_id: int, code: str = "试验规则", duty: str = "evaluating", **settings: Any) -> int:
    """Add a rule of an area; returns its id."""
    made = ReminderRule(
        unit_id=unit_id, code=code, duty=duty, settings={"name": "绩效自评到期", "before": [7], **settings}
    )
    db.session.add(made)
    db.session.flush()
    return made.id


@action
def line(rule_id: int, person_id: int, unit_id: int, **values: Any) -> int:
    """Add one line of the ledger, by default due at NOON and waiting; returns its id."""
    usual: dict[str, Any] = {
        "duty": "evaluating",
        "subject_kind": "evaluation",
        "subject_id": 1,
        "occurrence": "before-7@2026-03-09",
        "year": 2025,
        "due_on": dt.date(2026, 3, 9),
        "due_at": NOON,
        "params": {"title": "社区服务经费"},
        "created_at": times.now(),
    }
    made = Reminder(rule_id=rule_id, person_id=person_id, unit_id=unit_id, **{**usual, **values})
    db.session.add(made)
    db.session.flush()
    return made.id

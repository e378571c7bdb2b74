"""Reminders that fall due: planning the lines of the ledger, and telling people."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.reminder import ReminderRule


@action
def take_in(built_in: Iterable[tuple[str, str, dict[str, Any]]]) -> int:
    """Store the built-in rules (code, duty, settings) that are missing or were changed; returns how many.

    Whether one was switched off stays as it is; areas change a rule by one of their own with its code.
    """
    known = {rule.code: rule for rule in db.session.scalars(select(ReminderRule).where(ReminderRule.unit_id.is_(None)))}
    changed = 0
    for code, duty, settings in built_in:
        rule = known.get(code)
        if rule is None:
            db.session.add(ReminderRule(code=code, duty=duty, settings=settings))
        elif (rule.duty, rule.settings) != (duty, settings):
            rule.duty, rule.settings = duty, settings
        else:
            continue
        changed += 1
    return changed

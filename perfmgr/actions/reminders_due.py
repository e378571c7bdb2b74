"""Reminders that fall due: planning the lines of the ledger, and telling people."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from perfmgr.actions import _reminder_issue, _reminder_plan
from perfmgr.actions._action import action
from perfmgr.actions._reminder_plan import Planned
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


def plan_due(now: dt.datetime, dry_run: bool = False) -> Planned:
    """Bring the ledger up to date: lines for the next days are written, moved with their duty, or dropped.

    - A duty's last day moves: lines that wait move with it. Who was told of the old day is told of
      the new one as it approaches, for the day belongs to a line's name.
    - A duty is done, somebody does it no more, a rule changed: the line is dropped, and says why.
      When the reason no longer holds it waits again.
    - After a pause of the clock only the newest time that was missed gets a line, and none that lies
      before the last time the person was told.

    Returns how many lines were added, moved and dropped. Twice, and by many clocks at once, is harmless.
    """
    return _reminder_plan.plan(now, dry_run)


def issue_due(now: dt.datetime, dry_run: bool = False) -> int:
    """Tell everybody what is due by now, each line once; returns how many lines were told.

    In one transaction for about a thousand lines: they are claimed, looked at again (a duty that is
    done, or moved, is not told), written as notices on the site, and put into the outbox of messages.
    A process that dies in between has told nothing.
    """
    return _reminder_issue.issue(now, dry_run)

"""The ledger of the demonstration: what the clock would have told by now, and what an administrator did with it."""

import datetime as dt

from sqlalchemy import select

from perfmgr.actions import reminder_rules, reminders, reminders_due
from perfmgr.extensions import db
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.queries import _area_rules
from perfmgr.queries.people import Viewer

# The area gives its reviewers less time than is usual.
CODE, WAIT = "reviewing", 3


def build(area: Unit, by: Viewer, now: dt.datetime) -> None:
    """Tell everybody what is due by now, and let the administrator use every means of the ledger once."""
    _own_rule(area, by)
    # Tomorrow's and the day after's lines are in the ledger as well; they wait.
    reminders_due.plan_due(now)
    reminders_due.issue_due(now)
    waiting = _lines("pending")
    if waiting:
        reminders.pause(waiting[-1], "已与填报人电话沟通，本周内报送。", by)
    sent = _lines("sent")
    if sent:
        reminders.acknowledge(sent[0], by, "电话确认已收到。", now)
        reminders.resend(sent[-1], by, "本人说没有看到。", now)
        reminders_due.issue_due(now)


def _own_rule(area: Unit, by: Viewer) -> None:
    one = _area_rules.find(CODE, area)
    if one is not None:
        reminder_rules.change(area, one, {**one.rule.settings, "wait": WAIT}, by)


def _lines(state: str) -> list[Reminder]:
    return list(
        db.session.scalars(select(Reminder).where(Reminder.state == state).order_by(Reminder.due_at, Reminder.id))
    )

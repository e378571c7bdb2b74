"""Holding the reminder rules still: while a clock writes lines by them nobody changes them, and the other way round."""

from sqlalchemy import text

from perfmgr.extensions import db
from perfmgr.queries import reminders

# On SQLite whoever writes is alone in any case.
_SHARED = text("LOCK TABLE reminder_rule IN SHARE MODE")
_ALONE = text("LOCK TABLE reminder_rule IN SHARE ROW EXCLUSIVE MODE")


def hold_rules() -> reminders.Stamp:
    """Let nobody change a rule until this (writing) transaction ends; returns which rules there are now.

    Clocks hold them together. Who planned by rules with another stamp has to look again.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(_SHARED)
    return reminders.stamp()


def hold_rules_alone() -> None:
    """Wait until no clock and no other administrator is at the rules, and keep them off until the transaction ends."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(_ALONE)

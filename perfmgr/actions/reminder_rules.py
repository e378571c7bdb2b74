"""Reminder rules: an area's own version of one, switching it off and on, and going back to the usual one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.orm import aliased

from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._reminder_hold import hold_rules_alone
from perfmgr.extensions import db
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.models.unit import Unit
from perfmgr.queries import _reminder_ledger as ledger
from perfmgr.queries._area_rules import InForce
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.reminder_settings import read
from perfmgr.rules.reminder_steps import number_of, repetition
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_

# What an area does not decide: what the rule is called, and whether the law wants it.
FIXED = ("name", "name_en", "by_law")
_MEANWHILE = N_("这条规则刚刚已由他人修改，请刷新页面后再改。")


def checked(usual: ReminderRule, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings an area wants, with what it does not decide as in the rule it starts from.

    Raises Invalid with everything that is wrong with them.
    """
    fixed = {key: usual.settings[key] for key in FIXED if key in usual.settings}
    wanted = {**{key: value for key, value in settings.items() if key not in FIXED}, **fixed}
    found, findings = read(usual.duty, wanted)
    if not findings and found.by_law and not (found.before or found.on_day):
        sentence = N_("法定事项至少要在截止前或截止当天提醒一次，请填写“截止前提醒”或勾选“截止当日提醒”。")
        findings = [Finding("REMINDER", sentence, "before")]
    if findings:
        raise Invalid(findings)
    return wanted


@action
def change(at: Unit, one: InForce, settings: Mapping[str, Any], by: Viewer, version: int | None = None) -> ReminderRule:
    """Give an area these settings for a rule; the history keeps those before and after.

    Raises Invalid with everything wrong, Conflict when somebody else changed the rule meanwhile.
    """
    require_role(by, at.path, {ADMINISTRATOR})
    require_version(one.rule, version)
    wanted = checked(one.rule, settings)
    details = _details(one.rule, one.rule.settings, wanted)
    rule = _own(at, one)
    rule.settings = wanted
    write_event("reminder_rule", at.id, "change", by, details=details)
    return rule


def _details(rule: ReminderRule, *settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": rule.code, "duty": rule.duty, "settings": [dict(some) for some in settings]}


@action
def switch(at: Unit, one: InForce, on: bool, by: Viewer, note: str = "", version: int | None = None) -> ReminderRule:
    """Switch a rule on or off in an area. Raises Refused for what the law wants; twice is harmless."""
    require_role(by, at.path, {ADMINISTRATOR})
    require_version(one.rule, version)
    if not on and one.rule.settings.get("by_law"):
        raise Refused(N_("这是法定事项的提醒，不能停用；可以修改提醒的时间和次数。"))
    if one.rule.active == on:
        return one.rule
    rule = _own(at, one)
    rule.active = on
    step = "switch_on" if on else "switch_off"
    write_event("reminder_rule", at.id, step, by, comment=note, details=_details(rule))
    return rule


@action
def restore(at: Unit, one: InForce, by: Viewer, version: int | None = None) -> ReminderRule:
    """Let the usual rule (or that of the area above) hold again; what was sent stays in the ledger."""
    require_role(by, at.path, {ADMINISTRATOR})
    if not one.own or one.usual is None:
        raise Conflict(N_("这里用的就是通用规则，没有要恢复的。"))
    require_version(one.rule, version)
    hold_rules_alone()
    if {one.rule.id, one.usual.id} - set(db.session.scalars(select(ReminderRule.id))):
        raise Conflict(_MEANWHILE)
    _hand_over(one.rule, one.usual, at)
    db.session.delete(one.rule)
    details = _details(one.usual, one.rule.settings, one.usual.settings)
    write_event("reminder_rule", at.id, "restore", by, details=details)
    return one.usual


def _own(at: Unit, one: InForce) -> ReminderRule:
    """Return the area's own version of a rule, made from the one that holds if there is none."""
    if one.own:
        return one.rule
    hold_rules_alone()
    # Another administrator may have made one, or taken away the one above, since the page was opened.
    taken = select(ReminderRule.id).where(ReminderRule.unit_id == at.id, ReminderRule.code == one.rule.code)
    holds = select(ReminderRule.id).where(ReminderRule.id == one.rule.id)
    if db.session.scalar(taken) or not db.session.scalar(holds):
        raise Conflict(_MEANWHILE)
    rule = ReminderRule(
        unit_id=at.id,
        code=one.rule.code,
        duty=one.rule.duty,
        settings=dict(one.rule.settings),
        active=one.rule.active,
    )
    db.session.add(rule)
    db.session.flush()
    _hand_over(one.rule, rule, at)
    return rule


def _hand_over(old: ReminderRule, new: ReminderRule, at: Unit) -> None:
    """Let the area's lines of the ledger belong to the new rule: what was told by the old one is not told again.

    The caller holds the rules alone, so no clock adds a line by the old rule meanwhile. Where the new
    rule has a line of the same name already, from when a unit was elsewhere, both are kept: what was
    told is told, and what waits beside it is not.
    """
    there, same = aliased(Reminder), ("person_id", "subject_kind", "subject_id", "occurrence")
    moving = (Reminder.rule_id == old.id, Reminder.unit_id.in_(unit_ids([at.path])))
    clash = and_(there.rule_id == new.id, *(getattr(there, name) == getattr(Reminder, name) for name in same))
    for line, other in db.session.execute(select(Reminder, there).join(there, clash).where(*moving)).all():
        _let_be(line, other)
    db.session.flush()
    db.session.execute(
        update(Reminder).where(*moving).values(rule_id=new.id).execution_options(synchronize_session=False)
    )


def _let_be(line: Reminder, other: Reminder) -> None:
    """Give one of two lines of the same name the name of a repetition, and let it not be sent a second time."""
    number = max(number_of(row.occurrence) for one in (line, other) for row in ledger.repetitions(one)) + 1
    line.occurrence = repetition(line.occurrence, number)
    for waiting, told in ((line, other), (other, line)):
        if waiting.sent_at is None and (told.sent_at or waiting is line):
            waiting.state, waiting.reason = "skipped", "superseded"

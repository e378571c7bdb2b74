"""The reminder rules as they hold in one area: its own version of a rule, or the nearest above, or the usual one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import joinedload

from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.models.person import Person
from perfmgr.models.reminder import ReminderRule
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ids_on, ranges
from perfmgr.rules.reminders import DUTIES
from perfmgr.rules.roles import ADMINISTRATOR

KINDS = ("area", "department")


@dataclass(frozen=True, slots=True)
class InForce:
    """The rule of one code that holds in an area. ``own``: the area's own version; ``usual``: what it stands for."""

    rule: ReminderRule
    own: bool
    usual: ReminderRule | None


def areas(by: Viewer) -> Sequence[Unit]:
    """Return the areas and departments for which this administrator may set rules: where they are appointed."""
    ids = [post.unit_id for post in by.posts if post.role == ADMINISTRATOR and post.kind in KINDS]
    return db.session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.path)).all()


def area(unit_id: int, by: Viewer) -> Unit | None:
    """Return an area or department within this administrator's units, or None."""
    mine = ranges(Unit.path, by.paths({ADMINISTRATOR}))
    return db.session.scalar(select(Unit).where(Unit.id == unit_id, Unit.kind.in_(KINDS), mine))


def in_force(at: Unit) -> list[InForce]:
    """Return the rules that hold in an area, in the order of the duties; one query."""
    above = ids_on(at.path)
    rows = db.session.scalars(
        select(ReminderRule)
        .where(or_(ReminderRule.unit_id.is_(None), ReminderRule.unit_id.in_(above)))
        .options(joinedload(ReminderRule.unit))
    ).all()
    by_code: dict[str, list[ReminderRule]] = {}
    for rule in sorted(rows, key=lambda rule: above.index(rule.unit_id) + 1 if rule.unit_id else 0, reverse=True):
        by_code.setdefault(rule.code, []).append(rule)
    order = list(DUTIES)
    found = [InForce(some[0], some[0].unit_id == at.id, next(iter(some[1:]), None)) for some in by_code.values()]
    return sorted(found, key=lambda one: (order.index(one.rule.duty), one.rule.code))


def find(code: str, at: Unit) -> InForce | None:
    """Return the rule of this code that holds in an area, or None."""
    return next((one for one in in_force(at) if one.rule.code == code), None)


def history(unit_id: int, code: str = "") -> Sequence[Row[Any]]:
    """Return what was changed in an area's rules (of one code), newest first."""
    rows = db.session.execute(
        select(Event.step, Event.at, Event.comment, Event.details, Person.name)
        .outerjoin(Person, Person.id == Event.person_id)
        .where(Event.subject_kind == "reminder_rule", Event.subject_id == unit_id)
        .order_by(Event.id.desc())
        .limit(200)
    ).all()
    return [row for row in rows if not code or (row.details or {}).get("code") == code]

"""Adjustments (调整): changing approved targets in the middle of the year, by the same route, money and goal together."""

import datetime as dt

from perfmgr import times
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._copy import copy_content
from perfmgr.actions._move import lock, take_step
from perfmgr.actions.budgets import follow_targets
from perfmgr.actions.versions import freeze
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.version import content_of
from perfmgr.queries import adjustments, budgets, versions
from perfmgr.queries.people import Viewer
from perfmgr.rules.adjustments import check_grounds
from perfmgr.rules.money import wan
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, clean
from perfmgr.rules.versions import count_changes
from perfmgr.rules.workflow import FILLER_STATES

ALREADY_OPEN = N_("这份申报已有一份调整正在办理，请先办完或放弃它。")


@action
def start(
    declaration: Declaration,
    reason: str,
    basis: str,
    by: Viewer,
    now: dt.datetime | None = None,
    version: int | None = None,
) -> Declaration:
    """Begin an adjustment of approved targets: a declaration of its own that begins with what is in force.

    The approved targets stay in force until finance approves the adjustment. Raises Conflict
    when they are not approved or are being adjusted already, Invalid without reason and basis.
    """
    require_role(by, declaration.unit.path, {FILLER})
    lock(declaration)
    now = now or times.now()
    if declaration.adjusts_id is not None or declaration.state != "approved":
        raise Conflict(N_("只有已批复的绩效目标可以调整；尚未批复的请撤回或由审核人退回后修改。"))
    if adjustments.open_of(declaration.id) is not None:
        raise Conflict(ALREADY_OPEN)
    require_version(declaration, version)
    require_adjustable(declaration, now)
    reason, basis = _grounds(reason, basis)
    adjustment = Declaration(
        project=declaration.project,
        cycle=declaration.cycle,
        unit=declaration.unit,
        department=declaration.department,
        year=declaration.year,
        scheme_id=declaration.scheme_id,
        adjusts=declaration,
        adjust_reason=reason,
        adjust_basis=basis,
        state="draft",
        to_check=[],
        filled_by_id=by.id,
        updated_at=now,
    )
    copy_content(declaration, adjustment)
    db.session.add(adjustment)
    if versions.in_force(declaration.id) is None:
        freeze(declaration, "before", by, now)
    db.session.flush()
    write_event("declaration", adjustment.id, "start", by, at=now, state_to="draft", comment=reason)
    write_event("declaration", declaration.id, "adjust", by, at=now, comment=reason, details={"adjust_basis": basis})
    return adjustment


def _grounds(reason: str, basis: str) -> tuple[str, str]:
    reason, basis = clean(reason), clean(basis)
    missing = check_grounds(reason, basis)
    if missing:
        raise Invalid(missing)
    return reason, basis


@action
def save_grounds(adjustment: Declaration, reason: str, basis: str, by: Viewer, version: int | None = None) -> None:
    """Change why and on what legal basis the targets are adjusted, while the preparer works on it."""
    require_role(by, adjustment.unit.path, {FILLER})
    if adjustment.adjusts_id is None or adjustment.state not in FILLER_STATES:
        raise Conflict(N_("这份调整现在不能修改。"))
    require_version(adjustment, version)
    adjustment.adjust_reason, adjustment.adjust_basis = _grounds(reason, basis)
    adjustment.updated_at, adjustment.filled_by_id = times.now(), by.id


@action
def drop(adjustment: Declaration, by: Viewer, version: int | None = None, now: dt.datetime | None = None) -> bool:
    """Give an adjustment up: what was approved stays in force. False when a double click did it already."""
    now = now or times.now()
    if adjustment.adjusts_id is None:
        require_role(by, adjustment.unit.path, {FILLER})
        raise Conflict(N_("这是一份申报，不是调整，不能放弃；从未送审的草稿可以删除。"))
    moved = take_step(
        "adjustment",
        adjustment,
        "drop",
        by,
        title=adjustment.project.name,
        version=version,
        now=now,
        subject_kind="declaration",
        notice_kind="adjustment",
    )
    if moved:
        adjustment.updated_at = now
        write_event("declaration", adjustment.root_id, "drop", by, at=now)
    return moved


def require_adjustable(declaration: Declaration, now: dt.datetime) -> None:
    """Raise Invalid with the reason when the year's targets cannot be adjusted any more."""
    finding = adjustments.why_not(declaration, times.day(now))
    if finding:
        raise Invalid([finding])


def require_changes(adjustment: Declaration) -> None:
    """Raise Refused when the adjustment says what is in force already."""
    base = versions.in_force(adjustment.root_id)
    grounds = {name: getattr(adjustment, name) for name in ("adjust_reason", "adjust_basis")}
    if base is not None and not count_changes({**base.content, **grounds}, content_of(adjustment)):
        raise Refused(N_("调整内容与批复的目标完全相同，请先修改需要调整的内容，或放弃这份调整。"), code="ADJUST")


def put_in_force(adjustment: Declaration, by: Viewer, now: dt.datetime) -> None:
    """Let the approved declaration say what the adjustment says, and the budget follow the new money.

    Part of the transaction of the approval by finance.
    """
    original = db.session.get_one(Declaration, adjustment.root_id)
    lock(original)
    before = original.annual_amount
    copy_content(adjustment, original)
    original.adjust_reason, original.adjust_basis = adjustment.adjust_reason, adjustment.adjust_basis
    original.updated_at = now
    db.session.flush()
    freeze(original, "adjust", by, now)
    amounts = (
        {"annual_amount": [wan(before), wan(original.annual_amount)]} if original.annual_amount != before else None
    )
    write_event("declaration", original.id, "adjusted", by, at=now, comment=adjustment.adjust_reason, details=amounts)
    line = budgets.of_project(original.project_id, original.year)
    if line is not None and amounts:
        follow_targets(line, original.annual_amount, by)

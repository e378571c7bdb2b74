"""What the verbs of an evaluation by experts share: telling people, inviting experts, ending the marking."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from perfmgr.actions import messages
from perfmgr.actions._action import write_event
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalExpert
from perfmgr.queries import appraisals
from perfmgr.queries.people import Viewer
from perfmgr.rules.appraisals import EXPECTED, ORGANISER, all_in
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.texts import N_, Term
from perfmgr.rules.workflow import STATES

NOT_NOW = N_("本次评价当前为“%(state)s”，不能再进行此项操作，请刷新页面查看最新情况。")
NOT_YOURS = N_("您不是本次评价的专家，或您的岗位不能进行此项操作。")


def require_state(appraisal: Appraisal, *states: str) -> None:
    """Raise Conflict when the evaluation is in none of these states."""
    if appraisal.state not in states:
        raise Conflict(NOT_NOW, state=Term(STATES["appraisal"][appraisal.state]))


def require_organiser(appraisal: Appraisal, by: Viewer) -> None:
    """Raise NotAllowed for whom it is not to organise this evaluation."""
    if appraisals.standing(appraisal, by).who != ORGANISER:
        raise NotAllowed(NOT_YOURS)


def own_sheet(appraisal: Appraisal, by: Viewer) -> AppraisalExpert:
    """Return the expert's own sheet; raises NotAllowed for whoever is no expert of the evaluation."""
    own = appraisals.standing(appraisal, by).own
    if own is None:
        raise NotAllowed(NOT_YOURS)
    return own


def tell(
    appraisal: Appraisal,
    kind: str,
    people: Iterable[int],
    by: Viewer,
    occurrence: str,
    now: dt.datetime,
    /,
    **more: Any,
) -> None:
    """Write a notice for each of these people but the one who acts. Nothing about marks belongs into one."""
    params = {"title": appraisal.title, "year": appraisal.year, "by": by.name, "comment": "", **more}
    item = {"kind": kind, "subject_kind": "appraisal", "subject_id": appraisal.id, "params": params}
    messages.tell(sorted(set(people) - {by.id}), item, occurrence, now)


def invite(appraisal: Appraisal, person_ids: Collection[int], by: Viewer, now: dt.datetime) -> None:
    """Add experts who may be chosen and are not yet among them, and tell them."""
    wanted = set(person_ids)
    there = [expert.person_id for expert in appraisal.experts]
    allowed = {person.id for person in appraisals.candidates(appraisal.evaluation, there)}
    if not wanted:
        raise Refused(N_("请至少选择一位评价专家。"), field="experts")
    if not wanted <= allowed:
        message = N_("所选人员中有人不能担任本次评价的专家：须为启用的评价专家，在本单位没有其他岗位，且尚未列入。")
        raise Refused(message, field="experts")
    for person_id in sorted(wanted):
        appraisal.experts.append(AppraisalExpert(person_id=person_id, updated_at=now, conflict="", opinion=""))
    db.session.flush()
    event = write_event("appraisal", appraisal.id, "invite", by, at=now)
    db.session.flush()
    tell(appraisal, "appraisal_invite", wanted, by, str(event.id), now, due_on=appraisal.due_on.isoformat())


def end_marking(appraisal: Appraisal, now: dt.datetime) -> None:
    """Open the marks to the organiser: who has not submitted by now no longer can."""
    for expert in appraisal.experts:
        if expert.state in EXPECTED:
            expert.state, expert.updated_at = "missed", now
    appraisal.closed_at = appraisal.updated_at = now


def end_when_all_in(appraisal: Appraisal, by: Viewer, now: dt.datetime, occurrence: str) -> None:
    """End the marking when nobody's marks are missing any more, and tell the organisers."""
    db.session.flush()
    least = appraisals.rubric_of(appraisal).panel.least
    if not all_in(appraisals.expert_states(appraisal.id), least):
        return
    appraisal.state, appraisal.closed_at, appraisal.updated_at = "consolidating", now, now
    tell(appraisal, "appraisal_ready", appraisals.organisers(appraisal), by, occurrence, now)

"""One expert's part of an evaluation: declaring interests, marking, submitting the marks once."""

import datetime as dt
from collections.abc import Sequence

from perfmgr import times
from perfmgr.actions._action import action, require_version, write_event
from perfmgr.actions._appraisal_rows import end_when_all_in, own_sheet, require_state, tell
from perfmgr.actions._move import lock
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalExpert, AppraisalMark
from perfmgr.queries import appraisals
from perfmgr.queries.people import Viewer
from perfmgr.rules.appraisals import MarkDraft, check_marks
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.texts import N_, Term, clean
from perfmgr.rules.workflow import STATES

SAME_CLICK = dt.timedelta(seconds=10)


@action
def declare(
    appraisal: Appraisal, by: Viewer, *, conflict: bool, reason: str = "", now: dt.datetime | None = None
) -> None:
    """Declare one's interests. Without conflict the marking begins; with one the expert is out, for good.

    A second declaration raises Conflict, whatever it says.
    """
    now, reason = now or times.now(), clean(reason)
    lock(appraisal)
    own = own_sheet(appraisal, by)
    require_state(appraisal, "marking")
    if own.state != "invited":
        raise Conflict(N_("您已经作过声明，不能更改。"))
    if conflict and not reason:
        raise Refused(N_("请写明存在何种利益关系。"), field="reason")
    own.state, own.conflict = ("excluded", reason) if conflict else ("marking", "")
    own.declared_at = own.updated_at = now
    step = "recuse" if conflict else "declare"
    event = write_event("appraisal", appraisal.id, step, by, at=now, comment=own.conflict)
    if conflict:
        db.session.flush()
        told = appraisals.organisers(appraisal)
        tell(appraisal, "appraisal_recuse", told, by, str(event.id), now, comment=reason)


@action
def save(
    appraisal: Appraisal, drafts: Sequence[MarkDraft], opinion: str, by: Viewer, version: int | None = None
) -> None:
    """Save an expert's marks so far; nobody else sees them. Raises Invalid for marks no item can have."""
    _save(appraisal, drafts, opinion, by, version, times.now(), whole=False)


def _save(
    appraisal: Appraisal,
    drafts: Sequence[MarkDraft],
    opinion: str,
    by: Viewer,
    version: int | None,
    now: dt.datetime,
    *,
    whole: bool,
) -> AppraisalExpert:
    own = own_sheet(appraisal, by)
    require_state(appraisal, "marking")
    if own.state != "marking":
        raise Conflict(N_("您的评分当前为“%(state)s”，不能修改。"), state=Term(STATES["appraisal_expert"][own.state]))
    require_version(own, version)
    rubric = appraisals.rubric_of(appraisal)
    if len(drafts) != len(rubric.items):
        raise Conflict(N_("提交的评分与评价指标表不一致，请刷新页面后重新填写。"))
    drafts = [MarkDraft(draft.marks, clean(draft.reason)) for draft in drafts]
    findings = check_marks(rubric, drafts, whole=whole)
    if findings:
        raise Invalid(findings)
    rows = {row.code: row for row in own.marks}
    for item, draft in zip(rubric.items, drafts, strict=True):
        row = rows.get(item.code)
        if row is None:
            row = AppraisalMark(code=item.code)
            own.marks.append(row)
        row.marks, row.reason = draft.marks, draft.reason
    own.opinion, own.updated_at = clean(opinion), now
    return own


@action
def submit(
    appraisal: Appraisal,
    drafts: Sequence[MarkDraft],
    opinion: str,
    by: Viewer,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Submit an expert's marks, once; the last one opens them all to the organiser. False after a double click."""
    now = now or times.now()
    lock(appraisal)
    own = own_sheet(appraisal, by)
    db.session.refresh(own, ["state", "version", "submitted_at"])
    if own.state == "submitted" and own.submitted_at and now - own.submitted_at < SAME_CLICK:
        return False
    _save(appraisal, drafts, opinion, by, version, now, whole=True)
    own.state, own.submitted_at = "submitted", now
    event = write_event("appraisal", appraisal.id, "mark", by, at=now)
    db.session.flush()
    end_when_all_in(appraisal, by, now, str(event.id))
    return True

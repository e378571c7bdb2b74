"""Questions of a panel to the unit, and their answers."""

import datetime as dt

from perfmgr import times
from perfmgr.actions._action import action, require_role
from perfmgr.actions._appraisal_rows import NOT_YOURS, require_state, tell
from perfmgr.actions._move import lock
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalQuestion
from perfmgr.queries import appraisals, people
from perfmgr.queries.people import Viewer
from perfmgr.rules.appraisals import EXPERT, ORGANISER, RUNNING
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, Term, clean

LONGEST = 2000


def _require_short(text: str, field: str, label: str) -> None:
    if len(text) > LONGEST:
        message = N_("“%(label)s”超出 %(over)s 字，最多 %(limit)s 字，请删减。")
        raise Refused(message, field=field, label=Term(label), over=len(text) - LONGEST, limit=LONGEST)


@action
def ask(appraisal: Appraisal, question: str, by: Viewer, now: dt.datetime | None = None) -> AppraisalQuestion:
    """Ask the unit something, as its organiser or as an expert without conflict; the unit's preparers are told."""
    now, question = now or times.now(), clean(question)
    stand = appraisals.standing(appraisal, by)
    if stand.who not in (ORGANISER, EXPERT):
        raise NotAllowed(NOT_YOURS)
    lock(appraisal)
    require_state(appraisal, *RUNNING)
    if stand.own is not None and stand.own.state not in ("marking", "submitted"):
        raise Conflict(N_("请先声明有无利益冲突；已回避的不再参加评价。"))
    if not question:
        raise Refused(N_("“问题”不能为空，请写明要单位说明什么。"), field="question")
    _require_short(question, "question", N_("提问"))
    row = AppraisalQuestion(
        appraisal_id=appraisal.id,
        asked_by_id=by.id,
        by_expert=stand.who == EXPERT,
        question=question,
        asked_at=now,
        answer="",
    )
    db.session.add(row)
    db.session.flush()
    # Who asks is not said: the unit answers the panel, not one of its experts.
    told = people.holders(appraisal.unit.path, {FILLER})
    tell(appraisal, "appraisal_ask", told, by, f"q{row.id}", now, by="")
    return row


@action
def answer(question: AppraisalQuestion, text: str, by: Viewer, now: dt.datetime | None = None) -> None:
    """Answer a question for the unit, once; everybody who takes part is told and sees it."""
    now, text = now or times.now(), clean(text)
    appraisal = question.appraisal
    require_role(by, appraisal.unit.path, {FILLER})
    lock(appraisal)
    db.session.refresh(question, ["answer", "answered_at"], with_for_update=True)
    require_state(appraisal, *RUNNING)
    if question.answered_at is not None:
        raise Conflict(N_("这个问题已经答复。"))
    if not text:
        raise Refused(N_("“答复”不能为空，请写明情况。"), field="answer")
    _require_short(text, "answer", N_("答复"))
    question.answer, question.answered_by_id, question.answered_at = text, by.id, now
    experts = [expert.person_id for expert in appraisal.experts if expert.state in ("marking", "submitted")]
    tell(appraisal, "appraisal_answer", [*experts, *appraisals.organisers(appraisal)], by, f"a{question.id}", now)

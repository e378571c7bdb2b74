"""Questions of a panel to the unit: asking, and answering."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import appraisal_questions as actions
from perfmgr.queries import appraisals
from perfmgr.rules.refusals import Refused
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.views.appraisals import page

views = Blueprint("appraisal_questions", __name__, url_prefix="/appraisals")


def _to(appraisal_id: int) -> ResponseReturnValue:
    return redirect(url_for("appraisals.show", appraisal_id=appraisal_id, _anchor="questions"), 303)


def _typed(name: str) -> str:
    return request.form.get(name, "")


@views.post("/<id:appraisal_id>/questions")
def create(appraisal_id: int) -> ResponseReturnValue:
    """Ask the unit something."""
    appraisal = found(appraisals.find(appraisal_id, viewer()))
    try:
        actions.ask(appraisal, _typed("question"), viewer())
    except Refused as refusal:
        if refusal.status == 403:
            raise
        flash_refusal(refusal)
        return page(appraisal, refusal.status, question=_typed("question"))
    flash(_("问题已发给实施单位的填报人。"), "success")
    return _to(appraisal.id)


@views.post("/questions/<id:question_id>/answer")
def answer(question_id: int) -> ResponseReturnValue:
    """Answer a question for the unit."""
    question = found(appraisals.find_question(question_id, viewer()))
    try:
        actions.answer(question, _typed("answer"), viewer())
    except Refused as refusal:
        if refusal.status == 403:
            raise
        flash_refusal(refusal)
        again = found(appraisals.find(question.appraisal_id, viewer()))
        return page(again, refusal.status, answers={question_id: _typed("answer")})
    flash(_("答复已发出，参加评价的专家和组织人都能看到。"), "success")
    return _to(question.appraisal_id)

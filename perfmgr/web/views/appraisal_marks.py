"""An expert's sheet: the declaration of interests first, then marks as a draft, submitted once."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import appraisal_marks as actions
from perfmgr.models.appraisal import Appraisal, AppraisalExpert
from perfmgr.queries import appraisals, attachments
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_
from perfmgr.web.asked import found
from perfmgr.web.forms.appraisal_marks import DeclarationForm, MarksForm, marks_values
from perfmgr.web.forms.fields import version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("appraisal_marks", __name__, url_prefix="/appraisals/<id:appraisal_id>")


def _find(appraisal_id: int) -> tuple[Appraisal, AppraisalExpert]:
    """Return the evaluation and one's own sheet; whoever is no expert of it finds nothing here."""
    appraisal = found(appraisals.find(appraisal_id, viewer()))
    return appraisal, found(appraisals.standing(appraisal, viewer()).own)


def _to(endpoint: str, appraisal_id: int) -> ResponseReturnValue:
    return redirect(url_for(endpoint, appraisal_id=appraisal_id), 303)


@views.post("/interests")
def declare(appraisal_id: int) -> ResponseReturnValue:
    """Declare that there is no conflict of interests, or which."""
    appraisal, own = _find(appraisal_id)
    form = DeclarationForm(request.form)
    context = {"appraisal": appraisal, "own": own}
    if not form.validate():
        return render_template("appraisal_marks/declare.html", form=form, **context), 422
    conflict = form.interest.data == "conflict"
    try:
        actions.declare(appraisal, viewer(), conflict=conflict, reason=form.reason.data or "")
    except Refused as refusal:
        return show_refusal("appraisal_marks/declare.html", refusal, form, **context)
    if conflict:
        flash(_("已登记回避，组织人已收到您的说明。"), "success")
        return _to("appraisals.show", appraisal_id)
    flash(_("已登记无利益冲突，可以开始评分。"), "success")
    return _to("appraisal_marks.edit", appraisal_id)


def _form(appraisal: Appraisal, own: AppraisalExpert, typed: Any = None) -> MarksForm:
    return MarksForm(typed, data=marks_values(appraisals.rubric_of(appraisal), own))


def _context(appraisal: Appraisal, own: AppraisalExpert) -> dict[str, Any]:
    rubric = appraisals.rubric_of(appraisal)
    return {
        "appraisal": appraisal,
        "own": own,
        "rubric": rubric,
        "questions": appraisals.questions(appraisal.id),
        "files": attachments.of_evaluated(appraisal.evaluation),
    }


@views.get("/marks")
def edit(appraisal_id: int) -> ResponseReturnValue:
    """Show the sheet while it can be filled in."""
    appraisal, own = _find(appraisal_id)
    if own.state != "marking" or appraisal.state != "marking":
        return redirect(url_for("appraisals.show", appraisal_id=appraisal_id))
    return render_template("appraisal_marks/edit.html", form=_form(appraisal, own), **_context(appraisal, own))


def _save(appraisal_id: int, act: Callable[..., Any], told: str, next_page: str) -> ResponseReturnValue:
    appraisal, own = _find(appraisal_id)
    form = _form(appraisal, own, request.form)
    if own.state == "marking" and not form.validate():
        return render_template("appraisal_marks/edit.html", form=form, **_context(appraisal, own)), 422
    try:
        act(appraisal, form.drafts(), form.opinion.data or "", viewer(), version_of(request.form))
    except Refused as refusal:
        if own.state != "marking" or appraisal.state != "marking":
            raise
        return show_refusal("appraisal_marks/edit.html", refusal, form, **_context(appraisal, own))
    flash(_(told), "success")
    return _to(next_page, appraisal_id)


@views.post("/marks")
def update(appraisal_id: int) -> ResponseReturnValue:
    """Save the marks so far."""
    return _save(appraisal_id, actions.save, N_("评分草稿已保存，只有您本人能看到。"), "appraisal_marks.edit")


@views.post("/marks/submission")
def submission(appraisal_id: int) -> ResponseReturnValue:
    """Submit the marks."""
    return _save(appraisal_id, actions.submit, N_("评分已提交，不能再修改。"), "appraisals.show")

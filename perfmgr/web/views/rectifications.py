"""Rectifications: the year's ledger, opening one, answering it, judging the answer."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import rectifications as actions
from perfmgr.documents.rectifications import ledger
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.rectification import Rectification
from perfmgr.queries import attachments, evaluations, events, rectifications
from perfmgr.rules.rectifications import TYPES, overdue
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_
from perfmgr.rules.workflow import FILLER_STATES, MOVES, STATES, steps_for
from perfmgr.web.asked import flash_refusal, found, list_filters
from perfmgr.web.downloads import attachment
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.rectifications import AnswerForm, DemandForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("rectifications", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _find(rectification_id: int) -> Rectification:
    return found(rectifications.find(rectification_id, viewer()))


def _to(record: Rectification) -> ResponseReturnValue:
    return redirect(url_for("rectifications.show", rectification_id=record.id), 303)


@views.get("/rectifications")
def index() -> ResponseReturnValue:
    """Show one page of the year's ledger, what is due first at the top."""
    by = viewer()
    filters, choices = list_filters(by, STATES["rectification"], TYPES, usual="evaluated")
    page, counts, late = rectifications.page(by, filters, times.today())
    return render_template(
        "rectifications/index.html", filters=filters, page=page, counts=counts, late=late, choices=choices
    )


@views.get("/rectifications/export.xlsx")
def export() -> ResponseReturnValue:
    """Send the whole ledger as a workbook."""
    by = viewer()
    filters, _choices = list_filters(by, STATES["rectification"], TYPES, usual="evaluated")
    data = ledger(rectifications.stream(by, filters), times.today())
    headers = attachment(f"{filters.year}年度整改台账.xlsx", f"rectifications-{filters.year}.xlsx")
    return Response(data, mimetype=XLSX, headers=headers)


# --- opening ----------------------------------------------------------------------------------


def _evaluation(evaluation_id: int) -> Evaluation:
    return found(evaluations.find(evaluation_id, viewer()))


@views.get("/evaluations/<id:evaluation_id>/rectification/new")
def new(evaluation_id: int) -> ResponseReturnValue:
    """Ask for problem, demand and deadline; where nothing can be opened, go to what there is."""
    evaluation = _evaluation(evaluation_id)
    there = rectifications.of_evaluation(evaluation.id)
    if there:
        return redirect(url_for("rectifications.show", rectification_id=there.id))
    allowed = MOVES[evaluation.subject][("submitted", "confirm")].by & viewer().roles_over(evaluation.unit.path)
    if evaluation.state != "confirmed" or not allowed:
        flash(_("复核结果确认之后，由复核人提出整改。"), "warning")
        return redirect(url_for("evaluations.show", evaluation_id=evaluation.id))
    due_on = rectifications.usual_due(evaluation, times.today())
    form = DemandForm(data={"kind": "self_evaluation", "due_on": due_on})
    return render_template("rectifications/new.html", evaluation=evaluation, form=form)


@views.post("/evaluations/<id:evaluation_id>/rectification")
def create(evaluation_id: int) -> ResponseReturnValue:
    """Open the rectification and tell the unit."""
    evaluation = _evaluation(evaluation_id)
    form = DemandForm(request.form)
    if not form.validate() or form.due_on.data is None:
        return render_template("rectifications/new.html", evaluation=evaluation, form=form), 422
    values = (form.kind.data or "", form.problem.data or "", form.demand.data or "", form.due_on.data)
    try:
        record = actions.create(evaluation, *values, viewer())
    except Refused as refusal:
        return show_refusal("rectifications/new.html", refusal, form, evaluation=evaluation)
    flash(_("已提出整改，责任单位的填报人已收到通知。"), "success")
    return _to(record)


# --- one rectification ------------------------------------------------------------------------


def _context(record: Rectification) -> dict[str, Any]:
    roles = viewer().roles_over(record.unit.path)
    steps = steps_for(record.subject, record.state, roles)
    return {
        "record": record,
        "steps": steps,
        "files": attachments.listed(record),
        "late": overdue(record.due_on, record.state, times.today()),
        "history": events.history("rectification", record.id),
    }


@views.get("/rectifications/<id:rectification_id>")
def show(rectification_id: int) -> ResponseReturnValue:
    """Show what is demanded, what was done, and the next step of whoever looks."""
    record = _find(rectification_id)
    form = AnswerForm(data={"measures": record.measures, "evidence": record.evidence})
    return render_template("rectifications/show.html", form=form, **_context(record))


def _answer(rectification_id: int, act: Any, told: str) -> ResponseReturnValue:
    record = _find(rectification_id)
    form = AnswerForm(request.form)
    if record.state in FILLER_STATES and not form.validate():
        return render_template("rectifications/show.html", form=form, **_context(record)), 422
    try:
        act(record, form.measures.data or "", form.evidence.data or "", viewer(), version_of(request.form))
    except Refused as refusal:
        return show_refusal("rectifications/show.html", refusal, form, **_context(record))
    flash(_(told), "success")
    if request.form.get("then") == "files":
        return redirect(url_for("attachments.of_rectification", rectification_id=rectification_id), 303)
    return _to(record)


@views.post("/rectifications/<id:rectification_id>/answer")
def update(rectification_id: int) -> ResponseReturnValue:
    """Save measures and evidence so far."""
    return _answer(rectification_id, actions.save, N_("整改结果已保存，完成后请报送。"))


@views.post("/rectifications/<id:rectification_id>/submission")
def answering(rectification_id: int) -> ResponseReturnValue:
    """Save measures and evidence and hand them to the reviewer."""
    return _answer(rectification_id, actions.answer, N_("整改结果已报送，等待认定。"))


def _judge(rectification_id: int, step: str, told: str) -> ResponseReturnValue:
    record = _find(rectification_id)
    try:
        actions.judge(record, step, viewer(), comment=request.form.get("comment", ""), version=version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        form = AnswerForm(data={"measures": record.measures, "evidence": record.evidence})
        return render_template("rectifications/show.html", form=form, **_context(record)), refusal.status
    flash(_(told), "success")
    return _to(record)


@views.post("/rectifications/<id:rectification_id>/return")
def returning(rectification_id: int) -> ResponseReturnValue:
    """Return the answer with an opinion."""
    return _judge(rectification_id, "return", N_("已退回，责任单位的填报人已收到您的意见。"))


@views.post("/rectifications/<id:rectification_id>/acceptance")
def acceptance(rectification_id: int) -> ResponseReturnValue:
    """Accept: the rectification is finished."""
    return _judge(rectification_id, "accept", N_("已认定完成整改。"))

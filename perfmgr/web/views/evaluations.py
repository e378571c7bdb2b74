"""Self-evaluations: the year's list, the official form, and filling with a live score."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import evaluations as actions
from perfmgr.documents.evaluation_forms import official_form
from perfmgr.documents.evaluations import export_json
from perfmgr.extensions import db
from perfmgr.models.attachment import Attachment
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.review import Review
from perfmgr.queries import attachments, evaluations, events, rectifications, reviews, schemes
from perfmgr.rules.attachments import MEDIA_TYPES
from perfmgr.rules.evaluation_funds import check_funds
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.schemes import KINDS
from perfmgr.rules.scoring import FLAGS, LineScore, SheetScore
from perfmgr.rules.texts import N_
from perfmgr.rules.workflow import FILLER_STATES, MOVES, STATES, steps_for
from perfmgr.web import what_if
from perfmgr.web.asked import flash_refusal, found, list_filters
from perfmgr.web.downloads import attachment
from perfmgr.web.filters import formula
from perfmgr.web.forms.declarations import IndicatorsForm, category_choices, indicator_values
from perfmgr.web.forms.evaluations import EvaluationForm, evaluation_values
from perfmgr.web.forms.fields import version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

SUBMITTED = N_("自评已送审，得分和逐行说明已保存。")

views = Blueprint("evaluations", __name__, url_prefix="/evaluations")


def _find(evaluation_id: int) -> Evaluation:
    return found(evaluations.find(evaluation_id, viewer()))


def _address(evaluation: Evaluation) -> str:
    return url_for("evaluations.show", evaluation_id=evaluation.id)


@views.get("")
def index() -> ResponseReturnValue:
    """Show one page of the year's self-evaluations."""
    by = viewer()
    filters, choices = list_filters(by, STATES["project_evaluation"], KINDS, usual="evaluated")
    page, counts = evaluations.page(by, filters)
    return render_template("evaluations/index.html", filters=filters, page=page, counts=counts, choices=choices)


def _given(evaluation: Evaluation, tiers: Sequence[Review]) -> list[Decimal | None] | None:
    """Return the marks in force of a sheet that was confirmed, where a reviewer may have changed some."""
    return [tiers[-1].marks(line) for line in evaluation.lines] if tiers else None


def _show(evaluation: Evaluation, status: int = 200, refused: list[Any] | None = None) -> ResponseReturnValue:
    roles = viewer().roles_over(evaluation.unit.path)
    editable = evaluation.state in FILLER_STATES and FILLER in roles
    score, funds = evaluations.score(evaluation), evaluations.funds(evaluation)
    tiers = reviews.submitted(evaluation.id) if evaluation.state == "confirmed" else ()
    return (
        render_template(
            "evaluations/show.html",
            evaluation=evaluation,
            scheme=schemes.by_id(evaluation.scheme_id),
            score=score,
            official=official_form(evaluation, schemes.by_id(evaluation.scheme_id), score, funds, tiers),
            funds_by_source=funds,
            prospect=what_if.prospect(evaluation, evaluations.rows_of(evaluation), score, _given(evaluation, tiers)),
            tiers=tiers,
            editable=editable,
            steps=steps_for(evaluation.subject, evaluation.state, roles),
            history=events.history("evaluation", evaluation.id),
            rectification=rectifications.of_evaluation(evaluation.id) if evaluation.state == "confirmed" else None,
            may_rectify=evaluation.state == "confirmed"
            and bool(roles & MOVES[evaluation.subject][("submitted", "confirm")].by),
            refused=[f.sentence(_) for f in refused or []],
        ),
        status,
    )


@views.get("/<id:evaluation_id>")
def show(evaluation_id: int) -> ResponseReturnValue:
    """Show the sheet as the official form, with every line's explanation."""
    return _show(_find(evaluation_id))


@views.get("/<id:evaluation_id>/export.json")
def export(evaluation_id: int) -> ResponseReturnValue:
    """Send the sheet as JSON, in the format that ``perfmgr score`` reads."""
    evaluation = _find(evaluation_id)
    text = export_json(evaluation, schemes.find(evaluation.scheme_id))
    fallback = f"evaluation-{evaluation.year}-{evaluation.id}.json"
    headers = attachment(f"{evaluation.title}{evaluation.year}年度自评.json", fallback)
    return Response(text, mimetype="application/json", headers=headers)


# --- filling ----------------------------------------------------------------------------------


def _form(evaluation: Evaluation, formdata: Any = None) -> EvaluationForm:
    form = EvaluationForm(formdata, data=evaluation_values(evaluation, evaluations.funds(evaluation)))
    tiers = [(tier.code, tier.label) for tier in schemes.by_id(evaluation.scheme_id).tiers]
    known = {proof.attachment_id for line in evaluation.lines for proof in line.proofs}
    listed = [file for file in attachments.listed(evaluation) if file.scan != "infected" or file.id in known]
    files = [(str(file.id), _file_name(file)) for file in listed]
    return form.prepare(tiers, [line.unit for line in evaluation.lines], files)


def _file_name(file: Attachment) -> str:
    if file.scan == "infected":
        return _("%(name)s（发现病毒，不能作为佐证）", name=file.name)
    return _("%(name)s（%(count)s 页）", name=file.name, count=file.pages) if file.pages else file.name


def _texts(evaluation: Evaluation) -> tuple[str, ...]:
    names: tuple[str, ...] = ("goal_actual", "execution_reason")
    return (*names, "problems", "measures") if evaluation.kind == "department" else names


def _edit_context(evaluation: Evaluation, score: SheetScore) -> dict[str, Any]:
    rows = evaluations.rows_of(evaluation)
    return {
        "evaluation": evaluation,
        "scheme": schemes.by_id(evaluation.scheme_id),
        "score": score,
        "hints": what_if.hints(evaluation, rows, score),
        "prospect": what_if.prospect(evaluation, rows, score),
        "accept": ",".join(f".{end}" for end in MEDIA_TYPES),
        "most_mb": current_app.config["MAX_FILE_MB"],
        "funds_note": " ".join(f.sentence(_) for f in check_funds(evaluations.funds(evaluation), evaluation.amounts)),
    }


@views.get("/<id:evaluation_id>/edit")
def edit(evaluation_id: int) -> ResponseReturnValue:
    """Show the form for the filler; a sheet that cannot be changed is only shown."""
    evaluation = _find(evaluation_id)
    roles = viewer().roles_over(evaluation.unit.path)
    if evaluation.state not in FILLER_STATES or FILLER not in roles:
        flash(_("这份自评现在不能修改。"), "warning")
        return redirect(_address(evaluation))
    score, form = evaluations.score(evaluation), _form(evaluation)
    for finding in actions.check_stored(evaluation):
        named = form.field_by_id(finding.field.replace(".", "-"))
        if named is not None:
            named.errors = [*named.errors, finding.sentence(_)]
    return render_template("evaluations/edit.html", form=form, **_edit_context(evaluation, score))


def _save(evaluation: Evaluation, act: Any) -> tuple[Any, ResponseReturnValue | None]:
    """Hand the posted sheet to an action; returns its result, or the page with messages."""
    form = _form(evaluation, request.form)
    context = _edit_context(evaluation, evaluations.score(evaluation))
    if not form.validate():
        return None, (render_template("evaluations/edit.html", form=form, **context), 422)
    if form.stale:
        return None, show_refusal("evaluations/edit.html", Conflict(actions.LINES_CHANGED), form, **context)
    try:
        result = act(
            evaluation,
            form.entries(),
            form.texts(_texts(evaluation)),
            viewer(),
            version_of(request.form),
            funds=form.fund_entries(),
        )
        return result, None
    except Refused as refusal:
        db.session.rollback()
        return None, show_refusal("evaluations/edit.html", refusal, form, **context)


@views.post("/<id:evaluation_id>/edit")
def update(evaluation_id: int) -> ResponseReturnValue:
    """Save what was entered so far."""
    evaluation = _find(evaluation_id)
    _score, problem = _save(evaluation, actions.save)
    if problem is not None:
        return problem
    flash(_("已保存，可以稍后继续填写。"), "success")
    onward = "attachments.of_evaluation" if request.form.get("then") == "files" else "evaluations.edit"
    return redirect(url_for(onward, evaluation_id=evaluation_id), 303)


def _scored(line: LineScore) -> dict[str, Any]:
    flags = [_(FLAGS[flag]) for flag in line.flags]
    return {**line.as_dict(), "formula": formula(line.formula), "flags": flags, "codes": list(line.flags)}


@views.post("/<id:evaluation_id>/preview")
def preview(evaluation_id: int) -> ResponseReturnValue:
    """Answer the score of what is typed, computed by the same engine; nothing is saved."""
    evaluation = _find(evaluation_id)
    form = _form(evaluation, request.form)
    form.validate()
    if form.stale:
        return jsonify(message=_(actions.LINES_CHANGED)), 409
    rows = evaluations.rows_of(evaluation, form.entries())
    score = evaluations.score(evaluation, form.entries())
    prospect = what_if.prospect(evaluation, rows, score)
    return jsonify(
        total=None if score.total is None else f"{score.total:.2f}",
        grade=score.grade,
        earned=f"{score.earned:.2f}",
        open_marks=f"{score.open_marks:.2f}",
        execution=_scored(score.execution),
        lines=[_scored(line) for line in score.lines],
        hints=what_if.hints(evaluation, rows, score),
        prospect={"summary": prospect.summary, "costs": [asdict(cost) for cost in prospect.costs]},
        funds=[finding.sentence(_) for finding in check_funds(form.fund_entries(), evaluation.amounts)],
        errors=[{"field": field, "message": message} for field, message in form.summary()],
    )


# --- indicators of a whole-department sheet ---------------------------------------------------


def _lines_form(evaluation: Evaluation, formdata: Any = None) -> IndicatorsForm:
    form = IndicatorsForm(formdata, data={"indicators": indicator_values(evaluation.lines)})
    if formdata is None:
        for _n in range(3):
            form.indicators.append_entry()
    form.prepare(category_choices(schemes.by_id(evaluation.scheme_id)))
    return form


@views.get("/<id:evaluation_id>/lines")
def lines(evaluation_id: int) -> ResponseReturnValue:
    """Show the indicator table of a whole-department sheet."""
    evaluation = _find(evaluation_id)
    return render_template(
        "evaluations/lines.html",
        form=_lines_form(evaluation),
        evaluation=evaluation,
        scheme=schemes.by_id(evaluation.scheme_id),
    )


@views.post("/<id:evaluation_id>/lines")
def update_lines(evaluation_id: int) -> ResponseReturnValue:
    """Save the indicator table; ``add`` only adds a row to what was typed."""
    evaluation = _find(evaluation_id)
    form = _lines_form(evaluation, request.form)
    context = {"evaluation": evaluation, "scheme": schemes.by_id(evaluation.scheme_id)}
    if request.form.get("add") == "indicators":
        form.indicators.append_entry()
        form.prepare(category_choices(schemes.by_id(evaluation.scheme_id)))
        return render_template("evaluations/lines.html", form=form, **context)
    if not form.validate():
        return render_template("evaluations/lines.html", form=form, **context), 422
    try:
        actions.save_lines(evaluation, form.drafts(), viewer(), version_of(request.form))
    except Refused as refusal:
        db.session.rollback()
        return show_refusal("evaluations/lines.html", refusal, form, **context)
    flash(_("指标已保存。"), "success")
    return redirect(url_for("evaluations.edit", evaluation_id=evaluation_id), 303)


# --- steps of the workflow --------------------------------------------------------------------


def _take(evaluation: Evaluation, step: str, done: str, version: int | None = None) -> ResponseReturnValue:
    try:
        actions.take(evaluation, step, viewer(), comment=request.form.get("comment", ""), version=version)
    except Invalid as refusal:
        return _show(evaluation, refusal.status, refusal.findings)
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(evaluation, refusal.status)
    flash(_(done), "success")
    return redirect(_address(evaluation), 303)


@views.post("/<id:evaluation_id>/submission")
def submission(evaluation_id: int) -> ResponseReturnValue:
    """Submit the sheet; posted together with the form, it is saved in the same transaction."""
    evaluation = _find(evaluation_id)
    if "goal_actual" not in request.form:
        return _take(evaluation, "submit", SUBMITTED, version_of(request.form))
    findings, problem = _save(evaluation, actions.submit)
    if problem is not None:
        return problem
    if findings:
        return _show(evaluation, 422, findings)
    flash(_(SUBMITTED), "success")
    return redirect(_address(evaluation), 303)


@views.post("/<id:evaluation_id>/withdrawal")
def withdrawal(evaluation_id: int) -> ResponseReturnValue:
    """Take a submitted sheet back."""
    return _take(_find(evaluation_id), "withdraw", N_("已撤回，可以继续修改。"), version_of(request.form))


@views.post("/<id:evaluation_id>/return")
def returning(evaluation_id: int) -> ResponseReturnValue:
    """Return the sheet to the filler with an opinion."""
    return _take(_find(evaluation_id), "return", N_("已退回，填报人已收到您的意见。"), version_of(request.form))

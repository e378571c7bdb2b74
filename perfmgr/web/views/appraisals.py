"""Evaluation by experts: the list, organising one, its page for everybody by what they may see, the report."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import appraisals as actions
from perfmgr.documents.appraisals import report_document
from perfmgr.models.appraisal import Appraisal
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.queries import appraisals, attachments, evaluations, events, rectifications, rubrics
from perfmgr.rules.appraisals import KINDS, ORGANISER, ORGANISERS, sees_all_marks
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_
from perfmgr.rules.workflow import STATES
from perfmgr.web.asked import flash_refusal, found, list_filters
from perfmgr.web.doors import may_enter
from perfmgr.web.downloads import attachment
from perfmgr.web.forms.appraisal_marks import DeclarationForm
from perfmgr.web.forms.appraisals import OrganiseForm, ReportForm, report_values
from perfmgr.web.forms.fields import version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("appraisals", __name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _find(appraisal_id: int) -> Appraisal:
    return found(appraisals.find(appraisal_id, viewer()))


def _to(appraisal_id: int) -> ResponseReturnValue:
    return redirect(url_for("appraisals.show", appraisal_id=appraisal_id), 303)


@views.get("/appraisals")
def index() -> ResponseReturnValue:
    """Show what one was given as an expert, and to the staff the year's evaluations of their units."""
    by = viewer()
    context: dict[str, Any] = {"assigned": appraisals.assigned(by), "staff": may_enter("evaluations.index", by.roles)}
    if context["staff"]:
        filters, choices = list_filters(by, STATES["appraisal"], KINDS, usual="evaluated")
        page_of, counts = appraisals.page(by, filters)
        context |= {"filters": filters, "choices": choices, "page": page_of, "counts": counts}
    return render_template("appraisals/index.html", **context)


# --- organising -------------------------------------------------------------------------------


def _evaluation(evaluation_id: int) -> Evaluation:
    return found(evaluations.find(evaluation_id, viewer()))


def possible_kinds(evaluation: Evaluation, there: Sequence[Appraisal]) -> list[tuple[str, str]]:
    """Return the kinds this person may organise for a self-evaluation now, beside those there are, as choices."""
    if evaluation.project_id is None or evaluation.state != "confirmed" or evaluation.cycle.closed_at:
        return []
    roles, taken = viewer().roles_over(evaluation.unit.path), {appraisal.kind for appraisal in there}
    return [(kind, _(name)) for kind, name in KINDS.items() if ORGANISERS[kind] in roles and kind not in taken]


@views.app_template_global("may_appraise")
def may_appraise(evaluation: Evaluation, there: Sequence[Appraisal]) -> bool:
    """Tell whether this person may organise an evaluation by experts of a self-evaluation now."""
    return bool(possible_kinds(evaluation, there))


@views.app_template_global("appraisals_of")
def appraisals_of(record: Evaluation | Project) -> Sequence[Appraisal]:
    """Return the evaluations by experts of a project, or of one self-evaluation of it; state and result only."""
    if isinstance(record, Project):
        return appraisals.of_project(record.id)
    # Only what is re-checked is evaluated, and stays so.
    return appraisals.of_evaluation(record.id) if record.project_id and record.state == "confirmed" else ()


def _organise_form(evaluation: Evaluation, typed: Any = None) -> OrganiseForm:
    form = OrganiseForm(typed)
    form.kind.choices = possible_kinds(evaluation, appraisals_of(evaluation))
    form.rubric_id.choices = [(str(v.id), f"{v.name} v{v.number}") for v in rubrics.published()]
    if typed is None:
        for field in (form.kind, form.rubric_id):
            if len(field.choices) == 1:
                field.data = field.choices[0][0]
    return form


def _organise_context(evaluation: Evaluation, chosen: set[int] | None = None) -> dict[str, Any]:
    return {
        "evaluation": evaluation,
        "candidates": appraisals.candidates(evaluation),
        "chosen": chosen or set(),
    }


@views.get("/evaluations/<id:evaluation_id>/appraisal/new")
def new(evaluation_id: int) -> ResponseReturnValue:
    """Ask for kind, rubric, due day and experts."""
    evaluation = _evaluation(evaluation_id)
    if not may_appraise(evaluation, appraisals_of(evaluation)):
        flash(_("项目自评复核确认之后，由部门审核人或财政评审人组织专家评价，每类评价一年一次。"), "warning")
        return redirect(url_for("evaluations.show", evaluation_id=evaluation_id))
    return render_template(
        "appraisals/new.html", form=_organise_form(evaluation), loose=[], **_organise_context(evaluation)
    )


def _chosen() -> set[int]:
    """Return the people whose boxes were ticked: ``expert-17``."""
    numbers = (parse_count(name.removeprefix("expert-")) for name in request.form if name.startswith("expert-"))
    return {number for number in numbers if number}


@views.post("/evaluations/<id:evaluation_id>/appraisal")
def create(evaluation_id: int) -> ResponseReturnValue:
    """Start the evaluation and tell the experts."""
    evaluation = _evaluation(evaluation_id)
    form, context = _organise_form(evaluation, request.form), _organise_context(evaluation, _chosen())
    if form.kind.choices and not form.validate():
        return render_template("appraisals/new.html", form=form, loose=[], **context), 422
    rubric = rubrics.find(form.rubric_id.id_value() or 0)
    due_on = form.due_on.data or times.today()
    try:
        appraisal = actions.organise(evaluation, form.kind.data or "", rubric, due_on, _chosen(), viewer())
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return show_refusal("appraisals/new.html", refusal, form, **context)
    flash(_("评价已开始，专家已收到通知。"), "success")
    return _to(appraisal.id)


@views.post("/appraisals/<id:appraisal_id>/experts")
def experts(appraisal_id: int) -> ResponseReturnValue:
    """Invite further experts."""
    return _act(appraisal_id, lambda a: actions.add_experts(a, _chosen(), viewer()), N_("已增加专家，并已通知。"))


# --- one evaluation ---------------------------------------------------------------------------


def _report_form(appraisal: Appraisal, consolidation: Any, typed: Any = None) -> ReportForm:
    return ReportForm(typed, data=report_values(appraisal, consolidation.differing))


def page(
    appraisal: Appraisal, status: int = 200, form: ReportForm | None = None, loose: Any = (), **typed: Any
) -> ResponseReturnValue:
    """Return the page of one evaluation: every part only for whom ``rules.appraisals`` opens it."""
    by = viewer()
    stand = appraisals.standing(appraisal, by)
    own = stand.own
    if own is not None and stand.barred:
        context = {"appraisal": appraisal, "own": own, "form": DeclarationForm()}
        return render_template("appraisal_marks/declare.html", **context), status
    opened = sees_all_marks(appraisal.state, stand.who)
    consolidation = appraisals.consolidation(appraisal) if opened else None
    steps = actions.steps(appraisal, by)
    if "conclude" in steps and consolidation is not None and form is None:
        form = _report_form(appraisal, consolidation)
    adding = stand.who == ORGANISER and appraisal.state == "marking"
    return (
        render_template(
            "appraisals/show.html",
            appraisal=appraisal,
            rubric=appraisals.rubric_of(appraisal),
            part=stand.who,
            own=own,
            steps=steps,
            form=form,
            loose=loose,
            typed=typed,
            consolidation=consolidation,
            reasons=appraisals.reasons(appraisal, named=stand.who == ORGANISER) if consolidation else {},
            questions=appraisals.questions(appraisal.id),
            files=attachments.of_evaluated(appraisal.evaluation) if own else (),
            candidates=_more(appraisal) if adding else (),
            rectification=rectifications.of_evaluation(appraisal.evaluation_id) if opened else None,
            history=events.history("appraisal", appraisal.id) if stand.who == ORGANISER else None,
        ),
        status,
    )


def _more(appraisal: Appraisal) -> Any:
    return appraisals.candidates(appraisal.evaluation, [expert.person_id for expert in appraisal.experts])


@views.get("/appraisals/<id:appraisal_id>")
def show(appraisal_id: int) -> ResponseReturnValue:
    """Show the evaluation as far as it is open to whoever looks."""
    return page(_find(appraisal_id))


def _act(appraisal_id: int, act: Callable[[Appraisal], Any], told: str, **typed: Any) -> ResponseReturnValue:
    appraisal = _find(appraisal_id)
    try:
        act(appraisal)
    except Refused as refusal:
        if refusal.status == 403:
            raise
        flash_refusal(refusal)
        return page(_find(appraisal_id), refusal.status, **typed)
    flash(_(told), "success")
    return _to(appraisal_id)


def _comment() -> str:
    return request.form.get("comment", "")


@views.post("/appraisals/<id:appraisal_id>/closing")
def closing(appraisal_id: int) -> ResponseReturnValue:
    """End the marking early, with a reason."""
    version, told = version_of(request.form), N_("评分已结束，现在可以汇总。")
    close = partial(actions.close, reason=_comment(), by=viewer(), version=version)
    return _act(appraisal_id, close, told, closing=_comment())


@views.post("/appraisals/<id:appraisal_id>/cancelling")
def cancelling(appraisal_id: int) -> ResponseReturnValue:
    """Give the evaluation up, with a reason."""
    version, told = version_of(request.form), N_("评价已撤销。")
    cancel = partial(actions.cancel, reason=_comment(), by=viewer(), version=version)
    return _act(appraisal_id, cancel, told, cancelling=_comment())


# --- the report -------------------------------------------------------------------------------


def _report(appraisal_id: int, act: Callable[..., Any], told: str) -> ResponseReturnValue:
    appraisal = _find(appraisal_id)
    stand = appraisals.standing(appraisal, viewer())
    consolidation = appraisals.consolidation(appraisal) if sees_all_marks(appraisal.state, stand.who) else None
    form = _report_form(appraisal, consolidation, request.form) if consolidation else ReportForm(request.form)
    if consolidation and not form.validate():
        return page(appraisal, 422, form=form)
    differing = consolidation.differing if consolidation else []
    notes = {line.item.code: row.form.note.data or "" for line, row in zip(differing, form.notes, strict=False)}
    words = (form.problems.data or "", form.suggestions.data or "")
    try:
        act(appraisal, notes, *words, viewer(), version_of(request.form))
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _shown_again(appraisal_id, refusal, form, [line.item.code for line in differing])
    flash(_(told), "success")
    return _to(appraisal_id)


def _shown_again(appraisal_id: int, refusal: Refused, form: ReportForm, codes: list[str]) -> ResponseReturnValue:
    """Show the page with every sentence of a refusal at its field, and what was typed."""
    loose = []
    places = {f"note-{code}": f"notes-{n}-note" for n, code in enumerate(codes)}
    for finding in refusal.findings:
        field = form.field_by_id(places.get(finding.field, finding.field)) if finding.field else None
        if field is not None:
            field.errors = [*field.errors, finding.sentence(_)]
        else:
            loose.append(finding.sentence(_))
    return page(_find(appraisal_id), refusal.status, form=form, loose=loose)


@views.post("/appraisals/<id:appraisal_id>/report")
def update(appraisal_id: int) -> ResponseReturnValue:
    """Save the organiser's sentences so far."""
    return _report(appraisal_id, actions.save_report, N_("报告内容已保存。"))


@views.post("/appraisals/<id:appraisal_id>/conclusion")
def conclusion(appraisal_id: int) -> ResponseReturnValue:
    """Save and conclude the report."""
    return _report(appraisal_id, actions.conclude, N_("评价报告已形成，实施单位已收到通知。"))


@views.get("/appraisals/<id:appraisal_id>/report.docx")
def document(appraisal_id: int) -> ResponseReturnValue:
    """Send the concluded report as a Word file."""
    appraisal = _find(appraisal_id)
    open_to_them = appraisal.state == "concluded" and not appraisals.standing(appraisal, viewer()).barred
    found_marks = appraisals.consolidation(appraisal) if open_to_them else None
    if found_marks is None:
        flash(_("形成评价报告之后才能下载。"), "warning")
        return redirect(url_for("appraisals.show", appraisal_id=appraisal_id))
    now = times.now()
    concluded_on = times.day(appraisal.concluded_at or now)
    data = report_document(appraisal, found_marks, appraisals.questions(appraisal.id), concluded_on, now)
    name = f"{appraisal.title}{appraisal.year}年度{KINDS[appraisal.kind]}报告.docx"
    headers = attachment(name, f"appraisal-{appraisal.year}-{appraisal.id}.docx")
    return Response(data, mimetype=DOCX, headers=headers)

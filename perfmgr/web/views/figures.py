"""Figures of a whole-department self-evaluation: named formulas, what they need, and taking their values in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import figures as actions
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import evaluations, figures
from perfmgr.rules.department_formulas import FIGURES, named
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.workflow import FILLER_STATES
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.figures import FiguresForm, figure_values
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _

views = Blueprint("figures", __name__, url_prefix="/evaluations/<id:evaluation_id>/figures")

TYPED = [key for key, figure in FIGURES.items() if not figure.fixed]


def _find(evaluation_id: int) -> Evaluation:
    return found(evaluations.find(evaluation_id, viewer()))


def _sources(evaluation: Evaluation) -> dict[str, str]:
    """Return the pages behind what the system computes, by figure."""
    place: dict[str, Any] = {"year": evaluation.year, "department": evaluation.department_id}
    money = url_for("budgets.index", **place)
    pages = dict.fromkeys(
        (
            "executed",
            "budget",
            "initial",
            "adjustment",
            "leftover",
            "project_spending",
            "public_spent",
            "public_budget",
        ),
        money,
    )
    for stage, keys in (
        ("targets", ("targets", "targets_owed")),
        ("self_evaluation", ("evaluated", "evaluations_owed")),
    ):
        for key, part in zip(keys, ("done", "all"), strict=True):
            pages[key] = url_for("coverage.listing", stage=stage, basis="projects", part=part, **place)
    ledger = url_for("rectifications.index", **place)
    return {**pages, "rectified": ledger, "rectifications": ledger}


def _page(evaluation: Evaluation, form: FiguresForm, status: int = 200) -> ResponseReturnValue:
    by = viewer()
    known = figures.known(evaluation.department_id, evaluation.year, by)
    outcomes = figures.computed(known)
    lines = [(line, outcomes[key]) for line in evaluation.lines if (key := named(line.name)) is not None]
    editable = evaluation.state in FILLER_STATES and FILLER in by.roles_over(evaluation.unit.path)
    return (
        render_template(
            "figures/show.html",
            evaluation=evaluation,
            form=form,
            typed=[(key, FIGURES[key]) for key in TYPED],
            known=known,
            outcomes=outcomes,
            lines=lines,
            fits=actions.fits,
            editable=editable,
            sources=_sources(evaluation),
            FIGURES=FIGURES,
        ),
        status,
    )


def _form(evaluation: Evaluation, typed: Any = None) -> FiguresForm:
    stored = figures.entered(evaluation.department_id, evaluation.year)
    return FiguresForm(typed, data={"rows": figure_values(stored, TYPED)})


def _to_sheet(evaluation: Evaluation) -> ResponseReturnValue:
    flash(_("只有部门整体支出自评使用命名公式。"), "warning")
    return redirect(url_for("evaluations.show", evaluation_id=evaluation.id), 303)


@views.get("")
def show(evaluation_id: int) -> ResponseReturnValue:
    """Show every formula with value and source, the figures that are missing, and the lines named after one."""
    evaluation = _find(evaluation_id)
    return _page(evaluation, _form(evaluation)) if evaluation.kind == "department" else _to_sheet(evaluation)


@views.post("")
def update(evaluation_id: int) -> ResponseReturnValue:
    """Save the figures of the department's year."""
    evaluation = _find(evaluation_id)
    if evaluation.kind != "department":
        return _to_sheet(evaluation)
    form = _form(evaluation, request.form)
    if not form.validate():
        return _page(evaluation, form, 422)
    try:
        actions.save(evaluation, dict(zip(TYPED, form.typed(), strict=True)), viewer())
    except Refused as refusal:
        db.session.rollback()
        for finding in refusal.findings:
            if finding.field in TYPED:
                field = form.rows[TYPED.index(finding.field)].form.source
                field.errors = [*field.errors, finding.sentence(_)]
            else:
                flash(finding.sentence(_), "danger")
        return _page(evaluation, form, refusal.status)
    flash(_("填报数据已保存，公式已按最新数据计算。"), "success")
    return redirect(url_for("figures.show", evaluation_id=evaluation.id), 303)


@views.post("/lines")
def taking(evaluation_id: int) -> ResponseReturnValue:
    """Write the chosen values with their sources into the lines of the sheet."""
    evaluation = _find(evaluation_id)
    if evaluation.kind != "department":
        return _to_sheet(evaluation)
    chosen = {line.id for line in evaluation.lines if f"line-{line.id}" in request.form}
    try:
        written = actions.take_in(evaluation, chosen, viewer(), version_of(request.form))
    except Refused as refusal:
        db.session.rollback()
        flash_refusal(refusal)
        return _page(evaluation, _form(evaluation), refusal.status)
    if written:
        flash(_("已取数 %(count)s 项，来源写在各指标的完成情况里，请核对后送审。", count=written), "success")
    else:
        flash(_("没有取数：请至少选一项能够计算的指标。"), "warning")
    return redirect(url_for("figures.show", evaluation_id=evaluation.id), 303)

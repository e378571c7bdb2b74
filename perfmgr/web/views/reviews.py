"""Re-checks: a tier's marks beside the filler's, and the tiers side by side once they are submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import evaluations as evaluation_actions
from perfmgr.actions import reviews as actions
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.review import Review
from perfmgr.queries import evaluations, people, reviews, samples, schemes
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.reviews import FIRST, SPOT_CHECK, TIER_NAMES
from perfmgr.rules.texts import N_
from perfmgr.web.asked import found
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.reviews import ReviewForm, review_values
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

CONFIRMED = N_("复核结果已确认。")

views = Blueprint("reviews", __name__, url_prefix="/evaluations")


def _find(evaluation_id: int) -> Evaluation:
    return found(evaluations.find(evaluation_id, viewer()))


def _address(evaluation: Evaluation) -> str:
    return url_for("evaluations.show", evaluation_id=evaluation.id)


def _may_review(evaluation: Evaluation) -> int:
    """Return the tier that is this person's to work on now, 0 when there is none."""
    try:
        return actions.due_tier(evaluation, viewer())
    except Refused:
        return 0


def _form(evaluation: Evaluation, tier: int, formdata: Any = None) -> ReviewForm:
    """Return the form with what the tier has stored; tier 0 is nobody's, and what others stored stays sealed."""
    review = reviews.of_tier(evaluation.id, tier) if tier else None
    form = ReviewForm(formdata, data=review_values(evaluation, review))
    form.prepare(schemes.by_id(evaluation.scheme_id).review)
    return form


def _context(evaluation: Evaluation, tier: int) -> dict[str, Any]:
    return {
        "evaluation": evaluation,
        "scheme": schemes.by_id(evaluation.scheme_id),
        "tier": tier,
        "tier_name": _(TIER_NAMES[(evaluation.kind, tier)]),
        "earlier": reviews.submitted(evaluation.id),
        **_sampled(evaluation, tier),
    }


def _sampled(evaluation: Evaluation, tier: int) -> dict[str, Any]:
    """Return the sheet's place in a sample, who else is to check it, and whether a spot check needs a cause because it has none."""
    if tier != SPOT_CHECK:
        return {"place": None, "given_to": "", "needs_cause": False}
    place = samples.of_evaluation(evaluation.id)
    given = place.assigned_to_id if place else None
    return {
        "place": place,
        "given_to": people.names([given]).get(given, "") if given and given != viewer().id else "",
        "needs_cause": place is None and samples.outside(evaluation),
    }


@views.get("/<id:evaluation_id>/review")
def edit(evaluation_id: int) -> ResponseReturnValue:
    """Show the filler's marks beside those of the tier that is due."""
    evaluation = _find(evaluation_id)
    tier = _may_review(evaluation)
    if not tier:
        flash(_("这份自评现在不能复核。"), "warning")
        return redirect(_address(evaluation))
    form = _form(evaluation, tier)
    return render_template("reviews/edit.html", form=form, loose=[], **_context(evaluation, tier))


def _save(evaluation: Evaluation, act: Any) -> ResponseReturnValue | None:
    """Hand the posted marks to an action; returns the page with messages when it refuses."""
    due = _may_review(evaluation)
    tier = due or (SPOT_CHECK if evaluation.kind == "project" and evaluation.state == "confirmed" else FIRST)
    form = _form(evaluation, due, request.form)
    context = _context(evaluation, tier)
    submitted = evaluation.explanation is not None  # otherwise there are no marks yet, and the action says no
    if submitted and not form.validate():
        return render_template("reviews/edit.html", form=form, loose=[], **context), 422
    if submitted and form.lines.stale:
        refusal = Conflict(evaluation_actions.LINES_CHANGED)
        return show_refusal("reviews/edit.html", refusal, form, **context)
    try:
        act(evaluation, form.draft(), viewer(), version_of(request.form))
    except Refused as refusal:
        if not submitted or refusal.status == 403:
            raise
        return show_refusal("reviews/edit.html", refusal, form, **context)
    return None


@views.post("/<id:evaluation_id>/review")
def update(evaluation_id: int) -> ResponseReturnValue:
    """Save the tier's marks so far."""
    evaluation = _find(evaluation_id)
    problem = _save(evaluation, actions.save)
    if problem is not None:
        return problem
    flash(_("复核内容已保存，提交之前只有本层能看到。"), "success")
    return redirect(url_for("reviews.edit", evaluation_id=evaluation_id), 303)


@views.post("/<id:evaluation_id>/confirmation")
def submission(evaluation_id: int) -> ResponseReturnValue:
    """Submit the tier; posted together with the form, it is saved in the same transaction."""
    evaluation = _find(evaluation_id)
    if "opinion" not in request.form:
        evaluation_actions.take(evaluation, "confirm", viewer(), version=version_of(request.form))
    else:
        problem = _save(evaluation, actions.submit)
        if problem is not None:
            return problem
    flash(_(CONFIRMED), "success")
    return redirect(_next(evaluation) if "next" in request.form else _address(evaluation), 303)


def _next(evaluation: Evaluation) -> str:
    """Return the address of the next open sheet of the same sample, of the sample itself when there is none."""
    place = samples.of_evaluation(evaluation.id)
    if place is None:
        return _address(evaluation)
    after = samples.next_open(place.sample, viewer(), place.position)
    if after is None:
        flash(_("这次抽取的样本里，由您抽查的都已完成。"), "success")
        # Whoever checks for a part of the area may not see the sample of the whole.
        whole = samples.find(place.sample_id, viewer())
        return url_for("samples.show", sample_id=whole.id) if whole else _address(evaluation)
    return url_for("reviews.edit", evaluation_id=after)


# --- on the sheet's page ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One submitted tier beside the filler's column."""

    name: str
    review: Review

    def gap(self, line: EvaluationLine) -> Decimal | None:
        """Return the tier's marks less the filler's, None when they agree."""
        if line.self_score is None:
            return None
        return Decimal(self.review.marks(line) - line.self_score) or None


@views.app_template_global("review_columns")
def review_columns(evaluation: Evaluation, tiers: Sequence[Review]) -> list[Column]:
    """Return the columns of the tiers that have submitted."""
    return [Column(_(TIER_NAMES[(evaluation.kind, review.tier)]), review) for review in tiers]


@views.app_template_global("may_review")
def may_review(evaluation: Evaluation) -> str:
    """Return the name of the tier that is this person's to work on now, empty when there is none."""
    tier = _may_review(evaluation)
    return _(TIER_NAMES[(evaluation.kind, tier)]) if tier else ""

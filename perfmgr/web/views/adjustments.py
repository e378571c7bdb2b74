"""Adjustments of approved targets: beginning one, changing its grounds, giving it up."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import adjustments as actions
from perfmgr.models.declaration import Declaration
from perfmgr.queries import adjustments, declarations
from perfmgr.rules.refusals import Refused
from perfmgr.rules.workflow import FILLER_STATES
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.adjustments import GroundsForm
from perfmgr.web.forms.fields import version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("adjustments", __name__, url_prefix="/declarations/<id:declaration_id>")


def _find(declaration_id: int) -> Declaration:
    return found(declarations.find(declaration_id, viewer()))


def _to(declaration: Declaration, code: int = 302) -> ResponseReturnValue:
    return redirect(url_for("declarations.show", declaration_id=declaration.id), code)


@views.get("/adjustments/new")
def new(declaration_id: int) -> ResponseReturnValue:
    """Ask for reason and basis; where nothing can be adjusted, say so at the declaration."""
    declaration = _find(declaration_id)
    refusal = adjustments.why_not(declaration, times.today())
    if refusal or declaration.state != "approved" or declaration.adjusts_id or adjustments.open_of(declaration.id):
        flash(refusal.sentence(_) if refusal else _("这份申报现在不能发起调整。"), "warning")
        return _to(declaration)
    return render_template("adjustments/new.html", declaration=declaration, form=GroundsForm())


@views.post("/adjustments")
def create(declaration_id: int) -> ResponseReturnValue:
    """Begin the adjustment and go on to its sections."""
    declaration = _find(declaration_id)
    form = GroundsForm(request.form)
    if not form.validate():
        return render_template("adjustments/new.html", declaration=declaration, form=form), 422
    try:
        adjustment = actions.start(
            declaration, form.reason.data or "", form.basis.data or "", viewer(), version=version_of(request.form)
        )
    except Refused as refusal:
        return show_refusal("adjustments/new.html", refusal, form, declaration=declaration)
    flash(_("已发起调整。批复的目标在调整获批前继续有效；请修改需要调整的内容后送审。"), "success")
    return _to(adjustment, 303)


@views.get("/adjustment")
def edit(declaration_id: int) -> ResponseReturnValue:
    """Show reason and basis of an adjustment that is being prepared."""
    adjustment = _find(declaration_id)
    if adjustment.adjusts_id is None or adjustment.state not in FILLER_STATES:
        flash(_("这份调整现在不能修改。"), "warning")
        return _to(adjustment)
    form = GroundsForm(data={"reason": adjustment.adjust_reason, "basis": adjustment.adjust_basis})
    return render_template("adjustments/edit.html", declaration=adjustment, form=form)


@views.post("/adjustment")
def update(declaration_id: int) -> ResponseReturnValue:
    """Save reason and basis."""
    adjustment = _find(declaration_id)
    form = GroundsForm(request.form)
    if not form.validate():
        return render_template("adjustments/edit.html", declaration=adjustment, form=form), 422
    try:
        actions.save_grounds(
            adjustment, form.reason.data or "", form.basis.data or "", viewer(), version_of(request.form)
        )
    except Refused as refusal:
        return show_refusal("adjustments/edit.html", refusal, form, declaration=adjustment)
    flash(_("调整理由和依据已保存。"), "success")
    return _to(adjustment, 303)


@views.post("/dropping")
def dropping(declaration_id: int) -> ResponseReturnValue:
    """Give the adjustment up and go back to the targets that stay in force."""
    adjustment = _find(declaration_id)
    original = found(adjustment.adjusts) if adjustment.adjusts_id else adjustment
    try:
        actions.drop(adjustment, viewer(), version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        return _to(adjustment, 303)
    flash(_("已放弃这份调整，批复的目标继续有效。"), "success")
    return _to(original, 303)

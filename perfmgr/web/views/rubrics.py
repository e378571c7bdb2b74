"""Rubrics for experts: reading them, copying, editing a draft, publishing."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import schemes as actions
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import rubrics
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.refusals import Refused
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.rubrics import ROWS, RubricForm, rubric_values
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("rubrics", __name__, url_prefix="/rubrics")


def _find(rubric_id: int) -> SchemeVersion:
    return found(rubrics.find(rubric_id))


@views.get("")
def index() -> ResponseReturnValue:
    """Show every version of every rubric."""
    return render_template("rubrics/index.html", versions=rubrics.listed())


@views.get("/<id:rubric_id>")
def show(rubric_id: int) -> ResponseReturnValue:
    """Show one version as experts will see it."""
    version = _find(rubric_id)
    return render_template("rubrics/show.html", version=version, rubric=rubrics.parsed(version))


@views.post("/<id:rubric_id>/copy")
def copy(rubric_id: int) -> ResponseReturnValue:
    """Start a new version from this one."""
    draft = actions.copy(_find(rubric_id), viewer())
    flash(_("已复制为新版本草稿，修改后发布即可选用。"), "success")
    return redirect(url_for("rubrics.edit", rubric_id=draft.id), 303)


@views.get("/<id:rubric_id>/edit")
def edit(rubric_id: int) -> ResponseReturnValue:
    """Show the form for a draft."""
    version = _find(rubric_id)
    if version.state != "draft":
        flash(_("已发布的指标表不能修改，请复制为新版本后再改。"), "warning")
        return redirect(url_for("rubrics.show", rubric_id=rubric_id))
    return render_template("rubrics/edit.html", version=version, form=RubricForm(data=rubric_values(version.data)))


@views.post("/<id:rubric_id>/edit")
def update(rubric_id: int) -> ResponseReturnValue:
    """Save the draft; ``add`` and ``remove`` only change the rows of what was typed."""
    version = _find(rubric_id)
    # Rows can be taken away one by one until none is left: none sent means none.
    form = RubricForm(request.form, data={**rubric_values(version.data), **dict.fromkeys(ROWS, ())})
    add, remove = request.form.get("add", ""), request.form.get("remove", "")
    if add in ROWS:
        form[add].append_entry()
        return render_template("rubrics/edit.html", version=version, form=form)
    if remove:
        return render_template("rubrics/edit.html", version=version, form=_without(form, remove))
    if not form.validate():
        return render_template("rubrics/edit.html", version=version, form=form), 422
    try:
        actions.save(version, form.rubric_data(), viewer(), version_of(request.form))
    except Refused as refusal:
        return show_refusal("rubrics/edit.html", refusal, form, version=version)
    flash(_("指标表草稿已保存。"), "success")
    return redirect(url_for("rubrics.show", rubric_id=rubric_id), 303)


def _without(form: RubricForm, what: str) -> RubricForm:
    """Return the typed form without one row, named like ``items-2``."""
    name, _mark, number = what.partition("-")
    row = parse_count(number)
    if name in ROWS and row is not None:
        rows: Any = [entry.data for n, entry in enumerate(form[name].entries) if n != row]
        return RubricForm(data={**form.data, name: rows})
    return form


@views.post("/<id:rubric_id>/publication")
def publication(rubric_id: int) -> ResponseReturnValue:
    """Publish the draft."""
    try:
        actions.publish(_find(rubric_id), viewer(), version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        back = "rubrics.show" if refusal.status == 409 else "rubrics.edit"
        return redirect(url_for(back, rubric_id=rubric_id), 303)
    flash(_("指标表已发布，可在组织评价时选用。已经开始的评价不受影响。"), "success")
    return redirect(url_for("rubrics.show", rubric_id=rubric_id), 303)


@views.post("/<id:rubric_id>/discarding")
def discarding(rubric_id: int) -> ResponseReturnValue:
    """Delete the draft."""
    try:
        actions.discard(_find(rubric_id), viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("rubrics.show", rubric_id=rubric_id), 303)
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("rubrics.index"), 303)

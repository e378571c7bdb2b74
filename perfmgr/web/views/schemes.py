"""Schemes: reading them, copying, editing a draft, publishing."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import schemes as actions
from perfmgr.extensions import db
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import schemes
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.refusals import Refused
from perfmgr.rules.scheme_parameters import unknown
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.schemes import SchemeForm, scheme_values
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("schemes", __name__, url_prefix="/schemes")

ROWS = ("bands", "categories", "tiers", "grades")


def _find(scheme_id: int) -> SchemeVersion:
    return found(schemes.find(scheme_id))


def _page(version: SchemeVersion, form: SchemeForm) -> str:
    return render_template("schemes/edit.html", version=version, form=form, unknown=unknown(version.data))


@views.get("")
def index() -> ResponseReturnValue:
    """Show every version of every scheme."""
    return render_template("schemes/index.html", versions=schemes.listed())


@views.get("/<id:scheme_id>")
def show(scheme_id: int) -> ResponseReturnValue:
    """Show one version with its formulas in words."""
    version = _find(scheme_id)
    return render_template("schemes/show.html", version=version, scheme=schemes.parsed(version))


@views.post("/<id:scheme_id>/copy")
def copy(scheme_id: int) -> ResponseReturnValue:
    """Start a new version from this one."""
    draft = actions.copy(_find(scheme_id), viewer())
    flash(_("已复制为新版本草稿，修改后发布即可选用。"), "success")
    return redirect(url_for("schemes.edit", scheme_id=draft.id), 303)


@views.get("/<id:scheme_id>/edit")
def edit(scheme_id: int) -> ResponseReturnValue:
    """Show the form for a draft."""
    version = _find(scheme_id)
    if version.state != "draft":
        flash(_("已发布的方案不能修改，请复制为新版本后再改。"), "warning")
        return redirect(url_for("schemes.show", scheme_id=scheme_id))
    return _page(version, SchemeForm(data=scheme_values(version.data)))


@views.post("/<id:scheme_id>/edit")
def update(scheme_id: int) -> ResponseReturnValue:
    """Save the draft; ``add`` only adds a row to what was typed."""
    version = _find(scheme_id)
    # Rows can be taken away one by one until none is left: none sent means none.
    form = SchemeForm(request.form, data={**scheme_values(version.data), **dict.fromkeys(ROWS, ())})
    add = request.form.get("add", "")
    remove = request.form.get("remove", "")
    if add in ROWS:
        form[add].append_entry()
        return _page(version, form)
    if remove:
        return _page(version, _without(form, remove))
    if not form.validate():
        return _page(version, form), 422
    try:
        actions.save(version, form.scheme_data(version.data), viewer(), version_of(request.form))
    except Refused as refusal:
        db.session.rollback()
        return show_refusal("schemes/edit.html", refusal, form, version=version, unknown=unknown(version.data))
    flash(_("方案草稿已保存。"), "success")
    return redirect(url_for("schemes.show", scheme_id=scheme_id), 303)


def _without(form: SchemeForm, what: str) -> SchemeForm:
    """Return the typed form without one row, named like ``tiers-2``."""
    name, _mark, number = what.partition("-")
    row = parse_count(number)
    if name in ROWS and row is not None:
        rows: Any = [entry.data for n, entry in enumerate(form[name].entries) if n != row]
        return SchemeForm(data={**form.data, name: rows})
    return form


@views.post("/<id:scheme_id>/publication")
def publication(scheme_id: int) -> ResponseReturnValue:
    """Publish the draft."""
    try:
        actions.publish(_find(scheme_id), viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("schemes.edit", scheme_id=scheme_id), 303)
    flash(_("方案已发布，可在年度周期中选用。已有的得分不受影响。"), "success")
    return redirect(url_for("schemes.show", scheme_id=scheme_id), 303)


@views.post("/<id:scheme_id>/discarding")
def discarding(scheme_id: int) -> ResponseReturnValue:
    """Delete the draft."""
    try:
        actions.discard(_find(scheme_id), viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("schemes.show", scheme_id=scheme_id), 303)
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("schemes.index"), 303)

"""Schemes: reading them, copying, editing a draft, publishing."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from perfmgr.actions import schemes as actions
from perfmgr.extensions import db
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import schemes
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.refusals import Refused
from perfmgr.rules.scheme_parameters import unknown
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.schemes import SchemeForm, scheme_values, shown_blocks
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("schemes", __name__, url_prefix="/schemes")

ROWS = ("bands", "categories", "tiers", "grades", "consequences", "reasons", "months")


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
    blocks = shown_blocks(version.data)
    return render_template("schemes/show.html", version=version, scheme=schemes.parsed(version), blocks=blocks)


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
    """Save the draft; ``add``, ``remove`` and ``move`` only change the rows of what was typed."""
    version = _find(scheme_id)
    form = _typed(version, request.form)
    add = request.form.get("add", "")
    if add in ROWS:
        form[add].append_entry()
        return _page(version, form)
    for change, reordered in (("remove", without), ("move", moved_up)):
        if what := request.form.get(change, ""):
            return _page(version, _typed(version, _rearranged(form, what, reordered)))
    if not form.validate():
        return _page(version, form), 422
    try:
        actions.save(version, form.scheme_data(version.data), viewer(), version_of(request.form))
    except Refused as refusal:
        db.session.rollback()
        return show_refusal("schemes/edit.html", refusal, form, version=version, unknown=unknown(version.data))
    flash(_("方案草稿已保存。"), "success")
    return redirect(url_for("schemes.show", scheme_id=scheme_id), 303)


def _typed(version: SchemeVersion, sent: MultiDict[str, str]) -> SchemeForm:
    """Return the form as it was sent. Rows can be taken away until none is left: none sent means none."""
    return SchemeForm(sent, data={**scheme_values(version.data), **dict.fromkeys(ROWS, ())})


def without(row: int, count: int) -> list[int]:
    """Return the order of ``count`` rows without this one."""
    return [n for n in range(count) if n != row]


def moved_up(row: int, count: int) -> list[int]:
    """Return the order of ``count`` rows with this one before the one that stood above it."""
    order = without(row, count)
    return [*order[: max(row - 1, 0)], row, *order[max(row - 1, 0) :]]


def _rearranged(form: SchemeForm, what: str, order: Callable[[int, int], list[int]]) -> MultiDict[str, str]:
    """Return what was sent with the rows of one list in another order; ``what`` names a row, like ``tiers-2``."""
    name, _mark, number = what.partition("-")
    row = parse_count(number)
    if name not in ROWS or row is None or row >= len(form[name].entries):
        return request.form
    entries = form[name].entries
    places = {entries[old].name: f"{name}-{new}" for new, old in enumerate(order(row, len(entries)))}
    gone = {entry.name for entry in entries}
    sent: MultiDict[str, str] = MultiDict()
    for key, value in request.form.items(multi=True):
        start, _dash, rest = key.rpartition("-")
        if start not in gone:
            sent.add(key, value)
        elif start in places:
            sent.add(f"{places[start]}-{rest}", value)
    return sent


@views.post("/<id:scheme_id>/publication")
def publication(scheme_id: int) -> ResponseReturnValue:
    """Publish the draft."""
    try:
        actions.publish(_find(scheme_id), viewer(), version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        back = "schemes.show" if refusal.status == 409 else "schemes.edit"
        return redirect(url_for(back, scheme_id=scheme_id), 303)
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

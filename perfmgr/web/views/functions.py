"""Functional classification: the catalogue and changing it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import functions as actions
from perfmgr.queries import functions
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import clean_line
from perfmgr.web.forms.functions import FunctionForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("functions", __name__, url_prefix="/functions")


def _context() -> dict[str, object]:
    search = clean_line(request.args.get("q", ""))[:50]
    return {"rows": functions.listed(search), "search": search}


@views.get("")
def index() -> ResponseReturnValue:
    """Show the catalogue with a form to add or change an entry."""
    entry = functions.find(clean_line(request.args.get("code", "")))
    data = {"code": entry.code, "name": entry.name, "active": entry.active} if entry else {"active": True}
    return render_template("functions/index.html", form=FunctionForm(data=data), **_context())


@views.post("")
def save() -> ResponseReturnValue:
    """Add the entry, or change the one with this code."""
    form = FunctionForm(request.form)
    if not form.validate():
        return render_template("functions/index.html", form=form, **_context()), 422
    try:
        actions.save(form.code.data or "", form.name.data or "", bool(form.active.data), viewer())
    except Refused as refusal:
        return show_refusal("functions/index.html", refusal, form, **_context())
    flash(_("科目已保存。"), "success")
    return redirect(url_for("functions.index"), 303)

"""Exceptions of a year's windows for single units."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import window_exceptions as actions
from perfmgr.models.cycle import Cycle
from perfmgr.queries import cycles, events, window_exceptions
from perfmgr.rules.cycles import WINDOWS, Span
from perfmgr.rules.refusals import Refused
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.window_exceptions import WindowExceptionForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("window_exceptions", __name__)


def _context(cycle: Cycle) -> dict[str, Any]:
    return {
        "cycle": cycle,
        "usual": {kind: span for kind in WINDOWS if (span := cycle.usual_span(kind))},
        "history": [row for row in events.history("cycle", cycle.id) if row.step.endswith("_exception")],
    }


def _prepare(form: WindowExceptionForm, cycle: Cycle) -> WindowExceptionForm:
    form.unit_id.choices = [
        (str(unit.id), "　" * (unit.path.count("/") - cycle.unit.path.count("/") - 1) + unit.name)
        for unit in window_exceptions.units(cycle, viewer())
    ]
    form.kind.choices = [(kind, _(WINDOWS[kind])) for kind in WINDOWS if cycle.usual_span(kind)]
    return form


@views.get("/cycles/<id:cycle_id>/exceptions")
def index(cycle_id: int) -> ResponseReturnValue:
    """Show the exceptions of a year, and the form for one more."""
    cycle = found(cycles.find(cycle_id, viewer()))
    form = _prepare(WindowExceptionForm(), cycle)
    return render_template("window_exceptions/index.html", form=form, **_context(cycle))


@views.post("/cycles/<id:cycle_id>/exceptions")
def create(cycle_id: int) -> ResponseReturnValue:
    """Give a unit other days."""
    cycle = found(cycles.find(cycle_id, viewer()))
    form = _prepare(WindowExceptionForm(request.form), cycle)
    if not form.validate() or form.opens_on.data is None or form.closes_on.data is None:
        return render_template("window_exceptions/index.html", form=form, **_context(cycle)), 422
    units = {unit.id: unit for unit in window_exceptions.units(cycle, viewer())}
    unit = found(units.get(form.unit_id.id_value() or 0))
    span = Span(form.opens_on.data, form.closes_on.data)
    try:
        actions.put(cycle, unit, form.kind.data or "", span, form.reason.data or "", viewer())
    except Refused as refusal:
        return show_refusal("window_exceptions/index.html", refusal, form, **_context(cycle))
    flash(_("已为“%(unit)s”另行安排时间，未办结的事项按新的截止日期办理。", unit=unit.name), "success")
    return redirect(url_for("window_exceptions.index", cycle_id=cycle.id), 303)


@views.post("/window-exceptions/<id:exception_id>/removal")
def removal(exception_id: int) -> ResponseReturnValue:
    """Take an exception back."""
    exception = found(window_exceptions.find(exception_id, viewer()))
    cycle_id = exception.cycle_id
    try:
        actions.remove(exception, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已取消例外时间，恢复按统一的时间办理。"), "success")
    return redirect(url_for("window_exceptions.index", cycle_id=cycle_id), 303)

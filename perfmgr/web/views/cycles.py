"""Cycles: fiscal years, their windows and schemes."""

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import cycles as actions
from perfmgr.actions import evaluations_due, monitorings_due
from perfmgr.documents.years import timetable
from perfmgr.models.cycle import Cycle
from perfmgr.queries import cycles, schemes, units, workdays
from perfmgr.rules.cycles import Span, require_open
from perfmgr.rules.monitorings import parse_cut_offs
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_
from perfmgr.rules.years import usual_windows
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.filters import scheme_name
from perfmgr.web.forms.cycles import CycleForm, cycle_values, window_values
from perfmgr.web.forms.fields import version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("cycles", __name__, url_prefix="/cycles")


@views.get("")
def index() -> ResponseReturnValue:
    """Show all fiscal years with their windows."""
    mine = viewer().paths({ADMINISTRATOR})
    rows = [(cycle, any(cycle.unit.path.startswith(path) for path in mine)) for cycle in cycles.listed(viewer())]
    return render_template("cycles/index.html", rows=rows)


def _prepare(form: CycleForm) -> CycleForm:
    areas = units.listed(viewer(), kinds=("area", "department"), roles={ADMINISTRATOR})
    form.unit_id.choices = [(str(unit.id), unit.name) for unit in areas]
    for field, kind in ((form.project_scheme_id, "project"), (form.department_scheme_id, "department")):
        field.choices = [
            (str(v.id), scheme_name(v) + (f" · v{v.number}" if v.number > 1 else "")) for v in schemes.published(kind)
        ]
    return form


def _timetable(year: int) -> tuple[dict[str, Span], tuple[int, ...]]:
    """Return the windows that a year gets from the timetable, and the years on the way whose days off are not known."""
    known = workdays.known().workdays
    windows = usual_windows(year, timetable(), known)
    return windows, known.missing(min(s.opens_on for s in windows.values()), max(s.closes_on for s in windows.values()))


@views.get("/new")
def new() -> ResponseReturnValue:
    """Show the form for a new year, with the usual windows filled in."""
    known = cycles.years(viewer())
    year = known[0] + 1 if known else times.today().year
    windows, missing = _timetable(year)
    form = _prepare(CycleForm(data={"year": year, "cut_offs": "7", **window_values(windows)}))
    if form.unit_id.choices:
        form.unit_id.data = form.unit_id.choices[0][0]
    return render_template("cycles/new.html", form=form, missing=missing)


@views.post("")
def create() -> ResponseReturnValue:
    """Open the year."""
    form = _prepare(CycleForm(request.form))
    area = units.find(form.unit_id.id_value() or 0, viewer(), {ADMINISTRATOR})
    if area is None:
        form.unit_id.errors = [_("请选择适用范围。")]
    if not form.validate() or area is None:
        return render_template("cycles/new.html", form=form), 422
    try:
        cycle = actions.create(
            area,
            int(form.year.data or 0),
            form.project_scheme_id.id_value() or 0,
            form.department_scheme_id.id_value() or 0,
            form.windows(),
            viewer(),
            parse_cut_offs(form.cut_offs.data or ""),
        )
    except Refused as refusal:
        return show_refusal("cycles/new.html", refusal, form)
    flash(_("%(year)s 年度周期已建立。", year=cycle.year), "success")
    return redirect(url_for("cycles.index"), 303)


def _find(cycle_id: int) -> Cycle:
    return found(cycles.find(cycle_id, viewer()))


@views.get("/<id:cycle_id>")
def edit(cycle_id: int) -> ResponseReturnValue:
    """Show the form for one year."""
    cycle = _find(cycle_id)
    present = {window.kind for window in cycle.windows}
    windows, missing = _timetable(cycle.year)
    offered = {kind: span for kind, span in windows.items() if kind not in present}
    form = _prepare(CycleForm(data=cycle_values(cycle, offered)))
    return render_template("cycles/edit.html", form=form, cycle=cycle, offered=list(offered), missing=missing)


@views.post("/<id:cycle_id>")
def update(cycle_id: int) -> ResponseReturnValue:
    """Save windows and schemes."""
    cycle = _find(cycle_id)
    form = _prepare(CycleForm(request.form, data=cycle_values(cycle)))
    del form.unit_id, form.year
    if not form.validate():
        return render_template("cycles/edit.html", form=form, cycle=cycle), 422
    try:
        actions.update(
            cycle,
            form.project_scheme_id.id_value() or 0,
            form.department_scheme_id.id_value() or 0,
            form.windows(),
            viewer(),
            version_of(request.form),
            parse_cut_offs(form.cut_offs.data or ""),
        )
    except Refused as refusal:
        return show_refusal("cycles/edit.html", refusal, form, cycle=cycle)
    flash(_("周期设置已保存。"), "success")
    return redirect(url_for("cycles.index"), 303)


@views.post("/<id:cycle_id>/closing")
def closing(cycle_id: int) -> ResponseReturnValue:
    """Close the year."""
    actions.set_closed(_find(cycle_id), True, viewer())
    flash(_("该年度已结束，不再有待办和提醒。"), "success")
    return redirect(url_for("cycles.index"), 303)


@views.post("/<id:cycle_id>/opening")
def opening(cycle_id: int) -> ResponseReturnValue:
    """Open a closed year again."""
    actions.set_closed(_find(cycle_id), False, viewer())
    flash(_("该年度已重新开放。"), "success")
    return redirect(url_for("cycles.index"), 303)


def _require_open(kind: str, cycle: Cycle, today: dt.date) -> None:
    """Refuse when the window is open for no unit of the cycle."""
    if not any(span.holds(today) for span in cycle.spans_within(kind, cycle.unit.path)):
        require_open(kind, cycle.usual_span(kind), today, cycle.year)


@views.post("/<id:cycle_id>/evaluations")
def evaluations(cycle_id: int) -> ResponseReturnValue:
    """Create the self-evaluations now that the clock would create within minutes."""
    cycle = _find(cycle_id)
    now = times.now()
    try:
        _require_open("self_evaluation", cycle, times.day(now))
        if cycle.closed_at:
            raise Refused(N_("%(year)s 年度已经结束，不再建立自评。"), year=cycle.year)
        made = evaluations_due.create_for(cycle, now)
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("cycles.index"), 303)
    flash(_("已建立自评 %(count)s 份。", count=made), "success")
    return redirect(url_for("cycles.index"), 303)


@views.post("/<id:cycle_id>/monitorings")
def monitorings(cycle_id: int) -> ResponseReturnValue:
    """Create the monitoring sheets now that the clock would create within minutes."""
    cycle = _find(cycle_id)
    now = times.now()
    try:
        _require_open("monitoring", cycle, times.day(now))
        if cycle.closed_at:
            raise Refused(N_("%(year)s 年度已经结束，不再建立监控表。"), year=cycle.year)
        made = monitorings_due.create_for(cycle, now)
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("cycles.index"), 303)
    flash(_("已建立监控表 %(count)s 份。", count=made), "success")
    return redirect(url_for("cycles.index"), 303)

"""Work days: which days of a year are off or worked, and entering what was announced."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import workdays as actions
from perfmgr.queries import events, people, workdays
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.holidays import Special, read_days, write_days
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.workdays import WorkdaysForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("workdays", __name__, url_prefix="/workdays")


@views.get("")
def index() -> ResponseReturnValue:
    """List the years with a table, those needed next at the top."""
    stored = {table.year: table for table in workdays.all_stored()}
    built_in = workdays.built_in()
    years = sorted({*stored, *built_in, *workdays.years_needed(times.today()), times.today().year + 1}, reverse=True)
    rows = [(year, stored.get(year), len(built_in.get(year, ()))) for year in years]
    missing = workdays.years_missing(times.today())
    return render_template("workdays/index.html", rows=rows, missing=missing)


def _require_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        abort(404)
    return year


@views.get("/<int:year>")
def edit(year: int) -> ResponseReturnValue:
    """Show the table of one year and the form for it."""
    return _page(year, _form(_require_year(year)))


def _form(year: int) -> WorkdaysForm:
    table = workdays.stored(year)
    return WorkdaysForm(data={"days": write_days(_days(year)), "source": table.source if table else ""})


def _days(year: int) -> list[Special]:
    """Return the days of the year's table as it holds now."""
    table = workdays.stored(year)
    if table is not None:
        return [Special(day.day, day.kind, day.name) for day in table.days]
    return list(workdays.built_in().get(year, ()))


def _page(year: int, form: WorkdaysForm, status: int = 200) -> ResponseReturnValue:
    return render_template("workdays/edit.html", form=form, **_context(year)), status


def _context(year: int) -> dict[str, Any]:
    table = workdays.stored(year)
    return {
        "year": year,
        "table": table,
        "days": _days(year),
        "built_in": year in workdays.built_in(),
        "entered_by": people.names([table.person_id]).get(table.person_id, "") if table else "",
        "history": events.history("workdays", year),
        "may_change": workdays.may_change(viewer()),
    }


def _refused(year: int, refusal: Refused, form: WorkdaysForm) -> ResponseReturnValue:
    return show_refusal("workdays/edit.html", refusal, form, **_context(year))


@views.post("/<int:year>")
def update(year: int) -> ResponseReturnValue:
    """Read the pasted text and save the table, or say line by line what could not be read."""
    _require_year(year)
    form = WorkdaysForm(request.form)
    if not form.validate():
        return _page(year, form, 422)
    days, findings = read_days(form.days.data or "", year)
    try:
        if findings:
            raise Invalid(findings)
        actions.save(year, days, form.source.data or "", viewer(), version_of(request.form))
    except Refused as refusal:
        return _refused(year, refusal, form)
    flash(_("%(year)s 年的放假安排已保存，共 %(count)s 天。", year=year, count=len(days)), "success")
    return redirect(url_for("workdays.edit", year=year), 303)


@views.post("/<int:year>/removal")
def removal(year: int) -> ResponseReturnValue:
    """Delete what was entered for a year."""
    try:
        actions.remove(_require_year(year), viewer(), version_of(request.form))
    except Refused as refusal:
        return _refused(year, refusal, _form(year))
    flash(_("已删除 %(year)s 年录入的放假安排。", year=year), "success")
    return redirect(url_for("workdays.edit", year=year), 303)

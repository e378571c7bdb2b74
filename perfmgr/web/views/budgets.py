"""Budget and execution: the year's lines with sums, one line, and what may be done with it."""

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import budgets as actions
from perfmgr.models.budget import BudgetLine
from perfmgr.queries import budgets, declarations, events, functions, projects, units
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.projects import CATEGORIES
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import BUDGETERS, EXECUTORS
from perfmgr.rules.workflow import STATES, steps_for
from perfmgr.web.asked import flash_refusal, found, list_filters
from perfmgr.web.forms.budgets import AmountsForm, ExecutionForm, InitialForm
from perfmgr.web.forms.fields import BaseForm, version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _

ZERO = Decimal(0)
views = Blueprint("budgets", __name__, url_prefix="/budgets")


@views.get("")
def index() -> ResponseReturnValue:
    """Show one page of the year's budget lines; with a department chosen, its completion rates too."""
    by = viewer()
    filters, choices = list_filters(by, STATES["budget"], CATEGORIES, usual="running")
    page, sums = budgets.page(by, filters)
    department = filters.department_id
    if department is None and len(choices["departments"]) == 1:
        department = int(choices["departments"][0][0])
    # Sums of a whole department are for those whose posts cover it, not only units of it.
    kinds, by_function, names = None, [], {}
    if department and units.find(department, by):
        kinds = budgets.by_kind(department, filters.year)
        by_function = list(budgets.by_function(department, filters.year))
        names = functions.names([row.function_code for row in by_function if row.function_code])
    return render_template(
        "budgets/index.html",
        filters=filters,
        page=page,
        sums=sums,
        choices=choices,
        kinds=kinds,
        by_function=by_function,
        function_names=names,
        full_name=functions.full_name,
        percent_of=budgets.percent,
    )


def _show(line: BudgetLine, status: int = 200, **forms: BaseForm) -> ResponseReturnValue:
    roles = viewer().roles_over(line.unit.path)
    declaration = declarations.of_project(line.project_id, line.year)
    return (
        render_template(
            "budgets/show.html",
            line=line,
            declaration=declaration,
            steps=steps_for("budget", line.state, roles),
            amounts=forms.get("amounts") or AmountsForm(data={"initial": line.initial, "adjusted": line.adjusted}),
            execution=forms.get("execution") or ExecutionForm(data={"executed": line.executed}),
            may_budget=bool(roles & BUDGETERS),
            may_execute=bool(roles & EXECUTORS) and line.state == "approved",
            history=events.history("budget", line.id),
            totals=budgets.Totals("", line.initial, line.adjusted, line.executed),
        ),
        status,
    )


@views.get("/<id:line_id>")
def show(line_id: int) -> ResponseReturnValue:
    """Show one budget line."""
    return _show(found(budgets.find(line_id, viewer())))


@views.post("")
def create() -> ResponseReturnValue:
    """Propose a project's budget line for a year."""
    project = found(projects.find(parse_count(request.form.get("project_id", "")) or 0, viewer()))
    form = InitialForm(request.form)
    year = parse_count(request.form.get("year", ""))
    if not form.validate() or year is None:
        for _field, message in form.summary():
            flash(message, "danger")
        return redirect(url_for("projects.show", project_id=project.id), 303)
    try:
        line = actions.propose(project, year, form.initial.data or ZERO, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("projects.show", project_id=project.id), 303)
    flash(_("预算已录入，尚待批复。"), "success")
    return redirect(url_for("budgets.show", line_id=line.id), 303)


@views.post("/<id:line_id>/amounts")
def amounts(line_id: int) -> ResponseReturnValue:
    """Save initial and adjusted budget."""
    line = found(budgets.find(line_id, viewer()))
    form = AmountsForm(request.form)
    if not form.validate():
        return _show(line, 422, amounts=form)
    try:
        actions.set_amounts(
            line,
            viewer(),
            initial=form.initial.data,
            adjusted=form.adjusted.data,
            version=version_of(request.form),
        )
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(line, refusal.status, amounts=form)
    flash(_("预算数已保存。"), "success")
    return redirect(url_for("budgets.show", line_id=line_id), 303)


@views.post("/<id:line_id>/execution")
def execution(line_id: int) -> ResponseReturnValue:
    """Save the year's spending."""
    line = found(budgets.find(line_id, viewer()))
    form = ExecutionForm(request.form)
    if not form.validate():
        return _show(line, 422, execution=form)
    executed = form.executed.data or ZERO
    try:
        actions.execute(line, executed, viewer(), version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(line, refusal.status, execution=form)
    if executed > line.adjusted:
        flash(_("执行数已保存，但超过全年预算数，请核对。"), "warning")
    else:
        flash(_("执行数已保存。"), "success")
    return redirect(url_for("budgets.show", line_id=line_id), 303)


def _take(line_id: int, step: str, done: str) -> ResponseReturnValue:
    line = found(budgets.find(line_id, viewer()))
    try:
        actions.take(line, step, viewer(), comment=request.form.get("comment", ""), version=version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(line, refusal.status)
    flash(done, "success")
    return redirect(url_for("budgets.show", line_id=line_id), 303)


@views.post("/<id:line_id>/approval")
def approval(line_id: int) -> ResponseReturnValue:
    """Approve the line: only when the project's targets are approved."""
    return _take(line_id, "approve", _("预算已批复。"))


@views.post("/<id:line_id>/revocation")
def revocation(line_id: int) -> ResponseReturnValue:
    """Take the approval back, with a reason."""
    return _take(line_id, "revoke", _("已撤销批复。"))

"""Projects: the year's list, one project over the years, creating and changing it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from perfmgr import times
from perfmgr.actions import declarations as declaration_actions
from perfmgr.actions import projects as actions
from perfmgr.documents import targets_list
from perfmgr.documents.projects import csv_lines
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import (
    consequences,
    cycles,
    declarations,
    functions,
    projects,
    rectifications,
    schemes,
    units,
)
from perfmgr.queries import events as event_queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.consequences import renewal
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.findings import WARNING, Finding, errors
from perfmgr.rules.imports import LAYOUTS
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.projects import CATEGORIES
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR, BUDGETERS, FILLER
from perfmgr.rules.texts import clean
from perfmgr.rules.workflow import STATES
from perfmgr.web import target_files
from perfmgr.web.asked import choice_arg, flash_refusal, found, list_filters, year_arg
from perfmgr.web.downloads import attachment
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.projects import ProjectForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

MOST_TOLD = 10

views = Blueprint("projects", __name__, url_prefix="/projects")


@views.get("")
def index() -> ResponseReturnValue:
    """Show one page of the year's declarations."""
    by = viewer()
    filters, choices = list_filters(by, STATES["declaration"], CATEGORIES)
    page, counts = declarations.page(by, filters)
    return render_template("projects/index.html", filters=filters, page=page, counts=counts, choices=choices)


@views.get("/export.csv")
def export() -> ResponseReturnValue:
    """Send the whole list as csv, row by row."""
    filters, _choices = list_filters(viewer(), STATES["declaration"], CATEGORIES)
    return Response(
        csv_lines(declarations.stream(viewer(), filters)),
        mimetype="text/csv",
        headers=attachment(f"{filters.year}年度项目绩效目标.csv", f"projects-{filters.year}.csv"),
    )


@views.get("/export.xlsx")
def export_forms() -> ResponseReturnValue:
    """Send the list as a workbook of official forms or of lists, to be filled in and imported again."""
    by, layout = viewer(), choice_arg("layout", LAYOUTS) or "list"
    filters, _choices = list_filters(by, STATES["declaration"], CATEGORIES)
    data = target_files.workbook(declarations.ids(by, filters), layout, by)
    return target_files.answer(data, f"{filters.year}年度绩效目标申报表.xlsx", f"targets-{filters.year}.xlsx")


@views.get("/targets.csv")
def export_indicators() -> ResponseReturnValue:
    """Send every indicator of the list with its project as csv, row by row."""
    by = viewer()
    filters, _choices = list_filters(by, STATES["declaration"], CATEGORIES)
    return Response(
        targets_list.csv_lines(declarations.stream_targets(by, filters), schemes.category_names()),
        mimetype="text/csv",
        headers=attachment(f"{filters.year}年度项目绩效指标.csv", f"indicators-{filters.year}.csv"),
    )


def _prepare(form: ProjectForm) -> ProjectForm:
    form.unit_id.choices = [(str(u.id), u.name) for u in units.budget_units(viewer(), {FILLER})]
    form.function_code.choices = functions.choices
    return form


def _whole_form(project: Project, typed: MultiDict[str, str] | None = None) -> ProjectForm:
    """Return the form of an existing project: its owner and its years stay as they are."""
    form = _prepare(ProjectForm(typed, data=ProjectForm.values_of(project)))
    del form.unit_id, form.year
    return form


@views.get("/new")
def new() -> ResponseReturnValue:
    """Show the form for a new project."""
    by = viewer()
    open_years = [cycle.year for cycle in cycles.listed(by) if cycle.closed_at is None]
    form = _prepare(ProjectForm(data={"category": "specific", "attribute": "new", "year": _first(open_years)}))
    if len(form.unit_id.choices) == 1:
        form.unit_id.data = form.unit_id.choices[0][0]
    return render_template("projects/new.html", form=form)


def _first(years: list[int]) -> int | None:
    return years[0] if years else None


@views.post("")
def create() -> ResponseReturnValue:
    """Create the project and its first declaration, and go on to its sections."""
    by = viewer()
    form = _prepare(ProjectForm(request.form))
    if not form.validate():
        return render_template("projects/new.html", form=form), 422
    unit = db.session.get_one(Unit, form.unit_id.id_value())  # one of the choices, so it is loaded already
    try:
        project, declaration = declaration_actions.create(unit, form.draft(), int(form.year.data or 0), by)
    except Refused as refusal:
        return show_refusal("projects/new.html", refusal, form)
    if declaration is None:
        flash(_("项目已建立。这一类别的项目不编报绩效目标。"), "success")
        return redirect(url_for("projects.show", project_id=project.id), 303)
    flash(_("项目已建立，请逐节填写申报内容。"), "success")
    return redirect(url_for("declarations.section", declaration_id=declaration.id, name="overview"), 303)


def _show(project: Project, status: int = 200) -> ResponseReturnValue:
    by = viewer()
    roles = by.roles_over(project.unit.path)
    years = projects.years(project)
    taken = {row.year for row in years if row.declaration_id}
    budgeted = {row.year for row in years if row.budget_id}
    running = [cycle for cycle in cycles.listed(by) if cycle.closed_at is None]
    open_years = [cycle.year for cycle in running]
    next_years = [y for y in open_years if y not in taken] if project.owes else []
    standing = {y: _standing(project, y) for y in _declarable(running) if y in next_years}
    return (
        render_template(
            "projects/show.html",
            project=project,
            years=years,
            roles=roles,
            declared_before=bool(taken),
            declarable=next_years if FILLER in roles else [],
            standing={y: findings for y, findings in standing.items() if findings},
            liftable=[y for y, findings in standing.items() if errors(findings)] if roles & BUDGETERS else [],
            rectified=rectifications.of_project(project.id),
            budgetable=[y for y in open_years if y not in budgeted] if roles & BUDGETERS else [],
            history=event_queries.history("project", project.id),
            may_edit=bool(roles & {FILLER, ADMINISTRATOR}),
            function_names=functions.names([project.function_code] if project.function_code else []),
        ),
        status,
    )


def _standing(project: Project, year: int) -> list[Finding]:
    """Return what the last result says about declaring the project for a year."""
    return renewal(project.name, year, consequences.result(project.id, year, times.today()))


def _open_years(by: Viewer) -> list[int]:
    """Return the years for which something can be declared today, newest first."""
    return _declarable([cycle for cycle in cycles.listed(by) if cycle.closed_at is None])


def _declarable(running: Sequence[Cycle]) -> list[int]:
    """Return the years of these cycles whose window has not closed for some unit of this person."""
    today, paths = times.today(), viewer().paths()
    spans = {cycle.year: [s for path in paths for s in cycle.spans_within("declaration", path)] for cycle in running}
    return [year for year, found in spans.items() if not found or any(today <= span.closes_on for span in found)]


@views.get("/continuing")
def continuing() -> ResponseReturnValue:
    """List last year's projects that go on, to be declared for the new year at once."""
    years = _open_years(viewer())
    year = year_arg(years)
    rows = projects.continuing(viewer(), year)
    return render_template(
        "projects/continuing.html", year=year, years=years, rows=rows, standing=_standings(rows, year)
    )


def _standings(rows: Sequence[Any], year: int) -> dict[int, list[Finding]]:
    """Return what the last results say about declaring each of these projects for a year."""
    results = consequences.results([row.Project.id for row in rows], year, times.today())
    return {row.Project.id: renewal(row.Project.name, year, results.get(row.Project.id)) for row in rows}


@views.post("/continuing")
def continue_all() -> ResponseReturnValue:
    """Declare the chosen projects for the year, all or none, but those whose last result forbids it."""
    year = parse_count(request.form.get("year", "")) or 0
    by = viewer()
    rows = projects.continuing(by, year) if FIRST_YEAR <= year <= LAST_YEAR else []
    chosen = [row.Project for row in rows if f"project-{row.Project.id}" in request.form]
    standing = _standings(rows, year)
    blocked = [finding for project in chosen for finding in errors(standing[project.id])]
    try:
        started = declaration_actions.continue_all(chosen, year, by)
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("projects.continuing", year=year or None), 303)
    for finding in blocked[:MOST_TOLD]:
        flash(finding.sentence(_), "danger")
    if len(blocked) > MOST_TOLD:
        flash(_("另有 %(count)s 个项目因上年结果未能编报，见列表。", count=len(blocked) - MOST_TOLD), "danger")
    if not started:
        if blocked:
            return redirect(url_for("projects.continuing", year=year or None), 303)
        flash(_("没有可以编报的项目：请至少选一个；已经编报过的不再列出。"), "warning")
        return redirect(url_for("projects.continuing", year=year or None), 303)
    flash(
        _("已按上年编报 %(count)s 个项目。日期和金额沿用上年并已顺延，请逐个核对标有“请核对”的内容。", count=started),
        "success",
    )
    return redirect(url_for("projects.index", year=year, state="draft"), 303)


@views.get("/<id:project_id>")
def show(project_id: int) -> ResponseReturnValue:
    """Show one project with all its years."""
    return _show(found(projects.find(project_id, viewer())))


@views.get("/<id:project_id>/edit")
def edit(project_id: int) -> ResponseReturnValue:
    """Show the form for the project as a whole."""
    project = found(projects.find(project_id, viewer()))
    form = _whole_form(project)
    return render_template("projects/edit.html", form=form, project=project)


@views.post("/<id:project_id>/edit")
def update(project_id: int) -> ResponseReturnValue:
    """Save the project as a whole."""
    by = viewer()
    project = found(projects.find(project_id, by))
    form = _whole_form(project, request.form)
    if not form.validate():
        return render_template("projects/edit.html", form=form, project=project), 422
    try:
        actions.update(project, form.draft(), by, version_of(request.form))
    except Refused as refusal:
        return show_refusal("projects/edit.html", refusal, form, project=project)
    flash(_("项目信息已保存。"), "success")
    return redirect(url_for("projects.show", project_id=project.id), 303)


@views.post("/<id:project_id>/exemption")
def exemption(project_id: int) -> ResponseReturnValue:
    """Exempt the project from targets, or end the exemption when the reason is empty."""
    project = found(projects.find(project_id, viewer()))
    if "reason" not in request.form:  # an empty reason ends the exemption, a missing one says nothing
        abort(400)
    try:
        actions.set_exemption(project, clean(request.form["reason"]), viewer(), version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(project, refusal.status)
    flash(_("已保存豁免情况。"), "success")
    return redirect(url_for("projects.show", project_id=project.id), 303)


@views.post("/<id:project_id>/declarations")
def declare(project_id: int) -> ResponseReturnValue:
    """Start the project's declaration for a year."""
    project = found(projects.find(project_id, viewer()))
    year = parse_count(request.form.get("year", "")) or 0
    try:
        declaration = declaration_actions.start(project, year, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(project, refusal.status)
    if declaration.to_check:
        told = _(
            "已按上年建立 %(year)s 年度申报：文字沿用，日期顺延，请核对标有“请核对”的内容。", year=declaration.year
        )
    else:
        told = _("已建立 %(year)s 年度申报，请逐节填写。", year=declaration.year)
    flash(told, "success")
    for finding in _standing(project, year):
        if finding.level == WARNING:
            flash(finding.sentence(_), "warning")
    return redirect(url_for("declarations.show", declaration_id=declaration.id), 303)

"""Consequences: the year's advice for the next budget, and lifting what forbids a renewal."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import consequences as actions
from perfmgr.documents.consequences import advice_list
from perfmgr.queries import consequences, projects
from perfmgr.queries.filters import Filters
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.projects import CATEGORIES
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import clean_line
from perfmgr.web.asked import flash_refusal, found, list_filters
from perfmgr.web.downloads import attachment
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.views.rectifications import XLSX

views = Blueprint("consequences", __name__)


def _filters(by: Viewer) -> tuple[Filters, dict[str, list[tuple[str, str]]]]:
    # Grades are what schemes call them, so any short word may be asked for.
    asked = clean_line(request.args.get("state", ""))[:24]
    return list_filters(by, (asked,), CATEGORIES, usual="evaluated")


@views.get("/consequences")
def index() -> ResponseReturnValue:
    """Show the year's projects with grade, advice and hint for the next budget, the worst first."""
    by = viewer()
    filters, choices = _filters(by)
    groups = consequences.groups(by, filters)
    number = sum(group.count for group in groups if filters.state in ("", group.grade))
    return render_template(
        "consequences/index.html",
        filters=filters,
        choices=choices,
        groups=groups,
        page=consequences.page(by, filters, number),
        consequence=consequences.consequence,
        unrated=consequences.NOT_EVALUATED,
    )


@views.get("/consequences/export.xlsx")
def export() -> ResponseReturnValue:
    """Send the whole list as a workbook."""
    by = viewer()
    filters, _choices = _filters(by)
    data = advice_list(consequences.stream(by, filters), consequences.consequence)
    headers = attachment(f"{filters.year}年度绩效结果应用.xlsx", f"consequences-{filters.year}.xlsx")
    return Response(data, mimetype=XLSX, headers=headers)


@views.post("/projects/<id:project_id>/lift")
def lifting(project_id: int) -> ResponseReturnValue:
    """Lift the block for a year, for a written reason."""
    project = found(projects.find(project_id, viewer()))
    year = parse_count(request.form.get("year", "")) or 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        flash(_("请选择要解除限制的申报年度。"), "danger")
        return redirect(url_for("projects.show", project_id=project.id), 303)
    try:
        actions.lift(project, year, request.form.get("reason", ""), viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("projects.show", project_id=project.id), 303)
    flash(_("已解除 %(year)s 年度的申报限制，理由已记入办理记录。", year=year), "success")
    return redirect(url_for("projects.show", project_id=project.id), 303)

"""Quality of targets: what the rules found on the year's sheets, by sheet and by rule."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from perfmgr.documents.quality import csv_lines
from perfmgr.queries import quality
from perfmgr.queries.filters import Filters
from perfmgr.rules.projects import CATEGORIES
from perfmgr.rules.quality_texts import REASONS, TITLES
from perfmgr.rules.workflow import STATES
from perfmgr.web.asked import choice_arg, list_filters
from perfmgr.web.downloads import attachment
from perfmgr.web.gate import viewer

views = Blueprint("quality", __name__, url_prefix="/quality")


def _asked() -> tuple[Filters, dict[str, list[tuple[str, str]]], str]:
    filters, choices = list_filters(viewer(), STATES["declaration"], CATEGORIES)
    return filters, choices, choice_arg("rule", TITLES)


@views.get("")
def index() -> ResponseReturnValue:
    """Show the sheets of a year, the worst first, and how often each rule spoke."""
    by = viewer()
    filters, choices, rule = _asked()
    page, numbers, found = quality.page(by, filters, rule)
    return render_template(
        "quality/index.html",
        filters=filters,
        choices=choices,
        rule=rule,
        page=page,
        numbers=numbers,
        found=found,
        by_rule=quality.by_rule(by, filters),
        titles=TITLES,
        reasons=REASONS,
        query=request.query_string.decode("ascii", "ignore"),
    )


@views.get("/export.csv")
def export() -> ResponseReturnValue:
    """Send the whole list as csv, row by row."""
    filters, _choices, rule = _asked()
    return Response(
        csv_lines(quality.stream(viewer(), filters, rule)),
        mimetype="text/csv",
        headers=attachment(f"{filters.year}年度目标质量.csv", f"quality-{filters.year}.csv"),
    )

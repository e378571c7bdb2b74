"""The watch on inflated self-evaluations: the year's submitted sheets, the riskiest first, and the signals of one."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from perfmgr.documents.inflation import ranking
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import inflation
from perfmgr.rules.inflation import LIGHTS, TITLES, Report
from perfmgr.rules.schemes import KINDS
from perfmgr.web.asked import list_filters
from perfmgr.web.downloads import attachment
from perfmgr.web.gate import viewer
from perfmgr.web.views.rectifications import XLSX

views = Blueprint("inflation", __name__, url_prefix="/inflation")


@views.get("")
def index() -> ResponseReturnValue:
    """Show the year's submitted sheets by risk."""
    by = viewer()
    filters, choices = list_filters(by, LIGHTS, KINDS, usual="evaluated")
    page, counts = inflation.page(by, filters)
    return render_template(
        "inflation/index.html",
        filters=filters,
        choices=choices,
        page=page,
        counts=counts,
        lights=LIGHTS,
        titles=TITLES,
    )


@views.get("/export.xlsx")
def export() -> ResponseReturnValue:
    """Send the whole ranking, with the filters of the page, as a workbook."""
    by = viewer()
    filters, _choices = list_filters(by, LIGHTS, KINDS, usual="evaluated")
    headers = attachment(f"{filters.year}年度虚高排查.xlsx", f"inflation-{filters.year}.xlsx")
    return Response(ranking(inflation.stream(by, filters)), mimetype=XLSX, headers=headers)


@views.app_template_global("inflation_report")
def inflation_report(evaluation: Evaluation) -> Report:
    """Return what the watch says of a sheet, for its page."""
    return inflation.report(evaluation)


@views.app_template_global("light_name")
def light_name(light: str) -> str:
    """Return what a light is called, in the source language."""
    return LIGHTS[light]

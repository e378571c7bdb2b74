"""The watch on inflated self-evaluations: the year's submitted sheets, the riskiest first, and the signals of one."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import inflation
from perfmgr.rules.inflation import LIGHTS, TITLES, Report
from perfmgr.rules.schemes import KINDS
from perfmgr.web.asked import list_filters
from perfmgr.web.gate import viewer

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


@views.app_template_global("inflation_report")
def inflation_report(evaluation: Evaluation) -> Report:
    """Return what the watch says of a sheet, for its page."""
    return inflation.report(evaluation)


@views.app_template_global("light_name")
def light_name(light: str) -> str:
    """Return what a light is called, in the source language."""
    return LIGHTS[light]

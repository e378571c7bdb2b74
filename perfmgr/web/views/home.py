"""The first page: what waits for this person, the year's windows, and where coverage stands."""

import datetime as dt
from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.models.cycle import Cycle
from perfmgr.queries import coverage, cycles, notices
from perfmgr.rules.roles import BY_ASSIGNMENT, FILLER
from perfmgr.web.asked import page_number
from perfmgr.web.gate import viewer

views = Blueprint("home", __name__)

STAGE_WINDOWS = {"targets": "declaration", "self_evaluation": "self_evaluation"}
MOST_FIGURES = 6


@views.get("/")
def show() -> ResponseReturnValue:
    """Show the to-do list; reviewers and administrators also see coverage of the running years."""
    by = viewer()
    known = [cycle for cycle in cycles.listed(by) if cycle.closed_at is None]
    today = times.today()
    figures = []
    if by.roles - {FILLER} - BY_ASSIGNMENT:
        figures = [
            (year, stage, coverage.total(coverage.by_department(stage, by, year)))
            for year, stage in _running(known, today)[:MOST_FIGURES]
        ]
    return render_template("home/show.html", waiting=notices.waiting(by, page_number()), cycles=known, figures=figures)


def _running(known: Sequence[Cycle], today: dt.date) -> list[tuple[int, str]]:
    """Return the years and stages whose window has opened in any of these cycles, newest year first."""
    opened = {
        (cycle.year, stage)
        for cycle in known
        for stage, window in STAGE_WINDOWS.items()
        if (span := cycle.span(window)) and span.opens_on <= today
    }
    order = list(STAGE_WINDOWS)
    return sorted(opened, key=lambda found: (-found[0], order.index(found[1])))

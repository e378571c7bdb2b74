"""The first page: what waits for this person, the year's windows, and where coverage stands."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.queries import coverage, cycles, notices
from perfmgr.rules.roles import FILLER
from perfmgr.web.asked import page_number
from perfmgr.web.gate import viewer

views = Blueprint("home", __name__)


@views.get("/")
def show() -> ResponseReturnValue:
    """Show the to-do list; reviewers and administrators also see coverage of the running years."""
    by = viewer()
    known = [cycle for cycle in cycles.listed(by) if cycle.closed_at is None]
    today = times.today()
    figures = []
    if by.roles - {FILLER}:
        for cycle in known[:3]:
            for stage, window in (("targets", "declaration"), ("self_evaluation", "self_evaluation")):
                span = cycle.span(window)
                if span and span.opens_on <= today:
                    tallies = coverage.by_department(stage, by, cycle.year)
                    figures.append((cycle.year, stage, coverage.total(tallies)))
    return render_template("home/show.html", waiting=notices.waiting(by, page_number()), cycles=known, figures=figures)

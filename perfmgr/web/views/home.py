"""The first page: what waits for this person, the year's windows, and where coverage stands."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.models.cycle import Cycle
from perfmgr.queries import calendar, consequences, coverage, cycles, notices, workdays
from perfmgr.rules.consequences import renewal
from perfmgr.rules.findings import Finding
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
    waiting = notices.waiting(by, today, page_number())
    # What is over, or further away than a year, is on the calendar.
    soon = today + dt.timedelta(days=366)
    timings = [t for t in calendar.timings(by, known) if t.span.closes_on >= today and t.span.opens_on <= soon]
    return render_template(
        "home/show.html",
        waiting=waiting,
        standing=_standing([row for row in waiting.rows if row.subject == "project"], today),
        schedule=[(year, list(group)) for year, group in groupby(timings, key=lambda timing: timing.year)],
        several_areas=len({timing.area for timing in timings}) > 1,
        figures=figures,
        missing_years=workdays.years_missing(today) if workdays.may_change(by) else [],
    )


def _standing(rows: Sequence[Any], today: dt.date) -> dict[int, list[Finding]]:
    """Return what the last results say about declaring these projects once more."""
    found: dict[int, list[Finding]] = {}
    for year in {row.year for row in rows}:
        of_year = [row for row in rows if row.year == year]
        results = consequences.results([row.id for row in of_year], year, today)
        found |= {row.id: renewal(row.name, year, results.get(row.id)) for row in of_year}
    return found


def _running(known: Sequence[Cycle], today: dt.date) -> list[tuple[int, str]]:
    """Return the years and stages whose window has opened in any of these cycles, newest year first."""
    opened = {
        (cycle.year, stage)
        for cycle in known
        for stage, window in STAGE_WINDOWS.items()
        if any(span.opens_on <= today for span in cycle.spans_within(window, cycle.unit.path))
    }
    order = list(STAGE_WINDOWS)
    return sorted(opened, key=lambda found: (-found[0], order.index(found[1])))

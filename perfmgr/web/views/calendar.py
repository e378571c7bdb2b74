"""The calendar: a month as a table or a list, with windows, one's own duties, holidays and moved days."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.queries import calendar, cycles, workdays
from perfmgr.rules.months import NAMES, Month, of_day, parse_month
from perfmgr.rules.strips import strip
from perfmgr.web.asked import choice_arg
from perfmgr.web.gate import viewer

views = Blueprint("calendar", __name__)


def _month() -> Month:
    """Return the month asked for, this one when none is; 404 for what is no month."""
    text = request.args.get("month", "")
    month = parse_month(text) if text else of_day(times.today())
    if month is None:
        abort(404)
    return month


@views.get("/calendar")
def show() -> ResponseReturnValue:
    """Show one month."""
    by, month, today = viewer(), _month(), times.today()
    running = [cycle for cycle in cycles.listed(by) if cycle.closed_at is None]
    known = calendar.timings(by, running)
    weeks = month.weeks()
    table = workdays.known()
    days = calendar.days(by, known, table, weeks[0][0], weeks[-1][-1], today)
    return render_template(
        "calendar/show.html",
        month=month,
        before=month.moved(-1) if month.moved(-1).shown() else None,
        after=month.moved(1) if month.moved(1).shown() else None,
        listing=choice_arg("view", ("list",)) == "list",
        weeks=[[days[day] for day in week] for week in weeks],
        busy=[day for day in days.values() if month.first <= day.date <= month.last and not day.empty],
        known=known,
        month_names=NAMES,
        strip=strip(month.year, [t.span for t in known], today),
        current=[t for t in known if t.span.opens_on <= month.last and t.span.closes_on >= month.first],
        missing=table.workdays.missing(month.first, month.last),
    )

"""The calendar as a subscription: making and ending the secret address, and answering the programs that ask for it."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import feeds as actions
from perfmgr.documents.feeds import Entry
from perfmgr.documents.feeds import calendar as ical
from perfmgr.models.feed import CalendarFeed
from perfmgr.queries import calendar, cycles, feeds, notices, people
from perfmgr.queries.calendar import Timing
from perfmgr.rules.cycles import WINDOWS
from perfmgr.rules.dates import EARLIEST, LATEST
from perfmgr.web import language
from perfmgr.web.asked import found
from perfmgr.web.duty_texts import duty_address, subject_name
from perfmgr.web.filters import duty_name
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _

MOST_DUTIES = 500
PAST = dt.timedelta(days=400)  # windows that ended earlier are left out

views = Blueprint("feeds", __name__)


@views.get("/calendar/subscription")
def index() -> ResponseReturnValue:
    """Show whether there is a subscription, and how to use one."""
    return render_template("feeds/index.html", feed=feeds.of_person(viewer().id))


@views.post("/calendar/subscription")
def create() -> ResponseReturnValue:
    """Make the secret address (anew) and show it this once."""
    secret = actions.renew(viewer(), language.current())
    address = url_for("feeds.show", secret=secret, _external=True)
    return render_template("feeds/index.html", feed=feeds.of_person(viewer().id), address=address)


@views.post("/calendar/subscription/removal")
def removal() -> ResponseReturnValue:
    """Take the address back."""
    actions.remove(viewer())
    flash(_("订阅已取消，原地址不再可用。"), "success")
    return redirect(url_for("feeds.index"), 303)


@views.get("/calendar/feed/<secret>.ics")
def show(secret: str) -> ResponseReturnValue:
    """Send the calendar of the person with this secret; whoever brings no right one learns nothing."""
    feed = found(feeds.by_secret(secret))
    language.use(feed.language)
    response = Response(ical(_("绩效管理日历"), _entries(feed)), mimetype="text/calendar")
    response.headers["Content-Disposition"] = "inline; filename=perfmgr.ics"
    response.cache_control.private = response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)


def _entries(feed: CalendarFeed) -> Iterator[Entry]:
    by, today = people.viewer(feed.person_id), times.today()
    running = [cycle for cycle in cycles.listed(by) if cycle.closed_at is None]
    for timing in calendar.timings(by, running):
        if timing.span.closes_on >= today - PAST:
            yield _window(timing, feed)
    for row in notices.due_between(by, today, EARLIEST, LATEST, MOST_DUTIES):
        yield _duty(row)


def _uid(*parts: object) -> str:
    return "-".join(str(part) for part in parts) + f"@{request.host}"


def _window(timing: Timing, feed: CalendarFeed) -> Entry:
    name = _("%(year)s 年度 %(window)s", year=timing.year, window=_(WINDOWS[timing.kind]))
    title = f"{name}（{timing.unit_name}）" if timing.unit_name else name
    return Entry(
        uid=_uid("window", timing.cycle_id, timing.kind, timing.exception_id),
        title=title,
        first=timing.span.opens_on,
        last=timing.span.closes_on,
        changes=timing.changes,
        changed_at=timing.changed_at or feed.created_at,
        url=url_for("calendar.show", month=timing.span.closes_on.isoformat()[:7], _external=True),
        description=timing.reason,
        location=timing.unit_name or timing.area,
        deadline=_("%(title)s 24:00 截止", title=title),
    )


def _duty(row: Any) -> Entry:
    what = f"{subject_name(row.subject, row.adjusts_id)} · {duty_name(row.subject, row.state)}"
    return Entry(
        uid=_uid(row.subject, row.id, row.year),
        title=_("截止：%(name)s", name=row.name or row.unit_name),
        first=row.due_on,
        last=row.due_on,
        changes=row.changes,
        changed_at=row.updated_at,
        url=request.host_url.rstrip("/") + duty_address(row),
        description=f"{row.year} {what}",
        location=row.unit_name,
    )

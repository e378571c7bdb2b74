"""A person's calendar as an iCalendar file (RFC 5545): whole days as dates, deadlines on Beijing's clock."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

BEIJING = "Asia/Shanghai"
_DAY = dt.timedelta(days=1)
# What zone rules are needed for: Beijing has had no change since 1991.
_ZONE_FROM, _ZONE_UNTIL = dt.date(2000, 1, 1), dt.date(2038, 1, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of whole days, both included. ``uid`` stays the same for as long as the thing is the same thing.

    ``changes`` counts up with every change of the record. With ``deadline`` the last hour before
    24:00 of the last day gets an event of its own.
    """

    uid: str
    title: str
    first: dt.date
    last: dt.date
    changes: int
    changed_at: dt.datetime
    url: str
    description: str = ""
    location: str = ""
    deadline: str = ""  # the title of the deadline's own event


def calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """Return the calendar; the same entries give the same bytes."""
    file = Calendar()
    file.add("prodid", "-//perfmgr//calendar//ZH")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", "PUBLISH")
    file.add("name", name)
    file.add("x-wr-calname", name)
    file.add("x-wr-timezone", BEIJING)
    file.add("refresh-interval", dt.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    file.add("x-published-ttl", dt.timedelta(hours=6))
    listed = list(entries)
    if any(entry.deadline for entry in listed):
        file.add_component(Timezone.from_tzid(BEIJING, first_date=_ZONE_FROM, last_date=_ZONE_UNTIL))
    for entry in listed:
        file.add_component(_whole_days(entry))
        if entry.deadline:
            file.add_component(_last_hour(entry))
    return file.to_ical()


def _event(entry: Entry, uid: str, title: str) -> Event:
    event = Event()
    event.add("uid", uid)
    # Not the present instant: what has not changed must not look changed.
    event.add("dtstamp", entry.changed_at.astimezone(dt.UTC))
    event.add("last-modified", entry.changed_at.astimezone(dt.UTC))
    event.add("sequence", entry.changes)
    event.add("summary", title)
    event.add("url", entry.url)
    event.add("transp", "TRANSPARENT")  # nobody is busy because of it
    if entry.description:
        event.add("description", entry.description)
    if entry.location:
        event.add("location", entry.location)
    return event


def _whole_days(entry: Entry) -> Event:
    event = _event(entry, entry.uid, entry.title)
    event.add("dtstart", entry.first)
    if entry.last < dt.date.max:
        event.add("dtend", entry.last + _DAY)  # the end of whole days is the day after (RFC 5545, 3.6.1)
    return event


def _last_hour(entry: Entry) -> Event:
    event = _event(entry, f"deadline-{entry.uid}", entry.deadline)
    zone = ZoneInfo(BEIJING)
    event.add("dtstart", dt.datetime.combine(entry.last, dt.time(23), zone))
    event.add("dtend", dt.datetime.combine(entry.last + _DAY, dt.time(0), zone))
    return event

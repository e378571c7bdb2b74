"""The one place that reads the machine's clock: instants in UTC, days in Beijing time."""

import datetime as dt
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def day(instant: dt.datetime) -> dt.date:
    """Return the calendar day of an instant in Beijing."""
    return instant.astimezone(BEIJING).date()


def today() -> dt.date:
    """Return today's day in Beijing."""
    return day(now())


def local(instant: dt.datetime) -> dt.datetime:
    """Return the instant on Beijing's wall clock."""
    return instant.astimezone(BEIJING)

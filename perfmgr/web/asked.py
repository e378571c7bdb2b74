"""What a request asks for: the record, the page, the filters; anything odd is answered with 404."""

from collections.abc import Collection
from typing import TypeVar

from flask import abort, flash, request
from werkzeug.routing import BaseConverter

from perfmgr import times
from perfmgr.queries import cycles, units
from perfmgr.queries.filters import Filters
from perfmgr.queries.paging import LAST_PAGE
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import clean_line
from perfmgr.web.language import gettext as _

T = TypeVar("T")


class IdConverter(BaseConverter):
    """A record id in an address: a positive integer that every database can hold."""

    regex = r"[1-9]\d{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)


def found(record: T | None) -> T:
    """Return the record, or answer 404: a foreign record looks like one that does not exist."""
    if record is None:
        abort(404)
    return record


def number_arg(name: str) -> int | None:
    """Return a positive number from the query string, None when it is absent; 404 for anything else."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:19]) < 10**18 and len(text) < 19):
        abort(404)
    return int(text)


def page_number() -> int:
    """Return the page asked for, counted from 1."""
    number = number_arg("page") or 1
    if number > LAST_PAGE:
        abort(404)
    return number


def choice_arg(name: str, allowed: Collection[str]) -> str:
    """Return a word from the query string if it is one of these, an empty one otherwise."""
    value = request.args.get(name, "")
    return value if value in allowed else ""


def year_arg(years: list[int], usual: int | None = None) -> int:
    """Return the year asked for; otherwise the usual one if it exists, the newest, or this year."""
    asked = number_arg("year")
    if asked and 2000 <= asked <= 2100:
        return asked
    if usual in years:
        return usual
    return years[0] if years else times.today().year


def running_year(years: list[int]) -> int | None:
    """Return the newest year that has begun."""
    return next((year for year in years if year <= times.today().year), None)


def evaluated_year(years: list[int]) -> int | None:
    """Return the newest year that is over: the one whose self-evaluation is on."""
    return next((year for year in years if year < times.today().year), None)


def list_filters(
    by: Viewer, states: Collection[str], categories: Collection[str], usual: str = "newest"
) -> tuple[Filters, dict[str, list[tuple[str, str]]]]:
    """Return the filters of a list page from its query string, and the choices for them."""
    years = cycles.years(by)
    pick = {"newest": lambda _years: None, "running": running_year, "evaluated": evaluated_year}[usual]
    filters = Filters(
        year=year_arg(years, pick(years)),
        department_id=number_arg("department"),
        state=choice_arg("state", states),
        category=choice_arg("category", categories),
        search=clean_line(request.args.get("q", ""))[:100],
        page=page_number(),
    )
    return filters, filter_choices(by, years)


def filter_choices(by: Viewer, years: list[int]) -> dict[str, list[tuple[str, str]]]:
    """Return the years and departments a list may be filtered by."""
    return {
        "years": [(str(year), str(year)) for year in years],
        "departments": [(str(key), name) for key, name in units.departments(by)],
    }


def flash_refusal(refusal: Refused) -> None:
    """Show every sentence of a refusal on the next page."""
    for finding in refusal.findings[:20]:
        flash(finding.sentence(_), "danger")

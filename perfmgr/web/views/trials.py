"""Trials: what a scheme would do to the sheets of a year, before it is published."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from perfmgr.documents.trials import workbook
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import schemes, trials
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.rules.reviews import whose
from perfmgr.rules.trial_parameters import notable
from perfmgr.rules.trials import by_size, summary
from perfmgr.web.asked import evaluated_year, found, page_number, year_arg
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.target_files import answer

views = Blueprint("trials", __name__, url_prefix="/schemes/<id:scheme_id>/trial")


def _asked(scheme_id: int) -> tuple[SchemeVersion, list[int], int]:
    version = found(schemes.find(scheme_id))
    years = trials.years(version, viewer())
    return version, years, year_arg(years, evaluated_year(years))


@views.get("")
def show(scheme_id: int) -> ResponseReturnValue:
    """Show totals and grades before and after, the largest change first."""
    version, years, year = _asked(scheme_id)
    scheme, by = schemes.parsed(version), viewer()
    results = by_size(trials.run(version, by, year))
    number = page_number()
    rows = results[offset(number) :][:PAGE_SIZE]
    least = notable(version.data)
    return render_template(
        "trials/show.html",
        version=version,
        scheme=scheme,
        year=year,
        years=years,
        page=Page(rows, number, len(results)),
        named=trials.named(version, by, year, [row.sheet_id for row in rows]),
        summary=summary(results, scheme, least),
        notable=least,
        whose=whose,
        query=request.query_string.decode("ascii", "ignore"),
    )


@views.get("/export.xlsx")
def export(scheme_id: int) -> ResponseReturnValue:
    """Send the whole list and the counts by grade as a workbook."""
    version, _years, year = _asked(scheme_id)
    by = viewer()
    results = by_size(trials.run(version, by, year))
    data = workbook(
        results,
        trials.named(version, by, year),
        summary(results, schemes.parsed(version), notable(version.data)),
        version.kind,
        _,
    )
    name = f"{version.name}（v{version.number}）{year}年度试算.xlsx"
    return answer(data, name, f"trial-{version.id}-{year}.xlsx")

"""Coverage: shares with numerator and denominator, and the list behind each."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from perfmgr.queries import coverage, cycles
from perfmgr.rules.coverage import BASES, STAGES
from perfmgr.web.asked import choice_arg, filter_choices, number_arg, page_number, running_year, year_arg
from perfmgr.web.gate import viewer

views = Blueprint("coverage", __name__, url_prefix="/coverage")

PARTS = ("all", "done", "missing")


def _year() -> tuple[int, list[int]]:
    years = cycles.years(viewer())
    return year_arg(years, running_year(years)), years


@views.get("")
def index() -> ResponseReturnValue:
    """Show both stages on every basis, in total and by department."""
    by, department = viewer(), number_arg("department")
    year, years = _year()
    tallies = {stage: coverage.by_department(stage, by, year, department) for stage in STAGES}
    return render_template(
        "coverage/index.html",
        year=year,
        department=department,
        tallies=tallies,
        totals={stage: coverage.total(rows) for stage, rows in tallies.items()},
        exempt=coverage.exempt(by, year, department),
        choices=filter_choices(by, years),
        stages=STAGES,
        bases=BASES,
    )


@views.get("/list")
def listing() -> ResponseReturnValue:
    """Show the list behind one figure; its number of rows equals the figure."""
    by, department = viewer(), number_arg("department")
    year, years = _year()
    stage = choice_arg("stage", STAGES) or "targets"
    part = choice_arg("part", PARTS) or "all"
    basis = choice_arg("basis", ("departments", "units", "projects", "exempt")) or "projects"
    if basis == "departments":
        stage = "self_evaluation"  # of the targets there is no sheet of the whole department
    wanted = coverage.Behind(stage, part, year, department, page_number())
    context = {"wanted": wanted, "basis": basis, "stages": STAGES, "parts": PARTS, "choices": filter_choices(by, years)}
    if basis == "exempt":
        return render_template("coverage/exempt.html", rows=coverage.exempt_behind(by, year, department), **context)
    if basis == "units":
        return render_template("coverage/units.html", rows=coverage.units_behind(by, wanted), **context)
    if basis == "departments":
        return render_template("coverage/departments.html", rows=coverage.departments_behind(by, wanted), **context)
    page, money = coverage.projects_behind(by, wanted)
    return render_template("coverage/projects.html", page=page, money=money, **context)

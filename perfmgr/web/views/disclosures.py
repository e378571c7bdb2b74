"""Disclosure: the text to publish for a department and year, on the page and as a Word document."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.documents.disclosures import accounts_blocks, budget_blocks, numbered, word
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles, disclosures, units
from perfmgr.web.asked import choice_arg, found, number_arg, running_year, year_arg
from perfmgr.web.downloads import attachment
from perfmgr.web.gate import viewer

views = Blueprint("disclosures", __name__, url_prefix="/disclosures")

KINDS = ("budget", "accounts")


def _departments() -> list[Unit]:
    """Return the departments this person sees as a whole."""
    return list(units.listed(viewer(), kinds=("department",)))


def _content(department: Unit, year: int, kind: str) -> dict[str, Any]:
    facts = disclosures.of_department(department, year, viewer())
    projects = disclosures.approved_projects(department, year)
    chosen = number_arg("project") or (projects[0].id if projects else None)
    declaration = disclosures.project_text(chosen, department, year) if chosen and kind == "budget" else None
    blocks = budget_blocks(facts, declaration) if kind == "budget" else accounts_blocks(facts)
    return {"blocks": numbered(blocks), "projects": projects, "chosen": chosen, "facts": facts}


def _publish_by(department: Unit, year: int) -> dt.date | None:
    """Return the last day on which the department should publish, None when the year sets none."""
    cycle = cycles.for_unit(department.path, year)
    span = cycle.span("disclosure", department.path) if cycle else None
    return span.closes_on if span else None


@views.get("")
def index() -> ResponseReturnValue:
    """Show the text; the first department and the running year when none is chosen."""
    departments = _departments()
    years = cycles.years(viewer())
    year = year_arg(years, running_year(years))
    kind = choice_arg("kind", KINDS) or "budget"
    asked = number_arg("department")
    department = found(next((d for d in departments if d.id == asked), None)) if asked else None
    department = department or (departments[0] if departments else None)
    content = _content(department, year, kind) if department else {}
    return render_template(
        "disclosures/index.html",
        departments=departments,
        department=department,
        publish_by=_publish_by(department, year) if department else None,
        years=years,
        year=year,
        kind=kind,
        **content,
    )


@views.get("/<id:department_id>/<int:year>/<kind>.docx")
def document(department_id: int, year: int, kind: str) -> ResponseReturnValue:
    """Send the text as a Word document."""
    department = found(next((d for d in _departments() if d.id == department_id), None))
    kind = found(kind if kind in KINDS and 2000 <= year <= 2100 else None)
    content = _content(department, year, kind)
    title = f"{department.name}{year}年{'部门预算' if kind == 'budget' else '部门决算'}绩效信息"
    body = word(title, department.name, content["blocks"], times.now())
    return Response(
        body,
        mimetype="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        headers=attachment(f"{title}.docx", f"disclosure-{kind}-{year}.docx"),
    )

"""Quality of targets: what the rules found on the year's sheets, by sheet and by rule."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.documents.quality import csv_lines
from perfmgr.queries import declarations, quality, units
from perfmgr.queries.filters import Filters
from perfmgr.rules.findings import Finding
from perfmgr.rules.projects import CATEGORIES
from perfmgr.rules.quality_score import Quality, score_quality
from perfmgr.rules.quality_texts import REASONS, TITLES
from perfmgr.rules.roles import ADMINISTRATOR, DEPARTMENT_REVIEWER, FILLER, FINANCE_REVIEWER
from perfmgr.rules.workflow import FILLER_STATES, STATES
from perfmgr.web.asked import choice_arg, found, list_filters
from perfmgr.web.downloads import attachment
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.sections import field_address

_WATCHING = {DEPARTMENT_REVIEWER, FINANCE_REVIEWER, ADMINISTRATOR}

views = Blueprint("quality", __name__, url_prefix="/quality")


def _asked() -> tuple[Filters, dict[str, list[tuple[str, str]]], str]:
    filters, choices = list_filters(viewer(), STATES["declaration"], CATEGORIES)
    return filters, choices, choice_arg("rule", TITLES)


@views.get("")
def index() -> ResponseReturnValue:
    """Show the sheets of a year, the worst first, and how often each rule spoke."""
    by = viewer()
    filters, choices, rule = _asked()
    page, numbers, hits = quality.page(by, filters, rule)
    return render_template(
        "quality/index.html",
        filters=filters,
        choices=choices,
        rule=rule,
        page=page,
        numbers=numbers,
        hits=hits,
        by_rule=quality.by_rule(by, filters),
        unserved=_unserved(filters, choices),
        titles=TITLES,
        reasons={code: _(reason) % () for code, reason in REASONS.items()},
        query=request.query_string.decode("ascii", "ignore"),
    )


def _unserved(filters: Filters, choices: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Return the key tasks without a project, for reviewers and administrators who look at one department."""
    only = choices["departments"][0][0] if len(choices["departments"]) == 1 else ""
    department = units.find(filters.department_id or int(only or 0), viewer(), _WATCHING)
    return quality.unserved_tasks(department, filters.year) if department else []


def _shown(finding: Finding) -> dict[str, str]:
    """Return one finding in the language of the page, with where it is mended."""
    return {
        "code": finding.code,
        "level": finding.level,
        "sentence": finding.sentence(_),
        "remedy": finding.remedy(_),
        "why": finding.why(_),
        "address": field_address(finding.field),
    }


def _marks(quality: Quality) -> dict[str, Any]:
    """Return the quality score in words: the marks of each head, and the change that gains most."""
    best = quality.best_change
    return {
        "total": quality.total,
        "heads": [
            (_(head.name), head.marks, head.full, [loss.sentence(_) for loss in head.losses]) for head in quality.heads
        ],
        "gain": best.gain if best else None,
        "best": [finding.remedy(_) or finding.sentence(_) for finding in best.findings[:3]] if best else [],
    }


@views.get("/<id:declaration_id>")
def show(declaration_id: int) -> ResponseReturnValue:
    """Show everything the rules say about one sheet: marks by head, findings with remedies, what could not be told."""
    declaration = found(declarations.find(declaration_id, viewer()))
    report = quality.examined(declaration, times.today())
    return render_template(
        "quality/show.html",
        declaration=declaration,
        findings=[_shown(finding) for finding in report.findings],
        undetermined=[(rule.code, _(rule.why)) for rule in report.undetermined],
        marks=_marks(score_quality(report.findings, quality.rule_book())),
        titles=TITLES,
        editable=declaration.state in FILLER_STATES and FILLER in viewer().roles_over(declaration.unit.path),
    )


@views.get("/export.csv")
def export() -> ResponseReturnValue:
    """Send the whole list as csv, row by row."""
    filters, _choices, rule = _asked()
    return Response(
        csv_lines(quality.stream(viewer(), filters, rule)),
        mimetype="text/csv",
        headers=attachment(f"{filters.year}年度目标质量.csv", f"quality-{filters.year}.csv"),
    )

"""Reads a published department budget or accounts into facts, each with the line it stands in."""

import pathlib
from collections.abc import Sequence
from typing import Any

from perfmgr.documents.published.figures import Reading
from perfmgr.documents.published.findings import findings
from perfmgr.documents.published.functions import functions, stated
from perfmgr.documents.published.identity import department, is_disclosure, kind_and_year
from perfmgr.documents.published.outline import Outline, outline_of
from perfmgr.documents.published.performance import self_evaluation, targets
from perfmgr.documents.published.projects import projects
from perfmgr.documents.published.remarks import remarks
from perfmgr.documents.published.report import report
from perfmgr.documents.published.text import Fact
from perfmgr.documents.published.totals import BASIC, EXPENDITURE, INCOME, PROJECT, SPECIAL, completion, total
from perfmgr.documents.published.units import units
from perfmgr.documents.source_files import read_lines
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean_line

__all__ = ["read_published", "read_published_lines", "report"]

# Several times the longest text a department publishes; more only keeps the reader busy.
LIMIT_CHARACTERS = 500_000
LIMIT_LINES = 20_000


def read_published(path: pathlib.Path) -> dict[str, Any]:
    """Return the facts stated in a published text file or PDF as an object fit for JSON.

    Each fact is ``{"value": …, "line": n}``, or None when the document does not plainly state
    it; amounts are decimal strings in 万元, percentages decimal strings, dates ISO strings. A
    list is [] when the document states that there is nothing and None when it does not say.
    ``findings`` lists what does not fit. Raises Refused when the file cannot be read or is no
    department budget or accounts.
    """
    return read_published_lines(read_lines(path), clean_line(path.name)[:80])


def read_published_lines(lines: Sequence[str], name: str) -> dict[str, Any]:
    """Return the same for a document's source lines; ``name`` is what refusals call it."""
    if sum(map(len, lines)) > LIMIT_CHARACTERS or sum(map(bool, lines)) > LIMIT_LINES:
        raise Refused(N_("“%(name)s”的文字太多，请只保留预算或决算说明的正文后再读。"), name=name)
    outline = outline_of(lines)
    kind, year = kind_and_year(outline)
    if kind is None or not is_disclosure(outline):
        raise Refused(N_("“%(name)s”不是部门预算或部门决算的公开文本，请选择这两种文件。"), name=name)
    return _facts(outline, kind, year)


def _facts(outline: Outline, kind: Fact, year: Fact | None) -> dict[str, Any]:
    owner = department(outline)
    reading = Reading(outline, kind["value"], _value(year), _value(owner))
    found = functions(reading)
    facts = {
        "document_kind": kind,
        "year": year,
        "department": owner,
        "units": units(reading),
        **_totals(reading),
        "functions": stated(found),
        "completion_percent": completion(reading),
        **_targets(reading),
        **self_evaluation(reading),
        **_remarks(reading),
        "projects": projects(reading),
    }
    return {**facts, "findings": findings(reading, facts, found)}


def _value(fact: Fact | None) -> Any:
    return fact["value"] if fact else None


def _totals(reading: Reading) -> dict[str, Fact | None]:
    return {
        "income_total_wan": total(reading, INCOME),
        "expenditure_total_wan": total(reading, EXPENDITURE),
        "basic_expenditure_wan": total(reading, BASIC),
        "project_expenditure_wan": total(reading, PROJECT),
        "special_expenditure_wan": total(reading, SPECIAL),
    }


def _targets(reading: Reading) -> dict[str, Fact | None]:
    projects_with_targets, money, part = targets(reading)
    return {
        "targets_project_count": projects_with_targets,
        "targets_amount_wan": money,
        "targets_share_percent": part,
    }


def _remarks(reading: Reading) -> dict[str, Fact | None]:
    problems, measures = remarks(reading)
    return {"problems": problems, "measures": measures}

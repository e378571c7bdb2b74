"""Where the page of a record is that a notice or reminder is about."""

from typing import Any

from flask import url_for

# The endpoint of each kind of record, and what its id is called there.
PAGES = {
    "project": ("projects.show", "project_id"),
    "declaration": ("declarations.show", "declaration_id"),
    "evaluation": ("evaluations.show", "evaluation_id"),
    "monitoring": ("monitorings.show", "monitoring_id"),
    "budget": ("budgets.show", "line_id"),
    "rectification": ("rectifications.show", "rectification_id"),
    "appraisal": ("appraisals.show", "appraisal_id"),
    "library": ("library.show", "entry_id"),
}
# What is not about one record leads to the list where the work waits.
LISTS = {"cycle": "evaluations.index", "window": "calendar.show"}


def address(kind: str, subject_id: int, year: int | str | None = None) -> str:
    """Return the address of the record, of the list it stands in, or of the to-do list."""
    if kind in PAGES:
        endpoint, name = PAGES[kind]
        values: dict[str, Any] = {name: subject_id}
        return url_for(endpoint, **values)
    return url_for(LISTS[kind], year=year) if kind in LISTS else url_for("home.show")

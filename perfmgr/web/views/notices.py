"""Notices: what this person was told."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import notices as actions
from perfmgr.queries import notices
from perfmgr.web.asked import found, page_number
from perfmgr.web.gate import viewer

views = Blueprint("notices", __name__, url_prefix="/notices")

TARGETS = {
    "declaration": ("declarations.show", "declaration_id"),
    "evaluation": ("evaluations.show", "evaluation_id"),
    "monitoring": ("monitorings.show", "monitoring_id"),
    "budget": ("budgets.show", "line_id"),
    "rectification": ("rectifications.show", "rectification_id"),
    "appraisal": ("appraisals.show", "appraisal_id"),
    "library": ("library.show", "entry_id"),
}


@views.get("")
def index() -> ResponseReturnValue:
    """Show the person's notices, newest first."""
    return render_template("notices/index.html", page=notices.page(viewer(), page_number()))


@views.post("/<id:notice_id>/reading")
def read(notice_id: int) -> ResponseReturnValue:
    """Mark one notice as read and go to what it is about."""
    notice = found(notices.find(notice_id, viewer()))
    kind, subject_id, year = notice.subject_kind, notice.subject_id, notice.params.get("year")
    actions.read(notice)
    if kind in TARGETS:
        endpoint, name = TARGETS[kind]
        values: dict[str, Any] = {name: subject_id}
        return redirect(url_for(endpoint, **values), 303)
    return redirect(url_for("evaluations.index", year=year), 303)


@views.post("/reading")
def read_all() -> ResponseReturnValue:
    """Mark all notices as read."""
    actions.read_all(viewer())
    return redirect(url_for("notices.index"), 303)

"""Notices: what this person was told, and which reminders are kept for them."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import notices as actions
from perfmgr.actions import reminders as reminder_actions
from perfmgr.queries import _reminder_ledger as ledger
from perfmgr.queries import notices
from perfmgr.rules.notice_groups import GROUPS, REMINDERS, group_of
from perfmgr.rules.refusals import Refused
from perfmgr.web import subjects
from perfmgr.web.asked import choice_arg, flash_refusal, found, page_number
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _

views = Blueprint("notices", __name__, url_prefix="/notices")


def _asked() -> dict[str, Any]:
    return {"unread": request.args.get("show") == "unread", "group": choice_arg("group", GROUPS)}


@views.get("")
def index() -> ResponseReturnValue:
    """Show the person's notices by day, newest first."""
    asked = _asked()
    page, counts = notices.page(viewer(), page_number(), **asked)
    items = ledger.told_by([notice.id for notice in page.rows if group_of(notice.kind) == REMINDERS])
    return render_template("notices/index.html", page=page, counts=counts, items=items, **asked)


@views.post("/<id:notice_id>/reading")
def read(notice_id: int) -> ResponseReturnValue:
    """Mark one notice as read, and go to what it is about unless the person stays in the list."""
    notice = found(notices.find(notice_id, viewer()))
    kind, subject_id, year = notice.subject_kind, notice.subject_id, notice.params.get("year")
    actions.read(notice)
    if request.form.get("stay") != "y":
        return redirect(subjects.address(kind, subject_id, year), 303)
    if request.form.get("script") == "y":
        return Response(status=204)
    where: dict[str, Any] = {key: value for key in ("show", "group", "page") if (value := request.form.get(key))}
    return redirect(url_for("notices.index", **where, _anchor=f"notice-{notice_id}"), 303)


@views.post("/reading")
def read_all() -> ResponseReturnValue:
    """Mark all notices as read."""
    actions.read_all(viewer())
    return redirect(url_for("notices.index"), 303)


# --- the reminders kept for this person -------------------------------------------------------


@views.get("/reminders")
def reminders() -> ResponseReturnValue:
    """Show which reminders this person gets and got, why, by which rule, and what comes next."""
    by = viewer()
    return render_template("notices/reminders.html", page=ledger.of_person(by, page_number()), away=ledger.away(by.id))


@views.post("/reminders/<id:reminder_id>/acknowledgement")
def acknowledge(reminder_id: int) -> ResponseReturnValue:
    """Note that the person knows."""
    reminder = found(ledger.own(reminder_id, viewer()))
    try:
        reminder_actions.acknowledge(reminder, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("notices.reminders"), 303)
    flash(_("已登记您知道这件事；办完之前，以后的提醒照常。"), "success")
    return redirect(url_for("notices.reminders", _anchor=f"reminder-{reminder_id}"), 303)

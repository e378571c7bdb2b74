"""Reminders: the ledger of every single one, one line of it, and what one person gets."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import reminders as actions
from perfmgr.documents.reminder_ledger import coming as coming_workbook
from perfmgr.documents.reminder_ledger import ledger as ledger_workbook
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.queries import _reminder_ledger as ledger
from perfmgr.queries import events, people, reminders, units
from perfmgr.queries._reminder_ledger import LedgerFilters
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.rules.absences import absences_in
from perfmgr.rules.dates import parse_day
from perfmgr.rules.refusals import Refused
from perfmgr.rules.reminders import DUTIES, STATES
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import clean_line
from perfmgr.web.asked import choice_arg, flash_refusal, found, number_arg, page_number
from perfmgr.web.downloads import attachment
from perfmgr.web.forms.reminders import AbsenceForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal
from perfmgr.web.reminder_preview import AUDIENCES, DAYS, audience, by_person, chosen, midnight, weeks
from perfmgr.web.reminder_texts import reason_text
from perfmgr.web.views.rectifications import XLSX

views = Blueprint("reminders", __name__, url_prefix="/reminders")

ONE_DAY = dt.timedelta(days=1)
MOST_EXPORTED = 50_000


def _day_arg(name: str) -> tuple[str, dt.date | None]:
    """Return a day of the query string as it was typed, and what it means."""
    typed = clean_line(request.args.get(name, ""))[:20]
    return typed, parse_day(typed) if typed else None


def _asked() -> tuple[LedgerFilters, dict[str, str]]:
    """Return the filters, and the days as they were typed."""
    since, first = _day_arg("since")
    until, last = _day_arg("until")
    filters = LedgerFilters(
        state=choice_arg("state", STATES),
        duty=choice_arg("duty", DUTIES),
        department_id=number_arg("department"),
        person_id=number_arg("person"),
        search=clean_line(request.args.get("q", ""))[:100],
        late=request.args.get("late") == "1",
        since=midnight(first) if first else None,
        until=midnight(last) + ONE_DAY if last else None,
        page=page_number(),
    )
    return filters, {"since": since, "until": until}


def _unreadable(typed: dict[str, str]) -> list[str]:
    names = {"since": _("应发日期从"), "until": _("到")}
    return [
        _("“%(label)s”填的“%(text)s”不是真实存在的日期，请按 2025-01-31 的样子填写。", label=names[key], text=text)
        for key, text in typed.items()
        if text and parse_day(text) is None
    ]


@views.get("")
def index() -> ResponseReturnValue:
    """Show one page of the ledger, with what today was due, sent, failed and not sent."""
    by, now = viewer(), times.now()
    filters, typed = _asked()
    page, counts = ledger.page(by, filters, now)
    today = midnight(times.day(now))
    wrong = _unreadable(typed)
    return (
        render_template(
            "reminders/index.html",
            filters=filters,
            typed=typed,
            wrong=wrong,
            page=page,
            counts=counts,
            totals=ledger.totals(by, today, today + ONE_DAY),
            overdue=ledger.overdue(by, today),
            departments=units.departments(by),
            person=found(people.find(filters.person_id, by)) if filters.person_id else None,
        ),
        422 if wrong else 200,
    )


@views.get("/export.xlsx")
def export() -> ResponseReturnValue:
    """Send the list as a workbook, the newest first, at most MOST_EXPORTED rows."""
    by, now = viewer(), times.now()
    filters, _typed = _asked()
    rows = ledger.stream(by, filters, now, MOST_EXPORTED)
    data = ledger_workbook(rows, lambda row: reason_text(row.state, row.reason, row.note), times.local)
    day = times.day(now).isoformat()
    return Response(data, mimetype=XLSX, headers=attachment(f"提醒台账{day}.xlsx", f"reminders-{day}.xlsx"))


# --- what is to come --------------------------------------------------------------------------


def _preview() -> dict[str, Any]:
    """Return what is to come, limited to what the query string asks for."""
    by, now = viewer(), times.now()
    paths = by.paths({ADMINISTRATOR})
    department = number_arg("department")
    if department:
        paths = [found(units.find(department, by, {ADMINISTRATOR})).path]
    asked: dict[str, Any] = {
        "duty": choice_arg("duty", DUTIES),
        "to": choice_arg("to", AUDIENCES),
        "person_id": number_arg("person"),
    }
    coming = reminders.preview(paths, now, DAYS)
    return {
        "asked": asked,
        "department": department,
        "lines": chosen(coming.lines, **asked),
        "complete": coming.complete,
        "today": times.day(now),
    }


@views.get("/preview")
def preview() -> ResponseReturnValue:
    """Show what would be sent to whom in the next 60 days if nothing is done meanwhile."""
    shown = _preview()
    day = parse_day(request.args.get("day", ""))
    lines = [line for line in shown["lines"] if day is None or line.day == day]
    number = page_number()
    page = Page(lines[offset(number) : offset(number) + PAGE_SIZE], number, len(lines))
    return render_template(
        "reminders/preview.html",
        **shown,
        day=day,
        page=page,
        weeks=weeks(shown["lines"], shown["today"]),
        people=by_person(shown["lines"]),
        departments=units.departments(viewer()),
    )


@views.get("/preview.xlsx")
def export_preview() -> ResponseReturnValue:
    """Send what is to come as a workbook."""
    shown = _preview()
    data = coming_workbook(shown["lines"], lambda line: AUDIENCES[audience(line)])
    day = shown["today"].isoformat()
    headers = attachment(f"未来60天提醒{day}.xlsx", f"reminders-to-come-{day}.xlsx")
    return Response(data, mimetype=XLSX, headers=headers)


# --- one line ---------------------------------------------------------------------------------


def _find(reminder_id: int) -> Reminder:
    return found(ledger.find(reminder_id, viewer()))


@views.get("/<id:reminder_id>")
def show(reminder_id: int) -> ResponseReturnValue:
    """Show what became of one reminder, by which channels it went, and its history."""
    record = _find(reminder_id)
    return render_template("reminders/show.html", **_context(record))


def _context(record: Reminder) -> dict[str, Any]:
    return {
        "record": record,
        "siblings": ledger.siblings(record),
        "messages": ledger.messages(record.id),
        "history": events.history("reminder", record.id),
    }


def _back(record: Reminder) -> ResponseReturnValue:
    return redirect(url_for("reminders.show", reminder_id=record.id), 303)


def _refused(reminder_id: int, refusal: Refused) -> ResponseReturnValue:
    """Show the line again with the sentence; what was typed as a reason stays."""
    record = _find(reminder_id)
    said = [finding.sentence(_) for finding in refusal.findings]
    context = {**_context(record), "loose": said, "note": clean_line(request.form.get("note", ""))[:400]}
    return render_template("reminders/show.html", **context), refusal.status


@views.post("/<id:reminder_id>/resending")
def resending(reminder_id: int) -> ResponseReturnValue:
    """Send once more, as a line of its own; confirmed by a tick, so that nobody does it by mistake."""
    record = _find(reminder_id)
    try:
        if request.form.get("sure") != "y":
            raise Refused(_("再次发送会让收件人多收到一次。确实要发的，请先勾选“确认再次发送”。"))
        fresh = actions.resend(record, viewer(), request.form.get("note", ""))
    except Refused as refusal:
        return _refused(reminder_id, refusal)
    flash(_("已新建一次发送，下一次定时任务（几分钟内）发出；原来的记录不变。"), "success")
    return _back(fresh)


def _step(reminder_id: int, act: Any, told: str) -> ResponseReturnValue:
    record = _find(reminder_id)
    try:
        act(record)
    except Refused as refusal:
        return _refused(reminder_id, refusal)
    flash(told, "success")
    return redirect(url_for("reminders.show", reminder_id=reminder_id), 303)


@views.post("/<id:reminder_id>/pausing")
def pausing(reminder_id: int) -> ResponseReturnValue:
    """Hold one reminder back."""
    note = request.form.get("note", "")
    return _step(reminder_id, lambda r: actions.pause(r, note, viewer()), _("已暂停这条提醒，恢复之前不会发出。"))


@views.post("/<id:reminder_id>/resuming")
def resuming(reminder_id: int) -> ResponseReturnValue:
    """Let a paused one go on."""
    return _step(
        reminder_id, lambda r: actions.unpause(r, viewer()), _("已恢复，到时间就发出；已过时间的几分钟内发出。")
    )


@views.post("/<id:reminder_id>/acknowledgement")
def acknowledgement(reminder_id: int) -> ResponseReturnValue:
    """Note for somebody that they know."""
    note = request.form.get("note", "")
    return _step(reminder_id, lambda r: actions.acknowledge(r, viewer(), note), _("已登记对方知悉。"))


# --- one person -------------------------------------------------------------------------------


def _person(person_id: int) -> Person:
    return found(people.find(person_id, viewer()))


def _person_context(person: Person) -> dict[str, Any]:
    filters, by = LedgerFilters(person_id=person.id, page=page_number()), viewer()
    page, counts = ledger.page(by, filters, times.now())
    ids = actions.reach(person, by)
    return {
        "person": person,
        "page": page,
        "counts": counts,
        "until": actions.paused_until(person, by),
        # An administrator of some of the person's posts: for these alone.
        "places": [] if ids is None else [post.unit_name for post in by.posts if post.unit_id in ids],
        "everywhere": any(absence.unit_id is None for absence in absences_in(person.preferences)),
        "absence": ledger.absence_of(person.id),
        "posts": people.viewer_or_none(person.id),
    }


@views.get("/people/<id:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """Show what one person gets, and hold it back while they are away."""
    record = _person(person_id)
    return render_template("reminders/person.html", form=AbsenceForm(), **_person_context(record))


@views.post("/people/<id:person_id>/pausing")
def absence(person_id: int) -> ResponseReturnValue:
    """Hold back everything for one person until a day."""
    record = _person(person_id)
    form = AbsenceForm(request.form)
    if not form.validate() or form.until.data is None:
        return render_template("reminders/person.html", form=form, **_person_context(record)), 422
    try:
        held = actions.pause_person(record, form.until.data, form.note.data or "", viewer())
    except Refused as refusal:
        return show_refusal("reminders/person.html", refusal, form, **_person_context(record))
    flash(_("已暂停到 %(day)s，%(count)s 条待发送的提醒届时补发。", day=form.until.data, count=held), "success")
    return redirect(url_for("reminders.person", person_id=record.id), 303)


@views.post("/people/<id:person_id>/resuming")
def presence(person_id: int) -> ResponseReturnValue:
    """End a person's pause."""
    record = _person(person_id)
    try:
        released = actions.unpause_person(record, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("reminders.person", person_id=record.id), 303)
    flash(_("已恢复，%(count)s 条提醒几分钟内发出；期间已办完的不再发。", count=released), "success")
    return redirect(url_for("reminders.person", person_id=record.id), 303)

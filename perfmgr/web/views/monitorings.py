"""Monitoring: the year's list with lights, the official form, filling with live lights, review, and problems."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import monitorings as actions
from perfmgr.documents.monitorings import form_xlsx, list_xlsx
from perfmgr.extensions import db
from perfmgr.models.monitoring import Monitoring
from perfmgr.queries import events, monitorings, schemes
from perfmgr.queries.filters import Filters
from perfmgr.rules.monitorings import ITEM_STATES, LIGHTS, Judgement
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_
from perfmgr.rules.workflow import FILLER_STATES, STATES, steps_for
from perfmgr.web.asked import flash_refusal, found, list_filters
from perfmgr.web.downloads import attachment
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.monitorings import MonitoringForm, monitoring_values
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUBMITTED = N_("监控表已送审。")

views = Blueprint("monitorings", __name__, url_prefix="/monitorings")


def _find(monitoring_id: int) -> Monitoring:
    return found(monitorings.find(monitoring_id, viewer()))


def _address(monitoring: Monitoring) -> str:
    return url_for("monitorings.show", monitoring_id=monitoring.id)


# --- lists ------------------------------------------------------------------------------------


def _asked() -> tuple[Filters, dict[str, list[tuple[str, str]]]]:
    return list_filters(viewer(), STATES["monitoring"], LIGHTS, usual="running")


@views.get("")
def index() -> ResponseReturnValue:
    """Show one page of the year's sheets with their lights."""
    filters, choices = _asked()
    page, counts = monitorings.page(viewer(), filters)
    return render_template(
        "monitorings/index.html",
        filters=filters,
        choices=choices,
        page=page,
        counts=counts,
        query=request.query_string.decode("ascii", "ignore"),
    )


@views.get("/export.xlsx")
def export() -> ResponseReturnValue:
    """Send the whole list as a workbook."""
    filters, _choices = _asked()
    headers = attachment(f"{filters.year}年度绩效运行监控.xlsx", f"monitoring-{filters.year}.xlsx")
    return Response(list_xlsx(monitorings.stream(viewer(), filters)), mimetype=XLSX, headers=headers)


@views.get("/items")
def items() -> ResponseReturnValue:
    """Show the problems to be put right, what is due first comes first."""
    filters, choices = list_filters(viewer(), ITEM_STATES, (), usual="running")
    page, counts = monitorings.items(viewer(), filters)
    return render_template(
        "monitorings/items.html",
        filters=filters,
        choices=choices,
        page=page,
        counts=counts,
        roles_over=viewer().roles_over,
        closable=actions.CLOSABLE,
    )


@views.post("/items/<id:item_id>/closing")
def closing(item_id: int) -> ResponseReturnValue:
    """Close a problem with a note; a note that is refused is shown again as it was typed."""
    item = found(monitorings.find_item(item_id, viewer()))
    note = request.form.get("note", "")
    try:
        actions.close_item(item, note, viewer())
    except Refused as refusal:
        db.session.rollback()
        message = refusal.findings[0].sentence(_)
        return render_template("monitorings/closing.html", noted=item, message=message, note=note), refusal.status
    flash(_("已记录整改完成情况。"), "success")
    return redirect(url_for("monitorings.items", year=item.monitoring.year), 303)


# --- one sheet --------------------------------------------------------------------------------


def _show(monitoring: Monitoring, status: int = 200, refused: list[Any] | None = None) -> ResponseReturnValue:
    roles = viewer().roles_over(monitoring.unit.path)
    return (
        render_template(
            "monitorings/show.html",
            monitoring=monitoring,
            judged=monitorings.judged(monitoring),
            scheme=schemes.by_id(monitoring.scheme_id),
            editable=monitoring.state in FILLER_STATES and FILLER in roles,
            steps=steps_for("monitoring", monitoring.state, roles),
            history=events.history("monitoring", monitoring.id),
            refused=refused or [],
        ),
        status,
    )


@views.get("/<id:monitoring_id>")
def show(monitoring_id: int) -> ResponseReturnValue:
    """Show the sheet as the official form, with its lights."""
    return _show(_find(monitoring_id))


@views.get("/<id:monitoring_id>/form.xlsx")
def document(monitoring_id: int) -> ResponseReturnValue:
    """Send the sheet in the layout of the official form."""
    monitoring = _find(monitoring_id)
    data = form_xlsx(monitoring, schemes.by_id(monitoring.scheme_id))
    name = f"{monitoring.title}{monitoring.year}年1-{monitoring.cut_off}月绩效目标执行监控表.xlsx"
    headers = attachment(name, f"monitoring-{monitoring.year}-{monitoring.id}.xlsx")
    return Response(data, mimetype=XLSX, headers=headers)


# --- filling ----------------------------------------------------------------------------------


def _form(monitoring: Monitoring, formdata: Any = None) -> MonitoringForm:
    return MonitoringForm(formdata, data=monitoring_values(monitoring))


def _context(monitoring: Monitoring, form: MonitoringForm) -> dict[str, Any]:
    return {"monitoring": monitoring, "judged": monitorings.judged(monitoring, form.sheet())}


@views.get("/<id:monitoring_id>/edit")
def edit(monitoring_id: int) -> ResponseReturnValue:
    """Show the form for the filler; a sheet that cannot be changed is only shown."""
    monitoring = _find(monitoring_id)
    roles = viewer().roles_over(monitoring.unit.path)
    if monitoring.state not in FILLER_STATES or FILLER not in roles:
        flash(_("这份监控表现在不能修改。"), "warning")
        return redirect(_address(monitoring))
    form = _form(monitoring)
    return render_template("monitorings/edit.html", form=form, **_context(monitoring, form))


def _save(monitoring: Monitoring, act: Any) -> tuple[Any, ResponseReturnValue | None]:
    """Hand the posted sheet to an action; returns its result, or the page with messages."""
    form = _form(monitoring, request.form)
    valid = form.validate()
    context = _context(monitoring, form)
    if not valid:
        return None, (render_template("monitorings/edit.html", form=form, **context), 422)
    if form.lines.stale or form.budget.stale:
        return None, show_refusal("monitorings/edit.html", Conflict(actions.LINES_CHANGED), form, **context)
    try:
        result = act(monitoring, form.sheet(), viewer(), version_of(request.form))
    except Refused as refusal:
        return None, show_refusal("monitorings/edit.html", refusal, form, **context)
    return result, None


@views.post("/<id:monitoring_id>/edit")
def update(monitoring_id: int) -> ResponseReturnValue:
    """Save what was entered so far."""
    _result, problem = _save(_find(monitoring_id), actions.save)
    if problem is not None:
        return problem
    flash(_("已保存，可以稍后继续填写。"), "success")
    return redirect(url_for("monitorings.edit", monitoring_id=monitoring_id), 303)


def _light(judgement: Judgement) -> dict[str, str]:
    return {"light": judgement.light, "name": _(LIGHTS[judgement.light]), "why": judgement.why.sentence(_)}


@views.post("/<id:monitoring_id>/preview")
def preview(monitoring_id: int) -> ResponseReturnValue:
    """Answer the lights of what is typed, judged by the same rules; nothing is saved."""
    monitoring = _find(monitoring_id)
    form = _form(monitoring, request.form)
    form.validate()
    if form.lines.stale or form.budget.stale:
        return jsonify(message=_(actions.LINES_CHANGED)), 409
    judged = monitorings.judged(monitoring, form.sheet())
    return jsonify(
        light=judged.light,
        name=_(LIGHTS[judged.light]),
        budget=_light(judged.budget),
        lines=[_light(judgement) for judgement in judged.lines],
        warnings=[finding.sentence(_) for finding in judged.warnings],
    )


# --- steps of the workflow --------------------------------------------------------------------


def _take(monitoring: Monitoring, step: str, done: str) -> ResponseReturnValue:
    version, comment = version_of(request.form), request.form.get("comment", "")
    try:
        actions.take(monitoring, step, viewer(), comment=comment, version=version)
    except Invalid as refusal:
        return _show(monitoring, refusal.status, refusal.findings)
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(monitoring, refusal.status)
    flash(_(done), "success")
    return redirect(_address(monitoring), 303)


@views.post("/<id:monitoring_id>/submission")
def submission(monitoring_id: int) -> ResponseReturnValue:
    """Submit the sheet; posted together with the form, it is saved in the same transaction."""
    monitoring = _find(monitoring_id)
    if "goal_progress" not in request.form:
        return _take(monitoring, "submit", SUBMITTED)
    findings, problem = _save(monitoring, actions.submit)
    if problem is not None:
        return problem
    if findings:
        form = _form(monitoring)
        return show_refusal("monitorings/edit.html", Invalid(findings), form, **_context(monitoring, form))
    flash(_(SUBMITTED), "success")
    return redirect(_address(monitoring), 303)


@views.post("/<id:monitoring_id>/withdrawal")
def withdrawal(monitoring_id: int) -> ResponseReturnValue:
    """Take a submitted sheet back."""
    return _take(_find(monitoring_id), "withdraw", N_("已撤回，可以继续修改。"))


@views.post("/<id:monitoring_id>/return")
def returning(monitoring_id: int) -> ResponseReturnValue:
    """Return the sheet to the filler with an opinion."""
    return _take(_find(monitoring_id), "return", N_("已退回，填报人已收到您的意见。"))


@views.post("/<id:monitoring_id>/approval")
def approval(monitoring_id: int) -> ResponseReturnValue:
    """Pass the sheet; its problems are tracked until they are closed."""
    return _take(_find(monitoring_id), "approve", N_("监控表已审核通过，待整改问题继续跟踪。"))

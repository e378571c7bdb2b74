"""Preferences: where and of what somebody wants to be told."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import preferences as actions
from perfmgr.rules.messages import TOPICS, wants, wants_reminders
from perfmgr.rules.refusals import Refused
from perfmgr.web.forms.preferences import AddressForm, CodeForm, PreferencesForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("preferences", __name__, url_prefix="/preferences")


def _stored() -> PreferencesForm:
    chosen = actions.chosen(viewer())
    values: dict[str, Any] = {f"topic_{topic}": wants(chosen, topic) for topic in TOPICS}
    values |= {"reminders": wants_reminders(chosen), "hour": str(chosen.get("mail_hour") or "")}
    return PreferencesForm(data=values)


def _context(**forms: Any) -> dict[str, Any]:
    return {
        "email": actions.email_of(viewer()),
        "pending": actions.pending_of(viewer(), times.now()),
        "mail_off": not current_app.config["SMTP_HOST"],
        "address": AddressForm(),
        "code": CodeForm(),
        "choices": _stored(),
        **forms,
    }


@views.get("")
def show() -> ResponseReturnValue:
    """Show one's own e-mail address and choices."""
    return render_template("preferences/show.html", form=None, **_context())


@views.post("")
def save() -> ResponseReturnValue:
    """Store the choices."""
    form = PreferencesForm(request.form)
    if not form.validate():
        return render_template("preferences/show.html", form=form, **_context(choices=form)), 422
    actions.save(viewer(), form.chosen(), bool(form.reminders.data), form.hour.id_value())
    flash(_("接收设置已保存。"), "success")
    return redirect(url_for("preferences.show"), 303)


@views.post("/address")
def address() -> ResponseReturnValue:
    """Mail a code to the address that was typed."""
    form = AddressForm(request.form)
    if not form.validate():
        return render_template("preferences/show.html", form=form, **_context(address=form)), 422
    try:
        actions.request_code(viewer(), form.email.data or "")
    except Refused as refusal:
        return show_refusal("preferences/show.html", refusal, form, **_context(address=form))
    flash(_("确认码已发往 %(email)s，请在 30 分钟内填写。", email=form.email.data), "success")
    return redirect(url_for("preferences.show"), 303)


@views.post("/confirmation")
def confirmation() -> ResponseReturnValue:
    """Take the address as one's own with the code that was mailed to it."""
    form = CodeForm(request.form)
    if not form.validate():
        return render_template("preferences/show.html", form=form, **_context(code=form)), 422
    try:
        actions.confirm(viewer(), form.code.data or "")
    except Refused as refusal:
        return show_refusal("preferences/show.html", refusal, form, **_context(code=form))
    flash(_("邮箱已确认，提醒会发到这个地址。"), "success")
    return redirect(url_for("preferences.show"), 303)


@views.post("/address/removal")
def removal() -> ResponseReturnValue:
    """Forget the address."""
    actions.remove_address(viewer())
    flash(_("邮箱已删除，今后只在系统内通知。"), "success")
    return redirect(url_for("preferences.show"), 303)

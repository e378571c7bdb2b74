"""Reminder rules: what holds in an area in plain words, an area's own version, and switching one off."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import reminder_rules as actions
from perfmgr.models.reminder import ReminderRule
from perfmgr.models.unit import Unit
from perfmgr.queries import _area_rules as rules
from perfmgr.queries import reminders
from perfmgr.queries._area_rules import InForce
from perfmgr.queries.reminders import Rule
from perfmgr.rules.refusals import Refused
from perfmgr.rules.reminder_settings import read
from perfmgr.rules.texts import clean_line
from perfmgr.web.asked import flash_refusal, found, number_arg
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.reminder_rules import RuleForm, made
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal
from perfmgr.web.reminder_preview import DAYS, effect
from perfmgr.web.reminder_words import name_of, words

NEW = -1  # the id of a rule that is only tried

views = Blueprint("reminder_rules", __name__, url_prefix="/reminder-rules")


def _words(rule: ReminderRule, settings: Any = None) -> str:
    return words(rule.duty, read(rule.duty, rule.settings if settings is None else settings)[0])


def _place(area_id: int, code: str) -> tuple[Unit, InForce]:
    """Return an area of the administrator's and the rule that holds there, or answer 404."""
    at = found(rules.area(area_id, viewer()))
    return at, found(rules.find(code, at))


def _to_list(at: Unit, code: str = "") -> ResponseReturnValue:
    return redirect(url_for("reminder_rules.index", area=at.id, _anchor=code or None), 303)


@views.get("")
def index() -> ResponseReturnValue:
    """Show the rules that hold in one of the administrator's areas, in words."""
    by = viewer()
    areas = rules.areas(by)
    asked = number_arg("area")
    at = found(rules.area(asked, by)) if asked else next(iter(areas), None)
    return render_template(
        "reminder_rules/index.html",
        areas=areas,
        at=at,
        rules=rules.in_force(at) if at else [],
        history=rules.history(at.id) if at else [],
    )


def _page(at: Unit, one: InForce, **context: Any) -> dict[str, Any]:
    return {
        "at": at,
        "one": one,
        "rule": one.rule,
        "history": rules.history(at.id, one.rule.code),
        "usual_words": _words(one.usual) if one.own and one.usual else "",
        **context,
    }


@views.get("/<id:area_id>/<code>")
def edit(area_id: int, code: str) -> ResponseReturnValue:
    """Show the form for an area's own version of a rule."""
    at, one = _place(area_id, code)
    form = made(None, read(one.rule.duty, one.rule.settings)[0])
    return render_template("reminder_rules/edit.html", form=form, said=_words(one.rule), **_page(at, one))


@views.post("/<id:area_id>/<code>")
def update(area_id: int, code: str) -> ResponseReturnValue:
    """Save the area's version, with the sentence before and after in the history."""
    at, one = _place(area_id, code)
    form = _posted(one)
    try:
        wanted = actions.checked(one.rule, form.settings())
        actions.change(at, one, wanted, viewer(), version_of(request.form))
    except Refused as refusal:
        return _refused(refusal, form, area_id, code)
    flash(_("“%(name)s”已按您的设置执行，待发送的提醒几分钟内随之调整。", name=name_of(one.rule)), "success")
    return _to_list(at, code)


def _posted(one: InForce) -> RuleForm:
    return made(request.form, read(one.rule.duty, one.rule.settings)[0])


def _refused(refusal: Refused, form: RuleForm, area_id: int, code: str) -> ResponseReturnValue:
    at, one = _place(area_id, code)
    return show_refusal("reminder_rules/edit.html", refusal, form, said="", **_page(at, one))


@views.post("/<id:area_id>/<code>/wording")
def wording(area_id: int, code: str) -> ResponseReturnValue:
    """Answer with the rule in words as it is being typed, or the first thing that is wrong with it."""
    _at, one = _place(area_id, code)
    try:
        wanted = actions.checked(one.rule, _posted(one).settings())
    except Refused as refusal:
        return jsonify(wrong=refusal.findings[0].sentence(_))
    return jsonify(words=_words(one.rule, wanted))


@views.post("/<id:area_id>/<code>/trial")
def trial(area_id: int, code: str) -> ResponseReturnValue:
    """Show the form as it is typed with what it would change in the next 60 days; nothing is saved."""
    at, one = _place(area_id, code)
    form = _posted(one)
    try:
        wanted = actions.checked(one.rule, form.settings())
    except Refused as refusal:
        return _refused(refusal, form, area_id, code)
    settings = read(one.rule.duty, wanted)[0]
    # A rule of its own beside the stored ones, or in the place of the area's own version.
    tried = Rule(one.rule.id if one.own else NEW, code, one.rule.duty, at.id, True, settings)
    now = times.now()
    before = reminders.preview([at.path], now, DAYS)
    after = reminders.preview([at.path], now, DAYS, changed=[tried])
    context = _page(at, one, said=words(one.rule.duty, settings), effect=effect(before, after, code), unsaved=True)
    return render_template("reminder_rules/edit.html", form=form, **context)


@views.post("/<id:area_id>/<code>/restoration")
def restoration(area_id: int, code: str) -> ResponseReturnValue:
    """Let the usual rule hold again."""
    at, one = _place(area_id, code)
    try:
        actions.restore(at, one, viewer(), version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        return _to_list(at, code)
    flash(_("已恢复通用规则。"), "success")
    return _to_list(at, code)


@views.post("/<id:area_id>/<code>/switching-off")
def switching_off(area_id: int, code: str) -> ResponseReturnValue:
    """Switch a rule off, when that was confirmed."""
    at, one = _place(area_id, code)
    try:
        if request.form.get("sure") != "y":
            raise Refused(_("停用后这类事项不再有人收到提醒。确实要停用的，请先勾选“确认停用”。"))
        note = clean_line(request.form.get("note", ""))[:200]
        actions.switch(at, one, False, viewer(), note, version_of(request.form))
    except Refused as refusal:
        return _refused(refusal, made(None, read(one.rule.duty, one.rule.settings)[0]), area_id, code)
    flash(_("“%(name)s”已停用，待发送的不再发出；随时可以重新启用。", name=name_of(one.rule)), "success")
    return _to_list(at, code)


@views.post("/<id:area_id>/<code>/switching-on")
def switching_on(area_id: int, code: str) -> ResponseReturnValue:
    """Switch a rule on again."""
    at, one = _place(area_id, code)
    try:
        actions.switch(at, one, True, viewer(), version=version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        return _to_list(at, code)
    flash(_("“%(name)s”已启用。", name=name_of(one.rule)), "success")
    return _to_list(at, code)

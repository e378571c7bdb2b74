"""Drafts: what is typed is kept every few seconds, thrown away on request, and readable when it cannot be saved."""

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import drafts as actions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.queries import declarations, drafts
from perfmgr.rules.declarations import BY_NAME
from perfmgr.rules.findings import ERROR, Finding
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.workflow import FILLER_STATES
from perfmgr.web import sections, typed
from perfmgr.web.asked import found
from perfmgr.web.forms.declarations import FORMS
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.sections import CHECK

views = Blueprint("drafts", __name__, url_prefix="/declarations/<id:declaration_id>")


def _find(declaration_id: int) -> Declaration:
    declaration = found(declarations.find(declaration_id, viewer()))
    if FILLER not in viewer().roles_over(declaration.unit.path):
        abort(404)
    return declaration


@views.get("/drafts")
def index(declaration_id: int) -> ResponseReturnValue:
    """Show everything this person typed into the declaration and did not save, as text to be copied."""
    declaration = _find(declaration_id)
    kept = []
    for draft in drafts.of_declaration(declaration.id, viewer()):
        values = [(label(draft.section, name), value) for name, value in draft.fields if value.strip()]
        title = BY_NAME[draft.section].title if draft.section in BY_NAME else ""
        kept.append({"draft": draft, "title": _(title) if title else _("送审前核对"), "values": values})
    return render_template(
        "drafts/index.html", declaration=declaration, kept=kept, editable=declaration.state in FILLER_STATES
    )


def label(section: str, name: str) -> str:
    """Return what the field of this name is called on its page, with its row where it stands in one."""
    form = FORMS[section]() if section in FORMS else None
    table, *rest = name.split("-")
    if form is None or table not in form:
        return ""
    if len(rest) != 2 or not rest[0].isdigit() or not hasattr(form[table], "append_entry"):
        return str(form[table].label.text)
    row = form[table].append_entry().form
    column = row[rest[1]].label.text if rest[1] in row else ""
    return _("第 %(n)s 行 %(column)s", n=int(rest[0]) + 1, column=column)


@views.post("/sections/<name>/draft")
def save(declaration_id: int, name: str) -> ResponseReturnValue:
    """Keep what is being typed and say what the rules think of it so far; nothing else changes."""
    declaration = _find(declaration_id)
    if name != CHECK and name not in FORMS:
        abort(404)
    page = sections.opened(request.form)
    if not page.tab:
        return jsonify(message=_("页面已过期，请刷新后继续填写。")), 422
    try:
        at = actions.save(declaration, name, sections.typed_fields(request.form), viewer(), page)
    except Refused as refusal:
        db.session.rollback()
        return jsonify(message=refusal.findings[0].sentence(_)), refusal.status
    if declaration.state not in FILLER_STATES:
        place = url_for("drafts.index", declaration_id=declaration.id)
        return jsonify(message=_("申报现在不能修改；您填写的文字已留存，可以复制。"), address=place), 409
    clock = times.local(at or times.now()).strftime("%H:%M")
    return jsonify(saved_at=clock, kept=at is not None, findings=_remarks(name, declaration))


def _remarks(name: str, declaration: Declaration) -> list[dict[str, Any]]:
    """Return what fields and rules say about what is typed, each with the id of its control."""
    if name not in FORMS:
        return []
    form = sections.section_form(name, declaration, request.form)
    form.validate()
    unread = [Finding("", "%(said)s", at, ERROR, params={"said": said}) for at, said in form.summary()]
    seen = {finding.field for finding in unread}
    rules = typed.findings(name, form, declaration)
    return [
        {"field": f.field, "level": f.level, "message": f.sentence(_), "suggestion": f.remedy(_)}
        for f in (*unread, *(f for f in rules if f.field not in seen))
    ]


@views.post("/sections/<name>/draft/discarding")
def discard(declaration_id: int, name: str) -> ResponseReturnValue:
    """Throw one draft away and show the section as it is stored."""
    declaration = _find(declaration_id)
    if name != CHECK and name not in FORMS:
        abort(404)
    actions.discard(declaration, name, request.form.get("draft", "")[:24], viewer())
    flash(_("已放弃未保存的内容。"), "success")
    if declaration.state not in FILLER_STATES:
        return redirect(url_for("declarations.show", declaration_id=declaration.id), 303)
    if name == CHECK:
        return redirect(url_for("declarations.check", declaration_id=declaration.id), 303)
    return redirect(url_for("declarations.section", declaration_id=declaration.id, name=name), 303)

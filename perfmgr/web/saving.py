"""Saving one section: shown again when it is refused, and compared field by field when others were faster."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import declarations as actions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.rules.declarations import BY_NAME, Overtaken, base_of, marks, read_base
from perfmgr.rules.refusals import Refused
from perfmgr.web import sections
from perfmgr.web.conflicts import Conflict, cells
from perfmgr.web.forms.declarations import SectionForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal
from perfmgr.web.sections import section_form


def _section_page(form: SectionForm, status: int = 200, **context: Any) -> ResponseReturnValue:
    return render_template(f"declarations/sections/{context['name']}.html", form=form, **context), status


def _posted_context(name: str, declaration: Declaration) -> dict[str, Any]:
    return sections.context(name, declaration, viewer(), request.form)


def open_section(name: str, declaration: Declaration, form: SectionForm) -> ResponseReturnValue:
    """Show a section as it is stored, or as this person typed it and did not save."""
    restored = sections.Restored(declaration, name, viewer(), request.args.get("draft", ""))
    if restored.draft:
        form = section_form(name, declaration, restored.posted())
    return _section_page(
        form,
        overtaken=restored.overtaken(name, declaration),
        again=bool(restored.draft) and request.args.get("again") == "1",
        back=_back(request.args),
        **sections.context(name, declaration, viewer(), restored=restored),
    )


def save_section(name: str, declaration: Declaration, form: SectionForm) -> ResponseReturnValue:
    """Save what was posted and go on; ``add`` only adds a row to it and saves nothing."""
    rows = getattr(form, request.form.get("add", "") or "-", None)
    if rows is not None and hasattr(rows, "append_entry"):
        rows.append_entry()
        sections.prepare(form, declaration)
        return show_typed(name, declaration, form)
    if not form.validate():
        return _refused_section(name, declaration, form)
    if "resolve" in request.form:
        return _resolve(name, declaration, form)
    try:
        sections.save(name, declaration, form, viewer(), sections.opened(request.form))
    except Overtaken:
        return _overtaken(name, declaration, form, request.form.get("base", ""))
    except Refused as refusal:
        return _refused_section(name, declaration, form, refusal)
    return _saved(name, declaration)


def show_typed(name: str, declaration: Declaration, form: SectionForm, status: int = 200, **more: Any) -> Any:
    """Show the form of a section as it was posted."""
    context = _posted_context(name, declaration)
    return _section_page(form, status, back=_back(request.form), **context, **more)


def _refused_section(
    name: str, declaration: Declaration, form: SectionForm, refusal: Refused | None = None
) -> ResponseReturnValue:
    """Show a section again with what is wrong at its fields; what was typed is kept, should the page be lost."""
    db.session.rollback()
    sections.keep(name, declaration, request.form, viewer())
    if refusal is None:
        return show_typed(name, declaration, form, 422)
    template = f"declarations/sections/{name}.html"
    return show_refusal(template, refusal, form, back=_back(request.form), **_posted_context(name, declaration))


def _saved(name: str, declaration: Declaration) -> ResponseReturnValue:
    flash(_("“%(section)s”已保存。", section=_(BY_NAME[name].title)), "success")
    return redirect(_next_address(name, declaration), 303)


def _back(asked: Mapping[str, str]) -> str:
    return "check" if asked.get("back") == "check" else ""


def _next_address(name: str, declaration: Declaration) -> str:
    names = sections.names()
    following = names.index(name) + 1
    if _back(request.form):
        return url_for("declarations.check", declaration_id=declaration.id, _anchor=name)
    if request.form.get("then") == "next" and following < len(names):
        return url_for("declarations.section", declaration_id=declaration.id, name=names[following])
    return url_for("declarations.show", declaration_id=declaration.id)


# --- two people on one section ----------------------------------------------------------------


def _overtaken(name: str, declaration: Declaration, form: SectionForm, origin: str) -> ResponseReturnValue:
    """Let the person choose, unless both sides say the same."""
    conflict = Conflict(name, declaration, form, origin)
    if conflict.differences:
        return _conflict_page(conflict, origin, 409)
    try:
        sections.save(name, declaration, conflict.merged({}), viewer(), _at_present(name, declaration))
    except Refused as refusal:
        return _refused_section(name, declaration, form, refusal)
    return _saved(name, declaration)


def _at_present(name: str, declaration: Declaration) -> actions.Opened:
    """Return the posted page's tab with the marks that the section has now."""
    return sections.opened({**request.form, "base": base_of(name, declaration)})


def _resolve(name: str, declaration: Declaration, form: SectionForm) -> ResponseReturnValue:
    """Save what was chosen on the conflict page; if others saved once more, choose once more."""
    origin = request.form.get("origin", "")
    conflict = Conflict(name, declaration, form, origin)
    page = sections.opened(request.form)
    if read_base(page.base or "") != marks(name, declaration):
        return _overtaken(name, declaration, form, origin)
    undecided = conflict.undecided(request.form)
    if undecided:
        return _conflict_page(conflict, origin, 422, undecided=undecided)
    merged = conflict.merged(request.form)
    if not merged.validate():
        return _conflict_page(conflict, origin, 422, loose=[said for _at, said in merged.summary()])
    try:
        sections.save(name, declaration, merged, viewer(), page)
    except Overtaken:
        return _overtaken(name, declaration, form, origin)
    except Refused as refusal:
        said = [finding.sentence(_) for finding in refusal.findings]
        return _conflict_page(conflict, origin, refusal.status, loose=said)
    return _saved(name, declaration)


def _conflict_page(conflict: Conflict, origin: str, status: int, **more: Any) -> ResponseReturnValue:
    name, declaration = conflict.name, conflict.declaration
    db.session.rollback()
    sections.keep(name, declaration, request.form, viewer(), "origin" if "origin" in request.form else "base")
    return (
        render_template(
            "declarations/conflict.html",
            declaration=declaration,
            name=name,
            title=_(BY_NAME[name].title),
            choices=conflict.choices(request.form),
            cells=cells,
            typed=sections.typed_fields(request.form),
            base=base_of(name, declaration),
            origin=origin,
            saved=sections.saved_by(name, declaration, viewer()),
            around={key: request.form[key] for key in ("tab", "took", "then", "back") if request.form.get(key)},
            **more,
        ),
        status,
    )

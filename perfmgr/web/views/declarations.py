"""Declarations: the six sections and the targets of one year, and the steps of the workflow."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import declarations as actions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.queries import budgets, declarations, events, schemes
from perfmgr.rules.findings import Finding
from perfmgr.rules.imports import LAYOUTS
from perfmgr.rules.quality import check_targets
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.workflow import FILLER_STATES, steps_for
from perfmgr.web import target_files
from perfmgr.web.asked import choice_arg, flash_refusal, found
from perfmgr.web.forms.declarations import (
    SECTIONS,
    IndicatorsForm,
    category_choices,
    findings_section,
    section_values,
)
from perfmgr.web.forms.fields import BaseForm, version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("declarations", __name__, url_prefix="/declarations")

BLANK_ROWS = {"bases": 2, "steps": 2, "indicators": 3}


def _find(declaration_id: int) -> Declaration:
    return found(declarations.find(declaration_id, viewer()))


def _editable(declaration: Declaration) -> bool:
    return declaration.state in FILLER_STATES and FILLER in viewer().roles_over(declaration.unit.path)


def _show(declaration: Declaration, status: int = 200, findings: list[Finding] | None = None) -> ResponseReturnValue:
    editable = _editable(declaration)
    scheme = schemes.by_id(declaration.scheme_id)
    gaps = check_targets(declaration.as_sheet(), scheme) if editable else []
    return (
        render_template(
            "declarations/show.html",
            declaration=declaration,
            scheme=scheme,
            editable=editable,
            steps=steps_for("declaration", declaration.state, viewer().roles_over(declaration.unit.path)),
            gaps=[(findings_section(f.field), f.sentence(_)) for f in gaps],
            refused=[(findings_section(f.field), f.sentence(_)) for f in findings or []],
            history=events.history("declaration", declaration.id),
            budget=budgets.of_project(declaration.project_id, declaration.year),
        ),
        status,
    )


@views.get("/<id:declaration_id>")
def show(declaration_id: int) -> ResponseReturnValue:
    """Show the whole declaration with its history and what can be done with it."""
    return _show(_find(declaration_id))


# --- sections ---------------------------------------------------------------------------------


def _form(name: str, declaration: Declaration, formdata: Any = None) -> BaseForm:
    if name not in SECTIONS:
        abort(404)
    form = SECTIONS[name][1](formdata, data=section_values(name, declaration))
    if formdata is None:
        for rows, count in BLANK_ROWS.items():
            field: Any = getattr(form, rows, None)
            for _n in range(count if field is not None else 0):
                field.append_entry()
    if isinstance(form, IndicatorsForm):
        scheme = schemes.by_id(declaration.scheme_id)
        form.prepare(category_choices(scheme))
    return form


def _context(name: str, declaration: Declaration) -> dict[str, Any]:
    scheme = schemes.by_id(declaration.scheme_id)
    gaps, stored = check_targets(declaration.as_sheet(), scheme), section_values(name, declaration)
    return {
        "declaration": declaration,
        "name": name,
        "scheme": scheme,
        "sections": [(key, title) for key, (title, _form) in SECTIONS.items()],
        "unfinished": {findings_section(f.field) for f in gaps},
        # An empty section needs no list of what it lacks.
        "gaps": [f.sentence(_) for f in gaps if findings_section(f.field) == name] if any(stored.values()) else [],
    }


def _template(name: str) -> str:
    return f"declarations/sections/{name}.html"


@views.get("/<id:declaration_id>/sections/<name>")
def section(declaration_id: int, name: str) -> ResponseReturnValue:
    """Show the form of one section; a declaration that cannot be changed is shown whole instead."""
    declaration = _find(declaration_id)
    form = _form(name, declaration)
    if not _editable(declaration):
        flash(_("这份申报现在不能修改。"), "warning")
        return redirect(url_for("declarations.show", declaration_id=declaration.id))
    return render_template(_template(name), form=form, **_context(name, declaration))


def _save(name: str, declaration: Declaration, form: Any) -> None:
    version, by = version_of(request.form), viewer()
    if name == "bases":
        actions.save_bases(declaration, form.drafts(), form.rationale.data or "", by, version)
    elif name == "plan":
        actions.save_plan(declaration, form.plan.data or "", form.goals.data or "", form.drafts(), by, version)
    elif name == "period":
        actions.save_period(declaration, form.start_on.data, form.end_on.data, by, version)
    elif name == "funds":
        actions.save_funds(declaration, form.amounts(), by, version)
    elif name == "indicators":
        actions.save_indicators(declaration, form.drafts(), by, version)
    else:
        actions.save_texts(declaration, {name: form[name].data or ""}, by, version)


@views.post("/<id:declaration_id>/sections/<name>")
def save_section(declaration_id: int, name: str) -> ResponseReturnValue:
    """Save one section and go on; ``add`` only adds a row to what was typed and saves nothing."""
    declaration = _find(declaration_id)
    form = _form(name, declaration, request.form)
    rows = getattr(form, request.form.get("add", "") or "-", None)
    if rows is not None and hasattr(rows, "append_entry"):
        rows.append_entry()
        if isinstance(form, IndicatorsForm):
            form.prepare(category_choices(schemes.by_id(declaration.scheme_id)))
        return render_template(_template(name), form=form, **_context(name, declaration))
    if not form.validate():
        return render_template(_template(name), form=form, **_context(name, declaration)), 422
    try:
        _save(name, declaration, form)
    except Refused as refusal:
        db.session.rollback()
        return show_refusal(_template(name), refusal, form, **_context(name, declaration))
    flash(_("“%(section)s”已保存。", section=SECTIONS[name][0]), "success")
    return redirect(_next_address(name, declaration), 303)


def _next_address(name: str, declaration: Declaration) -> str:
    names = list(SECTIONS)
    following = names.index(name) + 1
    if request.form.get("then") == "next" and following < len(names):
        return url_for("declarations.section", declaration_id=declaration.id, name=names[following])
    return url_for("declarations.show", declaration_id=declaration.id)


@views.get("/<id:declaration_id>/form.xlsx")
def export(declaration_id: int) -> ResponseReturnValue:
    """Send the declaration as the official form, to be printed, or filled in and imported again."""
    declaration = _find(declaration_id)
    layout = choice_arg("layout", LAYOUTS) or "national"
    data = target_files.workbook([declaration.id], layout, viewer())
    name = f"{declaration.project.name[:60]}（{declaration.year}年度绩效目标申报表）.xlsx"
    return target_files.answer(data, name, f"declaration-{declaration.id}.xlsx")


# --- steps of the workflow --------------------------------------------------------------------


def _take(declaration_id: int, step: str, done: str) -> ResponseReturnValue:
    declaration = _find(declaration_id)
    try:
        actions.take(
            declaration,
            step,
            viewer(),
            comment=request.form.get("comment", ""),
            version=version_of(request.form),
        )
    except Invalid as refusal:
        return _show(declaration, refusal.status, refusal.findings)
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(declaration, refusal.status)
    flash(done, "success")
    return redirect(url_for("declarations.show", declaration_id=declaration_id), 303)


@views.post("/<id:declaration_id>/submission")
def submission(declaration_id: int) -> ResponseReturnValue:
    """Submit to the department's reviewer."""
    return _take(declaration_id, "submit", _("已送审，部门审核人已收到通知。"))


@views.post("/<id:declaration_id>/withdrawal")
def withdrawal(declaration_id: int) -> ResponseReturnValue:
    """Take a submitted declaration back."""
    return _take(declaration_id, "withdraw", _("已撤回，可以继续修改。"))


@views.post("/<id:declaration_id>/discarding")
def discarding(declaration_id: int) -> ResponseReturnValue:
    """Delete a draft that was never submitted."""
    declaration = _find(declaration_id)
    year, project_id, name = declaration.year, declaration.project_id, declaration.project.name
    try:
        gone = actions.discard(declaration, viewer(), version_of(request.form))
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(declaration, refusal.status)
    flash(_("已删除“%(name)s”的 %(year)s 年度草稿。", name=name, year=year), "success")
    return redirect(
        url_for("projects.index", year=year) if gone else url_for("projects.show", project_id=project_id), 303
    )


@views.post("/<id:declaration_id>/return")
def returning(declaration_id: int) -> ResponseReturnValue:
    """Return it to the filler with an opinion."""
    return _take(declaration_id, "return", _("已退回，填报人已收到您的意见。"))


@views.post("/<id:declaration_id>/approval")
def approval(declaration_id: int) -> ResponseReturnValue:
    """Approve it for the department, or for finance."""
    return _take(declaration_id, "approve", _("已通过。"))

"""Declarations: the sections and the targets of one year, and the steps of the workflow."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import declarations as actions
from perfmgr.models.declaration import Declaration
from perfmgr.queries import budgets, declarations, drafts, events, schemes
from perfmgr.rules.declarations import (
    BY_NAME,
    DONE,
    justified,
    next_task,
    section_of,
    tasks,
    warning_key,
)
from perfmgr.rules.findings import ERROR, WARNING, Finding
from perfmgr.rules.quality import check_targets
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.workflow import FILLER_STATES, steps_for
from perfmgr.web import saving, sections
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.fields import version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.sections import section_form

views = Blueprint("declarations", __name__, url_prefix="/declarations")


def _find(declaration_id: int) -> Declaration:
    return found(declarations.find(declaration_id, viewer()))


def _fills(declaration: Declaration) -> bool:
    return FILLER in viewer().roles_over(declaration.unit.path)


def _editable(declaration: Declaration) -> bool:
    return declaration.state in FILLER_STATES and _fills(declaration)


def _show(declaration: Declaration, status: int = 200) -> ResponseReturnValue:
    editable = _editable(declaration)
    scheme = schemes.by_id(declaration.scheme_id)
    checked = check_targets(declaration.as_sheet(), scheme) if editable or declaration.justifications else []
    kept = drafts.pending(declaration.id, viewer()) if _fills(declaration) else []
    listed = tasks(declaration, checked, {row.section for row in kept}, may_fill=sections.may_fill(declaration))
    said = justified(checked, declaration.justifications)
    return (
        render_template(
            "declarations/show.html",
            declaration=declaration,
            scheme=scheme,
            editable=editable,
            steps=steps_for("declaration", declaration.state, viewer().roles_over(declaration.unit.path)),
            listed=listed,
            done=sum(task.status == DONE for task in listed),
            next=next_task(listed),
            gaps=gap_links(checked) if editable else [],
            kept=kept,
            said=[(f.sentence(_), said[warning_key(f)]) for f in checked if said.get(warning_key(f))],
            history=events.history("declaration", declaration.id),
            budget=budgets.of_project(declaration.project_id, declaration.year),
        ),
        status,
    )


def gap_links(checked: list[Finding], back: str = "") -> list[tuple[str, str]]:
    """Return where each error is mended, below the declaration's address, and its sentence."""
    return [(field_address(f.field, back), f.sentence(_)) for f in checked if f.level == ERROR]


def field_address(field: str, back: str = "") -> str:
    """Return where a finding's field is filled in: the section, and the control in it."""
    section = BY_NAME.get(section_of(field))
    if section is None:
        return ""
    query = f"?back={back}" if back else ""
    return f"{section.address}{query}#{field.replace('.', '-')}"


@views.get("/<id:declaration_id>")
def show(declaration_id: int) -> ResponseReturnValue:
    """Show the whole declaration with its history and what can be done with it."""
    return _show(_find(declaration_id))


# --- sections ---------------------------------------------------------------------------------


@views.get("/<id:declaration_id>/sections/<name>")
def section(declaration_id: int, name: str) -> ResponseReturnValue:
    """Show the form of one section; a declaration that cannot be changed is shown whole instead.

    What this person typed and did not save is in the form again.
    """
    declaration = _find(declaration_id)
    form = section_form(name, declaration)
    if not _editable(declaration):
        flash(_("这份申报现在不能修改。"), "warning")
        return redirect(url_for("declarations.show", declaration_id=declaration.id))
    return saving.open_section(name, declaration, form)


@views.post("/<id:declaration_id>/sections/<name>")
def save_section(declaration_id: int, name: str) -> ResponseReturnValue:
    """Save one section and go on; ``add`` only adds a row to what was typed and saves nothing."""
    declaration = _find(declaration_id)
    return saving.save_section(name, declaration, section_form(name, declaration, request.form))


# --- check before submission ------------------------------------------------------------------


@views.get("/<id:declaration_id>/check")
def check(declaration_id: int) -> ResponseReturnValue:
    """Show every answer before it is submitted, every gap, and every warning with a place for a reason."""
    declaration = _find(declaration_id)
    if not _editable(declaration):
        return redirect(url_for("declarations.show", declaration_id=declaration.id))
    return _check_page(declaration)


def _check_page(
    declaration: Declaration, status: int = 200, missing: Mapping[str, str] | None = None, loose: Any = ()
) -> ResponseReturnValue:
    scheme = schemes.by_id(declaration.scheme_id)
    checked = check_targets(declaration.as_sheet(), scheme)
    pending = sections.pending_sections(declaration, viewer())
    restored = sections.Restored(declaration, sections.CHECK, viewer()) if request.method == "GET" else None
    typed = reasons(restored.posted() or {} if restored else request.form)
    warnings = {warning_key(f): f for f in checked if f.level == WARNING}
    return (
        render_template(
            "declarations/check.html",
            declaration=declaration,
            scheme=scheme,
            editable=True,
            listed=tasks(declaration, checked, pending, may_fill=sections.may_fill(declaration)),
            pending=[BY_NAME[name] for name in BY_NAME if name in pending],
            gaps=gap_links(checked, "check"),
            warnings=[
                {
                    "key": key,
                    "finding": f,
                    "address": field_address(f.field, "check"),
                    "said": typed.get(key, declaration.justifications.get(key, "")),
                    "missing": (missing or {}).get(key, ""),
                }
                for key, f in warnings.items()
            ],
            page_fields=sections.page_fields(sections.CHECK, declaration, None if restored else request.form, restored),
            refused=status != 200,
            loose=loose,
        ),
        status,
    )


# --- steps of the workflow --------------------------------------------------------------------


def _take(
    declaration_id: int, step: str, done: str, justifications: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    declaration = _find(declaration_id)
    try:
        actions.take(
            declaration,
            step,
            viewer(),
            comment=request.form.get("comment", ""),
            version=version_of(request.form),
            justifications=justifications,
        )
    except Refused as refusal:
        if step == "submit" and _editable(declaration):
            return _not_submitted(declaration, refusal)
        flash_refusal(refusal)
        return _show(declaration, refusal.status)
    flash(done, "success")
    return redirect(url_for("declarations.show", declaration_id=declaration_id), 303)


def reasons(posted: Mapping[str, str]) -> dict[str, str]:
    """Return the sentences typed on the check page by the key of the warning they justify."""
    return {name.removeprefix("why-"): text for name, text in posted.items() if name.startswith("why-")}


def _not_submitted(declaration: Declaration, refusal: Refused) -> ResponseReturnValue:
    """Show the check page again with the sentences typed there and what keeps the declaration from going on."""
    said = {f.field.removeprefix("why-"): f.sentence(_) for f in refusal.findings if f.field.startswith("why-")}
    loose = [] if isinstance(refusal, Invalid) else [f.sentence(_) for f in refusal.findings]
    return _check_page(declaration, refusal.status, said, loose)


@views.post("/<id:declaration_id>/submission")
def submission(declaration_id: int) -> ResponseReturnValue:
    """Submit to the department's reviewer."""
    return _take(declaration_id, "submit", _("已送审，部门审核人已收到通知。"), reasons(request.form))


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

"""Declarations: the sections and the targets of one year, and the steps of the workflow."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import declarations as actions
from perfmgr.models.declaration import Declaration
from perfmgr.queries import adjustments, attachments, budgets, declarations, drafts, events, quality, schemes, versions
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
from perfmgr.rules.imports import LAYOUTS
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.workflow import FILLER_STATES, steps_for
from perfmgr.web import saving, sections, target_files
from perfmgr.web.asked import choice_arg, flash_refusal, found
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.versions import read_remarks
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
    checked = quality.examined(declaration, times.today()).findings if editable or declaration.justifications else ()
    kept = drafts.pending(declaration.id, viewer()) if _fills(declaration) else []
    waiting = {row.section for row in kept}
    listed = tasks(declaration, checked, waiting, may_fill=sections.may_fill(declaration)) if editable else []
    history = events.history("declaration", declaration.id)
    said = justified(checked, declaration.justifications)
    return (
        render_template(
            "declarations/show.html",
            declaration=declaration,
            scheme=scheme,
            editable=editable,
            steps=steps_for(declaration.subject, declaration.state, viewer().roles_over(declaration.unit.path)),
            files=attachments.listed(declaration),
            listed=listed,
            done=sum(task.status == DONE for task in listed),
            next=next_task(listed),
            gaps=gap_links(checked) if editable else [],
            kept=kept,
            said=[(f.sentence(_), said[warning_key(f)]) for f in checked if said.get(warning_key(f))],
            history=history,
            budget=budgets.of_project(declaration.project_id, declaration.year),
            **_beside(declaration, history, editable),
        ),
        status,
    )


def _beside(declaration: Declaration, history: Sequence[Any], editable: bool) -> dict[str, Any]:
    """Return what stands beside the declaration: versions, remarks, adjustments, what is still to be looked at."""
    may_adjust = _fills(declaration) and declaration.state == "approved" and declaration.adjusts_id is None
    refusal = adjustments.why_not(declaration, times.today()) if may_adjust else None
    return {
        "beside": versions.beside(declaration, history, editable=editable),
        "may_adjust": may_adjust,
        "adjust_refusal": refusal.sentence(_) if refusal else "",
        "check_sections": {section_of(name) for name in declaration.to_check},
        "typed": request.form,
    }


def gap_links(checked: Sequence[Finding], back: str = "") -> list[tuple[str, str]]:
    """Return where each error is mended, below the declaration's address, and its sentence."""
    return [(sections.field_address(f.field, back), f.sentence(_)) for f in checked if f.level == ERROR]


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
    checked = quality.examined(declaration, times.today()).findings
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
            files=attachments.listed(declaration),
            listed=tasks(declaration, checked, pending, may_fill=sections.may_fill(declaration)),
            pending=[BY_NAME[name] for name in BY_NAME if name in pending],
            gaps=gap_links(checked, "check"),
            warnings=[
                {
                    "key": key,
                    "finding": f,
                    "address": sections.field_address(f.field, "check"),
                    "said": typed.get(key, declaration.justifications.get(key, "")),
                    "missing": (missing or {}).get(key, ""),
                }
                for key, f in warnings.items()
            ],
            page_fields=sections.page_fields(sections.CHECK, declaration, None if restored else request.form, restored),
            refused=status != 200,
            loose=loose,
            steps=(),
            **_beside(declaration, events.history("declaration", declaration.id), editable=True),
        ),
        status,
    )


@views.get("/<id:declaration_id>/form.xlsx")
def export(declaration_id: int) -> ResponseReturnValue:
    """Send the declaration as the official form, to be printed, or filled in and imported again."""
    declaration = _find(declaration_id)
    layout = choice_arg("layout", LAYOUTS) or "national"
    data = target_files.workbook([declaration.id], layout, viewer())
    name = f"{declaration.project.name[:60]}（{declaration.year}年度绩效目标申报表）.xlsx"
    return target_files.answer(data, name, f"declaration-{declaration.id}.xlsx")


# --- steps of the workflow --------------------------------------------------------------------


def _take(
    declaration_id: int, step: str, done: str, justifications: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    declaration = _find(declaration_id)
    try:
        remarks = read_remarks(request.form, declaration) if step == "return" else ()
        actions.take(
            declaration,
            step,
            viewer(),
            comment=request.form.get("comment", ""),
            remarks=remarks,
            version=version_of(request.form),
            justifications=justifications,
        )
    except Refused as refusal:
        if step == "submit" and _editable(declaration):
            return _not_submitted(declaration, refusal)
        flash_refusal(refusal)
        return _show(declaration, refusal.status)
    if step == "submit":
        # Both answers of a double click lead to the receipt of the one submission.
        number = versions.submissions(declaration, most=1)[0].number
        return redirect(url_for("versions.receipt", declaration_id=declaration_id, number=number), 303)
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
    return _take(declaration_id, "submit", "", reasons(request.form))


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

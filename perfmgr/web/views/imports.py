"""Imports: uploading a workbook of target forms, what would become of it, confirming, and its progress."""

import time
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import imports as actions
from perfmgr.documents import target_forms
from perfmgr.documents.target_forms import annotated as copies
from perfmgr.documents.target_forms import books
from perfmgr.extensions import db
from perfmgr.models.import_batch import ImportBatch
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles, imports, schemes, units
from perfmgr.rules.findings import ERROR, INFO
from perfmgr.rules.imports import LAYOUTS, OUTCOMES, place_of, unpacked
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_
from perfmgr.web.asked import choice_arg, flash_refusal, found, number_arg, page_number
from perfmgr.web.downloads import attachment
from perfmgr.web.forms.imports import ImportForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal
from perfmgr.web.target_files import XLSX, answer

views = Blueprint("imports", __name__, url_prefix="/imports")

BUSY_SECONDS = 1.5  # how long one step of the progress works
FILTERS = (*OUTCOMES, "failed")


def _find(import_id: int) -> ImportBatch:
    return found(imports.find(import_id, viewer()))


@views.get("")
def index() -> ResponseReturnValue:
    """Show one's own recent imports."""
    return render_template("imports/index.html", batches=imports.listed(viewer()))


def _open_years() -> list[int]:
    by = viewer()
    return sorted({cycle.year for cycle in cycles.listed(by) if cycle.closed_at is None}, reverse=True)


def _prepare(form: ImportForm) -> ImportForm:
    form.year.choices = [(str(year), str(year)) for year in _open_years()]
    form.unit_id.choices = [(str(u.id), u.name) for u in units.budget_units(viewer(), {FILLER})]
    return form


@views.get("/new")
def new() -> ResponseReturnValue:
    """Show the form for the workbook."""
    years = _open_years()
    form = _prepare(ImportForm(data={"year": str(number_arg("year") or (years[0] if years else ""))}))
    form.unit_id.data = str(number_arg("unit") or "")
    if len(form.unit_id.choices) == 1:
        form.unit_id.data = form.unit_id.choices[0][0]
    return render_template("imports/new.html", form=form)


@views.get("/template.xlsx")
def template() -> ResponseReturnValue:
    """Send an empty form, or empty lists, with the drop-downs of the year's scheme."""
    layout = choice_arg("layout", LAYOUTS) or "national"
    by = viewer()
    choices = units.budget_units(by, {FILLER})
    unit = next((u for u in choices if u.id == number_arg("unit")), choices[0] if len(choices) == 1 else None)
    years = _open_years()
    year = number_arg("year") or (years[0] if years else 0)
    where = unit or (choices[0] if choices else None)
    cycle = cycles.for_unit(where.path, year) if where else None
    if cycle is None:
        abort(404)
    department = db.session.get(Unit, unit.department_id) if unit and unit.department_id else None
    data = books.template(
        year,
        schemes.by_id(cycle.project_scheme_id),
        layout,
        unit.name if unit else "",
        department.name if department else "",
        department.code if department else "",
    )
    return answer(data, f"项目支出绩效目标申报表模板（{year}年度）.xlsx", f"targets-template-{year}.xlsx")


@views.post("")
def create() -> ResponseReturnValue:
    """Check the workbook and show what would become of it; no project is touched."""
    by = viewer()
    form = _prepare(ImportForm(request.form))
    file = request.files.get("file")
    valid = form.validate()
    unit = units.find(form.unit_id.id_value() or 0, by, {FILLER}) if form.unit_id.data else None
    # A workbook takes a while to read; a transaction would keep others waiting.
    db.session.rollback()
    if not valid:
        return render_template("imports/new.html", form=form), 422
    try:
        if file is None or not file.filename:
            raise Refused(N_("请选择要导入的 Excel 文件。"))
        data = file.read()
        drafts = target_forms.drafts(data, file.filename)
        batch = actions.take_in(drafts, int(form.year.data or 0), unit, data, file.filename, by)
    except Refused as refusal:
        return show_refusal("imports/new.html", refusal, form)
    return redirect(url_for("imports.show", import_id=batch.id), 303)


def _show(batch: ImportBatch, status: int = 200) -> ResponseReturnValue:
    counts = imports.counts(batch.id)
    totals = {outcome: sum(n for (o, _s), n in counts.items() if o == outcome) for outcome in OUTCOMES}
    states = {
        state: sum(n for (o, s), n in counts.items() if s == state and o in OUTCOMES[:2])
        for state in ("done", "failed")
    }
    totals["failed"] = states["failed"]
    wanted = choice_arg("outcome", FILTERS)
    total = totals[wanted] if wanted else sum(totals[outcome] for outcome in OUTCOMES)
    page = imports.rows(batch.id, wanted, page_number(), total)
    return (
        render_template(
            "imports/show.html",
            batch=batch,
            totals=totals,
            page=page,
            wanted=wanted,
            settled=states["done"] + states["failed"],
            due=totals["create"] + totals["update"],
            done=states["done"],
            remarks={row.id: [_remark(data) for data in row.findings] for row in page.rows},
        ),
        status,
    )


def _remark(data: dict[str, Any]) -> dict[str, str]:
    finding = unpacked(data)
    sheet, cell = place_of(finding)
    return {"sheet": sheet, "cell": cell, "level": finding.level, "text": finding.sentence(_)}


@views.get("/<id:import_id>")
def show(import_id: int) -> ResponseReturnValue:
    """Show what would become of every project, or how far the writing is."""
    return _show(_find(import_id))


@views.get("/<id:import_id>/annotated.xlsx")
def export_annotated(import_id: int) -> ResponseReturnValue:
    """Send a copy of the workbook with every problem at its cell."""
    batch = _find(import_id)
    remarks = []
    for row in imports.findings(batch.id):
        for data in row.findings:
            finding = unpacked(data)
            sheet, cell = place_of(finding)
            error = finding.level == ERROR
            text = finding.sentence(_) if finding.level != INFO else _("提示：%(text)s", text=finding.sentence(_))
            remarks.append(copies.Remark(sheet or row.place, cell, row.name, error, text))
    head = [_("工作表"), _("单元格"), _("项目"), _("检查结果")]
    data = copies.annotated(batch.file, batch.file_name, remarks, head)
    stem = batch.file_name.removesuffix(".xlsx")
    return Response(data, mimetype=XLSX, headers=attachment(f"{stem}（检查结果）.xlsx", f"import-{batch.id}.xlsx"))


@views.post("/<id:import_id>/confirmation")
def confirmation(import_id: int) -> ResponseReturnValue:
    """Confirm the import; the page then goes on with the writing."""
    batch = _find(import_id)
    try:
        actions.confirm(batch, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(batch, refusal.status)
    return redirect(url_for("imports.show", import_id=batch.id), 303)


@views.post("/<id:import_id>/slices")
def slices(import_id: int) -> ResponseReturnValue:
    """Write the next projects of a confirmed import."""
    batch, by = _find(import_id), viewer()
    db.session.rollback()
    begin = time.monotonic()
    while actions.work(import_id, by) and time.monotonic() - begin < BUSY_SECONDS:
        pass
    if request.accept_mimetypes.best == "application/json":
        db.session.expire_all()
        batch = _find(import_id)
        counts = imports.counts(import_id)
        due = {key: n for key, n in counts.items() if key[0] in OUTCOMES[:2]}
        settled = sum(n for (_outcome, state), n in due.items() if state != "waiting")
        return jsonify(settled=settled, due=sum(due.values()), finished=batch.state == "done")
    return redirect(url_for("imports.show", import_id=import_id), 303)


@views.post("/<id:import_id>/discarding")
def discarding(import_id: int) -> ResponseReturnValue:
    """Forget the import; what it has written already stays."""
    batch = _find(import_id)
    try:
        actions.discard(batch, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return _show(batch, refusal.status)
    flash(_("已放弃这次导入。"), "success")
    return redirect(url_for("imports.index"), 303)

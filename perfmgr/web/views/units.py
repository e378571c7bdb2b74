"""Units: the tree, one unit, and importing many from a workbook."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import units as actions
from perfmgr.documents import units as documents
from perfmgr.extensions import db
from perfmgr.models.unit import Unit
from perfmgr.queries import units
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_
from perfmgr.rules.units import DUTIES, UnitRow
from perfmgr.web.asked import found, number_arg
from perfmgr.web.downloads import attachment
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.units import UnitForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("units", __name__, url_prefix="/units")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _managed() -> list[tuple[int, Unit]]:
    return units.tree_order(units.listed(viewer(), roles={ADMINISTRATOR}))


def _find(unit_id: int) -> Unit:
    return found(units.find(unit_id, viewer(), {ADMINISTRATOR}))


@views.get("")
def index() -> ResponseReturnValue:
    """Show the tree of units this administrator manages."""
    return render_template("units/index.html", tree=_managed())


def _prepare(form: UnitForm) -> UnitForm:
    form.parent_id.choices = [(str(u.id), "　" * depth + u.name) for depth, u in _managed() if u.active]
    return form


@views.get("/new")
def new() -> ResponseReturnValue:
    """Show the form for a new unit, below the one asked for."""
    parent = number_arg("parent")
    data = {"parent_id": str(parent or ""), "kind": "unit", "nature": "public_institution", "active": True}
    return render_template("units/new.html", form=_prepare(UnitForm(data=data)))


@views.post("")
def create() -> ResponseReturnValue:
    """Add the unit."""
    form = _prepare(UnitForm(request.form))
    parent = units.find(form.parent_id.id_value() or 0, viewer(), {ADMINISTRATOR})
    if parent is None:
        form.parent_id.errors = [_("请选择上级。")]
    if not form.validate() or parent is None:
        return render_template("units/new.html", form=form), 422
    try:
        unit = actions.create(parent, form.draft(), viewer())
    except Refused as refusal:
        return show_refusal("units/new.html", refusal, form)
    flash(_("已增加“%(name)s”。", name=unit.name), "success")
    return redirect(url_for("units.index"), 303)


def _values(unit: Unit) -> dict[str, object]:
    return {name: getattr(unit, name) for name in ("kind", "nature", "code", "name", "active", *DUTIES)}


@views.get("/<id:unit_id>")
def edit(unit_id: int) -> ResponseReturnValue:
    """Show the form for one unit."""
    unit = _find(unit_id)
    form = UnitForm(data=_values(unit))
    return render_template("units/edit.html", form=form, unit=unit)


@views.post("/<id:unit_id>")
def update(unit_id: int) -> ResponseReturnValue:
    """Save the unit."""
    unit = _find(unit_id)
    form = UnitForm(request.form, data=_values(unit))
    form.kind.data = unit.kind
    del form.parent_id
    if not form.validate():
        return render_template("units/edit.html", form=form, unit=unit), 422
    try:
        actions.update(
            unit,
            form.draft(),
            viewer(),
            active=bool(form.active.data),
            duties={name: form[name].data or "" for name in DUTIES},
            version=version_of(request.form),
        )
    except Refused as refusal:
        return show_refusal("units/edit.html", refusal, form, unit=unit)
    flash(_("单位信息已保存。"), "success")
    return redirect(url_for("units.index"), 303)


@views.get("/template.xlsx")
def template() -> ResponseReturnValue:
    """Send the empty table to fill in."""
    return Response(
        documents.template(),
        mimetype=XLSX,
        headers=attachment("单位.xlsx", "units.xlsx"),
    )


@views.get("/import")
def upload() -> ResponseReturnValue:
    """Show the form for the workbook."""
    return render_template("units/import.html", tree=_managed(), problems=[])


def _uploaded_rows() -> list[UnitRow]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused(N_("请选择要导入的 Excel 文件。"))
    return documents.read(file.read(), file.filename)


@views.post("/import")
def import_rows() -> ResponseReturnValue:
    """Read the workbook and add all its units, or none and say why, row by row."""
    text = request.form.get("parent_id", "")
    problems: list[str] = []
    try:
        # Before the first query: reading a large workbook takes a while, and a transaction keeps others waiting.
        rows = _uploaded_rows()
        parent = units.find(parse_count(text) or 0, viewer(), {ADMINISTRATOR})
        if parent is None:
            raise Refused(N_("请选择上级。"))
        added = actions.import_rows(parent, rows, viewer())
    except Refused as refusal:
        db.session.rollback()
        problems = [finding.sentence(_) for finding in refusal.findings]
    if problems:
        return render_template("units/import.html", tree=_managed(), problems=problems, chosen=text), 422
    flash(_("已导入 %(count)s 个单位。", count=added), "success")
    return redirect(url_for("units.index"), 303)

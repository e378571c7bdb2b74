"""The indicator library: searching, own entries and their way into it, and filling a row of a declaration."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import declarations as declaration_actions
from perfmgr.actions import library as actions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.library import LibraryEntry
from perfmgr.queries import declarations, events, library, schemes, units
from perfmgr.queries.library import LibraryFilters
from perfmgr.rules.declarations import base_of
from perfmgr.rules.library import GROUPS, SCOPES
from perfmgr.rules.library_fields import FIELDS
from perfmgr.rules.numbers import parse_count
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR, FILLER
from perfmgr.rules.texts import clean_line
from perfmgr.rules.workflow import FILLER_STATES
from perfmgr.web.asked import choice_arg, flash_refusal, found, number_arg, page_number
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.library import EntryForm, blank_values, entry_values, indicator_entry_values
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.library_rows import drafts_of, new_draft, offers
from perfmgr.web.refused import show_refusal

views = Blueprint("library", __name__)

MOST_FOUND = 20


def _find(entry_id: int) -> LibraryEntry:
    return found(library.find(entry_id, viewer()))


def _filters() -> LibraryFilters:
    return LibraryFilters(
        search=clean_line(request.args.get("q", ""))[:100],
        field=choice_arg("field", FIELDS),
        group=choice_arg("group", GROUPS),
        scope=choice_arg("scope", SCOPES),
        retired=request.args.get("retired") == "1",
        page=page_number(),
    )


@views.get("/library")
def index() -> ResponseReturnValue:
    """Search the library."""
    filters, by = _filters(), viewer()
    return render_template("library/index.html", filters=filters, page=library.page(by, filters))


@views.get("/library/<id:entry_id>")
def show(entry_id: int) -> ResponseReturnValue:
    """Show an entry with everything it says, where it is used, and its history."""
    return _show(_find(entry_id))


def _show(entry: LibraryEntry, status: int = 200) -> ResponseReturnValue:
    by = viewer()
    roles = by.roles_over(entry.owner.path) if entry.owner else frozenset()
    return (
        render_template(
            "library/show.html",
            entry=entry,
            uses=library.used_in(entry, by),
            history=events.history("library", entry.id),
            may_change=actions.may_change(entry, by),
            fills=FILLER in roles,
            decides=ADMINISTRATOR in roles,
        ),
        status,
    )


# --- own entries --------------------------------------------------------------------------------


def _owners() -> list[tuple[str, str]]:
    return [(str(unit.id), unit.name) for unit in units.listed(viewer(), ("department", "unit"), {FILLER})]


def _source() -> tuple[Declaration | None, Indicator | None]:
    """Return the declaration and the row of it that the new entry is made from, when the address names one."""
    number, position = number_arg("declaration"), number_arg("row")
    if number is None:
        return None, None
    declaration = found(declarations.find(number, viewer()))
    row = next((i for i in declaration.indicators if i.position == position), None)
    return declaration, row


@views.get("/library/new")
def new() -> ResponseReturnValue:
    """Show the form for an own entry, filled from a row of a declaration when the address names one."""
    declaration, row = _source()
    values = blank_values()
    if declaration is not None and row is not None:
        scheme = schemes.by_id(declaration.scheme_id)
        project = declaration.project
        values = indicator_entry_values(row, scheme, project.name, project.function_code or "")
        values["owner_id"] = str(declaration.unit_id)
    form = EntryForm(data=values)
    form.owner_id.choices = _owners()
    return render_template("library/new.html", form=form, declaration=declaration, row=row)


@views.post("/library")
def create() -> ResponseReturnValue:
    """Add an own entry."""
    declaration, row = _source()
    form = EntryForm(request.form)
    form.owner_id.choices = _owners()
    context = {"declaration": declaration, "row": row}
    if not form.validate():
        return render_template("library/new.html", form=form, **context), 422
    owner = found(units.find(form.owner_id.id_value() or 0, viewer(), {FILLER}))
    try:
        entry = actions.create(owner, form.draft(), form.justification.data or "", viewer(), row)
    except Refused as refusal:
        return show_refusal("library/new.html", refusal, form, **context)
    flash(_("“%(name)s”已加入本单位的指标库。", name=entry.name), "success")
    return redirect(url_for("library.show", entry_id=entry.id), 303)


@views.get("/library/<id:entry_id>/edit")
def edit(entry_id: int) -> ResponseReturnValue:
    """Show the form of an entry."""
    entry = _find(entry_id)
    if not actions.may_change(entry, viewer()):
        flash(_(actions.NOT_YOURS), "warning")
        return redirect(url_for("library.show", entry_id=entry_id))
    return render_template("library/edit.html", entry=entry, form=EntryForm(data=entry_values(entry)))


@views.post("/library/<id:entry_id>/edit")
def update(entry_id: int) -> ResponseReturnValue:
    """Save an entry."""
    entry = _find(entry_id)
    form = EntryForm(request.form, data=entry_values(entry))
    if not form.validate():
        return render_template("library/edit.html", entry=entry, form=form), 422
    try:
        actions.update(entry, form.draft(), form.justification.data or "", viewer(), version_of(request.form))
    except Refused as refusal:
        db.session.rollback()
        return show_refusal("library/edit.html", refusal, form, entry=entry)
    flash(_("“%(name)s”已保存。", name=entry.name), "success")
    return redirect(url_for("library.show", entry_id=entry_id), 303)


@views.get("/library/proposals")
def proposals() -> ResponseReturnValue:
    """Show the entries that wait for this administrator's decision."""
    return render_template("library/proposals.html", page=library.proposals(viewer(), page_number()))


def _take(entry_id: int, step: str, done: str) -> ResponseReturnValue:
    entry = _find(entry_id)
    try:
        actions.take(entry, step, viewer(), request.form.get("comment", ""), version_of(request.form))
    except Refused as refusal:
        db.session.rollback()
        flash_refusal(refusal)
        return _show(_find(entry_id), refusal.status)
    flash(done, "success")
    return redirect(url_for("library.show", entry_id=entry_id), 303)


@views.post("/library/<id:entry_id>/proposal")
def proposal(entry_id: int) -> ResponseReturnValue:
    """Propose an own entry for the common library."""
    return _take(entry_id, "propose", _("已申报入库，系统管理员已收到通知。"))


@views.post("/library/<id:entry_id>/withdrawal")
def taking_back(entry_id: int) -> ResponseReturnValue:
    """Take the proposal back."""
    return _take(entry_id, "take_back", _("已撤回申报，可以继续修改。"))


@views.post("/library/<id:entry_id>/approval")
def approval(entry_id: int) -> ResponseReturnValue:
    """Approve the proposal: from now on everybody may use the entry."""
    return _take(entry_id, "approve", _("已批准入库，申报人已收到通知。"))


@views.post("/library/<id:entry_id>/decline")
def declining(entry_id: int) -> ResponseReturnValue:
    """Decline the proposal with an opinion."""
    return _take(entry_id, "decline", _("已退回，申报人已收到您的意见。"))


@views.post("/library/<id:entry_id>/retirement")
def retirement(entry_id: int) -> ResponseReturnValue:
    """Take the entry out of use; what was filled from it stays."""
    return _take(entry_id, "retire", _("已停用，不再出现在查询和推荐里。"))


@views.post("/library/<id:entry_id>/restoration")
def restoration(entry_id: int) -> ResponseReturnValue:
    """Put a retired entry to use again."""
    return _take(entry_id, "restore", _("已恢复使用。"))


# --- filling a row of a declaration -------------------------------------------------------------


def _declaration(declaration_id: int) -> Declaration:
    return found(declarations.find(declaration_id, viewer()))


def _editable(declaration: Declaration) -> bool:
    return declaration.state in FILLER_STATES and FILLER in viewer().roles_over(declaration.unit.path)


def _offered(declaration: Declaration) -> dict[str, Any]:
    """Return suggestions and, when words were given, what the search finds, ready to be shown or sent."""
    scheme, by = schemes.by_id(declaration.scheme_id), viewer()
    search = clean_line(request.args.get("q", ""))[:100]
    if search:
        page = library.page(by, LibraryFilters(search=search), size=MOST_FOUND)
        return {"search": search, "total": page.total, "offers": offers([(None, e) for e in page.rows], scheme)}
    return {"search": "", "total": 0, "offers": offers(library.suggestions(declaration, scheme, by), scheme)}


@views.get("/declarations/<id:declaration_id>/library")
def pick(declaration_id: int) -> ResponseReturnValue:
    """Show suggestions and search for one declaration, each with a button that fills it in."""
    declaration = _declaration(declaration_id)
    if not _editable(declaration):
        flash(_("这份申报现在不能修改。"), "warning")
        return redirect(url_for("declarations.show", declaration_id=declaration.id))
    return render_template("library/pick.html", declaration=declaration, **_offered(declaration))


@views.get("/declarations/<id:declaration_id>/library.json")
def offer(declaration_id: int) -> ResponseReturnValue:
    """Send suggestions, or what a search finds, with the values that fill a row."""
    declaration = _declaration(declaration_id)
    return jsonify(_offered(declaration) if _editable(declaration) else {"search": "", "total": 0, "offers": []})


@views.post("/declarations/<id:declaration_id>/library")
def insertion(declaration_id: int) -> ResponseReturnValue:
    """Add an entry as a new row of the sheet; weight and target are for the filler to check."""
    declaration, by = _declaration(declaration_id), viewer()
    number = parse_count(request.form.get("entry_id", ""))
    if not number:
        flash(_("请先选择一项指标，再点“填入”。"), "warning")
        return redirect(url_for("library.pick", declaration_id=declaration_id), 303)
    entry = found(library.find_usable(number, by))
    scheme = schemes.by_id(declaration.scheme_id)
    drafts = [*drafts_of(declaration.indicators), new_draft(entry, scheme)]
    try:
        # Whoever saved the table in this very moment must not lose rows to this one.
        seen = declaration_actions.Opened(base=base_of("indicators", declaration))
        declaration_actions.save_indicators(declaration, drafts, by, seen)
    except Refused as refusal:
        db.session.rollback()
        flash_refusal(refusal)
        return redirect(url_for("library.pick", declaration_id=declaration_id), 303)
    flash(_("已填入“%(name)s”。目标值是参考值，请核对；分值请另填。", name=entry.name), "success")
    return redirect(url_for("declarations.section", declaration_id=declaration_id, name="indicators"), 303)

"""People: the administrator's list, one person, appointments and password."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from perfmgr.actions import people as actions
from perfmgr.extensions import db
from perfmgr.models.person import Appointment, Person
from perfmgr.queries import people, units
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import clean_line
from perfmgr.web.asked import flash_refusal, found, page_number
from perfmgr.web.forms.fields import version_of
from perfmgr.web.forms.people import PersonForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("people", __name__, url_prefix="/people")


@views.get("")
def index() -> ResponseReturnValue:
    """Show the people this administrator manages."""
    search, number = clean_line(request.args.get("q", ""))[:100], page_number()
    statement = people.listed(viewer(), search)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = db.session.scalars(
        statement.options(selectinload(Person.appointments).joinedload(Appointment.unit))
        .limit(PAGE_SIZE)
        .offset(offset(number))
    ).all()
    return render_template("people/index.html", page=Page(rows, number, total), search=search)


def _prepare(form: PersonForm, blanks: int = 0) -> PersonForm:
    for _n in range(blanks):
        form.postings.append_entry()
    tree = units.tree_order(units.listed(viewer(), roles={ADMINISTRATOR}))
    form.prepare([(str(unit.id), "　" * depth + unit.name) for depth, unit in tree])
    return form


@views.get("/new")
def new() -> ResponseReturnValue:
    """Show the form for a new person."""
    return render_template("people/new.html", form=_prepare(PersonForm(data={"active": True}), 2))


def _adding(form: PersonForm) -> bool:
    if request.form.get("add") != "postings":
        return False
    form.postings.append_entry()
    _prepare(form)
    return True


@views.post("")
def create() -> ResponseReturnValue:
    """Create the person; the first password is shown once on the next page."""
    form = _prepare(PersonForm(request.form))
    if _adding(form):
        return render_template("people/new.html", form=form)
    if not form.validate():
        return render_template("people/new.html", form=form), 422
    try:
        person, password = actions.create(
            viewer(), form.username.data or "", form.name.data or "", form.chosen(), form.email.data or ""
        )
    except Refused as refusal:
        return show_refusal("people/new.html", refusal, form)
    return render_template("people/password.html", person=person, password=password)


def _values(person: Person) -> dict[str, Any]:
    mine = viewer().paths({ADMINISTRATOR})
    postings = [
        {"role": a.role, "unit_id": str(a.unit_id)}
        for a in person.appointments
        if any(a.unit.path.startswith(path) for path in mine)
    ]
    return {
        "name": person.name,
        "username": person.username,
        "email": actions.email_of(person),
        "active": person.active,
        "postings": postings,
    }


@views.get("/<id:person_id>")
def edit(person_id: int) -> ResponseReturnValue:
    """Show the form for one person."""
    person = found(people.find(person_id, viewer()))
    form = _prepare(PersonForm(data=_values(person)), 1)
    if not actions.is_whole(person, viewer()):
        del form.email
    return render_template("people/edit.html", person=person, form=form)


@views.post("/<id:person_id>")
def update(person_id: int) -> ResponseReturnValue:
    """Save name, state and appointments."""
    person = found(people.find(person_id, viewer()))
    form = _prepare(PersonForm(request.form, data=_values(person)))
    if not actions.is_whole(person, viewer()):
        del form.email
    if _adding(form):
        return render_template("people/edit.html", form=form, person=person)
    if not form.validate():
        return render_template("people/edit.html", form=form, person=person), 422
    try:
        actions.update(
            person,
            viewer(),
            name=form.name.data or "",
            active=bool(form.active.data),
            postings=form.chosen(),
            email=(form.email.data or "") if form.email else None,
            version=version_of(request.form),
        )
    except Refused as refusal:
        return show_refusal("people/edit.html", refusal, form, person=person)
    flash(_("人员信息已保存。"), "success")
    return redirect(url_for("people.index"), 303)


@views.post("/<id:person_id>/password")
def reset(person_id: int) -> ResponseReturnValue:
    """Give the person a new first password, shown once."""
    person = found(people.find(person_id, viewer()))
    try:
        password = actions.reset_password(person, viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("people.edit", person_id=person_id), 303)
    return render_template("people/password.html", person=person, password=password)

"""Endpoints: the administrator's group robots and webhooks."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr import times
from perfmgr.actions import endpoints as actions
from perfmgr.actions.endpoints import EndpointDraft
from perfmgr.models.message import Endpoint
from perfmgr.queries import endpoints, units
from perfmgr.rules.messages import ROBOTS
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.forms.endpoints import EndpointForm
from perfmgr.web.forms.fields import version_of
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _
from perfmgr.web.refused import show_refusal

views = Blueprint("endpoints", __name__, url_prefix="/endpoints")


@views.get("")
def index() -> ResponseReturnValue:
    """Show the endpoints this administrator manages."""
    rows = [(endpoint, actions.shown_address(endpoint)) for endpoint in endpoints.listed(viewer())]
    return render_template(
        "endpoints/index.html",
        rows=rows,
        waiting=endpoints.waiting_counts(viewer()),
        names=ROBOTS,
        now=times.now(),
        plain=_,  # what a server said is text, never markup
    )


def _prepare(form: EndpointForm) -> EndpointForm:
    tree = units.tree_order(units.listed(viewer(), roles={ADMINISTRATOR}))
    form.unit_id.choices = [(str(unit.id), "　" * depth + unit.name) for depth, unit in tree]
    return form


def _draft(form: EndpointForm) -> EndpointDraft:
    return EndpointDraft(
        form.name.data or "",
        form.address.data or "",
        (form.secret.data or "").strip(),
        form.chosen(),
        bool(form.active.data),
    )


@views.get("/new")
def new() -> ResponseReturnValue:
    """Show the form for a new endpoint."""
    return render_template("endpoints/new.html", form=_prepare(EndpointForm(data={"active": True})))


@views.post("")
def create() -> ResponseReturnValue:
    """Set up the endpoint."""
    form = _prepare(EndpointForm(request.form))
    if not form.validate():
        return render_template("endpoints/new.html", form=form), 422
    try:
        actions.create(form.unit_id.id_value() or 0, form.kind.data or "", _draft(form), viewer())
    except Refused as refusal:
        return show_refusal("endpoints/new.html", refusal, _prepare(form))
    flash(_("已保存，请发送一条测试消息。"), "success")
    return redirect(url_for("endpoints.index"), 303)


def _find(endpoint_id: int) -> Endpoint:
    return found(endpoints.find(endpoint_id, viewer()))


def _form(endpoint: Endpoint, posted: Any = None) -> EndpointForm:
    values = {"name": endpoint.name, "active": endpoint.active}
    values |= {f"duty_{duty}": True for duty in endpoint.kinds}
    form = EndpointForm(posted, data=values)
    del form.unit_id, form.kind
    form.address.validators, form.address.flags.required = [], False
    return form


@views.get("/<id:endpoint_id>")
def edit(endpoint_id: int) -> ResponseReturnValue:
    """Show the form for one endpoint; address and secret are never shown again."""
    endpoint = _find(endpoint_id)
    return render_template("endpoints/edit.html", form=_form(endpoint), **_context(endpoint))


def _context(endpoint: Endpoint) -> dict[str, Any]:
    return {"endpoint": endpoint, "shown": actions.shown_address(endpoint), "names": ROBOTS}


@views.post("/<id:endpoint_id>")
def update(endpoint_id: int) -> ResponseReturnValue:
    """Save the endpoint."""
    endpoint = _find(endpoint_id)
    form = _form(endpoint, request.form)
    if not form.validate():
        return render_template("endpoints/edit.html", form=form, **_context(endpoint)), 422
    try:
        actions.update(endpoint, _draft(form), viewer(), version_of(request.form))
    except Refused as refusal:
        return show_refusal("endpoints/edit.html", refusal, form, **_context(endpoint))
    flash(_("已保存。"), "success")
    return redirect(url_for("endpoints.index"), 303)


def _done(sentence: str, kind: str = "success") -> ResponseReturnValue:
    flash(sentence, kind)
    return redirect(url_for("endpoints.index"), 303)


@views.post("/<id:endpoint_id>/pausing")
def pausing(endpoint_id: int) -> ResponseReturnValue:
    """Pause the endpoint."""
    actions.set_active(_find(endpoint_id), False, viewer())
    return _done(_("已暂停，待发送的消息保留，恢复后继续发送。"))


@views.post("/<id:endpoint_id>/resuming")
def resuming(endpoint_id: int) -> ResponseReturnValue:
    """Let the endpoint go on."""
    actions.set_active(_find(endpoint_id), True, viewer())
    return _done(_("已恢复发送。"))


@views.post("/<id:endpoint_id>/removal")
def removal(endpoint_id: int) -> ResponseReturnValue:
    """Delete the endpoint with its messages."""
    try:
        actions.delete(_find(endpoint_id), viewer())
    except Refused as refusal:
        flash_refusal(refusal)
        return redirect(url_for("endpoints.index"), 303)
    return _done(_("已删除。"))


@views.post("/<id:endpoint_id>/test")
def test(endpoint_id: int) -> ResponseReturnValue:
    """Send a test message and say in words what became of it."""
    endpoint = _find(endpoint_id)
    name = endpoint.name
    failure = actions.send_test(endpoint, viewer(), _)
    if failure:
        return _done(_("“%(name)s”没有收到测试消息：%(reason)s", name=name, reason=failure), "danger")
    return _done(_("“%(name)s”已收到测试消息。", name=name))

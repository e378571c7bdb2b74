"""Versions of a declaration: the list, one of them, what differs between two, the receipt, and opening a review."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from perfmgr.actions import versions as actions
from perfmgr.documents.versions import word
from perfmgr.models.declaration import Declaration
from perfmgr.models.version import DeclarationVersion, content_of
from perfmgr.queries import declarations, versions
from perfmgr.queries.versions import DRAFT
from perfmgr.rules.versions import compare, count_changes
from perfmgr.web.asked import found, number_arg
from perfmgr.web.downloads import attachment
from perfmgr.web.gate import viewer

views = Blueprint("versions", __name__, url_prefix="/declarations/<id:declaration_id>")


def _find(declaration_id: int) -> Declaration:
    return found(declarations.find(declaration_id, viewer()))


def _version(declaration: Declaration, number: int) -> DeclarationVersion:
    return found(versions.find(declaration, number))


@views.get("/versions")
def index(declaration_id: int) -> ResponseReturnValue:
    """List the declaration's versions, newest first."""
    declaration = _find(declaration_id)
    return render_template("versions/index.html", declaration=declaration, rows=versions.listed(declaration))


def _initial(declaration: Declaration, version: DeclarationVersion) -> DeclarationVersion | None:
    """Return the targets approved first, when this version is an adjustment of them."""
    adjusted = version.occasion == "adjust" or version.adjustment_id is not None
    return versions.initial(declaration) if adjusted else None


@views.get("/versions/<int:number>")
def show(declaration_id: int, number: int) -> ResponseReturnValue:
    """Show one version as it was frozen, adjusted targets beside those approved first."""
    declaration = _find(declaration_id)
    version = _version(declaration, number)
    initial = _initial(declaration, version)
    sections = compare((initial or version).content, version.content)
    return render_template(
        "versions/show.html", declaration=declaration, version=version, sections=sections, initial=initial
    )


@views.get("/versions/<int:number>.docx")
def document(declaration_id: int, number: int) -> ResponseReturnValue:
    """Send one version as a Word document."""
    declaration = _find(declaration_id)
    version = _version(declaration, number)
    name = f"{version.content['project']['name']}{declaration.year}年绩效目标（第{number}版）"
    return Response(
        word(version, _initial(declaration, version)),
        mimetype="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        headers=attachment(f"{name}.docx", f"declaration-{declaration.id}-{number}.docx"),
    )


@views.get("/versions/<int:number>/receipt")
def receipt(declaration_id: int, number: int) -> ResponseReturnValue:
    """Show the receipt of a submission; it can be opened any time and submits nothing."""
    declaration = _find(declaration_id)
    version = _version(declaration, number)
    found(version.receipt)
    return render_template(
        "versions/receipt.html",
        declaration=declaration,
        version=version,
        # Once somebody has answered, the next step of that day would contradict the state beside it.
        waiting=declaration.state == "submitted" and version.number == versions.last_number(declaration.root_id),
        reviewers=versions.next_reviewers(declaration, version),
        due_on=versions.due_on(declaration),
    )


def _side(declaration: Declaration, name: str) -> tuple[Any, dict[str, Any]]:
    """Return a version asked for, or the draft, with its content; by default the newest one and the draft."""
    asked = request.args.get(name) or (DRAFT if name == "to" else "")
    if asked == DRAFT:
        return DRAFT, content_of(declaration)
    version = _version(declaration, number_arg(name) or versions.last_number(declaration.root_id))
    return version, version.content


@views.get("/versions/compare")
def comparison(declaration_id: int) -> ResponseReturnValue:
    """Show what differs between two versions, or between one and the draft."""
    declaration = _find(declaration_id)
    (start, old), (end, new) = _side(declaration, "from"), _side(declaration, "to")
    return render_template(
        "versions/compare.html",
        declaration=declaration,
        rows=versions.listed(declaration),
        start=start,
        end=end,
        scheme_id=new["scheme_id"],
        sections=compare(old, new),
        changes=count_changes(old, new),
        whole=request.args.get("all") == "1",
    )


@views.post("/opening")
def opening(declaration_id: int) -> ResponseReturnValue:
    """Note that the reviewer has opened what was handed in; the page sends this by itself, once."""
    actions.open_review(_find(declaration_id), viewer())
    return "", 204

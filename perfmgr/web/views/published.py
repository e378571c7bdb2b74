"""Published documents: what was read from them, fact by fact, and what does not fit."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from perfmgr.queries import published
from perfmgr.web.asked import found
from perfmgr.web.gate import viewer

views = Blueprint("published", __name__, url_prefix="/published")


@views.get("")
def index() -> ResponseReturnValue:
    """Show the saved documents."""
    return render_template("published/index.html", documents=published.listed(viewer()))


@views.get("/<id:published_id>")
def show(published_id: int) -> ResponseReturnValue:
    """Show the facts of one document with their lines."""
    document = found(published.find(published_id, viewer()))
    return render_template("published/show.html", document=document, facts=document.facts)

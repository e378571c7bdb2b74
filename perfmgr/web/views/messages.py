"""Messages: the administrator's view of what leaves the system."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import messages as actions
from perfmgr.queries import messages
from perfmgr.queries.messages import Asked
from perfmgr.rules.messages import CHANNELS, MOST_TRIES, STATES
from perfmgr.rules.refusals import Refused
from perfmgr.web.asked import choice_arg, flash_refusal, found, page_number
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _

views = Blueprint("messages", __name__, url_prefix="/messages")


@views.get("")
def index() -> ResponseReturnValue:
    """Show the messages to people and endpoints of this administrator's units, newest first."""
    asked = Asked(choice_arg("state", STATES), choice_arg("channel", CHANNELS), page_number())
    counts = messages.counts(viewer(), asked)
    total = counts[asked.state] if asked.state else sum(counts.values())
    return render_template(
        "messages/index.html",
        page=messages.page(viewer(), asked, total),
        asked=asked,
        counts=counts,
        channels=CHANNELS,
        states=STATES,
        most_tries=MOST_TRIES,
        plain=_,  # what a server said is text, never markup
        mail_off=not current_app.config["SMTP_HOST"],
    )


@views.post("/<id:message_id>/retry")
def retry(message_id: int) -> ResponseReturnValue:
    """Send a parked message again."""
    message = found(messages.find(message_id, viewer()))
    try:
        actions.retry(message)
    except Refused as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已重新排队，一分钟内发送。"), "success")
    return redirect(url_for("messages.index", state="parked"), 303)


@views.post("/retry")
def retry_all() -> ResponseReturnValue:
    """Send all parked messages of a channel, or of all, again."""
    channel = request.form.get("channel", "")
    count = actions.retry_all(viewer(), channel if channel in CHANNELS else "")
    flash(_("%(count)s 条已搁置的消息已重新排队。", count=count), "success")
    return redirect(url_for("messages.index"), 303)

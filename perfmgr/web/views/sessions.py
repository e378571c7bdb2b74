"""Signing in and out, language, password."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from perfmgr.actions import sessions
from perfmgr.queries import people
from perfmgr.rules.refusals import Refused
from perfmgr.web.forms.sessions import PasswordForm, SignInForm
from perfmgr.web.gate import TOKEN, safe_target, viewer
from perfmgr.web.kept import into_draft, unseal
from perfmgr.web.language import gettext as _

views = Blueprint("sessions", __name__)


@views.get("/sign-in")
def new() -> ResponseReturnValue:
    """Show the sign-in form."""
    return render_template("sessions/new.html", form=SignInForm(), target=request.args.get("next", ""))


@views.post("/sign-in")
def create() -> ResponseReturnValue:
    """Sign in: a new session with a new token; whatever the cookie held before is dropped."""
    form = SignInForm(request.form)
    target, kept = request.form.get("next", ""), request.form.get("kept", "")
    if not form.validate():
        return render_template("sessions/new.html", form=form, target=target, kept=kept), 422
    try:
        token = sessions.sign_in(
            form.username.data,
            form.password.data,
            failures=current_app.config["LOCK_FAILURES"],
            lock_minutes=current_app.config["LOCK_MINUTES"],
        )
    except Refused as refusal:
        message = refusal.findings[0].sentence(_)
        return render_template("sessions/new.html", form=form, target=target, kept=kept, refused=message), 403
    if g.viewer:
        sessions.sign_out(g.viewer.session_id)
    language = session.get("language")
    session.clear()
    session[TOKEN] = token
    if language:
        session["language"] = language
    return _offer_again(kept, token) or redirect(safe_target(target), 303)


def _offer_again(kept: str, token: str) -> ResponseReturnValue | None:
    """Return the way to a page that offers what was typed before the session ran out, to the person who typed it."""
    person_id = people.owner_of_token(sessions.hash_token(token)) if kept else None
    form = unseal(kept, person_id) if person_id else None
    if form is None:
        return None
    address = into_draft(form)
    return redirect(address, 303) if address else render_template("sessions/again.html", kept=form)


@views.post("/sign-out")
def destroy() -> ResponseReturnValue:
    """End the session on the server, so that a copy of the cookie opens nothing."""
    sessions.sign_out(viewer().session_id)
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    flash(_("已安全退出。"), "success")
    return redirect(url_for("sessions.new"), 303)


@views.post("/language")
def language() -> ResponseReturnValue:
    """Switch the language and stay on the page."""
    chosen = request.form.get("language", "")
    if chosen in ("zh", "en"):
        session["language"] = chosen
    back = request.form.get("next", "")
    if back.split("?")[0] == "/sign-in":
        return redirect(url_for("sessions.new"), 303)
    return redirect(safe_target(back), 303)


@views.get("/password")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    return render_template("sessions/password.html", form=PasswordForm())


@views.post("/password")
def change_password() -> ResponseReturnValue:
    """Set a new password; other sessions of the person end."""
    form = PasswordForm(request.form)
    if form.validate() and form.new.data != form.again.data:
        form.again.errors = [_("两次输入的新密码不一致，请重新输入。")]
    if form.errors:
        return render_template("sessions/password.html", form=form), 422
    try:
        sessions.change_password(viewer(), form.old.data, form.new.data)
    except Refused as refusal:
        for finding in refusal.findings:
            form[finding.field].errors = [*form[finding.field].errors, finding.sentence(_)]
        return render_template("sessions/password.html", form=form), 422
    flash(_("密码已修改。"), "success")
    return redirect(url_for("home.show"), 303)

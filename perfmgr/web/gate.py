"""The gate: who asks, may they open this door, and what every answer carries."""

import datetime as dt

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from perfmgr import times
from perfmgr.actions import sessions
from perfmgr.extensions import begin_reading, csrf, db, end_reading
from perfmgr.queries import people
from perfmgr.queries.people import Viewer
from perfmgr.web import language
from perfmgr.web.doors import ANYONE, CLOSED, DOORS, may_enter
from perfmgr.web.language import gettext as _

TOKEN = "token"  # noqa: S105 - the name of the cookie field, not a secret
TOUCH_AFTER = dt.timedelta(minutes=1)
SAFE = ("GET", "HEAD", "OPTIONS")
# Doors that stay open while the password must be changed.
PASSWORD_DOORS = ("sessions.password", "sessions.change_password", "sessions.destroy", "sessions.language", "static")

# Public, and yet pages worth going back to.
READABLE_BY_ANYONE = ("manual.index", "manual.show")
# Posts that bring files; every other form stays as small as MAX_BODY_MB says.
UPLOADS = ("attachments.create", "attachments.create_for_evaluation", "attachments.create_for_rectification")
UPLOADED_AT_ONCE = 5  # files of the greatest size
# Posts that only compute an answer: they must not take the database's write lock.
READING_POSTS = ("evaluations.preview", "monitorings.preview", "reminder_rules.wording", "reminder_rules.trial")

# What is opened by a secret in the address: who is signed in at this browser does not matter.
BY_SECRET = ("feeds.show",)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def init_app(app: Flask) -> None:
    """Bind the gate to an application. The CSRF check runs here too, after we know who asks."""
    app.before_request(_open_gate)
    app.after_request(_add_headers)


def viewer() -> Viewer:
    """Return the signed-in person of this request."""
    found: Viewer | None = g.get("viewer")
    if found is None:
        abort(401)
    return found


def _open_gate() -> Response | None:
    g.viewer = None
    language.use(session.get("language"))
    endpoint, token = request.endpoint, session.get(TOKEN)
    if endpoint in BY_SECRET:
        begin_reading()
        return None
    if endpoint in UPLOADS:
        _allow_files()
    if endpoint in ("static", "health.show") or (endpoint is None and not token):
        return None
    # Who asks is looked up reading in any case: a form is still on its way then, and whoever sends
    # it slowly must not keep others from writing.
    begin_reading()
    writing = not (request.method in SAFE or endpoint is None or endpoint in READING_POSTS)
    if token:
        g.viewer = _find_viewer(token)
    if endpoint is None:  # no such address: the answer carries the menu of whoever asked
        return None
    if writing:
        end_reading()
    if request.method not in SAFE:
        csrf.protect()
    _require_single_values()
    door = DOORS.get(endpoint, CLOSED)
    if g.viewer is None:
        return None if door is ANYONE else _to_sign_in()
    if g.viewer.must_change_password and endpoint not in PASSWORD_DOORS:
        flash(_("首次登录或密码被重置后，请先修改密码。"), "warning")
        return redirect(url_for("sessions.password"), 303)  # type: ignore[return-value]
    if not may_enter(endpoint, g.viewer.roles):
        abort(403)
    return None


def _allow_files() -> None:
    """Take a body of several files; they go to the disk while they come, only the fields to memory."""
    most = UPLOADED_AT_ONCE * current_app.config["MAX_FILE_MB"] + 1
    request.max_content_length = most * 1024 * 1024
    request.max_form_memory_size = 1024 * 1024
    request.max_form_parts = 100


def _require_single_values() -> None:
    """Refuse a name that was sent twice: which of its values was meant is anybody's guess."""
    for sent in (request.args, request.form):
        if any(len(values) > 1 for _name, values in sent.lists()):
            abort(400)


def _find_viewer(token: str) -> Viewer | None:
    now = times.now()
    found = people.viewer_of_session(
        sessions.hash_token(token),
        now - dt.timedelta(minutes=current_app.config["IDLE_MINUTES"]),
        now - dt.timedelta(hours=current_app.config["SESSION_HOURS"]),
    )
    g.touch = bool(found and found.seen_at and now - found.seen_at > TOUCH_AFTER)
    return found


def _to_sign_in() -> Response:
    g.expired_token = session.pop(TOKEN, None)
    if request.method not in SAFE:
        abort(401)
    target = request.full_path.rstrip("?")
    return redirect(url_for("sessions.new", next=target if target != "/" else None))  # type: ignore[return-value]


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["HTTPS"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static":
        response.cache_control.max_age = 31_536_000 if request.args.get("v") else 3600
        response.cache_control.public = True
    elif request.endpoint not in BY_SECRET or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    if g.get("touch") and g.get("viewer"):
        if request.method not in SAFE:
            db.session.rollback()  # a refused form was shown again, and reading for it took the write lock
        sessions.touch_apart(g.viewer.session_id, times.now())
    return response


def safe_target(target: str | None) -> str:
    """Return an address of our own pages to go on to, rebuilt from what was asked; ``/`` otherwise.

    Only a path that leads to a GET route of this application is taken; it is never forwarded
    as it came.
    """
    path, _mark, query = (target or "/").partition("?")
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return url_for("home.show")
    try:
        endpoint, values = adapter.match(path, method="GET")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return url_for("home.show")
    if DOORS.get(endpoint) is ANYONE and endpoint not in READABLE_BY_ANYONE:
        return url_for("home.show")
    address = url_for(endpoint, **values)
    clean = "".join(c for c in query if c.isascii() and c.isprintable() and c not in " \\")
    return f"{address}?{clean}" if clean else address

"""The application: the only place where everything is put together."""

from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from perfmgr.extensions import csrf, db, prepare_engine
from perfmgr.web import errors, filters, gate, reminder_texts, reminder_words
from perfmgr.web.asked import IdConverter

VIEWS = (
    "health",
    "sessions",
    "home",
    "projects",
    "declarations",
    "quality",
    "attachments",
    "versions",
    "adjustments",
    "drafts",
    "imports",
    "budgets",
    "monitorings",
    "evaluations",
    "evaluation_forms",
    "figures",
    "rectifications",
    "consequences",
    "reviews",
    "inflation",
    "samples",
    "appraisals",
    "appraisal_marks",
    "appraisal_questions",
    "rubrics",
    "coverage",
    "disclosures",
    "published",
    "notices",
    "reminders",
    "reminder_rules",
    "preferences",
    "endpoints",
    "messages",
    "manual",
    "people",
    "units",
    "cycles",
    "window_exceptions",
    "workdays",
    "calendar",
    "feeds",
    "schemes",
    "trials",
    "functions",
    "library",
)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Return the web application for these settings (those of ``config.load`` when None)."""
    settings = settings or config.load()
    app = Flask("perfmgr", template_folder=str(config.ROOT / "templates"))
    app.config.update(settings)
    app.config.update(
        SQLALCHEMY_ENGINES={"default": engine_options(settings["DATABASE_URL"], settings["THREADS"])},
        TRUSTED_HOSTS=[name.strip() for name in settings["HOSTS"].split(",") if name.strip()] or None,
        MAX_CONTENT_LENGTH=settings["MAX_BODY_MB"] * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=settings["MAX_BODY_MB"] * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        SESSION_COOKIE_NAME="__Host-perfmgr" if settings["HTTPS"] else "perfmgr",
        SESSION_COOKIE_SECURE=settings["HTTPS"],
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate calls it, after it knows who asks
        WTF_CSRF_SSL_STRICT=settings["HTTPS"],
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.init_app(app)
    # The extension also closes asynchronous sessions, in an event loop and a thread of its own after
    # every request. There are none here, and it cost each request 0.6 to 0.8 ms (/healthz with and without).
    app.teardown_appcontext_funcs = [f for f in app.teardown_appcontext_funcs if not iscoroutinefunction(f)]
    with app.app_context():
        prepare_engine(db.engine)
    csrf.init_app(app)
    gate.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    reminder_texts.init_app(app)
    reminder_words.init_app(app)
    app.url_map.converters["id"] = IdConverter
    for name in VIEWS:
        app.register_blueprint(import_module(f"perfmgr.web.views.{name}").views)
    if settings["PROXIES"]:
        hops = settings["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def engine_options(url: str, threads: int) -> dict[str, Any]:
    """Return how to connect: as many connections as threads, checked before use on a server."""
    options: dict[str, Any] = {"url": url, "pool_size": threads, "max_overflow": 4, "pool_timeout": 10}
    options["hide_parameters"] = True  # what is typed, and hashes, stay out of logged errors
    if url.startswith("postgresql"):
        options.update(pool_pre_ping=True, connect_args={"connect_timeout": 5})
    return options

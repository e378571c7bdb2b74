"""Health: whether the database answers, for a load balancer."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from perfmgr.extensions import db

views = Blueprint("health", __name__)


@views.get("/healthz")
def show() -> ResponseReturnValue:
    """Answer 200 when the database can be read; an outage becomes 503 by the error pages."""
    with db.engine.connect().execution_options(readonly=True) as connection:
        connection.execute(text("SELECT 1"))
    return jsonify(status="ok")

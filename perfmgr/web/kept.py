"""Keeping what somebody typed when their session has run out, until they have signed in again."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from perfmgr.actions.sessions import hash_token
from perfmgr.queries import people

LEFT_OUT = ("csrf_token", "password", "old", "new", "again")
MOST_FIELDS = 5000


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was posted too late: whose, where to, and its fields in order."""

    person_id: int
    path: str
    fields: list[tuple[str, str]]


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="kept-form")


def keep() -> str:
    """Return the posted form, sealed for the person whose session has run out; empty when there is none.

    Only a session that ran out by itself counts: after a sign-out nothing of that person is kept.
    """
    token = g.get("expired_token")
    person_id = people.owner_of_token(hash_token(token)) if token else None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in LEFT_OUT]
    if person_id is None or not fields or len(fields) > MOST_FIELDS:
        return ""
    sealed: Any = _seal().dumps({"person": person_id, "path": request.path, "fields": fields})
    return str(sealed)


def unseal(text: str, person_id: int) -> Kept | None:
    """Return a kept form if it is genuine and belongs to this person, else None."""
    try:
        data = _seal().loads(text)
    except BadSignature:
        return None
    if data["person"] != person_id:
        return None
    return Kept(data["person"], data["path"], [(name, value) for name, value in data["fields"]])

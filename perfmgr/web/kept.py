"""Keeping what somebody typed when their session has run out, until they have signed in again."""

import re
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from perfmgr.actions import drafts
from perfmgr.actions.sessions import hash_token
from perfmgr.queries import declarations, people
from perfmgr.rules.refusals import Refused
from perfmgr.rules.workflow import FILLER_STATES
from perfmgr.web import sections
from perfmgr.web.forms.declarations import FORMS

LEFT_OUT = ("csrf_token", "owner", "password", "old", "new", "again")
MOST_FIELDS = 5000


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was posted too late: whose, where to, and its fields in order."""

    person_id: int
    path: str
    fields: list[tuple[str, str]]


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="kept-form")


def owner_mark() -> str:
    """Return the mark that a page carries to say whose it is, so that it is known without any session."""
    person = g.get("viewer")
    if person is None:
        return ""
    if "owner_mark" not in g:
        g.owner_mark = str(URLSafeSerializer(current_app.secret_key or "", salt="page-owner").dumps(person.id))
    return str(g.owner_mark)


def page_owner() -> int | None:
    """Return the person whose page was posted, by the mark it carries; None without a genuine one."""
    try:
        owner = URLSafeSerializer(current_app.secret_key or "", salt="page-owner").loads(request.form.get("owner", ""))
    except BadSignature:
        return None
    return owner if isinstance(owner, int) else None


def keep() -> str:
    """Return the posted form, sealed for the person whose session has ended; empty when there is none.

    Whose it is says the page itself, or else the session if it ran out by itself.
    """
    token = g.get("expired_token")
    person_id = page_owner() or (people.owner_of_token(hash_token(token)) if token else None)
    fields = typed_fields()
    if person_id is None or not fields or len(fields) > MOST_FIELDS:
        return ""
    sealed: Any = _seal().dumps({"person": person_id, "path": request.path, "fields": fields})
    return str(sealed)


def typed_fields() -> list[tuple[str, str]]:
    """Return the posted fields without tokens and passwords."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in LEFT_OUT]


def unseal(text: str, person_id: int) -> Kept | None:
    """Return a kept form if it is genuine and belongs to this person, else None."""
    try:
        data = _seal().loads(text)
    except BadSignature:
        return None
    if data["person"] != person_id:
        return None
    return Kept(data["person"], data["path"], [(name, value) for name, value in data["fields"]])


SECTION = re.compile(r"/declarations/([1-9]\d{0,17})/sections/(\w+)")


def into_draft(kept: Kept) -> str | None:
    """Keep the fields of a section as a draft of whoever has just signed in; returns where it is shown again.

    None when the form is no section's, or may not be filled in by this person: then it is offered as it is.
    """
    found = SECTION.fullmatch(kept.path)
    by = people.viewer(kept.person_id)
    if found is None or found[2] not in FORMS:
        return None
    declaration, posted = declarations.find(int(found[1]), by), MultiDict(kept.fields)
    page = sections.opened(posted)
    if declaration is None or declaration.state not in FILLER_STATES or not page.tab or "add" in posted:
        return None
    try:
        at = drafts.save(declaration, found[2], sections.typed_fields(posted), by, page)
    except Refused:
        return None
    return f"{kept.path}?draft={page.tab}&again=1" if at else None

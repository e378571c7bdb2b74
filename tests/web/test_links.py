"""Every link and form of every page leads somewhere, for every member of the demonstration's cast."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from perfmgr.demonstration import department
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.times import today
from tests.browser import Visitor
from tests.cast import Cast

MOST_PAGES = 2000
# Of each kind of page: combinations of filters, records. A page's links are the same on both databases, and
# test_access opens every page on both, so that PostgreSQL is asked for fewer of a kind.
MOST = {"sqlite": (6, 25), "postgresql": (1, 3)}


def _addresses(page: str, here: str) -> Iterator[str]:
    """Yield the addresses a page links to, without the place in the page."""
    for found in re.findall(r'<a [^>]*href="([^"]+)"', page):
        address = urldefrag(urljoin(here, html.unescape(found)))[0]
        if address.startswith("/"):
            yield address


def _wanted(address: str, kinds: Counter[str], most: tuple[int, int]) -> bool:
    """Tell whether to open this address: of one kind of page some, of a list's many combinations of filters a few."""
    path, _mark, query = address.partition("?")
    kind = re.sub(r"\d+", "0", path) + "?" + "&".join(sorted(re.findall(r"(\w+)=", query)))
    kinds[kind] += 1
    return kinds[kind] <= most[0 if query else 1]


def _forms(page: str) -> Iterator[tuple[str, str]]:
    """Yield method and address of every form and every button with an address of its own."""
    for attributes in re.findall(r"<form ([^>]*)>", page):
        action = re.search(r'action="([^"]+)"', attributes)
        if action:
            yield ("POST" if "post" in attributes else "GET", html.unescape(action[1]))
    for address in re.findall(r'formaction="([^"]+)"', page):
        yield "POST", html.unescape(address)


@pytest.fixture
def demonstrated(app: Flask) -> Cast:
    """The demonstration department, its people as a cast."""
    with app.app_context():
        department.build(today())
        people = {person.username: person.id for person in db.session.scalars(select(Person))}
    return Cast(0, 0, 0, 0, 0, 0, 0, people)


def test_every_link_answers_and_every_form_has_a_door(app: Flask, demonstrated: Cast) -> None:
    wrong = {}
    with app.app_context():
        most = MOST[db.engine.dialect.name]
    for username in demonstrated.people:
        visitor = Visitor(app, demonstrated, username)
        waiting, seen = ["/"], {"/"}
        kinds: Counter[str] = Counter()
        while waiting:
            address = waiting.pop()
            answer = visitor.get(address, buffered=True)
            if answer.status_code not in (200, 302):
                wrong[f"{username} {address}"] = answer.status_code
            if "html" not in answer.content_type:
                continue
            page = answer.get_data(as_text=True)
            for method, target in _forms(page):
                try:
                    app.url_map.bind("").match(target.split("?")[0], method=method)
                except HTTPException as error:
                    wrong[f"{username} {address} → {method} {target}"] = error.code
            fresh = [found for found in _addresses(page, address) if found not in seen]
            seen.update(fresh)
            fresh = [found for found in fresh if _wanted(found, kinds, most)]
            waiting += fresh
            assert len(seen) < MOST_PAGES, sorted(seen)[-20:]
        assert len(seen) > 30
    assert wrong == {}

"""Fixtures of the actions: an application context around each test, and the actors by name."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.person import Person
from perfmgr.queries.people import Viewer
from tests import cast as make
from tests.actions.declared import stored
from tests.actions.reminding import LAST, By, at, close_on
from tests.cast import Cast
from tests.conftest import shelf


@pytest.fixture
def context(app: Flask, cast: Cast) -> Iterator[None]:
    """An application context; what a test leaves open is rolled back at its end."""
    with app.app_context():
        yield
        db.session.rollback()


@pytest.fixture
def by(context: None, cast: Cast) -> Callable[[str], Viewer]:
    """A function that returns a member of the cast as the one who acts."""
    return cast.viewer


@pytest.fixture
def declaration(app: Flask, cast: Cast, by: Callable[[str], Viewer]) -> Declaration:
    """A complete draft of the filler."""
    return stored(shelf(app).take("declaration", int))


@pytest.fixture
def told(context: None) -> Callable[[], list[tuple[str, str]]]:
    """A function that returns all notices so far as (user name, kind), oldest first."""

    def read() -> list[tuple[str, str]]:
        rows = db.session.query(Person.username, Notice.kind).join(Notice, Notice.person_id == Person.id)
        return [(row.username, row.kind) for row in rows.order_by(Notice.id)]

    return read


@pytest.fixture
def history(context: None) -> Callable[[str, int], list[tuple[str, str | None, str | None]]]:
    """A function that returns a record's events as (step, from, to), oldest first."""

    def read(kind: str, record_id: int) -> list[tuple[str, str | None, str | None]]:
        rows = db.session.query(Event).filter_by(subject_kind=kind, subject_id=record_id).order_by(Event.id)
        return [(row.step, row.state_from, row.state_to) for row in rows]

    return read


@pytest.fixture
def due(app: Flask, cast: Cast, by: By, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Two open sheets of 甲部门 since New Year, due on 31 May 2026; there is a mail server."""
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    make.budgeted(cast)
    close_on(cast, LAST)
    ids = make.opened(cast)
    started = (Event.subject_kind == "evaluation", Event.step == "start")
    db.session.execute(update(Event).where(*started).values(at=at("2026-01-01", 0, 5)))
    db.session.commit()
    return ids

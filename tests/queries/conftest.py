"""Fixtures of the queries: an application context around each test, and those who ask by name."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from perfmgr.extensions import db
from perfmgr.queries.people import Viewer
from tests.cast import Cast
from tests.conftest import shelf
from tests.records import World


@pytest.fixture
def by(app: Flask, cast: Cast) -> Iterator[Callable[[str], Viewer]]:
    """A function that returns a member of the cast as the one who asks, in an application context."""
    with app.app_context():
        yield cast.viewer
        db.session.rollback()


@pytest.fixture
def world(app: Flask, by: Callable[[str], Viewer], cast: Cast) -> World:
    """One record of every kind in the cast's department, in another one, and in another area."""
    return shelf(app).take("world", World)

"""Declarations in the tests of actions: as they are stored, what refusals say, and the year that follows."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from perfmgr.actions import cycles
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Refused
from tests import cast as make
from tests.cast import ADMIN, YEAR, Cast

By = Callable[[str], Viewer]


def sentences(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return every sentence of a refusal."""
    return [finding.sentence() for finding in refused.value.findings]


def stored(declaration_id: int) -> Declaration:
    """Return the declaration as the database has it now."""
    db.session.expire_all()
    return db.session.get_one(Declaration, declaration_id)


def next_cycle(cast: Cast, by: By, scheme: str = "10-50-30-10") -> None:
    """Open the next year for the cast's area."""
    ids = {row.code: row.id for row in db.session.execute(select(SchemeVersion.code, SchemeVersion.id))}
    area = db.session.get_one(Unit, cast.area)
    cycles.create(area, YEAR + 1, ids[scheme], ids["department-six"], make.ALWAYS, by(ADMIN))

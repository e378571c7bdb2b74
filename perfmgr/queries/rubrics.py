"""Rubrics of evaluation by experts: stored versions, and their parsed form."""

from collections.abc import Sequence

from sqlalchemy import select

from perfmgr.extensions import db
from perfmgr.models.scheme import SchemeVersion
from perfmgr.rules.rubrics import KIND, Rubric, parse_rubric


def parsed(version: SchemeVersion) -> Rubric:
    """Return the rubric of a stored version; raises Invalid for a draft that is none yet."""
    return parse_rubric(version.data)


def find(rubric_id: int) -> SchemeVersion | None:
    """Return a stored version of a rubric, or None. Rubrics are no secret among the staff."""
    return db.session.scalar(select(SchemeVersion).where(SchemeVersion.id == rubric_id, SchemeVersion.kind == KIND))


def listed() -> Sequence[SchemeVersion]:
    """Return all versions, by code, newest first."""
    statement = select(SchemeVersion).where(SchemeVersion.kind == KIND)
    return db.session.scalars(statement.order_by(SchemeVersion.code, SchemeVersion.number.desc())).all()


def published() -> Sequence[SchemeVersion]:
    """Return the published versions, newest version of each code first."""
    return [version for version in listed() if version.state == "published"]

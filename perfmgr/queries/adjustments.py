"""Adjustments: the one on its way, and why targets can or cannot be adjusted today."""

import datetime as dt

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.rules.adjustments import OPEN_STATES, why_not_now
from perfmgr.rules.findings import Finding


def open_of(declaration_id: int) -> Declaration | None:
    """Return the adjustment of this declaration that is on its way, or None."""
    return db.session.scalar(
        select(Declaration).where(Declaration.adjusts_id == declaration_id, Declaration.state.in_(OPEN_STATES))
    )


def on_its_way() -> ColumnElement[bool]:
    """Return the condition, as a column of a list, that a declaration is being adjusted."""
    other = aliased(Declaration)
    return exists().where(other.adjusts_id == Declaration.id, other.state.in_(OPEN_STATES))


def why_not(declaration: Declaration, today: dt.date) -> Finding | None:
    """Return why the declaration's targets cannot be adjusted today, or None when they can."""
    evaluated = db.session.scalar(
        select(Evaluation.id).where(
            Evaluation.project_id == declaration.project_id, Evaluation.year == declaration.year
        )
    )
    return why_not_now(
        year=declaration.year,
        closed=declaration.cycle.closed_at is not None,
        self_evaluation=declaration.cycle.span("self_evaluation", declaration.unit.path),
        evaluated=evaluated is not None,
        today=today,
    )

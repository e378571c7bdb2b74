"""Copying what a declaration says into another one: the next year's, or an adjustment."""

from decimal import Decimal
from typing import Any

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Fund, Indicator, LegalBasis, Step
from perfmgr.models.version import content_columns
from perfmgr.queries import schemes
from perfmgr.rules.copying import fields_to_check, shift

TEXTS = ("overview", "rationale", "body", "plan", "goals")
_ROWS = {"bases": LegalBasis, "steps": Step, "funds": Fund, "indicators": Indicator}
# What a declaration keeps of its own when it takes over what another one says.
_OWN = ("year", "scheme_id", "adjust_reason", "adjust_basis")


def copy_row(row: Any) -> Any:
    """Return a new row that says the same."""
    return type(row)(**{name: getattr(row, name) for name in content_columns(row)})


def copy_content(source: Declaration, target: Declaration) -> None:
    """Make ``target`` say exactly what ``source`` says, within one year."""
    for name in content_columns(source):
        if name not in _OWN:
            setattr(target, name, getattr(source, name))
    for rows in _ROWS:
        getattr(target, rows).clear()
    if target.id:
        db.session.flush()  # or the new rows would meet the old ones where only one may be
    for rows in _ROWS:
        getattr(target, rows).extend(copy_row(row) for row in getattr(source, rows))


def copy_last_year(source: Declaration, target: Declaration) -> None:
    """Take over last year's declaration: texts as they are, dates moved to the new year, amounts as they were.

    What may not be right any more is noted in ``to_check``. Indicators of categories that the
    new scheme does not know stay behind.
    """
    years = target.year - source.year
    for name in TEXTS:
        setattr(target, name, getattr(source, name))
    target.start_on, target.end_on = shift(source.start_on, years), shift(source.end_on, years)
    target.bases = [copy_row(basis) for basis in source.bases]
    target.steps = [copy_row(step) for step in source.steps]
    for step in target.steps:
        step.start_on, step.end_on = shift(step.start_on, years), shift(step.end_on, years)
    target.funds = [copy_row(fund) for fund in source.funds]
    target.annual_amount = sum((fund.amount for fund in target.funds), Decimal(0))
    scheme = schemes.by_id(target.scheme_id)
    target.indicators = [copy_row(row) for row in source.indicators if scheme.category(row.category)]
    target.to_check = fields_to_check(
        {name: getattr(target, name) for name in TEXTS},
        year=source.year,
        dates=bool(target.start_on or target.end_on),
        steps=any(step.start_on or step.end_on for step in target.steps),
        funds=bool(target.funds),
        indicators=[(row.name, row.target_text, row.unit) for row in target.indicators],
    )

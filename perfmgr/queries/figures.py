"""Figures: what the system knows of a department's year, what was entered, and what the formulas come to."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import case, func, select

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.figure import DepartmentFigure
from perfmgr.models.project import Project
from perfmgr.models.rectification import Rectification
from perfmgr.queries import budgets, coverage
from perfmgr.queries.people import Viewer
from perfmgr.rules.department_formulas import ENTERED, FIGURES, FORMULAS, SYSTEM, Known, Outcome, compute
from perfmgr.rules.money import WAN
from perfmgr.rules.rectifications import FINISHED


def entered(department_id: int, year: int) -> dict[str, DepartmentFigure]:
    """Return the figures somebody entered for a department and year, by key."""
    statement = select(DepartmentFigure).where(
        DepartmentFigure.department_id == department_id, DepartmentFigure.year == year
    )
    return {figure.key: figure for figure in db.session.scalars(statement)}


def known(department_id: int, year: int, by: Viewer) -> dict[str, Known]:
    """Return every figure there is: entered ones where that is allowed, the system's own otherwise."""
    found = {key: Known(value, SYSTEM) for key, value in _system(department_id, year, by).items()}
    for key, figure in entered(department_id, year).items():
        if key in FIGURES and not FIGURES[key].fixed:
            found[key] = Known(figure.value, ENTERED, figure.source)
    return found


def outcomes(department_id: int, year: int, by: Viewer) -> dict[str, Outcome]:
    """Return what every named formula comes to for a department and year."""
    return computed(known(department_id, year, by))


def computed(figures: Mapping[str, Known]) -> dict[str, Outcome]:
    """Return what every named formula comes to with these figures."""
    return {key: compute(key, figures) for key in FORMULAS}


def _system(department_id: int, year: int, by: Viewer) -> dict[str, Decimal]:
    """Return what the system knows; amounts in 万元. Figures of what it has no record of are left out."""
    found: dict[str, Decimal] = {}
    kinds = budgets.by_kind(department_id, year)
    initial, adjusted, executed = (
        sum((getattr(kind, name) for kind in kinds.values()), Decimal(0))
        for name in ("initial", "adjusted", "executed")
    )
    if adjusted or initial:
        found |= {
            "executed": executed / WAN,
            "budget": adjusted / WAN,
            "initial": initial / WAN,
            "adjustment": abs(adjusted - initial) / WAN,
            "leftover": max(adjusted - executed, Decimal(0)) / WAN,
            "project_spending": kinds["project"].executed / WAN,
        }
    found |= _running_costs(department_id, year)
    for stage, part, whole in (
        ("targets", "targets", "targets_owed"),
        ("self_evaluation", "evaluated", "evaluations_owed"),
    ):
        share = coverage.total(coverage.by_department(stage, by, year, department_id)).projects
        found |= {part: share.part, whole: share.whole}
    return found | _rectified(department_id, year)


def _running_costs(department_id: int, year: int) -> dict[str, Decimal]:
    """Return budget and spending of office running costs (公用经费), if the department has such lines."""
    statement = (
        select(func.sum(BudgetLine.adjusted), func.sum(BudgetLine.executed))
        .join(BudgetLine.project)
        .where(
            BudgetLine.department_id == department_id,
            BudgetLine.year == year,
            BudgetLine.state == "approved",
            Project.category == "public",
        )
    )
    adjusted, executed = db.session.execute(statement).one()
    return {} if adjusted is None else {"public_budget": adjusted / WAN, "public_spent": executed / WAN}


def _rectified(department_id: int, year: int) -> dict[str, Decimal]:
    """Return how many rectifications of this and earlier years there are, and how many are finished."""
    finished = func.coalesce(func.sum(case((Rectification.state == FINISHED, 1), else_=0)), 0)
    number, done = db.session.execute(
        select(func.count(), finished).where(Rectification.department_id == department_id, Rectification.year <= year)
    ).one()
    return {"rectifications": Decimal(number), "rectified": Decimal(int(done))}

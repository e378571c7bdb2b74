"""Projects: those this person may see, with what they have in each year."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.roles import FILLER


def find(project_id: int, by: Viewer) -> Project | None:
    """Return the project with unit and department, if this person may see it."""
    return db.session.scalar(
        select(Project)
        .where(Project.id == project_id, Project.unit_id.in_(unit_ids(by.paths())))
        .options(joinedload(Project.unit), joinedload(Project.department), joinedload(Project.function))
    )


def by_code(code: str) -> Project | None:
    """Return the project with this 项目代码, whoever owns it; only for checking that a code is free."""
    return db.session.scalar(select(Project).where(Project.code == code))


def has_records(project_id: int) -> bool:
    """Tell whether the project has a declaration, a budget or a self-evaluation of any year."""
    models: tuple[Any, ...] = (Declaration, BudgetLine, Evaluation)
    return any(
        db.session.scalar(select(model.id).where(model.project_id == project_id).limit(1)) is not None
        for model in models
    )


MOST_CONTINUING = 300


def continuing(by: Viewer, year: int) -> Sequence[Row[Any]]:
    """Return the projects that may be declared for ``year`` from what was declared last, by unit.

    Those of the units this person prepares for whose last declared year has approved targets,
    that owe targets still, are not over, and have no declaration for the year. Columns: the
    project, the unit's name, the amount and the year of the last declaration.
    """
    earlier, same, any_year = aliased(Declaration), aliased(Declaration), aliased(Declaration)
    newest = (
        select(func.max(any_year.year))
        .where(any_year.project_id == Project.id, any_year.year < year, any_year.adjusts_id.is_(None))
        .scalar_subquery()
    )
    declared = exists().where(same.project_id == Project.id, same.year == year)
    statement: Select[*tuple[Any, ...]] = (
        select(Project, Unit.name.label("unit_name"), earlier.annual_amount, earlier.year)
        .select_from(Project)
        .join(earlier, (earlier.project_id == Project.id) & (earlier.year == newest) & earlier.adjusts_id.is_(None))
        .join(Unit, Unit.id == Project.unit_id)
        .where(
            Project.unit_id.in_(unit_ids(by.paths({FILLER}))),
            Project.owes,
            or_(Project.end_on.is_(None), Project.end_on >= dt.date(year, 1, 1)),
            earlier.state == "approved",
            Unit.active,
            ~declared,
        )
        .order_by(Unit.code, Project.id)
        .limit(MOST_CONTINUING)
        .options(contains_eager(Project.unit))
    )
    return db.session.execute(statement).all()


def years(project: Project) -> Sequence[Row[Any]]:
    """Return one row per year in which the project was declared or budgeted, newest first.

    Columns: year, declaration id and state, amount, budget line id, state and three amounts,
    evaluation id, state, total and grade (None where the year has none).
    """
    declared = select(Declaration.year).where(Declaration.project_id == project.id)
    budgeted = select(BudgetLine.year).where(BudgetLine.project_id == project.id)
    all_years = declared.union(budgeted).subquery()
    statement = (
        select(
            all_years.c.year,
            Declaration.id.label("declaration_id"),
            Declaration.state.label("declaration_state"),
            Declaration.annual_amount,
            BudgetLine.id.label("budget_id"),
            BudgetLine.state.label("budget_state"),
            BudgetLine.initial,
            BudgetLine.adjusted,
            BudgetLine.executed,
            Evaluation.id.label("evaluation_id"),
            Evaluation.state.label("evaluation_state"),
            Evaluation.total,
            Evaluation.grade,
        )
        .select_from(all_years)
        .outerjoin(
            Declaration,
            (Declaration.project_id == project.id)
            & (Declaration.year == all_years.c.year)
            & Declaration.adjusts_id.is_(None),
        )
        .outerjoin(BudgetLine, (BudgetLine.project_id == project.id) & (BudgetLine.year == all_years.c.year))
        .outerjoin(Evaluation, (Evaluation.project_id == project.id) & (Evaluation.year == all_years.c.year))
        .order_by(all_years.c.year.desc())
    )
    return db.session.execute(statement).all()

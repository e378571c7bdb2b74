"""Projects: those this person may see, with what they have in each year."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids


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
        .outerjoin(Declaration, (Declaration.project_id == project.id) & (Declaration.year == all_years.c.year))
        .outerjoin(BudgetLine, (BudgetLine.project_id == project.id) & (BudgetLine.year == all_years.c.year))
        .outerjoin(Evaluation, (Evaluation.project_id == project.id) & (Evaluation.year == all_years.c.year))
        .order_by(all_years.c.year.desc())
    )
    return db.session.execute(statement).all()

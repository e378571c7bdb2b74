"""Disclosure: the facts of one department and year, from the same queries as the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import selectinload

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import budgets, coverage, evaluations, functions
from perfmgr.queries.people import Viewer
from perfmgr.rules.disclosures import EvaluationFacts, Spent, TargetFacts


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Everything one department publishes for one year."""

    department: Unit
    year: int
    targets: TargetFacts
    evaluation: EvaluationFacts
    total: Spent
    basic: Spent
    project: Spent
    functions: tuple[Spent, ...]
    has_spending: bool


def _spent(name: str, totals: Any) -> Spent:
    return Spent(name, totals.initial, totals.executed)


def of_department(department: Unit, year: int, by: Viewer) -> Disclosure:
    """Return the facts of a department this person sees as a whole. Amounts in yuan."""
    kinds = budgets.by_kind(department.id, year)
    total = budgets.total("", kinds.values())
    rows = budgets.by_function(department.id, year)
    names = functions.names([row.function_code for row in rows if row.function_code])
    by_function = tuple(
        _spent(functions.printed_name(row.function_code, names) if row.function_code else "未分类支出", row)
        for row in rows
    )
    return Disclosure(
        department=department,
        year=year,
        targets=_targets(department, year, by, kinds["project"].initial),
        evaluation=_evaluation(department, year, by),
        total=_spent("", total),
        basic=_spent("基本支出", kinds["basic"]),
        project=_spent("项目支出", kinds["project"]),
        functions=by_function,
        has_spending=bool(total.executed),
    )


def _targets(department: Unit, year: int, by: Viewer, project_total: Any) -> TargetFacts:
    tally = coverage.total(coverage.by_department("targets", by, year, department.id))
    number, money = coverage.exempt(by, year, department.id)
    return TargetFacts(
        year=year,
        count=int(tally.projects.part),
        money=tally.money,
        exempt_count=number,
        exempt_money=money,
        project_total=max(project_total, tally.money.whole),
    )


def _evaluation(department: Unit, year: int, by: Viewer) -> EvaluationFacts:
    tally = coverage.total(coverage.by_department("self_evaluation", by, year, department.id))
    whole = evaluations.of_department(department.id, year)
    return EvaluationFacts(
        year=year,
        projects=tally.projects,
        money=tally.money,
        departments=tally.departments,
        total=whole.total if whole else None,
        grade=whole.grade if whole else None,
        confirmed=bool(whole and whole.state == "confirmed"),
        problems=whole.problems if whole else "",
        measures=whole.measures if whole else "",
    )


def approved_projects(department: Unit, year: int) -> Sequence[Row[Any]]:
    """Return declaration id, name and yuan of the department's projects with approved targets."""
    statement: Select[*tuple[Any, ...]] = (
        select(Declaration.id, Project.name, Declaration.annual_amount)
        .join(Declaration.project)
        .where(
            Declaration.department_id == department.id,
            Declaration.year == year,
            Declaration.state == "approved",
            Declaration.adjusts_id.is_(None),
        )
        .order_by(Declaration.id)
        .limit(300)
    )
    return db.session.execute(statement).all()


def project_text(declaration_id: int, department: Unit, year: int) -> Declaration | None:
    """Return an approved declaration of the department and year with its sections, for the six-section text."""
    return db.session.scalar(
        select(Declaration)
        .where(
            Declaration.id == declaration_id,
            Declaration.year == year,
            Declaration.department_id == department.id,
            Declaration.state == "approved",
            Declaration.adjusts_id.is_(None),
        )
        .options(selectinload(Declaration.bases), selectinload(Declaration.steps), selectinload(Declaration.funds))
    )

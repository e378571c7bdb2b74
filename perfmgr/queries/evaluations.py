"""Self-evaluations: the year's list, single sheets, and their scores."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Fund
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import schemes
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import range_params, units_within
from perfmgr.rules.evaluation_funds import FundEntry, prefilled
from perfmgr.rules.evaluations import LineEntry, entered
from perfmgr.rules.money import WAN
from perfmgr.rules.scoring import Row, SheetScore, score_sheet


def find(evaluation_id: int, by: Viewer) -> Evaluation | None:
    """Return the self-evaluation with its lines, project and unit, if this person may see it."""
    paths = by.paths()
    return db.session.scalar(_single(len(paths)), {"id": evaluation_id, **range_params(paths)})


@lru_cache(maxsize=16)
def _single(ranges: int) -> Select[Evaluation]:
    return (
        select(Evaluation)
        .join(Evaluation.unit)
        .where(Evaluation.id == bindparam("id"), Evaluation.unit_id.in_(units_within(ranges)))
        .options(
            contains_eager(Evaluation.unit),
            joinedload(Evaluation.department),
            joinedload(Evaluation.project),
            joinedload(Evaluation.cycle),
            selectinload(Evaluation.lines).joinedload(EvaluationLine.proofs).joinedload(EvaluationProof.attachment),
        )
    )


def funds(evaluation: Evaluation) -> list[FundEntry]:
    """Return the money by source: what was entered, or else what the approved declaration says."""
    if evaluation.kind != "project":
        return []
    if evaluation.funds:
        return [fund.as_entry() for fund in evaluation.funds]
    declared = db.session.execute(
        select(Fund.source, Fund.amount)
        .join(Declaration, Declaration.id == Fund.declaration_id)
        .where(
            Declaration.project_id == evaluation.project_id,
            Declaration.year == evaluation.year,
            Declaration.state == "approved",
            Declaration.adjusts_id.is_(None),
        )
    )
    return prefilled([(row.source, row.amount) for row in declared], evaluation.amounts)


def rows_of(evaluation: Evaluation, entries: Sequence[LineEntry] | None = None) -> list[Row]:
    """Return the lines of the sheet as the scoring engine sees them, as they stand or with these entries."""
    rows = [line.as_row() for line in evaluation.lines]
    if entries is None:
        return rows
    return [entered(row, entry) for row, entry in zip(rows, entries, strict=True)]


def score(evaluation: Evaluation, entries: Sequence[LineEntry] | None = None) -> SheetScore:
    """Return the score of the sheet as it stands, or with these entries, by its own scheme version."""
    rows = rows_of(evaluation, entries)
    scheme = schemes.by_id(evaluation.scheme_id)
    # 万元 on both sides: the ratio is the same and the printed formula reads like the form.
    adjusted = None if evaluation.adjusted is None else evaluation.adjusted / WAN
    executed = None if evaluation.executed is None else evaluation.executed / WAN
    return score_sheet(scheme, rows, adjusted, executed)


def _listed(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    """Limit a statement over self-evaluations, units and projects to the rows of the list, whatever their state."""
    statement = statement.where(*within(Evaluation, shape))
    if shape.category:
        statement = statement.where(chosen(Evaluation.kind, "category"))
    return statement.where(matching(Project.name, Unit.name)) if shape.search else statement


@lru_cache(maxsize=64)
def _counted(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(Evaluation.state, func.count()).group_by(Evaluation.state)
    if shape.search:
        statement = statement.outerjoin(Evaluation.project).join(Unit, Unit.id == Evaluation.unit_id)
    return _listed(statement, shape)


def state_counts(by: Viewer, filters: Filters) -> dict[str, int]:
    """Return how many self-evaluations the list has in each state, whatever state is chosen."""
    return {row[0]: row[1] for row in db.session.execute(_counted(filters.shape(by)), filters.params(by))}


@lru_cache(maxsize=64)
def _rows(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(
        Evaluation.id,
        Evaluation.kind,
        Evaluation.state,
        Evaluation.due_on,
        Evaluation.self_total,
        Evaluation.total,
        Evaluation.grade,
        Evaluation.adjusted,
        Evaluation.executed,
        Project.code,
        Project.name,
        Unit.name.label("unit_name"),
    ).select_from(Evaluation)
    statement = statement.join(Unit, Unit.id == Evaluation.unit_id).outerjoin(Evaluation.project)
    statement = _listed(statement, shape)
    if shape.state:
        statement = statement.where(chosen(Evaluation.state, "state"))
    return statement.order_by(Evaluation.id.desc()).limit(PAGE_SIZE).offset(bindparam("offset"))


def page(by: Viewer, filters: Filters) -> tuple[Page, dict[str, int]]:
    """Return one page of the year's self-evaluations, newest first, and counts by state."""
    counts = state_counts(by, filters)
    number = counts.get(filters.state, 0) if filters.state else sum(counts.values())
    rows = db.session.execute(_rows(filters.shape(by)), filters.params(by)).all()
    return Page(rows, filters.page, number), counts


def of_department(department_id: int, year: int) -> Evaluation | None:
    """Return the department's whole-department self-evaluation of this year, or None."""
    return db.session.scalar(
        select(Evaluation).where(
            Evaluation.kind == "department", Evaluation.department_id == department_id, Evaluation.year == year
        )
    )


def still_owed() -> ColumnElement[bool]:
    """Return the condition that a sheet is owed: not of a project that was exempted, or whose budget was revoked."""
    return or_(Evaluation.kind == "department", and_(Project.owes, Evaluation.adjusted.is_not(None)))

"""Imports: one's own batches, and what the database knows about the projects of a workbook."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.function import Function
from perfmgr.models.import_batch import ImportBatch, ImportRow
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ranges
from perfmgr.rules.consequences import LastResult
from perfmgr.rules.numbers import plain

RECENT = 30


def find(batch_id: int, by: Viewer) -> ImportBatch | None:
    """Return one's own batch, or None: those of others look like none."""
    statement = select(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.person_id == by.id)
    return db.session.scalar(statement.options(joinedload(ImportBatch.unit)))


def listed(by: Viewer) -> Sequence[Row[Any]]:
    """Return one's own recent batches, newest first, with how many projects each has."""
    count = select(func.count()).where(ImportRow.batch_id == ImportBatch.id).correlate(ImportBatch).scalar_subquery()
    statement = (
        select(
            ImportBatch.id,
            ImportBatch.year,
            ImportBatch.file_name,
            ImportBatch.state,
            ImportBatch.created_at,
            Unit.name.label("unit_name"),
            count.label("projects"),
        )
        .outerjoin(Unit, Unit.id == ImportBatch.unit_id)
        .where(ImportBatch.person_id == by.id)
        .order_by(ImportBatch.id.desc())
        .limit(RECENT)
    )
    return db.session.execute(statement).all()


def counts(batch_id: int) -> dict[tuple[str, str], int]:
    """Return how many projects of a batch have each outcome and state."""
    statement = select(ImportRow.outcome, ImportRow.state, func.count()).where(ImportRow.batch_id == batch_id)
    rows = db.session.execute(statement.group_by(ImportRow.outcome, ImportRow.state))
    return {(row[0], row[1]): row[2] for row in rows}


def rows(batch_id: int, outcome: str, number: int, total: int) -> Page:
    """Return one page of a batch's projects, without their values; ``failed`` are those that were not written."""
    statement = (
        select(
            ImportRow.id,
            ImportRow.place,
            ImportRow.code,
            ImportRow.name,
            ImportRow.outcome,
            ImportRow.state,
            ImportRow.declaration_id,
            ImportRow.changes,
            ImportRow.findings,
        )
        .where(ImportRow.batch_id == batch_id, *_chosen(outcome))
        .order_by(ImportRow.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page(db.session.execute(statement).all(), number, total)


def _chosen(outcome: str) -> list[Any]:
    if outcome == "failed":
        return [ImportRow.state == "failed"]
    return [ImportRow.outcome == outcome] if outcome else []


def findings(batch_id: int) -> Sequence[Row[Any]]:
    """Return place, name, outcome and findings of every project of a batch."""
    statement = select(ImportRow.place, ImportRow.name, ImportRow.outcome, ImportRow.findings)
    return db.session.execute(statement.where(ImportRow.batch_id == batch_id).order_by(ImportRow.id)).all()


def left_behind() -> list[tuple[int, int]]:
    """Return id and person of every confirmed batch that is not done."""
    statement = select(ImportBatch.id, ImportBatch.person_id).where(ImportBatch.state == "confirmed")
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(ImportBatch.id))]


def open_rows(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the projects of a batch that are still to be written."""
    return (
        ImportRow.batch_id == batch_id,
        ImportRow.state == "waiting",
        ImportRow.outcome.in_(("create", "update")),
    )


def waiting(batch_id: int, most: int, only: int | None = None) -> Sequence[ImportRow]:
    """Return the next projects to be written, locked so that nobody else writes them too."""
    statement = select(ImportRow).where(*open_rows(batch_id))
    if only is not None:
        statement = statement.where(ImportRow.id == only)
    return db.session.scalars(statement.order_by(ImportRow.id).limit(most).with_for_update(skip_locked=True)).all()


# --- what is known about the projects of a workbook ---------------------------------------------


@dataclass(slots=True)
class Known:
    """Projects by code and by (unit, name), their declarations of the year, which are settled, how they came out last."""

    by_code: dict[str, Row[Any]] = field(default_factory=dict)
    by_name: dict[tuple[int, str], list[Row[Any]]] = field(default_factory=dict)
    declarations: dict[int, Row[Any]] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    results: dict[int, LastResult] = field(default_factory=dict)


def known(year: int, codes: Collection[str], names: Mapping[int, Collection[str]]) -> Known:
    """Return what the database has of these codes, and of these names by unit; four queries for any number."""
    found = Known()
    conditions = [and_(Project.unit_id == unit, Project.name.in_(wanted)) for unit, wanted in names.items()]
    columns = (
        Project.id,
        Project.code,
        Project.name,
        Project.unit_id,
        Project.category,
        Project.exempt_reason,
        Project.version,
    )
    statement: Select[*tuple[Any, ...]] = select(*columns).where(or_(Project.code.in_(codes), *conditions))
    for row in db.session.execute(statement.order_by(Project.id)).all():
        found.by_code[row.code] = row
        found.by_name.setdefault((row.unit_id, row.name), []).append(row)
    ids = [row.id for row in found.by_code.values()]
    if ids:
        declared: Select[*tuple[Any, ...]] = select(
            Declaration.id,
            Declaration.project_id,
            Declaration.unit_id,
            Declaration.state,
            Declaration.version,
            Declaration.scheme_id,
        ).where(Declaration.project_id.in_(ids), Declaration.year == year, Declaration.adjusts_id.is_(None))
        found.declarations = {row.project_id: row for row in db.session.execute(declared)}
        approved = select(Declaration.project_id).where(
            Declaration.project_id.in_(ids), Declaration.approved_at.is_not(None)
        )
        budgeted = select(BudgetLine.project_id).where(BudgetLine.project_id.in_(ids))
        found.settled = set(db.session.scalars(approved.union(budgeted)))
    return found


def functions() -> frozenset[str]:
    """Return every known code of the functional classification."""
    return frozenset(db.session.scalars(select(Function.code)))


def whole(ids: Collection[int]) -> Sequence[Declaration]:
    """Return declarations with everything on them; one query for each table."""
    statement = select(Declaration).where(Declaration.id.in_(ids))
    return db.session.scalars(_with_everything(statement)).all()


def _with_everything(statement: Select[Declaration]) -> Select[Declaration]:
    return (
        statement.join(Declaration.project)
        .options(contains_eager(Declaration.project), joinedload(Declaration.unit), joinedload(Declaration.department))
        .options(
            selectinload(Declaration.bases),
            selectinload(Declaration.steps),
            selectinload(Declaration.funds),
            selectinload(Declaration.indicators),
        )
        .execution_options(populate_existing=True)
    )


def visible(ids: Collection[int], by: Viewer) -> Sequence[Declaration]:
    """Return those of these declarations that this person may see, with everything on them."""
    statement = select(Declaration).join(Unit, Unit.id == Declaration.unit_id)
    statement = statement.where(Declaration.id.in_(ids), ranges(Unit.path, by.paths()))
    return db.session.scalars(_with_everything(statement).order_by(Declaration.id)).all()


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def values_of(declaration: Declaration) -> dict[str, Any]:
    """Return a declaration and its project as plain values; see ``rules.import_checks``."""
    project = declaration.project
    total = project.total_amount
    return {
        "project": {
            "code": project.code,
            "name": project.name,
            "category": project.category,
            "attribute": project.attribute,
            "function_code": project.function_code or "",
            "start_on": _day(project.start_on),
            "end_on": _day(project.end_on),
            "total_amount": None if total is None else plain(total),
            "goals_total": project.goals_total,
        },
        "texts": {name: getattr(declaration, name) for name in ("overview", "rationale", "body", "plan", "goals")},
        "period": {"start_on": _day(declaration.start_on), "end_on": _day(declaration.end_on)},
        "bases": [[basis.title, basis.number] for basis in declaration.bases],
        "steps": [[s.content, _day(s.start_on), _day(s.end_on), s.responsible] for s in declaration.steps],
        "funds": {fund.source: plain(fund.amount) for fund in declaration.funds if fund.amount},
        "indicators": [
            [
                i.category,
                i.subcategory,
                i.name,
                i.sign,
                None if i.target_value is None else plain(i.target_value),
                i.target_text,
                i.unit,
                plain(i.weight),
                i.rule,
                i.evidence,
            ]
            for i in declaration.indicators
        ],
    }

"""Consequences: how projects came out of the last year, and the year's advice for the next budget."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
    type_coerce,
)

from perfmgr.extensions import db
from perfmgr.models.consequence import RenewalLift
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import rectifications, schemes
from perfmgr.queries.evaluations import still_owed
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.rules.consequences import Consequence, LastResult, hint_sum
from perfmgr.rules.workflow import DONE_EVALUATIONS

NOT_EVALUATED = "-"


def results(project_ids: Collection[int], year: int, today: dt.date) -> dict[int, LastResult]:
    """Return the last result before ``year`` of each project that has one that counts; three queries for all.

    The newest self-evaluation counts that is submitted, or that should be; one whose time has not
    run out yet lets the year before it speak.
    """
    if not project_ids:
        return {}
    sheets: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(_sheets(project_ids, year)):
        sheets[row.project_id].append(row)
    open_ones = rectifications.unfinished(project_ids)
    lifts = select(RenewalLift.project_id, RenewalLift.reason).where(
        RenewalLift.project_id.in_(project_ids), RenewalLift.year == year
    )
    reasons = {row.project_id: row.reason for row in db.session.execute(lifts)}
    found = {}
    for project_id in project_ids:
        sheet = next((row for row in sheets[project_id] if _counts(row, today)), None)
        rectifying = open_ones.get(project_id, 0)
        if sheet is not None or rectifying:
            found[project_id] = _result(sheet, reasons.get(project_id, ""), rectifying)
    return found


def result(project_id: int, year: int, today: dt.date) -> LastResult | None:
    """Return the last result of one project before ``year``, or None."""
    return results([project_id], year, today).get(project_id)


def _sheets(project_ids: Collection[int], year: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Evaluation.project_id,
            Evaluation.id,
            Evaluation.year,
            Evaluation.state,
            Evaluation.grade,
            Evaluation.due_on,
            Evaluation.scheme_id,
        )
        .join(Evaluation.project)
        .where(Evaluation.project_id.in_(project_ids), Evaluation.year < year, still_owed())
        .order_by(Evaluation.year.desc())
    )


def _counts(row: Row[Any], today: dt.date) -> bool:
    return row.state in DONE_EVALUATIONS or row.due_on < today


def _result(sheet: Row[Any] | None, lifted: str, rectifying: int) -> LastResult:
    if sheet is None:
        return LastResult(None, None, None, rectifying=rectifying)
    grade = sheet.grade if sheet.state in DONE_EVALUATIONS else None
    return LastResult(
        year=sheet.year,
        grade=grade,
        consequence=schemes.by_id(sheet.scheme_id).consequences.of(grade),
        evaluation_id=sheet.id,
        confirmed=sheet.state == "confirmed",
        due_on=sheet.due_on,
        lifted=lifted,
        rectifying=rectifying,
    )


def lifted(project_id: int, year: int) -> RenewalLift | None:
    """Return the lift of the block for this year, or None."""
    return db.session.scalar(select(RenewalLift).where(RenewalLift.project_id == project_id, RenewalLift.year == year))


# --- the year's advice for the next budget ----------------------------------------------------


def _grade() -> ColumnElement[Any]:
    """Return the grade in force, or a dash for what was not evaluated yet."""
    return case((Evaluation.state.in_(DONE_EVALUATIONS), Evaluation.grade), else_=NOT_EVALUATED)


def _listed(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    statement = statement.join(Unit, Unit.id == Evaluation.unit_id).join(Evaluation.project)
    statement = statement.where(*within(Evaluation, shape), Evaluation.kind == "project", still_owed())
    if shape.category:
        statement = statement.where(chosen(Project.category, "category"))
    return statement.where(matching(Project.name, Unit.name, beginning=Project.code)) if shape.search else statement


@dataclass(frozen=True, slots=True)
class Group:
    """All projects with one grade: how many, their money (yuan), and the sum the hints lead to (None: no hint)."""

    grade: str
    consequence: Consequence
    count: int
    amount: Decimal
    hint: Decimal | None


@lru_cache(maxsize=64)
def _grouped(shape: Shape) -> Select[*tuple[Any, ...]]:
    fen = type_coerce(Evaluation.adjusted, BigInteger)
    # In two steps: PostgreSQL groups by columns, not by an expression that holds values of its own.
    sheets: Select[*tuple[Any, ...]] = select(
        Evaluation.scheme_id,
        _grade().label("grade"),
        (fen % literal_column("100")).label("rest"),
        fen.label("fen"),
    ).select_from(Evaluation)
    source = _listed(sheets, shape).subquery()
    keys = (source.c.scheme_id, source.c.grade, source.c.rest)
    statement: Select[*tuple[Any, ...]] = select(
        *keys, func.count().label("number"), func.sum(source.c.fen).label("fen")
    )
    return statement.group_by(*keys)


def groups(by: Viewer, filters: Filters) -> list[Group]:
    """Return the year's projects by grade in the order of their schemes; sums equal those of the printed rows."""
    parts: dict[tuple[str, Consequence], list[tuple[int, int, int]]] = defaultdict(list)
    order: list[str] = []
    for row in db.session.execute(_grouped(filters.shape(by)), filters.params(by)):
        scheme = schemes.by_id(row.scheme_id)
        order += [grade.name for grade in scheme.grades if grade.name not in order]
        row_of = consequence(row.scheme_id, row.grade)
        parts[row.grade, row_of].append((int(row.rest), row.number, int(row.fen)))
    return [
        Group(
            grade,
            row_of,
            sum(count for _rest, count, _fen in some),
            Decimal(sum(fen for _rest, _count, fen in some)).scaleb(-2),
            None if (fen := hint_sum(row_of, some)) is None else Decimal(fen).scaleb(-2),
        )
        for (grade, row_of), some in sorted(
            parts.items(), key=lambda item: order.index(item[0][0]) if item[0][0] in order else len(order)
        )
    ]


def consequence(scheme_id: int, grade: str) -> Consequence:
    """Return what follows from a grade of the list, by the scheme the sheet was made with."""
    return schemes.by_id(scheme_id).consequences.of(None if grade == NOT_EVALUATED else grade)


@lru_cache(maxsize=64)
def _rows(shape: Shape, paged: bool) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(
        Evaluation.id,
        Evaluation.scheme_id,
        Evaluation.state,
        Evaluation.due_on,
        Evaluation.total,
        _grade().label("grade"),
        Evaluation.adjusted,
        Evaluation.project_id,
        Project.code,
        Project.name,
        Unit.name.label("unit_name"),
    ).select_from(Evaluation)
    statement = _listed(statement, shape)
    if shape.state:
        statement = statement.where(_grade() == bindparam("state"))
    # The worst first: that is where somebody has to decide something.
    statement = statement.order_by(Evaluation.total.is_(None).desc(), Evaluation.total, Evaluation.id)
    return statement.limit(PAGE_SIZE).offset(bindparam("offset")) if paged else statement


def page(by: Viewer, filters: Filters, number: int) -> Page:
    """Return one page of the year's projects, the worst first; ``number`` is how many the list has."""
    return Page(rows(by, filters), filters.page, number)


def rows(by: Viewer, filters: Filters) -> Sequence[Row[Any]]:
    """Return the rows of the page asked for."""
    return db.session.execute(_rows(filters.shape(by), True), filters.params(by)).all()


def stream(by: Viewer, filters: Filters) -> Iterator[Any]:
    """Yield every row of the list, in its order."""
    yield from db.session.execute(_rows(filters.shape(by), False), filters.params(by))

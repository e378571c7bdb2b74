"""Quality of targets: the rule book, the check of one declaration, and what the checks of a year have found."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import selectinload

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.project import Project
from perfmgr.models.quality import QualityCheck, QualityFinding
from perfmgr.models.unit import Unit
from perfmgr.queries import schemes
from perfmgr.queries._quality_facts import PARTS, facts
from perfmgr.queries.filters import Filters, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.rules.numbers import half_up
from perfmgr.rules.quality import Report, examine
from perfmgr.rules.quality_book import RuleBook, parse_book
from perfmgr.rules.quality_goals import unserved
from perfmgr.rules.targets import TargetSheet
from perfmgr.rules.units import duty_lines

FILE = Path(__file__).resolve().parent.parent / "data" / "quality.yaml"


@lru_cache(maxsize=1)
def rule_book() -> RuleBook:
    """Return the built-in rule book. Raises Invalid when the file is no usable one."""
    return parse_book(yaml.safe_load(FILE.read_text(encoding="utf-8")))


# --- one declaration --------------------------------------------------------------------------


def sheet(declaration: Declaration, today: dt.date, parts: Collection[str] = PARTS) -> TargetSheet:
    """Return the declaration as the rules see it today, with what is known beside it of these parts."""
    return dataclasses.replace(declaration.as_sheet(), **facts(declaration, today, parts))


def examined(declaration: Declaration, today: dt.date, parts: Collection[str] = PARTS) -> Report:
    """Return what the rules find on a declaration as it stands now.

    Where only findings on some of its parts are asked for, what is known beside the others is left out.
    """
    return examine(sheet(declaration, today, parts), schemes.by_id(declaration.scheme_id), rule_book())


def unchecked(limit: int) -> Sequence[Declaration]:
    """Return declarations of running years that changed since their last check, with everything on them."""
    return db.session.scalars(
        select(Declaration)
        .join(Declaration.cycle)
        .outerjoin(QualityCheck, QualityCheck.declaration_id == Declaration.id)
        .where(
            Declaration.cycle.property.mapper.class_.closed_at.is_(None),
            (QualityCheck.checked_at.is_(None)) | (QualityCheck.checked_at < Declaration.updated_at),
        )
        .order_by(Declaration.id)
        .limit(limit)
        .options(
            selectinload(Declaration.project),
            selectinload(Declaration.unit),
            selectinload(Declaration.bases),
            selectinload(Declaration.steps),
            selectinload(Declaration.funds),
            selectinload(Declaration.indicators),
        )
    ).all()


# --- the year's checks ------------------------------------------------------------------------


def _within(by: Viewer, filters: Filters, code: str) -> list[ColumnElement[bool]]:
    """Return the conditions of the list: year, units, filters, and one rule when it is chosen."""
    shape = filters.shape(by)
    conditions = [*within(Declaration, shape), Declaration.adjusts_id.is_(None)]
    if shape.state:
        conditions.append(chosen(Declaration.state, "state"))
    if shape.category:
        conditions.append(chosen(Project.category, "category"))
    if shape.search:
        conditions.append(matching(Project.name, beginning=Project.code))
    if code:
        hit = select(QualityFinding.declaration_id).where(QualityFinding.code == code)
        conditions.append(Declaration.id.in_(hit))
    return conditions


def _joined(*columns: Any) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(*columns)
        .select_from(Declaration)
        .join(Declaration.project)
        .outerjoin(QualityCheck, QualityCheck.declaration_id == Declaration.id)
    )
    return statement


def _rows(by: Viewer, filters: Filters, code: str) -> Select[*tuple[Any, ...]]:
    """Return the statement for the list: what was never checked last, the worst first."""
    return (
        _joined(
            Declaration.id,
            Declaration.state,
            Project.code,
            Project.name,
            Unit.name.label("unit_name"),
            QualityCheck.score,
            QualityCheck.errors,
            QualityCheck.warnings,
            QualityCheck.checked_at,
        )
        .join(Unit, Unit.id == Declaration.unit_id)
        .where(*_within(by, filters, code))
        .order_by(QualityCheck.score.is_(None), QualityCheck.errors.desc(), QualityCheck.score, Declaration.id)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """The checks of a list in numbers; ``mean`` is the mean quality score, None when nothing was checked."""

    sheets: int
    checked: int
    with_errors: int
    with_warnings: int
    mean: Decimal | None


def summary(by: Viewer, filters: Filters, code: str = "") -> Summary:
    """Return how many sheets the list has, how many were checked and with what result."""
    statement = _joined(
        func.count(),
        func.count(QualityCheck.declaration_id),
        func.count().filter(QualityCheck.errors > 0),
        func.count().filter(QualityCheck.errors == 0, QualityCheck.warnings > 0),
        func.sum(QualityCheck.score),
    ).where(*_within(by, filters, code))
    sheets, checked, wrong, odd, marks = db.session.execute(statement, filters.params(by)).one()
    return Summary(sheets, checked, wrong, odd, half_up(marks / checked) if checked else None)


def page(by: Viewer, filters: Filters, code: str = "") -> tuple[Page, Summary, dict[int, list[Any]]]:
    """Return one page of the list, its numbers, and by declaration what was found there."""
    numbers = summary(by, filters, code)
    statement = _rows(by, filters, code).limit(PAGE_SIZE).offset(offset(filters.page))
    rows = db.session.execute(statement, filters.params(by)).all()
    return Page(rows, filters.page, numbers.sheets), numbers, _found([row.id for row in rows])


def _found(ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    statement = (
        select(QualityFinding.declaration_id, QualityFinding.code, QualityFinding.level, QualityFinding.count)
        .where(QualityFinding.declaration_id.in_(ids))
        .order_by(QualityFinding.level, QualityFinding.code)
    )
    for row in db.session.execute(statement):
        found.setdefault(row[0], []).append(row)
    return found


def by_rule(by: Viewer, filters: Filters) -> Sequence[Any]:
    """Return, for every rule that spoke on a sheet of the list: code, level, sheets, findings; most sheets first."""
    statement = (
        select(
            QualityFinding.code,
            QualityFinding.level,
            func.count().label("sheets"),
            func.sum(QualityFinding.count).label("findings"),
        )
        .join(Declaration, Declaration.id == QualityFinding.declaration_id)
        .join(Declaration.project)
        .where(*_within(by, filters, ""))
        .group_by(QualityFinding.code, QualityFinding.level)
        .order_by(func.count().desc(), QualityFinding.code)
    )
    return db.session.execute(statement, filters.params(by)).all()


def unserved_tasks(department: Unit, year: int) -> list[str]:
    """Return the key tasks of a department that none of its projects of the year serves."""
    tasks = duty_lines(department.key_tasks)
    if not tasks:
        return []
    rows = db.session.execute(
        select(Project.name, Declaration.overview, Declaration.goals)
        .join(Declaration.project)
        .where(Declaration.department_id == department.id, Declaration.year == year, Declaration.adjusts_id.is_(None))
    )
    return unserved(tasks, [(name, overview, goals) for name, overview, goals in rows])


def stream(by: Viewer, filters: Filters, code: str = "") -> Iterator[Row[Any]]:
    """Return every row of the list for an export, over a connection of its own, a thousand at a time."""
    statement, params, engine = _rows(by, filters, code), filters.params(by), db.engine

    def rows() -> Iterator[Row[Any]]:
        with engine.connect().execution_options(readonly=True, yield_per=1000) as connection:
            yield from connection.execute(statement, params)

    return rows()

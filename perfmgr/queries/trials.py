"""Trials: stored sheets scored again by another version of their scheme, or by their own; nothing is written."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.project import Project
from perfmgr.models.review import Review, ReviewLine
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import schemes
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ranges
from perfmgr.rules.indicators import QUALITATIVE, parse_rule
from perfmgr.rules.money import WAN
from perfmgr.rules.recomputing import StoredLine, StoredSheet
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.scoring import Row
from perfmgr.rules.trials import Sheet, SheetLine, Trial, tried

HANDED_IN = ("submitted", "confirmed")
AT_ONCE = 2000  # rows of the stream held at a time


def _of_scheme(statement: Select[*tuple[Any, ...]], code: str, by: Viewer, year: int) -> Select[*tuple[Any, ...]]:
    """Limit a statement over sheets to those of a year handed in under this scheme, as far as the person administers."""
    return (
        statement.join(SchemeVersion, SchemeVersion.id == Evaluation.scheme_id)
        .join(Unit, Unit.id == Evaluation.unit_id)
        .where(
            SchemeVersion.code == code,
            Evaluation.year == year,
            Evaluation.state.in_(HANDED_IN),
            ranges(Unit.path, by.paths({ADMINISTRATOR})),
        )
    )


def years(version: SchemeVersion, by: Viewer) -> list[int]:
    """Return the years that have sheets handed in under any version of this scheme, newest first."""
    statement = (
        select(Evaluation.year)
        .join(SchemeVersion, SchemeVersion.id == Evaluation.scheme_id)
        .join(Unit, Unit.id == Evaluation.unit_id)
        .where(
            SchemeVersion.code == version.code,
            Evaluation.state.in_(HANDED_IN),
            ranges(Unit.path, by.paths({ADMINISTRATOR})),
        )
        .distinct()
        .order_by(Evaluation.year.desc())
    )
    return list(db.session.scalars(statement))


def _rows(*more: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Evaluation.id,
            Evaluation.scheme_id,
            Evaluation.adjusted,
            Evaluation.executed,
            Evaluation.self_total,
            Evaluation.self_grade,
            *more,
            EvaluationLine.category,
            EvaluationLine.name,
            EvaluationLine.sign,
            EvaluationLine.target_value,
            EvaluationLine.actual_value,
            EvaluationLine.weight,
            EvaluationLine.rule,
            EvaluationLine.tier,
            EvaluationLine.share,
            EvaluationLine.not_applicable,
        )
        .select_from(Evaluation)
        .outerjoin(EvaluationLine, EvaluationLine.evaluation_id == Evaluation.id)
        .order_by(Evaluation.id, EvaluationLine.position)
    )


def _row(row: Any) -> Row:
    return Row(
        sign=row.sign,
        target=row.target_value,
        actual=None if row.sign == QUALITATIVE else row.actual_value,
        weight=row.weight,
        rule=parse_rule(row.rule),
        tier=row.tier,
        share=row.share,
        not_applicable=row.not_applicable,
    )


def _wan(yuan: Decimal | None) -> Decimal | None:
    """Return 万元 on both sides, as when the sheet was scored."""
    return None if yuan is None else yuan / WAN


def _sheets(statement: Select[*tuple[Any, ...]]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield the first row of each sheet, and the rows of its lines, from one query over a connection of its own.

    They come a few thousand rows at a time, so that memory does not grow with their number.
    """
    with db.engine.connect().execution_options(readonly=True, yield_per=AT_ONCE) as connection:
        for _id, group in groupby(connection.execute(statement), lambda row: row.id):
            rows = list(group)
            yield rows[0], [row for row in rows if row.sign is not None]


def _with_last_tier(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Add to each sheet the last tier that has submitted its re-check, and to each line that tier's marks."""
    earlier = aliased(Review)
    last_tier = (
        select(func.max(earlier.tier))
        .where(earlier.evaluation_id == Evaluation.id, earlier.state == "submitted")
        .scalar_subquery()
    )
    return statement.outerjoin(Review, and_(Review.evaluation_id == Evaluation.id, Review.tier == last_tier)).outerjoin(
        ReviewLine, and_(ReviewLine.review_id == Review.id, ReviewLine.line_id == EvaluationLine.id)
    )


def run(version: SchemeVersion, by: Viewer, year: int) -> list[Trial]:
    """Score every sheet of the year that was handed in under a version of this scheme by this version."""
    scheme = schemes.parsed(version)
    results = []
    statement = _rows(Evaluation.total, Evaluation.grade, Review.tier.label("tier_done"), ReviewLine.score)
    for first, rows in _sheets(_of_scheme(_with_last_tier(statement), version.code, by, year)):
        sheet = Sheet(
            id=first.id,
            scheme_id=first.scheme_id,
            lines=tuple(SheetLine(row.category, row.name, _row(row), row.score) for row in rows),
            adjusted=_wan(first.adjusted),
            executed=_wan(first.executed),
            total=first.total if first.total is not None else first.self_total,
            grade=first.grade or first.self_grade,
            tier=first.tier_done or 0,
        )
        results.append(tried(sheet, schemes.by_id(sheet.scheme_id), scheme))
    return results


def handed_in(year: int | None = None) -> Iterator[StoredSheet]:
    """Yield every sheet handed in, of one year or of all, with everything its stored score consists of."""
    more = (
        Evaluation.year,
        Evaluation.total,
        Evaluation.grade,
        Review.id.is_not(None).label("reviewed"),
        EvaluationLine.self_score,
        ReviewLine.score.label("review_score"),
    )
    statement = _with_last_tier(_rows(*more)).where(Evaluation.state.in_(HANDED_IN))
    if year is not None:
        statement = statement.where(Evaluation.year == year)
    for first, rows in _sheets(statement):
        yield StoredSheet(
            id=first.id,
            year=first.year,
            scheme_id=first.scheme_id,
            lines=tuple(StoredLine(_row(row), row.self_score, row.review_score) for row in rows),
            adjusted=_wan(first.adjusted),
            executed=_wan(first.executed),
            self_total=first.self_total,
            self_grade=first.self_grade,
            total=first.total,
            grade=first.grade,
            reviewed=bool(first.reviewed),
        )


def named(version: SchemeVersion, by: Viewer, year: int, ids: Collection[int] | None = None) -> dict[int, Any]:
    """Return code, title, unit and version number of the trial's sheets by id; only of these ids when given."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Evaluation.id,
            Project.code.label("project_code"),
            Project.name.label("project_name"),
            Unit.name.label("unit_name"),
            SchemeVersion.number,
        )
        .select_from(Evaluation)
        .outerjoin(Project, Project.id == Evaluation.project_id)
    )
    statement = _of_scheme(statement, version.code, by, year)
    if ids is not None:
        statement = statement.where(Evaluation.id.in_(ids))
    return {row.id: row for row in db.session.execute(statement)}

"""The watch on inflated self-evaluations: one sheet with what is known beside it, and the year's ranking."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.evaluation_mark import EvaluationMark
from perfmgr.models.monitoring import Monitoring, MonitoringLine
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import evaluations, schemes
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.rules.evaluation_copies import any_alike, compared, marks
from perfmgr.rules.indicators import target_text
from perfmgr.rules.inflation import Report, Watched, WatchedLine, watch
from perfmgr.rules.workflow import DONE_EVALUATIONS

MOST_PEERS = 1000
MOST_SUSPECTS = 50  # sheets that are compared text by text


def report(evaluation: Evaluation) -> Report:
    """Return what the watch says of a sheet as it stands, beside what was expected in monitoring, last year and elsewhere."""
    score = evaluations.score(evaluation)
    known = _forecasts(evaluation)
    stored = evaluation.state in DONE_EVALUATIONS
    lines = [
        WatchedLine(
            name=line.name,
            full=scored.weight,
            score=scored.score,
            target=line.target_value,
            actual=line.actual_value,
            actual_text=line.actual_text,
            target_text=target_text(line.sign, line.target_value, line.target_text, line.unit),
            applies=not line.not_applicable,
            forecast=known.get(line.name),
            sign=line.sign,
            unit=line.unit,
            given=line.self_score if stored else None,
            evidenced=line.evidenced,
        )
        for line, scored in zip(evaluation.lines, score.lines, strict=True)
    ]
    sheet = Watched(
        lines=lines,
        execution=score.execution.score,
        execution_full=score.execution.weight,
        budget=evaluation.adjusted,
        spent=evaluation.executed,
        total=score.total,
        execution_reason=evaluation.execution_reason,
        last_total=_last_total(evaluation),
        peers=_peers(evaluation),
        copies=_copies(evaluation),
        texts={name: getattr(evaluation, name) for name in ("goal_actual", "problems", "measures")},
    )
    return watch(sheet, schemes.by_id(evaluation.scheme_id).inflation)


def _forecasts(evaluation: Evaluation) -> dict[str, Decimal]:
    """Return what the last confirmed monitoring of the project expected the year to bring, by indicator name."""
    if evaluation.project_id is None:
        return {}
    last = (
        select(Monitoring.id)
        .where(
            Monitoring.project_id == evaluation.project_id,
            Monitoring.year == evaluation.year,
            Monitoring.state == "confirmed",
        )
        .order_by(Monitoring.cut_off.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(MonitoringLine.name, MonitoringLine.forecast_value).where(
            MonitoringLine.monitoring_id == last, MonitoringLine.forecast_value.is_not(None)
        )
    )
    return {row.name: row.forecast_value for row in rows if row.forecast_value is not None}


def _last_total(evaluation: Evaluation) -> Decimal | None:
    same = (
        Evaluation.project_id == evaluation.project_id
        if evaluation.project_id
        else Evaluation.department_id == evaluation.department_id
    )
    return db.session.scalar(
        select(Evaluation.total).where(
            same,
            Evaluation.kind == evaluation.kind,
            Evaluation.year == evaluation.year - 1,
            Evaluation.state.in_(DONE_EVALUATIONS),
        )
    )


def _peers(evaluation: Evaluation) -> list[tuple[Decimal, Decimal | None]]:
    rows = db.session.execute(
        select(Evaluation.self_total, Evaluation.adjusted, Evaluation.executed)
        .where(
            Evaluation.department_id == evaluation.department_id,
            Evaluation.year == evaluation.year,
            Evaluation.kind == evaluation.kind,
            Evaluation.state.in_(DONE_EVALUATIONS),
            Evaluation.id != evaluation.id,
            Evaluation.self_total.is_not(None),
        )
        .order_by(Evaluation.id)
        .limit(MOST_PEERS)
    )
    return [
        (row.self_total, row.executed / row.adjusted if row.adjusted and row.executed is not None else None)
        for row in rows
        if row.self_total is not None
    ]


def texts_of(evaluation: Evaluation) -> list[str]:
    """Return the texts of a sheet that are compared with those of others."""
    own = [text for line in evaluation.lines for text in (line.reason, line.measure, line.actual_text)]
    return compared([evaluation.goal_actual, *own])


def _copies(evaluation: Evaluation) -> int:
    """Return how many submitted sheets of the department and year hold one of this sheet's longer texts, or nearly so.

    Three queries at most, whatever the number of sheets.
    """
    own = texts_of(evaluation)
    suspects = _suspects(evaluation, own) if own else ()
    if not suspects:
        return 0
    texts: dict[int, list[str]] = {}
    for row in db.session.execute(select(Evaluation.id, Evaluation.goal_actual).where(Evaluation.id.in_(suspects))):
        texts[row.id] = [row.goal_actual]
    columns = (EvaluationLine.reason, EvaluationLine.measure, EvaluationLine.actual_text)
    for line in db.session.execute(
        select(EvaluationLine.evaluation_id, *columns).where(EvaluationLine.evaluation_id.in_(suspects))
    ):
        texts[line.evaluation_id] += line[1:]
    return sum(any_alike(own, others) for others in texts.values())


def _beside(evaluation: Evaluation) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the other submitted sheets of the department and year."""
    return (
        Evaluation.department_id == evaluation.department_id,
        Evaluation.year == evaluation.year,
        Evaluation.state.in_(DONE_EVALUATIONS),
        Evaluation.id != evaluation.id,
    )


def _suspects(evaluation: Evaluation, own: Sequence[str]) -> Sequence[int]:
    """Return the sheets that share most marks with these texts, and some that hold a text word by word: one query.

    Among the latter are those that were submitted before there were marks.
    """
    sharing = (
        select(EvaluationMark.evaluation_id)
        .join(Evaluation, Evaluation.id == EvaluationMark.evaluation_id)
        .where(
            EvaluationMark.department_id == evaluation.department_id,
            EvaluationMark.year == evaluation.year,
            EvaluationMark.mark.in_(sorted(marks(own))),
            *_beside(evaluation),
        )
        .group_by(EvaluationMark.evaluation_id)
        .order_by(func.count().desc(), EvaluationMark.evaluation_id)
        .limit(MOST_SUSPECTS)
        .subquery()
    )
    texts = compared(text for line in evaluation.lines for text in (line.reason, line.measure))
    lines = select(EvaluationLine.evaluation_id).where(
        or_(EvaluationLine.reason.in_(texts), EvaluationLine.measure.in_(texts)),
        EvaluationLine.evaluation_id == Evaluation.id,
    )
    goal = evaluation.goal_actual if compared([evaluation.goal_actual]) else None
    same = lines.exists() if goal is None else or_(Evaluation.goal_actual == goal, lines.exists())
    repeating = (
        select(Evaluation.id).where(*_beside(evaluation), same).order_by(Evaluation.id).limit(MOST_SUSPECTS).subquery()
    )
    return db.session.scalars(select(sharing.c.evaluation_id).union(select(repeating.c.id))).all()


def _listed(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    """Limit a statement over sheets, units and projects to the rows of the ranking, whatever their light."""
    where = [*within(Evaluation, shape), Evaluation.state.in_(DONE_EVALUATIONS)]
    if shape.category:
        where.append(chosen(Evaluation.kind, "category"))
    if shape.search:
        where.append(matching(Project.name, Unit.name))
    return statement.join(Unit, Unit.id == Evaluation.unit_id).outerjoin(Evaluation.project).where(*where)


def _rows(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(
        Evaluation.id,
        Evaluation.kind,
        Evaluation.state,
        Evaluation.self_total,
        Evaluation.total,
        Evaluation.grade,
        Evaluation.adjusted,
        Evaluation.executed,
        Evaluation.light,
        Evaluation.risk,
        Evaluation.signals,
        Project.code,
        Project.name,
        Unit.name.label("unit_name"),
    ).select_from(Evaluation)
    statement = _listed(statement, shape)
    if shape.state:
        statement = statement.where(Evaluation.light == bindparam("state"))
    return statement.order_by(func.coalesce(Evaluation.risk, -1).desc(), Evaluation.id)


def page(by: Viewer, filters: Filters) -> tuple[Page, dict[str, int]]:
    """Return one page of the year's submitted sheets, the riskiest first, and counts by light."""
    shape, params = filters.shape(by), filters.params(by)
    counted = _listed(select(func.coalesce(Evaluation.light, ""), func.count()).select_from(Evaluation), shape)
    counts = {row[0]: row[1] for row in db.session.execute(counted.group_by(Evaluation.light), params)}
    rows = _rows(shape).limit(PAGE_SIZE).offset((filters.page - 1) * PAGE_SIZE)
    found = db.session.execute(rows, params).all()
    number = counts.get(filters.state, 0) if filters.state else sum(counts.values())
    return Page(found, filters.page, number), counts


def stream(by: Viewer, filters: Filters) -> Iterator[Any]:
    """Yield every row of the ranking, in its order."""
    yield from db.session.execute(_rows(filters.shape(by)), filters.params(by), execution_options={"yield_per": 500})

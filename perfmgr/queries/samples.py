"""Samples for spot checks: what may be drawn, what was drawn, how far its sheets are checked, and by whom."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Row, Select, and_, cast, func, literal, null, or_, select
from sqlalchemy.orm import aliased, joinedload

from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.review import Review
from perfmgr.models.sample import Sample, SampleSheet
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ids_on, ranges
from perfmgr.rules.reviews import FIRST, SPOT_CHECK
from perfmgr.rules.roles import ADMINISTRATOR, FINANCE_REVIEWER
from perfmgr.rules.samples import Candidate

READERS = (FINANCE_REVIEWER, ADMINISTRATOR)

_first, _second = aliased(Review), aliased(Review)
# The two tiers of re-check of a sheet, the second once it has submitted.
_FIRST_TIER = and_(_first.evaluation_id == Evaluation.id, _first.tier == FIRST)
_CHECKED = and_(_second.evaluation_id == Evaluation.id, _second.tier == SPOT_CHECK, _second.state == "submitted")


def _of_year(unit: Unit, year: int) -> list[ColumnElement[bool]]:
    """Return the conditions for the project sheets that can be spot-checked: confirmed, in a year still open."""
    return [
        Evaluation.kind == "project",
        Evaluation.state == "confirmed",
        Evaluation.year == year,
        ranges(Unit.path, [unit.path]),
        Cycle.closed_at.is_(None),
    ]


def _candidates(unit: Unit, year: int, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Evaluation)
        .join(Unit, Unit.id == Evaluation.unit_id)
        .join(Cycle, Cycle.id == Evaluation.cycle_id)
        .outerjoin(SampleSheet, SampleSheet.evaluation_id == Evaluation.id)
        .outerjoin(_second, _CHECKED)
        .where(*_of_year(unit, year), SampleSheet.id.is_(None), _second.id.is_(None))
    )


def candidates(unit: Unit, year: int) -> list[Candidate]:
    """Return the sheets a draw may take: neither drawn before nor checked by finance already."""
    rows = db.session.execute(_candidates(unit, year, Evaluation.id, Evaluation.light).order_by(Evaluation.id))
    return [Candidate(row.id, row.light or "") for row in rows]


def light_counts(unit: Unit, year: int) -> dict[str, int]:
    """Return how many sheets of each light a draw may take."""
    light = func.coalesce(Evaluation.light, "")
    rows = db.session.execute(_candidates(unit, year, light, func.count()).group_by(light))
    return {row[0]: row[1] for row in rows}


def scheme_of(unit: Unit, year: int) -> int | None:
    """Return the scheme version most of these sheets were scored by: its parameters are the usual ones."""
    statement = _candidates(unit, year, Evaluation.scheme_id).group_by(Evaluation.scheme_id)
    return db.session.scalar(statement.order_by(func.count().desc(), Evaluation.scheme_id).limit(1))


def default_scheme() -> int | None:
    """Return the newest published scheme for projects, for where nothing can be drawn yet."""
    statement = select(SchemeVersion.id).where(SchemeVersion.kind == "project", SchemeVersion.state == "published")
    return db.session.scalar(statement.order_by(SchemeVersion.id.desc()).limit(1))


def count(unit_id: int, year: int) -> int:
    """Return how many draws this unit and year have seen."""
    return (
        db.session.scalar(
            select(func.count()).select_from(Sample).where(Sample.unit_id == unit_id, Sample.year == year)
        )
        or 0
    )


# --- what was drawn ---------------------------------------------------------------------------


def find(sample_id: int, by: Viewer) -> Sample | None:
    """Return the sample with its unit, if this person may see it."""
    return db.session.scalar(
        select(Sample)
        .join(Sample.unit)
        .where(Sample.id == sample_id, ranges(Unit.path, by.paths(READERS)))
        .options(joinedload(Sample.unit), joinedload(Sample.drawn_by))
    )


def years(by: Viewer) -> list[int]:
    """Return the years that have samples this person may see, newest first."""
    statement = select(Sample.year).join(Sample.unit).where(ranges(Unit.path, by.paths(READERS))).distinct()
    return list(db.session.scalars(statement.order_by(Sample.year.desc())))


def listed(by: Viewer, year: int) -> Sequence[Row[Any]]:
    """Return the year's samples, newest first, with how many sheets were drawn and how many are checked."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Sample.id,
            Sample.number,
            Sample.seed,
            Sample.share,
            Sample.size,
            Sample.drawn_at,
            Unit.name.label("unit_name"),
            Person.name.label("drawn_by"),
            func.count(SampleSheet.id).label("sheets"),
            func.count(_second.id).label("done"),
        )
        .select_from(Sample)
        .join(Unit, Unit.id == Sample.unit_id)
        .join(Person, Person.id == Sample.drawn_by_id)
        .join(SampleSheet, SampleSheet.sample_id == Sample.id)
        .join(Evaluation, Evaluation.id == SampleSheet.evaluation_id)
        .outerjoin(_second, _CHECKED)
        .where(Sample.year == year, ranges(Unit.path, by.paths(READERS)))
        .group_by(Sample.id, Unit.name, Person.name)
        .order_by(Sample.id.desc())
    )
    return db.session.execute(statement).all()


def _sheets(sample: Sample, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(SampleSheet)
        .join(Evaluation, Evaluation.id == SampleSheet.evaluation_id)
        .outerjoin(_second, _CHECKED)
        .where(SampleSheet.sample_id == sample.id)
    )


_OPEN = _second.id.is_(None)
STATES = {"open": _OPEN, "done": _second.id.is_not(None)}


def progress(sample: Sample, by: Viewer) -> dict[str, int]:
    """Return how many sheets there are (``all``), ``open``, ``done``, open and assigned to this person, open and ``free``."""
    mine = func.count().filter(_OPEN, SampleSheet.assigned_to_id == by.id)
    free = func.count().filter(_OPEN, SampleSheet.assigned_to_id.is_(None))
    row = db.session.execute(_sheets(sample, func.count(), func.count(_second.id), mine, free)).one()
    return {"all": row[0], "open": row[0] - row[1], "done": row[1], "mine": row[2], "free": row[3]}


def _rows(sample: Sample) -> Select[*tuple[Any, ...]]:
    first_by, checker, assigned = aliased(Person), aliased(Person), aliased(Person)
    statement = _sheets(
        sample,
        SampleSheet.id.label("sheet_id"),
        SampleSheet.position,
        SampleSheet.light,
        SampleSheet.assigned_to_id,
        assigned.name.label("assigned_to"),
        Evaluation.id,
        Evaluation.unit_id,
        Evaluation.self_total,
        _first.total.label("first_total"),
        first_by.name.label("first_by"),
        _second.total.label("second_total"),
        _second.grade.label("second_grade"),
        _second.submitted_at.label("checked_at"),
        checker.name.label("checked_by"),
        Project.code,
        Project.name,
        Unit.name.label("unit_name"),
    )
    return (
        statement.join(Unit, Unit.id == Evaluation.unit_id)
        .join(Project, Project.id == Evaluation.project_id)
        .outerjoin(_first, _FIRST_TIER)
        .outerjoin(first_by, first_by.id == _first.by_id)
        .outerjoin(checker, checker.id == _second.by_id)
        .outerjoin(assigned, assigned.id == SampleSheet.assigned_to_id)
        .order_by(SampleSheet.position)
    )


def page(sample: Sample, by: Viewer, state: str, number: int, total: int) -> Page:
    """Return one page of the sample's sheets: all, ``open``, ``done``, or the open ones of this person (``mine``)."""
    statement = _rows(sample)
    if state == "mine":
        statement = statement.where(_OPEN, SampleSheet.assigned_to_id == by.id)
    elif state:
        statement = statement.where(STATES[state])
    rows = db.session.execute(statement.limit(PAGE_SIZE).offset(offset(number))).all()
    return Page(rows, number, total)


def stream(sample: Sample) -> Iterator[Row[Any]]:
    """Yield every sheet of the sample, in the order drawn."""
    yield from db.session.execute(_rows(sample))


def drawn_ids(sample: Sample) -> list[int]:
    """Return the ids of the sheets in the order drawn."""
    statement = select(SampleSheet.evaluation_id).where(SampleSheet.sample_id == sample.id)
    return list(db.session.scalars(statement.order_by(SampleSheet.position)))


def titles(ids: Sequence[int]) -> dict[int, str]:
    """Return what these sheets are called, by id."""
    rows = db.session.execute(
        select(Evaluation.id, Project.name)
        .join(Project, Project.id == Evaluation.project_id)
        .where(Evaluation.id.in_(ids))
    )
    return {row.id: row.name for row in rows}


# --- one sheet --------------------------------------------------------------------------------


def of_evaluation(evaluation_id: int) -> SampleSheet | None:
    """Return the place a sheet has in a sample, with the sample, or None."""
    return db.session.scalar(
        select(SampleSheet).where(SampleSheet.evaluation_id == evaluation_id).options(joinedload(SampleSheet.sample))
    )


def outside(evaluation: Evaluation) -> bool:
    """Tell whether the year has a sample over this sheet's unit, and the sheet is in none."""
    above = ids_on(evaluation.unit.path)
    drawn = select(SampleSheet.id).where(SampleSheet.evaluation_id == evaluation.id).exists()
    found = db.session.scalar(
        select(Sample.id).where(Sample.year == evaluation.year, Sample.unit_id.in_(above), ~drawn).limit(1)
    )
    return found is not None


def next_open(sample: Sample, by: Viewer, after: int = 0) -> int | None:
    """Return the next sheet of the sample that this person is to check: after this position, then from the start."""
    statement = (
        _sheets(sample, Evaluation.id)
        .join(Unit, Unit.id == Evaluation.unit_id)
        .join(Cycle, Cycle.id == Evaluation.cycle_id)
        .where(_OPEN, SampleSheet.position != after, theirs_to_check(by), Cycle.closed_at.is_(None))
    )
    return db.session.scalar(statement.order_by(SampleSheet.position < after, SampleSheet.position).limit(1))


def open_for(by: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the drawn sheets that wait for this person's spot check, as rows of the to-do list."""
    checked = select(Review.id).where(
        Review.evaluation_id == Evaluation.id, Review.tier == SPOT_CHECK, Review.state == "submitted"
    )
    return (
        select(
            literal("sample").label("subject"),
            Evaluation.id,
            Evaluation.state,
            Evaluation.year,
            Evaluation.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            cast(null(), Date).label("due_on"),
            literal(FINANCE_REVIEWER).label("role"),
            cast(null(), Integer).label("adjusts_id"),
            (Cycle.version + Evaluation.version).label("changes"),
        )
        .select_from(SampleSheet)
        .join(Evaluation, Evaluation.id == SampleSheet.evaluation_id)
        .join(Unit, Unit.id == Evaluation.unit_id)
        .join(Project, Project.id == Evaluation.project_id)
        .join(Cycle, Cycle.id == Evaluation.cycle_id)
        .where(theirs_to_check(by), ~checked.exists(), Cycle.closed_at.is_(None))
    )


def theirs_to_check(by: Viewer) -> ColumnElement[bool]:
    """Return the condition that a drawn sheet waits for this person: assigned, or open to whoever may check it."""
    first_tier = select(Review.id).where(
        Review.evaluation_id == SampleSheet.evaluation_id, Review.tier == FIRST, Review.by_id == by.id
    )
    prepared = select(Event.id).where(
        Event.subject_kind == "evaluation",
        Event.subject_id == SampleSheet.evaluation_id,
        Event.person_id == by.id,
        Event.step.in_(("start", "submit")),
    )
    free = and_(
        SampleSheet.assigned_to_id.is_(None),
        or_(Evaluation.filled_by_id.is_(None), Evaluation.filled_by_id != by.id),
        ~first_tier.exists(),
        ~prepared.exists(),
    )
    return and_(
        Evaluation.state == "confirmed",
        ranges(Unit.path, by.paths({FINANCE_REVIEWER})),
        or_(SampleSheet.assigned_to_id == by.id, free),
    )


# --- who may check what -----------------------------------------------------------------------


def checkers(sample: Sample) -> Sequence[Row[int, str, str]]:
    """Return the active finance reviewers over any of the sample's units: id, name, and the path of their post."""
    above = ids_on(sample.unit.path)
    return db.session.execute(
        select(Person.id, Person.name, Unit.path)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(
            Appointment.role == FINANCE_REVIEWER,
            Person.active,
            or_(Unit.id.in_(above), ranges(Unit.path, [sample.unit.path])),
        )
        .order_by(Person.name, Person.id)
    ).all()


def barred(sample: Sample) -> dict[int, set[int]]:
    """Return who may not check a sheet, by evaluation: its filler, who started or submitted it, and the first tier."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = _sheets(sample, Evaluation.id, Evaluation.filled_by_id, _first.by_id).outerjoin(_first, _FIRST_TIER)
    for row in db.session.execute(rows):
        found[row[0]] |= {person_id for person_id in row[1:] if person_id}
    events = (
        select(Event.subject_id, Event.person_id)
        .join(SampleSheet, SampleSheet.evaluation_id == Event.subject_id)
        .where(
            SampleSheet.sample_id == sample.id,
            Event.subject_kind == "evaluation",
            Event.step.in_(("start", "submit")),
        )
        .distinct()
    )
    for evaluation_id, person_id in db.session.execute(events):
        if person_id:
            found[evaluation_id].add(person_id)
    return found


def open_sheets(sample: Sample) -> list[tuple[SampleSheet, set[int]]]:
    """Return the sheets that are not checked yet, in their order, each with the people who may check it."""
    posts, without = checkers(sample), barred(sample)
    statement = _sheets(sample, SampleSheet, Unit.path).join(Unit, Unit.id == Evaluation.unit_id)
    statement = statement.where(_OPEN).order_by(SampleSheet.position).execution_options(populate_existing=True)
    rows = db.session.execute(statement).all()
    return [
        (sheet, {post.id for post in posts if path.startswith(post.path)} - without[sheet.evaluation_id])
        for sheet, path in rows
    ]

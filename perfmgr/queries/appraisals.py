"""Evaluations by experts: the year's list, what one expert was given, single ones, and their questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, cast, exists, func, literal, null, or_, select
from sqlalchemy.orm import joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalExpert, AppraisalQuestion
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import events, people
from perfmgr.queries.filters import Filters, Shape, chosen, matching, within
from perfmgr.queries.paging import PAGE_SIZE, Page
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import ids_on, unit_ids
from perfmgr.rules.appraisals import EXPECTED, EXPERT, ORGANISER, ORGANISERS, OTHER, RUNNING, Consolidation, consolidate
from perfmgr.rules.roles import BY_ASSIGNMENT, FILLER
from perfmgr.rules.roles import EXPERT as EXPERT_ROLE
from perfmgr.rules.rubrics import Rubric, parse_rubric


def _visible(by: Viewer) -> ColumnElement[bool]:
    """Return the condition: of one's units, or assigned to oneself as an expert."""
    placed = Appraisal.unit_id.in_(unit_ids(by.paths()))
    if EXPERT_ROLE not in by.roles:
        return placed
    mine = select(AppraisalExpert.appraisal_id).where(AppraisalExpert.person_id == by.id)
    return or_(placed, Appraisal.id.in_(mine))


def find(appraisal_id: int, by: Viewer) -> Appraisal | None:
    """Return the evaluation with its experts and the self-evaluation, if this person may see it.

    That says nothing about marks: what of it is open to whom says ``rules.appraisals.sees_all_marks``.
    """
    return db.session.scalar(
        select(Appraisal)
        .where(Appraisal.id == appraisal_id, _visible(by))
        .options(
            joinedload(Appraisal.unit),
            joinedload(Appraisal.department),
            joinedload(Appraisal.project),
            joinedload(Appraisal.organiser),
            _material(),
            selectinload(Appraisal.experts).joinedload(AppraisalExpert.person),
            selectinload(Appraisal.experts).selectinload(AppraisalExpert.marks),
        )
    )


def _material() -> Any:
    """Return how the self-evaluation is loaded with its lines and the files they refer to: one query more."""
    lines = joinedload(Appraisal.evaluation).selectinload(Evaluation.lines)
    return lines.joinedload(EvaluationLine.proofs).joinedload(EvaluationProof.attachment)


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in one evaluation: organiser, expert or another; and the own sheet of an expert."""

    who: str
    own: AppraisalExpert | None

    @property
    def barred(self) -> bool:
        """Whether an expert sees nothing of it: a conflict of interests, or no declaration about it (yet)."""
        return self.own is not None and (self.own.state == "excluded" or self.own.declared_at is None)


def standing(appraisal: Appraisal, by: Viewer) -> Standing:
    """Return what this person is in the evaluation.

    Nobody organises what they mark, were invited to mark, or filled in themselves, whatever posts they have by now.
    """
    own = next((expert for expert in appraisal.experts if expert.person_id == by.id), None)
    if own is not None:
        return Standing(EXPERT, own) if EXPERT_ROLE in by.roles else Standing(OTHER, None)
    organises = ORGANISERS[appraisal.kind] in by.roles_over(appraisal.unit.path)
    return Standing(ORGANISER if organises and not _prepared(appraisal.evaluation, by) else OTHER, None)


def _prepared(evaluation: Evaluation, by: Viewer) -> bool:
    return evaluation.filled_by_id == by.id or events.prepared_by("evaluation", evaluation.id, by.id)


def rubric_of(appraisal: Appraisal) -> Rubric:
    """Return the rubric as it was frozen with the evaluation."""
    return parse_rubric(appraisal.rubric)


def consolidation(appraisal: Appraisal) -> Consolidation | None:
    """Return mean and spread of what was submitted; None when nothing was. Only for whom marks are open."""
    submitted = [expert.answers for expert in appraisal.experts if expert.state == "submitted"]
    return consolidate(rubric_of(appraisal), submitted)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an expert took marks off; ``name`` is empty where it is not told whose it is."""

    name: str
    marks: Decimal
    text: str


def reasons(appraisal: Appraisal, *, named: bool) -> dict[str, list[Reason]]:
    """Return why marks were taken off, by item code, the lowest marks first. Only for whom marks are open."""
    found: dict[str, list[Reason]] = {}
    for expert in appraisal.experts:
        for row in expert.marks if expert.state == "submitted" else ():
            if row.reason and row.marks is not None:
                name = expert.person.name if named else ""
                found.setdefault(row.code, []).append(Reason(name, row.marks, row.reason))
    return {code: sorted(rows, key=lambda row: (row.marks, row.text)) for code, rows in found.items()}


def expert_states(appraisal_id: int) -> Sequence[str]:
    """Return the states of all experts of an evaluation as stored now."""
    return db.session.scalars(select(AppraisalExpert.state).where(AppraisalExpert.appraisal_id == appraisal_id)).all()


def of_project(project_id: int) -> Sequence[Appraisal]:
    """Return the evaluations of a project that were not cancelled, newest year first; marks stay where they are."""
    statement = select(Appraisal).where(Appraisal.project_id == project_id, Appraisal.state != "cancelled")
    return db.session.scalars(statement.order_by(Appraisal.year.desc(), Appraisal.id)).all()


def of_evaluation(evaluation_id: int) -> Sequence[Appraisal]:
    """Return the evaluations by experts that rest on a self-evaluation and were not cancelled."""
    statement = select(Appraisal).where(Appraisal.evaluation_id == evaluation_id, Appraisal.state != "cancelled")
    return db.session.scalars(statement.order_by(Appraisal.id)).all()


def candidates(evaluation: Evaluation, but: Sequence[int] = ()) -> Sequence[Person]:
    """Return who can be an expert for the project of this self-evaluation, by name.

    That is active people appointed as experts over the unit who hold no other post over it and had
    no part in the self-evaluation.
    """
    unit = evaluation.unit
    above = ids_on(unit.path)
    over = Appointment.unit_id.in_(above)
    experts = select(Appointment.person_id).where(over, Appointment.role == EXPERT_ROLE)
    involved = select(Appointment.person_id).where(over, Appointment.role.not_in(BY_ASSIGNMENT))
    return db.session.scalars(
        select(Person)
        .where(
            Person.active,
            Person.id.in_(experts),
            Person.id.not_in(involved),
            Person.id.not_in(events.preparers("evaluation", evaluation.id)),
            Person.id.not_in([*but, evaluation.filled_by_id or 0]),
        )
        .order_by(Person.name, Person.id)
    ).all()


# --- questions --------------------------------------------------------------------------------


def questions(appraisal_id: int) -> Sequence[AppraisalQuestion]:
    """Return the questions of an evaluation, oldest first."""
    statement = select(AppraisalQuestion).where(AppraisalQuestion.appraisal_id == appraisal_id)
    return db.session.scalars(statement.order_by(AppraisalQuestion.id)).all()


def find_question(question_id: int, by: Viewer) -> AppraisalQuestion | None:
    """Return a question of an evaluation this person may see, or None."""
    return db.session.scalar(
        select(AppraisalQuestion)
        .join(AppraisalQuestion.appraisal)
        .where(AppraisalQuestion.id == question_id, _visible(by))
    )


# --- lists ------------------------------------------------------------------------------------


def _listed(statement: Select[*tuple[Any, ...]], shape: Shape) -> Select[*tuple[Any, ...]]:
    """Limit a statement over evaluations, units and projects to the rows of the list, whatever their state."""
    statement = statement.where(*within(Appraisal, shape))
    if shape.category:
        statement = statement.where(chosen(Appraisal.kind, "category"))
    return statement.where(matching(Project.name, Unit.name)) if shape.search else statement


@lru_cache(maxsize=64)
def _counted(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(Appraisal.state, func.count())
        .join(Unit, Unit.id == Appraisal.unit_id)
        .join(Appraisal.project)
        .group_by(Appraisal.state)
    )
    return _listed(statement, shape)


def _columns() -> Select[*tuple[Any, ...]]:
    part = select(func.count()).where(AppraisalExpert.appraisal_id == Appraisal.id, AppraisalExpert.state != "excluded")
    done = part.where(AppraisalExpert.state == "submitted")
    statement: Select[*tuple[Any, ...]] = (
        select(
            Appraisal.id,
            Appraisal.kind,
            Appraisal.year,
            Appraisal.state,
            Appraisal.due_on,
            Appraisal.total,
            Appraisal.grade,
            Project.code,
            Project.name,
            Unit.name.label("unit_name"),
            part.correlate(Appraisal).scalar_subquery().label("experts"),
            done.correlate(Appraisal).scalar_subquery().label("submitted"),
        )
        .select_from(Appraisal)
        .join(Unit, Unit.id == Appraisal.unit_id)
        .join(Appraisal.project)
    )
    return statement


@lru_cache(maxsize=64)
def _rows(shape: Shape) -> Select[*tuple[Any, ...]]:
    statement = _listed(_columns(), shape)
    if shape.state:
        statement = statement.where(chosen(Appraisal.state, "state"))
    return statement.order_by(Appraisal.id.desc()).limit(PAGE_SIZE).offset(bindparam("offset"))


def page(by: Viewer, filters: Filters) -> tuple[Page, dict[str, int]]:
    """Return one page of the year's evaluations by experts, newest first, and counts by state."""
    shape, params = filters.shape(by), filters.params(by)
    counts = {row[0]: row[1] for row in db.session.execute(_counted(shape), params)}
    number = counts.get(filters.state, 0) if filters.state else sum(counts.values())
    return Page(db.session.execute(_rows(shape), params).all(), filters.page, number), counts


MOST_ASSIGNED = 200


def assigned(by: Viewer) -> Sequence[Any]:
    """Return what this person was given as an expert, what is still to be done first; with the own state as ``own``."""
    if EXPERT_ROLE not in by.roles:
        return []
    mine = and_(AppraisalExpert.appraisal_id == Appraisal.id, AppraisalExpert.person_id == by.id)
    waiting = and_(Appraisal.state == "marking", AppraisalExpert.state.in_(("invited", "marking")))
    statement = (
        _columns()
        .join(AppraisalExpert, mine)
        .add_columns(AppraisalExpert.state.label("own"))
        .order_by(waiting.desc(), Appraisal.due_on, Appraisal.id.desc())
        .limit(MOST_ASSIGNED)
    )
    return db.session.execute(statement).all()


def organisers(appraisal: Appraisal) -> list[int]:
    """Return the ids of everybody who organises evaluations of this kind over the unit."""
    return people.holders(appraisal.unit.path, {ORGANISERS[appraisal.kind]})


# --- the to-do list ---------------------------------------------------------------------------


def open_for(by: Viewer) -> list[Select[*tuple[Any, ...]]]:
    """Return what waits for this person, as rows of the to-do list: marks, answers, and a report when all marks are in."""
    parts = []
    if EXPERT_ROLE in by.roles:
        sheets = _waiting("appraisal_expert", AppraisalExpert.state, EXPERT_ROLE).join(Appraisal.experts)
        own = AppraisalExpert.person_id == by.id
        parts.append(sheets.where(own, Appraisal.state == "marking", AppraisalExpert.state.in_(EXPECTED)))
    if FILLER in by.roles:
        unanswered = (AppraisalQuestion.appraisal_id == Appraisal.id) & AppraisalQuestion.answered_at.is_(None)
        asked = _waiting("appraisal_question", literal("asked"), FILLER)
        units = Appraisal.unit_id.in_(unit_ids(by.paths({FILLER})))
        parts.append(asked.where(units, Appraisal.state.in_(RUNNING), exists().where(unanswered)))
    for kind, role in ORGANISERS.items():
        if role in by.roles:
            units = Appraisal.unit_id.in_(unit_ids(by.paths({role})))
            ready = _waiting("appraisal", Appraisal.state, role)
            parts.append(ready.where(units, Appraisal.state == "consolidating", Appraisal.kind == kind))
    return parts


def _waiting(subject: str, state: Any, role: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal(subject).label("subject"),
            Appraisal.id,
            state.label("state"),
            Appraisal.year,
            Appraisal.updated_at,
            Project.name,
            Unit.name.label("unit_name"),
            Appraisal.due_on.label("due_on"),
            literal(role).label("role"),
            cast(null(), Integer).label("adjusts_id"),
            Appraisal.version.label("changes"),
        )
        .select_from(Appraisal)
        .join(Unit, Unit.id == Appraisal.unit_id)
        .join(Appraisal.project)
    )

"""Versions of a declaration: the list, single ones, and what stands beside a declaration because of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.event import Event
from perfmgr.models.person import Person
from perfmgr.models.version import DeclarationVersion, content_of
from perfmgr.queries import adjustments, people, schemes
from perfmgr.rules.roles import DEPARTMENT_REVIEWER
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.versions import count_changes, initial_targets, printed_target

DRAFT = "draft"


def last_number(declaration_id: int) -> int:
    """Return the number of the declaration's newest version; 0 when it has none."""
    of_this = DeclarationVersion.declaration_id == declaration_id
    return db.session.scalar(select(func.max(DeclarationVersion.number)).where(of_this)) or 0


def listed(declaration: Declaration) -> Sequence[Row[Any]]:
    """Return number, occasion, state, instant, receipt, whose adjustment and who, newest first, without the content."""
    version = DeclarationVersion
    statement: Select[*tuple[Any, ...]] = (
        select(
            version.number,
            version.occasion,
            version.state,
            version.at,
            version.receipt,
            version.adjustment_id,
            Person.name,
        )
        .join(Person, Person.id == version.person_id)
        .where(version.declaration_id == declaration.root_id)
        .order_by(version.number.desc())
    )
    return db.session.execute(statement).all()


def find(declaration: Declaration, number: int) -> DeclarationVersion | None:
    """Return one version of a declaration this person sees, or None."""
    return db.session.scalar(
        select(DeclarationVersion)
        .where(DeclarationVersion.declaration_id == declaration.root_id, DeclarationVersion.number == number)
        .options(joinedload(DeclarationVersion.person))
    )


def in_force(declaration_id: int) -> DeclarationVersion | None:
    """Return the newest version that was in force as approved targets, frozen when they were adjusted."""
    return db.session.scalar(
        select(DeclarationVersion)
        .where(
            DeclarationVersion.declaration_id == declaration_id,
            DeclarationVersion.occasion.in_(("before", "adjust")),
        )
        .order_by(DeclarationVersion.number.desc())
        .limit(1)
    )


def initial(declaration: Declaration) -> DeclarationVersion | None:
    """Return the targets as they were approved first, once the year has an adjustment; None before."""
    return db.session.scalar(
        select(DeclarationVersion)
        .where(DeclarationVersion.declaration_id == declaration.root_id, DeclarationVersion.occasion == "before")
        .order_by(DeclarationVersion.number)
        .limit(1)
    )


def submissions(declaration: Declaration, most: int = 2) -> Sequence[DeclarationVersion]:
    """Return what was handed in of exactly this declaration or adjustment, newest first."""
    own = None if declaration.adjusts_id is None else declaration.id
    return db.session.scalars(
        select(DeclarationVersion)
        .where(
            DeclarationVersion.declaration_id == declaration.root_id,
            DeclarationVersion.occasion == "submit",
            DeclarationVersion.adjustment_id.is_not_distinct_from(own),
        )
        .order_by(DeclarationVersion.number.desc())
        .limit(most)
    ).all()


def opening(declaration_id: int) -> Row[Any] | None:
    """Return when and by whom the declaration was opened by its reviewer since it was handed in, or None."""
    statement: Select[*tuple[Any, ...]] = (
        select(Declaration.opened_at, Person.name)
        .join(Person, Person.id == Declaration.opened_by_id)
        .where(Declaration.id == declaration_id, Declaration.opened_at.is_not(None))
    )
    return db.session.execute(statement).one_or_none()


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer wrote at one field when returning it."""

    field: str
    name: str
    text: str
    by: str
    at: Any


def remarks(declaration: Declaration) -> list[Remark]:
    """Return the remarks of the last return, until the declaration is handed in again."""
    row = db.session.execute(
        select(Event.step, Event.details, Event.at, Person.name)
        .outerjoin(Person, Person.id == Event.person_id)
        .where(
            Event.subject_kind == "declaration",
            Event.subject_id == declaration.id,
            Event.step.in_(("submit", "return")),
        )
        .order_by(Event.id.desc())
        .limit(1)
    ).one_or_none()
    return remarks_in([row] if row else [])


def remarks_in(history: Sequence[Row[Any]]) -> list[Remark]:
    """Return the same out of a history that is at hand, newest event last."""
    row = next((row for row in reversed(history) if row.step in ("submit", "return")), None)
    if row is None or row.step != "return":
        return []
    found = (row.details or {}).get("remarks", [])
    return [Remark(r["field"], r.get("name", ""), r["text"], row.name or "", row.at) for r in found]


@dataclass(frozen=True, slots=True)
class Changes:
    """How many changes lie between two versions of a declaration; ``end`` may be the draft."""

    number: int
    start: int
    end: int | str
    since: str  # "draft": since the last submission or approval; "submission": between two; "approval"


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a declaration because it has versions, remarks or an adjustment."""

    versions: int = 0
    receipt: int | None = None
    changes: Changes | None = None
    remarks: list[Remark] = field(default_factory=list)
    adjustment: Declaration | None = None
    initial: DeclarationVersion | None = None
    targets: dict[str, str] = field(default_factory=dict)
    gone: list[Any] = field(default_factory=list)
    funds: dict[str, Any] = field(default_factory=dict)
    results: dict[str, EvaluationLine] = field(default_factory=dict)
    results_scheme: Scheme | None = None
    results_year: int | None = None

    @property
    def gone_targets(self) -> list[str]:
        """The initial targets of indicators that an adjustment took out."""
        return [printed_target(row) for row in self.gone]

    def remarks_at(self, name: str) -> list[Remark]:
        """Return the remarks made at a section and at the rows in it."""
        return [remark for remark in self.remarks if remark.field.split(".")[0] == name]


def beside(declaration: Declaration, history: Sequence[Row[Any]], *, editable: bool) -> Beside:
    """Return everything that a declaration's page shows beyond the declaration itself and its history."""
    count = last_number(declaration.root_id)
    handed_in = submissions(declaration) if count else []
    adjusted = first = None
    if declaration.adjusts_id is None and declaration.state == "approved":
        adjusted = adjustments.open_of(declaration.id)
    if count and (declaration.adjusts_id is not None or _was_adjusted(declaration)):
        first = initial(declaration)
    targets, gone = initial_targets(first.content, [i.name for i in declaration.indicators]) if first else ({}, [])
    before = None if declaration.state == "approved" else last_year(declaration)
    return Beside(
        results={line.name: line for line in before.lines} if before else {},
        results_scheme=schemes.by_id(before.scheme_id) if before else None,
        results_year=before.year if before else None,
        versions=count,
        receipt=handed_in[0].number if handed_in else None,
        changes=_changes(declaration, handed_in, editable),
        remarks=remarks_in(history),
        adjustment=adjusted,
        initial=first,
        targets=targets,
        gone=gone,
        funds={fund["source"]: fund["amount"] for fund in first.content["funds"]} if first else {},
    )


def _was_adjusted(declaration: Declaration) -> bool:
    latest = in_force(declaration.id)
    return latest is not None and latest.occasion == "adjust"


def _changes(declaration: Declaration, handed_in: Sequence[DeclarationVersion], editable: bool) -> Changes | None:
    """Return what changed since the last submission, or, of an adjustment's first one, since the approval."""
    base = in_force(declaration.root_id) if declaration.adjusts_id is not None else None
    if editable:
        start = handed_in[0] if handed_in else base
        now = content_of(declaration)
        return Changes(count_changes(start.content, now), start.number, DRAFT, "draft") if start else None
    if not handed_in or declaration.state == "approved":
        return None
    start = handed_in[1] if len(handed_in) > 1 else base
    if start is None:
        return None
    since = "submission" if len(handed_in) > 1 else "approval"
    return Changes(count_changes(start.content, handed_in[0].content), start.number, handed_in[0].number, since)


def last_year(declaration: Declaration) -> Evaluation | None:
    """Return the project's last finished self-evaluation before this year, for reference."""
    return db.session.scalar(
        select(Evaluation)
        .where(
            Evaluation.project_id == declaration.project_id,
            Evaluation.year < declaration.year,
            Evaluation.state.in_(("submitted", "confirmed")),
        )
        .order_by(Evaluation.year.desc())
        .limit(1)
        .options(selectinload(Evaluation.lines))
    )


def next_reviewers(declaration: Declaration, version: DeclarationVersion) -> list[str]:
    """Return the names of those who may act next on what was handed in: never whoever prepared it."""
    ids = people.holders(declaration.unit.path, {DEPARTMENT_REVIEWER})
    own = {version.person_id, declaration.filled_by_id}
    names = people.names([person_id for person_id in ids if person_id not in own])
    return sorted(names.values())


def due_on(declaration: Declaration) -> dt.date | None:
    """Return the last day on which the reviewers can still act in time: of the window, or before the self-evaluation."""
    cycle, path = declaration.cycle, declaration.unit.path
    if declaration.adjusts_id is None:
        span = cycle.span("approval", path) or cycle.span("declaration", path)
        return span.closes_on if span else None
    span = cycle.span("self_evaluation", path)
    return span.opens_on - dt.timedelta(days=1) if span else None

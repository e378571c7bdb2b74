"""Attachments: the files of a record, single ones, and what they may prove."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalExpert
from perfmgr.models.attachment import Attachment, Owner
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.models.rectification import Rectification
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.attachments import about_key
from perfmgr.rules.roles import EXPERT


@dataclass(frozen=True, slots=True)
class Subject:
    """Something of a declaration that a file can prove: a legal basis or an indicator, by its name."""

    key: str
    kind: str
    name: str


def belongs_to(owner: Owner) -> ColumnElement[bool]:
    """Return the condition that a file belongs to this record."""
    condition: ColumnElement[bool] = getattr(Attachment, f"{owner.__tablename__}_id") == owner.id
    return condition


def listed(owner: Owner) -> Sequence[Attachment]:
    """Return the record's files that are not removed, oldest first, with who brought them: one query."""
    return db.session.scalars(
        _present().where(belongs_to(owner)).options(joinedload(Attachment.uploaded_by)).order_by(Attachment.id)
    ).all()


def of_evaluated(evaluation: Evaluation) -> Sequence[Attachment]:
    """Return the files of a project's self-evaluation and of what it declared for that year: one query."""
    declared = select(Declaration.id).where(
        Declaration.project_id == evaluation.project_id,
        Declaration.year == evaluation.year,
        Declaration.adjusts_id.is_(None),
    )
    return db.session.scalars(
        _present()
        .where(or_(Attachment.evaluation_id == evaluation.id, Attachment.declaration_id.in_(declared)))
        .options(joinedload(Attachment.uploaded_by))
        .order_by(Attachment.id)
    ).all()


def _given_to_expert(by: Viewer) -> ColumnElement[bool]:
    """Return the condition that a file, not removed, belongs to what this expert evaluates without conflict.

    That is what the project declared, and what its self-evaluation proves.
    """
    mine = exists().where(
        AppraisalExpert.appraisal_id == Appraisal.id,
        AppraisalExpert.person_id == by.id,
        AppraisalExpert.declared_at.is_not(None),
        AppraisalExpert.state != "excluded",
        Appraisal.state != "cancelled",
        or_(
            (Appraisal.project_id == Declaration.project_id)
            & (Appraisal.year == Declaration.year)
            & Declaration.adjusts_id.is_(None),
            Appraisal.evaluation_id == Evaluation.id,
        ),
    )
    return and_(mine.correlate(Declaration, Evaluation), Attachment.removed_at.is_(None))


def _present() -> Select[Attachment]:
    return select(Attachment).where(Attachment.removed_at.is_(None))


def of_year_before(declaration: Declaration, by: Viewer) -> Sequence[Attachment]:
    """Return the files of the project's newest earlier declaration, if this person may see that one: one query."""
    before = (
        select(Declaration.id)
        .where(Declaration.project_id == declaration.project_id, Declaration.year < declaration.year)
        .order_by(Declaration.year.desc())
        .limit(1)
        .scalar_subquery()
    )
    return db.session.scalars(
        _present()
        .join(Attachment.declaration)
        .where(Attachment.declaration_id == before, Declaration.unit_id.in_(unit_ids(by.paths())))
        .options(contains_eager(Attachment.declaration), joinedload(Attachment.uploaded_by))
        .order_by(Attachment.id)
    ).all()


def find(attachment_id: int, by: Viewer) -> Attachment | None:
    """Return the file with the record it belongs to and its unit, if this person may see them.

    A removed file that a submission refers to is still found: what was submitted can be looked at.
    An expert finds the files of the projects he evaluates once he has declared that there is no conflict.
    """
    unit_id = func.coalesce(Declaration.unit_id, Evaluation.unit_id, Rectification.unit_id)
    placed = unit_id.in_(unit_ids(by.paths()))
    return db.session.scalar(
        select(Attachment)
        .outerjoin(Attachment.declaration)
        .outerjoin(Attachment.evaluation)
        .outerjoin(Attachment.rectification)
        .where(Attachment.id == attachment_id, or_(placed, _given_to_expert(by)) if EXPERT in by.roles else placed)
        .options(
            contains_eager(Attachment.declaration).joinedload(Declaration.unit),
            contains_eager(Attachment.evaluation).joinedload(Evaluation.unit),
            contains_eager(Attachment.rectification).joinedload(Rectification.unit),
        )
    )


def uses(evaluation: Evaluation) -> dict[int, list[int]]:
    """Return, by the id of each file of a sheet that lines refer to, the numbers of these lines: one query."""
    found: dict[int, list[int]] = {}
    rows = db.session.execute(
        select(EvaluationProof.attachment_id, EvaluationLine.position)
        .join(EvaluationLine, EvaluationLine.id == EvaluationProof.line_id)
        .where(EvaluationLine.evaluation_id == evaluation.id)
        .order_by(EvaluationLine.position)
    )
    for attachment_id, position in rows:
        found.setdefault(attachment_id, []).append(position)
    return found


def proven(attachment: Attachment) -> list[tuple[int, str]]:
    """Return the lines of a self-evaluation that refer to a file: their numbers, and the pages they name."""
    rows = db.session.execute(
        select(EvaluationLine.position, EvaluationProof.pages)
        .join(EvaluationLine, EvaluationLine.id == EvaluationProof.line_id)
        .where(EvaluationProof.attachment_id == attachment.id)
        .order_by(EvaluationLine.position)
    )
    return [(row.position, row.pages) for row in rows]


def has_evidence(owner: Owner) -> bool:
    """Tell whether the record has a file that counts: one with a virus does not."""
    statement = _present().where(belongs_to(owner), Attachment.scan != "infected").limit(1)
    return db.session.scalar(statement) is not None


def usage(owner: Owner) -> tuple[int, int]:
    """Return how many files the record has, and their bytes together."""
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).where(
            belongs_to(owner), Attachment.removed_at.is_(None)
        )
    ).one()
    return int(row[0]), int(row[1])


def subjects(owner: Owner) -> list[Subject]:
    """Return what a file can prove, in the order of the declaration's sections; equal names once.

    Nothing for other records: the lines of a self-evaluation name their files themselves.
    """
    if not isinstance(owner, Declaration):
        return []
    declaration = owner
    rows = [("basis", basis.title) for basis in declaration.bases]
    rows += [("indicator", indicator.name) for indicator in declaration.indicators]
    found = {about_key(kind, name): Subject(about_key(kind, name), kind, name) for kind, name in reversed(rows) if name}
    return list(reversed(found.values()))


def manifest(declaration_id: int) -> list[dict[str, Any]]:
    """Return the declaration's files as plain data, for a frozen version: id, name, kind, what it proves, size, sha256."""
    return [
        {
            "id": file.id,
            "name": file.name,
            "kind": file.kind,
            "about_kind": file.about_kind,
            "about_name": file.about_name,
            "size": file.size,
            "sha256": file.sha256,
        }
        for file in db.session.scalars(
            _present().where(Attachment.declaration_id == declaration_id).order_by(Attachment.id)
        )
    ]


def all_blobs(declaration_id: int) -> list[str]:
    """Return the names of all bytes of a declaration, of removed files too."""
    return list(db.session.scalars(select(Attachment.blob).where(Attachment.declaration_id == declaration_id)))


def known_blobs(blobs: Collection[str]) -> set[str]:
    """Return those of these names that an attachment refers to."""
    return set(db.session.scalars(select(Attachment.blob).where(Attachment.blob.in_(blobs))))


def kept_blobs() -> list[str]:
    """Return the names of all bytes that must be there: those of a file with a virus were deleted."""
    return list(db.session.scalars(select(Attachment.blob).where(Attachment.scan != "infected")))


def waiting_for_scan() -> list[tuple[int, str]]:
    """Return id and blob of every file that waits for the virus scanner, oldest first."""
    rows = db.session.execute(
        select(Attachment.id, Attachment.blob).where(Attachment.scan == "waiting").order_by(Attachment.id)
    )
    return [(row.id, row.blob) for row in rows]

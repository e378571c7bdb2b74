"""Attachments: adding a file to a record, removing one, and keeping bytes and records together."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import delete, update

from perfmgr import scanner, storage, times
from perfmgr.actions._action import action, after_commit, require_role, write_event
from perfmgr.actions._move import lock
from perfmgr.extensions import db
from perfmgr.models.attachment import Attachment, Owner
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.queries import attachments
from perfmgr.queries.people import Viewer
from perfmgr.rules.attachments import KINDS, OWNERS, require_room
from perfmgr.rules.proofs import pages_text
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, Term
from perfmgr.rules.workflow import FILLER_STATES, STATES

BATCH = 500
# More orphans than this, and more than half of everything, is no litter but the wrong database.
FEW_ORPHANS = 20

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file that was received and checked; ``blob`` is the name its bytes are already kept under."""

    name: str
    blob: str
    size: int
    sha256: str
    media_type: str
    pages: int | None = None
    scan: str = "off"


def require_editable(owner: Owner, by: Viewer) -> None:
    """Check that this person may change the record's files now; whoever submits it meanwhile waits."""
    require_role(by, owner.unit.path, {FILLER})
    lock(owner)
    if owner.state not in FILLER_STATES:
        subject = getattr(owner, "subject", owner.__tablename__)
        raise Conflict(OWNERS[owner.__tablename__], state=Term(STATES[subject][owner.state]))


@action
def add(owner: Owner, file: FileDraft, kind: str, about: str, by: Viewer, now: dt.datetime | None = None) -> Attachment:
    """Add a file. ``about`` is the key of what it proves (``queries.attachments.subjects``), or empty.

    The record's version stays: forms that are open elsewhere remain good.
    Raises Refused when the record has too many files already; the caller then drops the bytes.
    """
    require_editable(owner, by)
    if kind not in KINDS:
        raise Refused(N_("请选择附件的类别。"), field="kind")
    subject = {s.key: s for s in attachments.subjects(owner)}.get(about)
    if about and subject is None:
        raise Refused(N_("所选的立项依据或指标已改名或删除，请重新选择这份附件证明什么。"), field="about")
    require_room(file.name, file.size, *attachments.usage(owner))
    subject_kind, subject_name = (subject.kind, subject.name) if subject else ("", "")
    attachment = _keep(owner, file, kind, (subject_kind, subject_name), by, now or times.now())
    if isinstance(owner, Declaration):
        _note_none(owner, False)
    return attachment


def _keep(owner: Owner, file: FileDraft, kind: str, about: tuple[str, str], by: Viewer, now: dt.datetime) -> Attachment:
    attachment = Attachment(
        kind=kind,
        about_kind=about[0],
        about_name=about[1],
        name=file.name,
        blob=file.blob,
        size=file.size,
        sha256=file.sha256,
        media_type=file.media_type,
        pages=file.pages,
        scan=file.scan,
        uploaded_by_id=by.id,
        uploaded_at=now,
    )
    setattr(attachment, f"{owner.__tablename__}_id", owner.id)
    db.session.add(attachment)
    db.session.flush()
    return attachment


@action
def set_none(declaration: Declaration, none: bool, by: Viewer) -> None:
    """Note that the project has no files to add, or take that back."""
    require_editable(declaration, by)
    if none and attachments.usage(declaration)[0]:
        raise Conflict(N_("这份申报已有附件，不能再勾选“没有需要上传的附件”；请先删除附件。"))
    _note_none(declaration, none)


def _note_none(declaration: Declaration, none: bool) -> None:
    """Write the tick without raising the declaration's version: nothing that a section's form holds has changed."""
    db.session.execute(
        update(Declaration)
        .where(Declaration.id == declaration.id, Declaration.no_attachments != none)
        .values(no_attachments=none)
    )


@action
def remove(attachment: Attachment, by: Viewer, now: dt.datetime | None = None) -> None:
    """Remove a file, and with it what lines say of it. Its bytes are deleted too, unless a submission refers to them."""
    owner, now = attachment.owner, now or times.now()
    require_editable(owner, by)
    db.session.refresh(attachment, ["frozen", "removed_at"])
    if attachment.removed_at:
        return
    details = {"file": attachment.name}
    if lines := attachments.proven(attachment):
        details["lines"] = "；".join(f"第 {number} 项 {pages_text(pages)}".strip() for number, pages in lines)
    write_event(owner.__tablename__, owner.id, "detach", by, at=now, details=details)
    db.session.execute(delete(EvaluationProof).where(EvaluationProof.attachment_id == attachment.id))
    _drop(attachment, by, now)


@action
def replace(attachment: Attachment, file: FileDraft, by: Viewer, now: dt.datetime | None = None) -> Attachment:
    """Put another file in the place of one: of the same kind, and what lines say of the old one they say of it.

    The old one is removed. Raises Conflict when it was removed by somebody else meanwhile.
    """
    owner, now = attachment.owner, now or times.now()
    require_editable(owner, by)
    db.session.refresh(attachment, ["frozen", "removed_at"])
    if attachment.removed_at:
        raise Conflict(N_("“%(name)s”已被删除，不能更换；请直接上传新文件。"), name=attachment.name)
    number, size = attachments.usage(owner)
    require_room(file.name, file.size, number - 1, size - attachment.size)
    new = _keep(owner, file, attachment.kind, (attachment.about_kind, attachment.about_name), by, now)
    named = EvaluationProof.attachment_id == attachment.id
    db.session.execute(update(EvaluationProof).where(named).values(attachment_id=new.id))
    write_event(owner.__tablename__, owner.id, "swap", by, at=now, details={"file": [attachment.name, new.name]})
    _drop(attachment, by, now)
    return new


def _drop(attachment: Attachment, by: Viewer, now: dt.datetime) -> None:
    """Take a file from the list; its bytes are deleted too, unless a submission refers to them."""
    if attachment.frozen:
        attachment.removed_at, attachment.removed_by_id = now, by.id
        return
    after_commit(partial(storage.remove, attachment.blob))
    db.session.delete(attachment)


def freeze(owner: Owner) -> None:
    """Mark the files that go with a submission: their bytes stay, even when they are removed later."""
    db.session.execute(
        update(Attachment).where(attachments.belongs_to(owner), Attachment.removed_at.is_(None)).values(frozen=True)
    )


def forget_files(declaration_id: int) -> None:
    """Delete all files of a declaration that is deleted, as part of that transaction."""
    for blob in attachments.all_blobs(declaration_id):
        after_commit(partial(storage.remove, blob))
    db.session.execute(delete(Attachment).where(Attachment.declaration_id == declaration_id))


def scan_waiting(dry_run: bool = False) -> int:
    """Scan the files that wait for the virus scanner, until it fails again; returns how many have an answer."""
    waiting = attachments.waiting_for_scan()
    db.session.rollback()  # scanning takes a while, and a transaction keeps others waiting
    done = 0
    for attachment_id, blob in waiting if not dry_run else ():
        path = storage.path_of(blob)
        if not path.exists():
            continue
        verdict = scanner.scan(path)
        if verdict not in ("clean", "infected"):
            break
        _note_verdict(attachment_id, blob, verdict)
        done += 1
    return len(waiting) if dry_run else done


@action
def _note_verdict(attachment_id: int, blob: str, verdict: str) -> None:
    """Release the file, or keep its record and delete its bytes."""
    db.session.execute(
        update(Attachment).where(Attachment.id == attachment_id, Attachment.scan == "waiting").values(scan=verdict)
    )
    if verdict == "infected":
        after_commit(partial(storage.remove, blob))


def sweep(dry_run: bool = False) -> tuple[int, int]:
    """Delete bytes that have lain for a day without a record; returns how many, and how many records lack theirs.

    Bytes are kept before their record is written, and deleted after it: what a process that
    died in between left behind are bytes without a record.
    """
    settled = list(storage.settled())
    known: set[str] = set()
    for n in range(0, len(settled), BATCH):
        known |= attachments.known_blobs(settled[n : n + BATCH])
    orphans = [blob for blob in settled if blob not in known]
    missing = sum(not storage.path_of(blob).exists() for blob in attachments.kept_blobs())
    db.session.rollback()
    if missing:
        log.error("attachments without their bytes", count=missing)
    if len(orphans) > FEW_ORPHANS and len(orphans) * 2 > len(settled):
        log.error("too many files without a record, none deleted", count=len(orphans))
        orphans = []
    for blob in orphans if not dry_run else ():
        storage.remove(blob)
    return len(orphans) + storage.sweep_incoming(dry_run=dry_run), missing

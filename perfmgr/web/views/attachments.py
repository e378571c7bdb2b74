"""Attachments: the files of a declaration, a self-evaluation or a rectification, bringing new ones, fetching and removing one."""

from collections.abc import Callable
from typing import Any, BinaryIO

from flask import Blueprint, Response, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.wsgi import wrap_file

from perfmgr import scanner, storage
from perfmgr.actions import attachments as actions
from perfmgr.actions.attachments import FileDraft
from perfmgr.documents import attachments as documents
from perfmgr.extensions import db
from perfmgr.models.attachment import Attachment, Owner
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import attachments, declarations, evaluations, rectifications
from perfmgr.queries.people import Viewer
from perfmgr.rules.attachments import (
    MEDIA_TYPES,
    MEGABYTE,
    MOST_FILES,
    MOST_TOTAL_MB,
    extension,
    refuse,
    require_type,
    shown_name,
)
from perfmgr.rules.refusals import Conflict, NotFound, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_
from perfmgr.rules.workflow import FILLER_STATES
from perfmgr.web.asked import flash_refusal, found
from perfmgr.web.downloads import attachment as named
from perfmgr.web.forms.attachments import AttachmentForm
from perfmgr.web.gate import viewer
from perfmgr.web.language import gettext as _

views = Blueprint("attachments", __name__)

# A file is only ever saved, never shown inside a page of ours, whatever it may contain.
DOWNLOAD_POLICY = "sandbox; default-src 'none'"
# But a PDF may be opened in a tab of its own: the browser's viewer is a document apart, and a sandbox would keep it out.
VIEW_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


# Where the files of each kind of record are listed, and where the record itself is.
_PAGES = {"declaration": "attachments.index", "evaluation": "attachments.of_evaluation"}
_PAGES["rectification"] = "attachments.of_rectification"
_FINDERS: dict[str, Callable[[int, Viewer], Owner | None]] = {
    "declaration": declarations.find,
    "evaluation": evaluations.find,
    "rectification": rectifications.find,
}


def _find(kind: str, owner_id: int) -> Owner:
    owner = _FINDERS[kind](owner_id, viewer())
    if owner is None:
        abort(404)
    return owner


def _page(owner: Owner) -> str:
    kind = owner.__tablename__
    key: dict[str, Any] = {f"{kind}_id": owner.id}
    return url_for(_PAGES[kind], **key)


def _editable(owner: Owner) -> bool:
    return owner.state in FILLER_STATES and FILLER in viewer().roles_over(owner.unit.path)


def _show(owner: Owner, form: AttachmentForm | None = None, **context: Any) -> str:
    subjects = attachments.subjects(owner)
    return render_template(
        "attachments/index.html",
        owner=owner,
        kind=owner.__tablename__,
        editable=_editable(owner),
        form=(form or AttachmentForm(data={"kind": "evidence"})).prepare(subjects),
        files=attachments.listed(owner),
        current={subject.key for subject in subjects},
        uses=attachments.uses(owner) if isinstance(owner, Evaluation) else None,
        before=attachments.of_year_before(owner, viewer()) if isinstance(owner, Declaration) else (),
        accept=",".join(f".{end}" for end in MEDIA_TYPES),
        most_files=MOST_FILES,
        most_mb=current_app.config["MAX_FILE_MB"],
        most_total=MOST_TOTAL_MB,
        **context,
    )


@views.get("/declarations/<id:declaration_id>/attachments")
def index(declaration_id: int) -> ResponseReturnValue:
    """Show the files of a declaration, and the form for more while it can be changed."""
    return _show(_find("declaration", declaration_id))


@views.get("/evaluations/<id:evaluation_id>/attachments")
def of_evaluation(evaluation_id: int) -> ResponseReturnValue:
    """Show the files of a self-evaluation with the lines that name them."""
    return _show(_find("evaluation", evaluation_id))


@views.get("/rectifications/<id:rectification_id>/attachments")
def of_rectification(rectification_id: int) -> ResponseReturnValue:
    """Show the files that go with the answer to a rectification."""
    return _show(_find("rectification", rectification_id))


# --- bringing files ---------------------------------------------------------------------------


def _received(file: FileStorage) -> FileDraft:
    """Store and check one file; what is refused leaves nothing behind."""
    name = shown_name(file.filename)
    most = current_app.config["MAX_FILE_MB"]
    require_type(name)  # before its bytes are written once more
    try:
        incoming = storage.receive(file.stream, most * MEGABYTE)
    except storage.TooLargeError as error:
        raise refuse("large", name, limit=most) from error
    except OSError as error:
        current_app.logger.exception("an uploaded file could not be stored")
        raise refuse("failed", name) from error
    try:
        checked = documents.check(incoming.path, name)
        verdict = scanner.scan(incoming.path)
        if verdict == "infected":
            raise refuse("infected", name)
        storage.keep(incoming)
    except BaseException:
        storage.drop(incoming)
        raise
    return FileDraft(name, incoming.blob, incoming.size, incoming.sha256, checked.media_type, checked.pages, verdict)


def _add(file: FileStorage, kind: str, owner_id: int, form: AttachmentForm) -> dict[str, Any]:
    """Take one file in. Nothing is read from the database while the file is looked at, which takes a while."""
    draft = _received(file)
    try:
        added = actions.add(_find(kind, owner_id), draft, form.kind.data or "", form.about.data or "", viewer())
    except BaseException:
        storage.remove(draft.blob)
        raise
    return {"id": added.id, "name": added.name, "pages": added.pages}


def _take_in(kind: str, owner_id: int, form: AttachmentForm) -> tuple[list[dict[str, Any]], list[str]]:
    """Take in every file that can be, and say of each other one why not."""
    added, problems = [], []
    for file in [file for file in request.files.getlist("files") if file.filename]:
        try:
            added.append(_add(file, kind, owner_id, form))
        except Refused as refusal:
            db.session.rollback()
            problems += [finding.sentence(_) for finding in refusal.findings]
    if not added and not problems:
        problems = [refuse("none").findings[0].sentence(_)]
    return added, problems


def _create(kind: str, owner_id: int) -> ResponseReturnValue:
    """Add the files that can be added; of 5 files with 1 bad one, 4 are kept and the bad one is named."""
    owner = _find(kind, owner_id)
    actions.require_editable(owner, viewer())  # before any file is looked at; asked again with each of them
    form = AttachmentForm(request.form, data={"kind": "evidence"}).prepare(attachments.subjects(owner))
    valid, page = form.validate(), _page(owner)
    db.session.rollback()
    added, problems = _take_in(kind, owner_id, form) if valid else ([], [message for _id, message in form.summary()])
    if request.accept_mimetypes.best == "application/json":
        names = [file["name"] for file in added]
        return jsonify(added=names, files=added, problems=problems), 422 if problems else 201
    sentence = _("已上传 %(count)s 个附件。", count=len(added))
    if problems:
        loose = problems if valid else []
        return _show(_find(kind, owner_id), form, loose=loose, kept=sentence if added else ""), 422
    flash(sentence, "success")
    return redirect(page, 303)


@views.post("/declarations/<id:declaration_id>/attachments")
def create(declaration_id: int) -> ResponseReturnValue:
    """Add files to a declaration."""
    return _create("declaration", declaration_id)


@views.post("/evaluations/<id:evaluation_id>/attachments")
def create_for_evaluation(evaluation_id: int) -> ResponseReturnValue:
    """Add files to a self-evaluation."""
    return _create("evaluation", evaluation_id)


@views.post("/rectifications/<id:rectification_id>/attachments")
def create_for_rectification(rectification_id: int) -> ResponseReturnValue:
    """Add files to the answer to a rectification."""
    return _create("rectification", rectification_id)


@views.post("/declarations/<id:declaration_id>/attachments/none")
def none(declaration_id: int) -> ResponseReturnValue:
    """Note that there are no files to add, or take that back."""
    declaration = found(declarations.find(declaration_id, viewer()))
    try:
        actions.set_none(declaration, request.form.get("none") == "y", viewer())
    except Refused as refusal:
        db.session.rollback()
        flash_refusal(refusal)
        return _show(_find("declaration", declaration_id)), refusal.status
    flash(_("已保存。"), "success")
    return redirect(url_for("attachments.index", declaration_id=declaration_id), 303)


# --- one file ---------------------------------------------------------------------------------


def _stored(attachment_id: int) -> tuple[Attachment, BinaryIO]:
    """Return a file that may be seen, and its bytes; refuses what was not scanned, and what is lost."""
    record = found(attachments.find(attachment_id, viewer()))
    if record.scan == "infected":
        raise Conflict(N_("“%(name)s”没有通过病毒扫描，不能下载。"), name=record.name)
    if not record.ready:
        raise Conflict(N_("“%(name)s”还没有通过病毒扫描，请稍后再下载。"), name=record.name)
    file = storage.open_blob(record.blob)
    if file is None:
        raise NotFound(N_("“%(name)s”的内容不在服务器上，请联系系统管理员从备份恢复。"), name=record.name)
    return record, file


def _answer(record: Attachment, file: BinaryIO) -> Response:
    response = Response(wrap_file(request.environ, file, storage.CHUNK), direct_passthrough=True)
    response.content_type = record.media_type  # exactly: nobody knows the encoding of a text
    response.content_length = record.size
    response.headers.update(named(record.name, f"attachment-{record.id}.{extension(record.name)}"))
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    return response


@views.get("/attachments/<id:attachment_id>")
def download(attachment_id: int) -> ResponseReturnValue:
    """Send the file to be saved under its name."""
    return _answer(*_stored(attachment_id))


@views.get("/attachments/<id:attachment_id>/view")
def open_at_page(attachment_id: int) -> ResponseReturnValue:
    """Open a PDF in the browser's own viewer, at the page that the address names; other files are saved."""
    record, file = _stored(attachment_id)
    response = _answer(record, file)
    if record.media_type == MEDIA_TYPES["pdf"]:
        response.headers.update(named(record.name, f"attachment-{record.id}.pdf", "inline"))
        response.headers["Content-Security-Policy"] = VIEW_POLICY
    return response


@views.post("/attachments/<id:attachment_id>/removal")
def removal(attachment_id: int) -> ResponseReturnValue:
    """Remove the file."""
    record = found(attachments.find(attachment_id, viewer()))
    kind, owner_id, name, page = record.owner.__tablename__, record.owner.id, record.name, _page(record.owner)
    try:
        actions.remove(record, viewer())
    except Refused as refusal:
        db.session.rollback()
        flash_refusal(refusal)
        return _show(_find(kind, owner_id)), refusal.status
    flash(_("已删除“%(name)s”。", name=name), "success")
    return redirect(page, 303)


@views.post("/attachments/<id:attachment_id>/replacement")
def replacement(attachment_id: int) -> ResponseReturnValue:
    """Put another file in the place of this one; what it proves, the new one proves."""
    record = found(attachments.find(attachment_id, viewer()))
    kind, owner_id, page = record.owner.__tablename__, record.owner.id, _page(record.owner)
    actions.require_editable(record.owner, viewer())
    db.session.rollback()
    try:
        new = _replace(attachment_id)
    except Refused as refusal:
        db.session.rollback()
        loose = [finding.sentence(_) for finding in refusal.findings]
        return _show(_find(kind, owner_id), loose=loose), refusal.status
    flash(_("已换成“%(name)s”，请核对各项指标填写的页码。", name=new), "success")
    return redirect(page, 303)


def _replace(attachment_id: int) -> str:
    file = next((file for file in request.files.getlist("files") if file.filename), None)
    if file is None:
        raise refuse("none")
    draft = _received(file)
    try:
        return actions.replace(found(attachments.find(attachment_id, viewer())), draft, viewer()).name
    except BaseException:
        storage.remove(draft.blob)
        raise

"""Attachments: the files of a declaration, bringing new ones, fetching and removing one."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.wsgi import wrap_file

from perfmgr import scanner, storage
from perfmgr.actions import attachments as actions
from perfmgr.actions.attachments import FileDraft
from perfmgr.documents import attachments as documents
from perfmgr.extensions import db
from perfmgr.models.attachment import Attachment
from perfmgr.models.declaration import Declaration
from perfmgr.queries import attachments, declarations
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


def _find_declaration(declaration_id: int) -> Declaration:
    return found(declarations.find(declaration_id, viewer()))


def _editable(declaration: Declaration) -> bool:
    return declaration.state in FILLER_STATES and FILLER in viewer().roles_over(declaration.unit.path)


def _show(declaration: Declaration, form: AttachmentForm | None = None, **context: Any) -> str:
    editable = _editable(declaration)
    subjects = attachments.subjects(declaration)
    return render_template(
        "attachments/index.html",
        declaration=declaration,
        editable=editable,
        form=(form or AttachmentForm(data={"kind": "evidence"})).prepare(subjects),
        files=attachments.listed(declaration.id),
        current={subject.key for subject in subjects},
        before=attachments.of_year_before(declaration, viewer()),
        accept=",".join(f".{end}" for end in MEDIA_TYPES),
        most_files=MOST_FILES,
        most_mb=current_app.config["MAX_FILE_MB"],
        most_total=MOST_TOTAL_MB,
        **context,
    )


@views.get("/declarations/<id:declaration_id>/attachments")
def index(declaration_id: int) -> ResponseReturnValue:
    """Show the files of a declaration, and the form for more while it can be changed."""
    return _show(_find_declaration(declaration_id))


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


def _add(file: FileStorage, declaration_id: int, form: AttachmentForm) -> Attachment:
    """Take one file in. Nothing is read from the database while the file is looked at, which takes a while."""
    draft = _received(file)
    try:
        declaration = _find_declaration(declaration_id)
        return actions.add(declaration, draft, form.kind.data or "", form.about.data or "", viewer())
    except BaseException:
        storage.remove(draft.blob)
        raise


def _take_in(declaration_id: int, form: AttachmentForm) -> tuple[list[Attachment], list[str]]:
    """Take in every file that can be, and say of each other one why not."""
    added, problems = [], []
    for file in [file for file in request.files.getlist("files") if file.filename]:
        try:
            added.append(_add(file, declaration_id, form))
        except Refused as refusal:
            db.session.rollback()
            problems += [finding.sentence(_) for finding in refusal.findings]
    if not added and not problems:
        problems = [refuse("none").findings[0].sentence(_)]
    return added, problems


@views.post("/declarations/<id:declaration_id>/attachments")
def create(declaration_id: int) -> ResponseReturnValue:
    """Add the files that can be added; of 5 files with 1 bad one, 4 are kept and the bad one is named."""
    declaration = _find_declaration(declaration_id)
    actions.require_editable(declaration, viewer())  # before any file is looked at; asked again with each of them
    form = AttachmentForm(request.form).prepare(attachments.subjects(declaration))
    valid = form.validate()
    db.session.rollback()
    added, problems = _take_in(declaration_id, form) if valid else ([], [message for _id, message in form.summary()])
    if request.accept_mimetypes.best == "application/json":
        names = [file.name for file in added]
        return jsonify(added=names, problems=problems), 422 if problems else 201
    sentence = _("已上传 %(count)s 个附件。", count=len(added))
    if problems:
        loose = problems if valid else []
        page = _show(_find_declaration(declaration_id), form, loose=loose, kept=sentence if added else "")
        return page, 422
    flash(sentence, "success")
    return redirect(url_for("attachments.index", declaration_id=declaration_id), 303)


@views.post("/declarations/<id:declaration_id>/attachments/none")
def none(declaration_id: int) -> ResponseReturnValue:
    """Note that there are no files to add, or take that back."""
    declaration = _find_declaration(declaration_id)
    try:
        actions.set_none(declaration, request.form.get("none") == "y", viewer())
    except Refused as refusal:
        db.session.rollback()
        flash_refusal(refusal)
        return _show(_find_declaration(declaration_id)), refusal.status
    flash(_("已保存。"), "success")
    return redirect(url_for("attachments.index", declaration_id=declaration_id), 303)


# --- one file ---------------------------------------------------------------------------------


@views.get("/attachments/<id:attachment_id>")
def download(attachment_id: int) -> ResponseReturnValue:
    """Send the file to be saved under its name."""
    record = found(attachments.find(attachment_id, viewer()))
    if record.scan == "infected":
        raise Conflict(N_("“%(name)s”没有通过病毒扫描，不能下载。"), name=record.name)
    if not record.ready:
        raise Conflict(N_("“%(name)s”还没有通过病毒扫描，请稍后再下载。"), name=record.name)
    file = storage.open_blob(record.blob)
    if file is None:
        raise NotFound(N_("“%(name)s”的内容不在服务器上，请联系系统管理员从备份恢复。"), name=record.name)
    response = Response(wrap_file(request.environ, file, storage.CHUNK), direct_passthrough=True)
    response.content_type = record.media_type  # exactly: nobody knows the encoding of a text
    response.content_length = record.size
    response.headers.update(named(record.name, f"attachment-{record.id}.{extension(record.name)}"))
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    return response


@views.post("/attachments/<id:attachment_id>/removal")
def removal(attachment_id: int) -> ResponseReturnValue:
    """Remove the file."""
    record = found(attachments.find(attachment_id, viewer()))
    declaration_id, name = record.declaration_id, record.name
    try:
        actions.remove(record, viewer())
    except Refused as refusal:
        db.session.rollback()
        flash_refusal(refusal)
        return _show(_find_declaration(declaration_id)), refusal.status
    flash(_("已删除“%(name)s”。", name=name), "success")
    return redirect(url_for("attachments.index", declaration_id=declaration_id), 303)

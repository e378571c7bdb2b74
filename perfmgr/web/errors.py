"""Error pages: what happened, what became of the input, and the way on."""

from typing import Any

import structlog
from flask import Flask, current_app, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from perfmgr import times
from perfmgr.extensions import db
from perfmgr.queries import declarations, drafts
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_
from perfmgr.rules.workflow import FILLER_STATES
from perfmgr.web.forms.declarations import FORMS
from perfmgr.web.forms.sessions import SignInForm
from perfmgr.web.gate import BY_SECRET
from perfmgr.web.kept import Kept, keep, page_owner, typed_fields
from perfmgr.web.language import gettext as _
from perfmgr.web.saving import show_typed
from perfmgr.web.sections import section_form

log = structlog.get_logger()

PAGES = {
    400: (N_("请求不完整"), N_("页面提交的内容不完整或已过期。请返回上一页，刷新后再提交一次。")),
    401: (N_("登录已失效"), N_("您的登录已结束，本次提交没有保存。请重新登录后返回上一页再次提交。")),
    403: (N_("没有权限"), N_("您的岗位不能进行此项操作。如需办理，请联系本单位的系统管理员。")),
    404: (N_("没有找到"), N_("没有这个页面或材料，也可能不在您的岗位范围内。请从上方菜单重新进入。")),
    405: (N_("不能这样打开"), N_("这个地址不能直接打开，请从页面上的按钮进入。")),
    409: (N_("内容已变化"), N_("这份材料在您打开之后已有变化。请刷新页面，核对后再操作。")),
    413: (N_("内容太大"), N_("提交的文件或文字超过了上限，请分开提交。")),
    422: (N_("内容需要修改"), N_("提交的内容不符合要求，请按提示修改后再提交。")),
    429: (N_("请稍后再试"), N_("现在同类操作较多，请稍后再试。")),
    500: (N_("系统出错"), N_("系统处理时出错，本次操作没有保存。请稍后再试；如果再次出现，请把时间告诉系统管理员。")),
    503: (N_("系统繁忙"), N_("数据库暂时无法使用，本次操作没有保存。请稍后刷新重试。")),
}


def init_app(app: Flask) -> None:
    """Bind the error pages to an application."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _page(
    status: int, message: str = "", details: list[str] | None = None, way: tuple[str, str] | None = None
) -> ResponseReturnValue:
    status = status if status in PAGES else 400 if status < 500 else 500
    title, usual = PAGES[status]
    if _wants_json():
        return jsonify(message=message or _(usual)), status
    return (
        render_template(
            "errors/show.html",
            title=_(title),
            message=message or _(usual),
            details=details or [],
            status=status,
            way=way,
        ),
        status,
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code == 401 and request.method == "POST":
        return _signed_out()
    if error.response is not None and error.code and error.code < 400:
        return error.response
    return _too_large() if error.code == 413 else _page(error.code or 500)


def _signed_out() -> ResponseReturnValue:
    """Answer a form posted after the session ran out: sign in here, and what was typed is offered again."""
    if _wants_json():
        return _page(401)
    sealed = keep()
    if not sealed:
        return _page(401)
    return render_template("sessions/new.html", form=SignInForm(), target="/", kept=sealed), 401


def _csrf(error: CSRFError) -> ResponseReturnValue:
    if g.get("viewer") is None:
        return _signed_out() if request.endpoint != "sessions.create" else _page(400)
    if page_owner() != g.viewer.id:
        return _page(400, _("页面的安全凭证已失效，本次提交没有保存。请返回上一页（内容仍在），刷新后再次提交。"))
    # The page is this person's own, made before they signed in anew: nothing is done, all of it is offered again.
    if _wants_json():
        return jsonify(message=_(PAGES[400][1]), token=generate_csrf()), 400
    return _section_again(400) or (
        render_template("sessions/again.html", kept=Kept(g.viewer.id, request.path, typed_fields())),
        400,
    )


def _section_again(status: int) -> ResponseReturnValue | None:
    """Show the posted section of a declaration with everything typed, to be submitted once more."""
    asked = request.view_args or {}
    if request.endpoint != "declarations.save_section" or asked["name"] not in FORMS:
        return None
    declaration = declarations.find(asked["declaration_id"], g.viewer)
    if declaration is None or declaration.state not in FILLER_STATES:
        return None
    form = section_form(asked["name"], declaration, request.form)
    return show_typed(asked["name"], declaration, form, status, again=True)


def _too_large() -> ResponseReturnValue:
    """Say what is too large, and where the last text is that was kept while typing."""
    limit = (current_app.config["MAX_CONTENT_LENGTH"] or 0) // 1024 // 1024
    message = _("提交的内容超过 %(limit)s MB，没有保存，请删减或分开提交。", limit=limit)
    asked = request.view_args or {}
    found = []
    if g.get("viewer") and request.blueprint in ("declarations", "drafts") and "name" in asked:
        found = [d for d in drafts.pending(asked["declaration_id"], g.viewer) if d.section == asked["name"]]
    if not found:
        return _page(413, message)
    at = times.local(found[0].saved_at).strftime("%H:%M")
    kept = _("%(time)s 自动保存的内容还在，可以从那里继续。", time=at)
    address = url_for("declarations.section", declaration_id=asked["declaration_id"], name=asked["name"])
    return _page(413, f"{message}{kept}", way=(address, _("打开已自动保存的内容")))


def _refused(error: Refused) -> ResponseReturnValue:
    sentences = [finding.sentence(_) for finding in error.findings]
    first, rest = (sentences[0], []) if len(sentences) == 1 else ("", sentences)
    return _page(error.status, first, rest)


def _database(error: OperationalError) -> ResponseReturnValue:
    db.session.rollback()
    log.error("database", error=str(error.orig), path=_logged_path())
    return _page(503)


def _logged_path() -> str:
    """Return the path of the request as logs may know it: without the secret of a subscription."""
    return str(request.url_rule) if request.endpoint in BY_SECRET else request.path


def _unexpected(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    if current_app.testing:
        raise error
    log.exception("unexpected", path=_logged_path(), method=request.method)
    return _page(500)


def words(findings: list[Any]) -> list[dict[str, str]]:
    """Return findings as field and translated sentence, for error summaries and JSON answers."""
    return [{"field": f.field, "message": f.sentence(_), "code": f.code} for f in findings]

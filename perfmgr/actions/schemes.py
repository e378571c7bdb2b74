"""Schemes and rubrics: taking in the built-in ones, copying, editing drafts, publishing."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from perfmgr import times
from perfmgr.actions._action import action, require_version
from perfmgr.extensions import db
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.parameters import check
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.rubrics import KIND as RUBRIC
from perfmgr.rules.rubrics import Rubric, parse_rubric
from perfmgr.rules.scheme_parameters import PARAMETERS
from perfmgr.rules.schemes import Scheme, parse_scheme
from perfmgr.rules.texts import N_, clean_line


def _require_administrator(by: Viewer) -> None:
    if ADMINISTRATOR not in by.roles:
        raise NotAllowed(N_("只有系统管理员可以修改评分方案。"))


@action
def take_in(built_in: Iterable[dict[str, Any]]) -> int:
    """Store the built-in schemes and rubrics that are not stored yet, as published version 1; returns how many."""
    known = set(db.session.scalars(select(SchemeVersion.code)))
    added = 0
    for data in built_in:
        kind = str(data["kind"])
        scheme = _parse(kind, data)
        if scheme.code not in known:
            db.session.add(
                SchemeVersion(
                    code=scheme.code,
                    number=1,
                    kind=kind,
                    name=scheme.name,
                    state="published",
                    data=data,
                    published_at=times.now(),
                )
            )
            added += 1
    return added


@action
def copy(source: SchemeVersion, by: Viewer) -> SchemeVersion:
    """Start a new draft version from any version of a scheme."""
    _require_administrator(by)
    draft = SchemeVersion(
        code=source.code,
        number=schemes.next_number(source.code),
        kind=source.kind,
        name=source.name,
        state="draft",
        data=source.data,
        based_on_id=source.id,
        created_by_id=by.id,
    )
    db.session.add(draft)
    return draft


def _require_draft(scheme: SchemeVersion) -> None:
    if scheme.state != "draft":
        raise Conflict(N_("已发布的方案不能修改，请复制为新版本后再改。"))


def _parse(kind: str, data: dict[str, Any]) -> Scheme | Rubric:
    return parse_rubric(data) if kind == RUBRIC else parse_scheme(data)


def _checked(kind: str, data: dict[str, Any]) -> Scheme | Rubric:
    """Return the scheme of this data, with the other parameters checked too; raises Invalid with every finding."""
    findings = check(data, PARAMETERS) if kind != RUBRIC else []
    try:
        scheme = _parse(kind, data)
    except Invalid as refusal:
        raise Invalid([*refusal.findings, *findings]) from refusal
    if findings:
        raise Invalid(findings)
    return scheme


@action
def save(scheme: SchemeVersion, data: dict[str, Any], by: Viewer, version: int | None = None) -> None:
    """Replace a draft's data as a whole; raises Invalid with every finding when it makes no usable scheme."""
    _require_administrator(by)
    _require_draft(scheme)
    require_version(scheme, version)
    data = {**data, "code": scheme.code, "kind": scheme.kind}
    parsed = _checked(scheme.kind, data)
    scheme.data, scheme.name = data, clean_line(parsed.name)


@action
def publish(scheme: SchemeVersion, by: Viewer, version: int | None = None) -> None:
    """Publish a draft as it was looked at: from now on it can be chosen for a cycle and never changes."""
    _require_administrator(by)
    if scheme.state == "published":
        return
    require_version(scheme, version)
    _checked(scheme.kind, scheme.data)
    scheme.state, scheme.published_at = "published", times.now()


@action
def discard(scheme: SchemeVersion, by: Viewer) -> None:
    """Delete a draft that is not wanted after all."""
    _require_administrator(by)
    _require_draft(scheme)
    db.session.delete(scheme)

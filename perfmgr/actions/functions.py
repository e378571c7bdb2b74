"""Functional classification: taking in the built-in catalogue, adding and renaming entries."""

from collections.abc import Iterable

from sqlalchemy import select

from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.function import Function
from perfmgr.queries.people import Viewer
from perfmgr.rules.codes import check_function_code, tidy
from perfmgr.rules.refusals import Invalid, NotAllowed, Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_, clean_line


@action
def take_in(built_in: Iterable[tuple[str, str]]) -> int:
    """Store the built-in entries (code, name) that are not stored yet; returns how many."""
    known = set(db.session.scalars(select(Function.code)))
    fresh = [Function(code=code, name=name) for code, name in built_in if code not in known]
    db.session.add_all(fresh)
    return len(fresh)


@action
def save(code: str, name: str, active: bool, by: Viewer) -> Function:
    """Add an entry, or rename, retire or revive the one with this code."""
    if ADMINISTRATOR not in by.roles:
        raise NotAllowed(N_("只有系统管理员可以修改功能分类。"))
    code, name = tidy(code), clean_line(name)
    finding = check_function_code(code)
    if finding:
        raise Invalid([finding])
    if not name:
        raise Refused(N_("“科目名称”不能为空。"), field="name")
    if len(code) > 3 and db.session.get(Function, code[:-2]) is None:
        raise Refused(N_("请先增加上级科目 %(parent)s。"), field="code", parent=code[:-2])
    entry = db.session.get(Function, code) or Function(code=code)
    entry.name, entry.active = name, active
    db.session.add(entry)
    return entry

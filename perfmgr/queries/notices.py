"""Notices and the to-do list: what somebody was told, and what waits for them."""

from sqlalchemy import func, select

from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.queries._duty_statements import WAITING, model_of, statement
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids


def page(by: Viewer, number: int) -> Page:
    """Return one page of the person's own notices, newest first."""
    own = Notice.person_id == by.id
    total = db.session.scalar(select(func.count()).where(own)) or 0
    rows = db.session.scalars(
        select(Notice).where(own).order_by(Notice.id.desc()).limit(PAGE_SIZE).offset(offset(number))
    ).all()
    return Page(rows, number, total)


def find(notice_id: int, by: Viewer) -> Notice | None:
    """Return one of the person's own notices, or None."""
    return db.session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == by.id))


def waiting(by: Viewer, number: int = 1) -> Page:
    """Return one page of the person's to-do list: what is due first comes first."""
    parts = [
        statement(kind).where(model_of(kind).unit_id.in_(unit_ids(by.paths({kind.role}))))
        for kind in WAITING
        if kind.role in by.roles
    ]
    if not parts:
        return Page([], 1, 0)
    source = (parts[0].union_all(*parts[1:]) if len(parts) > 1 else parts[0]).subquery()
    total = db.session.scalar(select(func.count()).select_from(source)) or 0
    rows = (
        select(source)
        .order_by(source.c.due_on.is_(None), source.c.due_on, source.c.state.desc(), source.c.subject, source.c.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page(db.session.execute(rows).all(), number, total)

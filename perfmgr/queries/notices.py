"""Notices and the to-do list: what somebody was told, and what waits for them."""

from sqlalchemy import ColumnElement, func, not_, or_, select

from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.queries._duty_statements import WAITING, model_of, statement
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.notices import GROUPS, REMINDER_START, REMINDERS, RESULTS, group_of, kinds_of


def page(by: Viewer, number: int, unread: bool = False, group: str = "") -> tuple[Page, dict[str, int]]:
    """Return one page of the person's own notices, newest first, and how many are in each group.

    ``unread`` and ``group`` limit the page; the counts are of what ``unread`` leaves.
    """
    own = [Notice.person_id == by.id]
    if unread:
        own.append(Notice.read_at.is_(None))
    counts: dict[str, int] = dict.fromkeys(GROUPS, 0)
    for kind, count in db.session.execute(select(Notice.kind, func.count()).where(*own).group_by(Notice.kind)):
        counts[group_of(kind)] += count
    if group:
        own.append(_in_group(group))
    rows = db.session.scalars(
        select(Notice)
        .where(*own)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(PAGE_SIZE)
        .offset(offset(number))
    ).all()
    return Page(rows, number, counts[group] if group else sum(counts.values())), counts


def _in_group(group: str) -> ColumnElement[bool]:
    reminding = Notice.kind.startswith(REMINDER_START)
    known = Notice.kind.in_(kinds_of(group))
    if group == RESULTS:
        return not_(or_(known, reminding))
    return or_(known, reminding) if group == REMINDERS else known


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

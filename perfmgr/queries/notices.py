"""Notices and the to-do list: what somebody was told, and what waits for them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, func, not_, or_, select

from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.queries import appraisals, samples
from perfmgr.queries._duty_statements import WAITING, model_of, statement, to_continue
from perfmgr.queries.paging import PAGE_SIZE, Page, offset
from perfmgr.queries.people import Viewer
from perfmgr.queries.scopes import unit_ids
from perfmgr.rules.notice_groups import GROUPS, REMINDER_START, REMINDERS, RESULTS, group_of, kinds_of
from perfmgr.rules.roles import FILLER, FINANCE_REVIEWER


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


def _all(by: Viewer, today: dt.date) -> Subquery | None:
    """Return everything that waits for the person, None when nothing ever can."""
    parts = [
        statement(kind).where(model_of(kind).unit_id.in_(unit_ids(by.paths({kind.role}))))
        for kind in WAITING
        if kind.role in by.roles
    ]
    if FINANCE_REVIEWER in by.roles:
        parts.append(samples.open_for(by))
    if FILLER in by.roles:
        parts += [part for _cycle, part in to_continue(by.paths({FILLER}), today)]
    parts += appraisals.open_for(by)
    if not parts:
        return None
    return (parts[0].union_all(*parts[1:]) if len(parts) > 1 else parts[0]).subquery()


def _in_order(source: Subquery) -> Select[*tuple[Any, ...]]:
    columns = source.c
    return select(source).order_by(
        columns.due_on.is_(None), columns.due_on, columns.state.desc(), columns.subject, columns.id
    )


def waiting(by: Viewer, today: dt.date, number: int = 1) -> Page:
    """Return one page of the person's to-do list: what is due first comes first."""
    source = _all(by, today)
    if source is None:
        return Page([], 1, 0)
    total = db.session.scalar(select(func.count()).select_from(source)) or 0
    rows = db.session.execute(_in_order(source).limit(PAGE_SIZE).offset(offset(number))).all()
    return Page(rows, number, total)


def due_between(by: Viewer, today: dt.date, first: dt.date, last: dt.date, most: int) -> Sequence[Row[Any]]:
    """Return what waits for the person and is due on these days, both included, at most so many rows."""
    source = _all(by, today)
    if source is None:
        return []
    return db.session.execute(_in_order(source).where(source.c.due_on.between(first, last)).limit(most)).all()


def due_counts(by: Viewer, today: dt.date, first: dt.date, last: dt.date) -> Sequence[Row[Any]]:
    """Return how much is due on each of these days: day, subject, state, whether an adjustment, count."""
    source = _all(by, today)
    if source is None:
        return []
    columns = source.c
    adjusting = columns.adjusts_id.is_not(None).label("adjusting")
    groups = (columns.due_on, columns.subject, columns.state, adjusting)
    counts = select(*groups, func.count().label("count")).where(columns.due_on.between(first, last))
    counts = counts.group_by(*groups).order_by(columns.due_on, columns.subject, columns.state)
    return db.session.execute(counts).all()

"""Writing a confirmed batch slice by slice: one transaction each, safe to interrupt, never twice."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._import_match import Match, Place, Places, Wanted, look_up, match
from perfmgr.actions._import_write import correct, create, declare, rewrite
from perfmgr.extensions import db
from perfmgr.models.import_batch import ImportBatch, ImportRow
from perfmgr.models.project import Project
from perfmgr.queries import imports
from perfmgr.queries.people import Viewer
from perfmgr.rules.findings import Finding
from perfmgr.rules.imports import packed
from perfmgr.rules.refusals import Conflict
from perfmgr.rules.texts import N_

MOVED = N_("检查之后这个项目或申报已有变化，没有导入。请重新上传，核对后再确认。")
NOT_YOURS = N_("您已不再是这个单位的填报人，没有导入。")

Ready = tuple[ImportRow, Wanted, Place]


def work(batch_id: int, by: Viewer, most: int, now: dt.datetime) -> int:
    """Write the next projects of a confirmed batch and return how many were settled; 0 when none is left.

    Whoever is interrupted leaves no project half written, and whoever comes next takes exactly
    the rest. Where one project of a slice cannot be written, each is tried alone.
    """
    try:
        return _slice(batch_id, by, most, now)
    except Conflict:
        waiting = db.session.scalars(select(ImportRow.id).where(*imports.open_rows(batch_id)).limit(most)).all()
        db.session.rollback()
        return sum(_alone(batch_id, row_id, by, now) for row_id in waiting)


def _alone(batch_id: int, row_id: int, by: Viewer, now: dt.datetime) -> int:
    try:
        return _slice(batch_id, by, 1, now, row_id)
    except Conflict as conflict:
        return _give_up(row_id, conflict.findings[0])


@action
def _give_up(row_id: int, finding: Finding) -> int:
    row = db.session.get_one(ImportRow, row_id)
    if row.state == "waiting":
        _fail(row, finding)
    return 1


def _fail(row: ImportRow, finding: Finding) -> None:
    row.state, row.findings = "failed", [*row.findings, packed(finding)]


@action
def _slice(batch_id: int, by: Viewer, most: int, now: dt.datetime, only: int | None = None) -> int:
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.state != "confirmed":
        return 0
    rows = imports.waiting(batch_id, most, only)
    if not rows and only is None:
        # Rows that somebody else is writing still wait for everybody else: then it is for them to finish.
        if db.session.scalar(select(ImportRow.id).where(*imports.open_rows(batch_id)).limit(1)) is None:
            batch.state, batch.finished_at = "done", now
        return 0
    _settle(rows, batch.year, by, now)
    return len(rows)


def _settle(rows: Sequence[ImportRow], year: int, by: Viewer, now: dt.datetime) -> None:
    places = Places(by, year, times.day(now))
    wanted = {row.id: Wanted(row.unit_id or 0, row.data) for row in rows}
    found = look_up(list(wanted.values()), year, places.today)
    new: list[Ready] = []
    known: list[Ready] = []
    drafts: list[Ready] = []
    for row in rows:
        place = places.of(row.unit_id or 0)
        if place is None or place.refusal:
            _fail(row, place.refusal if place and place.refusal else Finding("IMPORT", NOT_YOURS))
            continue
        matched = match(wanted[row.id], place, found, by)
        if finding := _moved(row, matched):
            _fail(row, finding)
            continue
        group = drafts if row.outcome == "update" else known if row.project_id else new
        group.append((row, wanted[row.id], place))
    _create(new, year, by, now)
    _declare(known, year, by, now)
    _rewrite(drafts, by, now)


def _moved(row: ImportRow, matched: Match) -> Finding | None:
    """Return why a project is no longer what it was when it was checked, or None."""
    if matched.outcome == "refused":
        return matched.findings[0]
    checked = (row.outcome, row.project_id, row.declaration_id, row.versions)
    now = (matched.outcome, matched.project_id, matched.declaration_id, matched.versions)
    return None if now == checked else Finding("IMPORT", MOVED)


def _create(ready: Sequence[Ready], year: int, by: Viewer, now: dt.datetime) -> None:
    made = create([(wanted, place) for _row, wanted, place in ready], year, by, now)
    for (row, _wanted, _place), (project_id, declaration_id) in zip(ready, made, strict=True):
        row.state, row.project_id, row.declaration_id = "done", project_id, declaration_id


def _declare(ready: Sequence[Ready], year: int, by: Viewer, now: dt.datetime) -> None:
    if not ready:
        return
    ids = [row.project_id for row, _wanted, _place in ready]
    projects = {p.id: p for p in db.session.scalars(select(Project).where(Project.id.in_(ids)))}
    for row, wanted, _place in ready:
        correct(projects[row.project_id or 0], wanted, by)
    made = declare([((wanted, place), row.project_id or 0) for row, wanted, place in ready], year, by, now)
    for (row, _wanted, _place), declaration_id in zip(ready, made, strict=True):
        row.state, row.declaration_id = "done", declaration_id


def _rewrite(ready: Sequence[Ready], by: Viewer, now: dt.datetime) -> None:
    if not ready:
        return
    stored = {d.id: d for d in imports.whole([row.declaration_id or 0 for row, _wanted, _place in ready])}
    for row, wanted, _place in ready:
        rewrite(stored[row.declaration_id or 0], wanted, by, now)
        row.state = "done"

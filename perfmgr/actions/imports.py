"""Imports: checking a workbook of target forms, confirming it, writing it slice by slice, forgetting it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import delete, select, update

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.actions._import_check import Checker
from perfmgr.actions._import_match import Places
from perfmgr.actions._import_slices import work as _work
from perfmgr.extensions import db
from perfmgr.models.import_batch import ImportBatch, ImportRow, reading_since
from perfmgr.models.unit import Unit
from perfmgr.queries import imports, people
from perfmgr.queries.people import Viewer
from perfmgr.rules.imports import Draft
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.texts import N_, clean_line

AT_ONCE = 250  # projects in one transaction
KEPT_DAYS = 7


def take_in(drafts: Iterable[Draft], year: int, unit: Unit | None, data: bytes, name: str, by: Viewer) -> ImportBatch:
    """Check every project of a workbook and keep the result; projects and declarations stay untouched.

    ``unit`` None: every form names its own unit. Raises Refused, and keeps nothing, when the
    workbook cannot be read or nothing can be declared for the unit in this year.
    """
    places = Places(by, year)
    _require_place(places, unit)
    batch = _open(year, unit, data, name, by)
    checker, waiting = Checker(batch, unit, places), iter(drafts)
    try:
        # A slice is read before its transaction begins: reading a large workbook keeps nobody waiting.
        while chunk := list(islice(waiting, AT_ONCE)):
            checker.take(chunk)
        _finish_reading(batch)
    except BaseException:
        db.session.rollback()
        discard(batch, by)
        raise
    return batch


def _require_place(places: Places, unit: Unit | None) -> None:
    if unit is None:
        if not places.units:
            raise NotAllowed(N_("您的岗位不能对这份材料进行此项操作。"))
        return
    place = places.of(unit.id)
    if place is None:
        raise NotAllowed(N_("您的岗位不能对这份材料进行此项操作。"))
    if place.refusal:
        raise Refused(place.refusal.message, field="year", **place.refusal.params)


@action
def _open(year: int, unit: Unit | None, data: bytes, name: str, by: Viewer) -> ImportBatch:
    batch = ImportBatch(
        person_id=by.id,
        unit_id=unit.id if unit else None,
        year=year,
        file_name=clean_line(name)[:200],
        state="reading",
        created_at=times.now(),
        file=data,
    )
    db.session.add(batch)
    return batch


@action
def _finish_reading(batch: ImportBatch) -> None:
    batch.state = "checked"


@action
def confirm(batch: ImportBatch, by: Viewer) -> None:
    """Confirm a checked batch: its projects may be written from now on. Twice is harmless."""
    _require_own(batch, by)
    db.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch.id, ImportBatch.state == "checked")
        .values(state="confirmed", confirmed_at=times.now())
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(batch)
    if batch.state == "reading":
        raise Conflict(N_("这份工作簿还在检查，请稍候刷新页面。"))


def _require_own(batch: ImportBatch, by: Viewer) -> None:
    if batch.person_id != by.id:
        raise NotAllowed(N_("您的岗位不能对这份材料进行此项操作。"))


def work(batch_id: int, by: Viewer, most: int = AT_ONCE, now: dt.datetime | None = None) -> int:
    """Write the next projects of a confirmed batch; see ``_import_slices``."""
    return _work(batch_id, by, most, now or times.now())


def discard(batch: ImportBatch, by: Viewer) -> None:
    """Forget a batch; what it has written already stays."""
    _require_own(batch, by)
    _delete([batch.id])


@action
def _delete(ids: Sequence[int]) -> None:
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id.in_(ids)))
    db.session.execute(delete(ImportBatch).where(ImportBatch.id.in_(ids)))


# --- the clock ----------------------------------------------------------------------------------


def continue_left(now: dt.datetime, dry_run: bool = False) -> int:
    """Go on with confirmed batches whose page was closed; returns how many projects were settled."""
    batches = imports.left_behind()
    db.session.rollback()
    settled = 0
    for batch_id, person_id in batches if not dry_run else ():
        by = people.viewer_or_none(person_id)
        db.session.rollback()
        if by is None:  # switched off since: nothing is written in their name
            continue
        while done := work(batch_id, by, now=now):
            settled += done
    return len(batches) if dry_run else settled


def forget(now: dt.datetime, dry_run: bool = False) -> int:
    """Delete batches older than KEPT_DAYS, and workbooks whose reading was given up; returns how many."""
    old = ImportBatch.created_at < now - dt.timedelta(days=KEPT_DAYS)
    given_up = (ImportBatch.state == "reading") & (ImportBatch.created_at < reading_since(now))
    ids = db.session.scalars(select(ImportBatch.id).where(old | given_up)).all()
    db.session.rollback()
    if ids and not dry_run:
        _delete(ids)
    return len(ids)

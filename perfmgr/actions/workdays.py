"""Work-day tables: entering what the State Council announced for a year, and going back to the built-in table."""

from collections.abc import Sequence

from perfmgr import times
from perfmgr.actions._action import action, count_as_changed, require_version, write_event
from perfmgr.extensions import db
from perfmgr.models.workday import SpecialDay, WorkdayTable
from perfmgr.queries import workdays
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.holidays import Special
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.texts import N_, clean_line


@action
def save(year: int, days: Sequence[Special], source: str, by: Viewer, version: int | None = None) -> WorkdayTable:
    """Set the table of a year; it holds for everybody, so only who may change it there may, and goes before the built-in one.

    ``version`` is the one of the table the form was made from, 0 when there was none. Windows and
    due days that were reckoned before stay as they are.
    """
    _require_right(by)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(N_("“年度”应在 %(first)s 到 %(last)s 之间。"), field="year", first=FIRST_YEAR, last=LAST_YEAR)
    table = workdays.stored(year)
    _require_version(table, version)
    if table is None:
        table = WorkdayTable(year=year)
        db.session.add(table)
    else:
        count_as_changed(table, "year")
        table.days.clear()
        db.session.flush()  # the same days may come again
    table.source, table.person_id, table.at = clean_line(source), by.id, times.now()
    table.days = [SpecialDay(day=special.day, kind=special.kind, name=special.name) for special in days]
    write_event("workdays", year, "enter_days", by, comment=_told(table))
    return table


def _told(table: WorkdayTable) -> str:
    # Stored with the event, so in the source language.
    return f"{table.source}，共 {len(table.days)} 天" if table.source else f"共 {len(table.days)} 天"


@action
def remove(year: int, by: Viewer, version: int | None = None) -> None:
    """Delete the entered table of a year: the built-in one holds again, if there is one."""
    _require_right(by)
    table = workdays.stored(year)
    _require_version(table, version)
    if table is not None:
        write_event("workdays", year, "drop_days", by, comment=_told(table))
        db.session.delete(table)


def _require_right(by: Viewer) -> None:
    if not workdays.may_change(by):
        raise NotAllowed(N_("放假安排全系统共用，由最上级的系统管理员维护；如需更正请与其联系。"))


def _require_version(table: WorkdayTable | None, version: int | None) -> None:
    """Raise Conflict unless the table is the one the page showed; 0 when it showed none."""
    if table is None and version:
        raise Conflict(N_("这一年的放假安排刚被他人删除，请核对后再保存。"))
    if table is not None and version == 0:
        raise Conflict(N_("这一年的放假安排刚由他人录入，请刷新后核对。"))
    if table is not None:
        require_version(table, version)

"""Work-day tables: entering what the State Council announced for a year, and going back to the built-in table."""

from collections.abc import Sequence

from perfmgr import times
from perfmgr.actions._action import action, count_as_changed, require_version
from perfmgr.extensions import db
from perfmgr.models.workday import SpecialDay, WorkdayTable
from perfmgr.queries import workdays
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.holidays import Special
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_, clean_line


@action
def save(year: int, days: Sequence[Special], source: str, by: Viewer, version: int | None = None) -> WorkdayTable:
    """Set the table of a year; it holds for everybody and goes before the built-in one.

    ``version`` is the one of the table the form was made from, 0 when there was none. Windows and
    due days that were reckoned before stay as they are.
    """
    _require_administrator(by)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(N_("“年度”应在 %(first)s 到 %(last)s 之间。"), field="year", first=FIRST_YEAR, last=LAST_YEAR)
    table = workdays.stored(year)
    if table is None:
        if version:
            raise Conflict(N_("这一年的放假安排刚被他人删除，请核对后再保存。"))
        table = WorkdayTable(year=year)
        db.session.add(table)
    else:
        if version == 0:
            raise Conflict(N_("这一年的放假安排刚由他人录入，请刷新后核对。"))
        require_version(table, version)
        count_as_changed(table, "year")
        table.days.clear()
        db.session.flush()  # the same days may come again
    table.source, table.person_id, table.at = clean_line(source), by.id, times.now()
    table.days = [SpecialDay(day=special.day, kind=special.kind, name=special.name) for special in days]
    return table


@action
def remove(year: int, by: Viewer) -> None:
    """Delete the entered table of a year: the built-in one holds again, if there is one."""
    _require_administrator(by)
    table = workdays.stored(year)
    if table is not None:
        db.session.delete(table)


def _require_administrator(by: Viewer) -> None:
    if ADMINISTRATOR not in by.roles:
        raise NotAllowed(N_("您的岗位不能对这份材料进行此项操作。"))

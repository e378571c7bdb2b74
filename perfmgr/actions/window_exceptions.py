"""Exceptions of a year's windows: more or less time for one unit, with the reason, and taking it back."""

import datetime as dt

from perfmgr import times
from perfmgr.actions import evaluations_due, monitorings_due
from perfmgr.actions._action import action, count_as_changed, require_role, write_event
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle, WindowException
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import WINDOWS, Span
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_, clean


@action
def put(
    cycle: Cycle, unit: Unit, kind: str, span: Span, reason: str, by: Viewer, now: dt.datetime | None = None
) -> WindowException:
    """Give a unit and everything below it other days for one window; what it had before for it is replaced.

    What waits for its filler there is due with the new last day. Raises Invalid with every mistake,
    Refused for a unit that does not follow this cycle or a window the year does not have.
    """
    require_role(by, cycle.unit.path, {ADMINISTRATOR})
    _require_open_year(cycle)
    if kind not in WINDOWS or cycle.usual_span(kind) is None:
        raise Refused(N_("%(year)s 年度没有设置这项时间，请先在年度周期里设置。"), field="kind", year=cycle.year)
    if unit.id == cycle.unit_id or cycles.for_unit(unit.path, cycle.year) is not cycle:
        raise Refused(N_("请选择按这个年度周期办理的部门或单位。"), field="unit_id")
    reason = clean(reason)
    findings = []
    if span.closes_on < span.opens_on:
        sentence = N_("“截止日期”%(end)s 早于“开始日期”%(start)s，请调整其中一个。")
        params = {"start": span.opens_on.isoformat(), "end": span.closes_on.isoformat()}
        findings.append(Finding("WINDOW", sentence, "closes_on", params=params))
    if not reason:
        findings.append(Finding("WINDOW", N_("“原因”不能为空，请写明为什么另行安排时间。"), "reason"))
    if findings:
        raise Invalid(findings)
    now = now or times.now()
    exception = next((e for e in cycle.exceptions if (e.unit_id, e.kind) == (unit.id, kind)), None)
    if exception is None:
        exception = WindowException(unit_id=unit.id, unit=unit, kind=kind)
        cycle.exceptions.append(exception)
    exception.opens_on, exception.closes_on = span.opens_on, span.closes_on
    exception.reason, exception.person_id, exception.at = reason, by.id, now
    told = f"{unit.name}　{WINDOWS[kind]}　{span.opens_on} 至 {span.closes_on}\n{reason}"
    write_event("cycle", cycle.id, "make_exception", by, at=now, comment=told)
    _follow(cycle)
    return exception


@action
def remove(exception: WindowException, by: Viewer) -> None:
    """Take an exception back: the unit follows the window of the whole cycle (or of a unit above) again."""
    cycle = exception.cycle
    require_role(by, cycle.unit.path, {ADMINISTRATOR})
    _require_open_year(cycle)
    cycle.exceptions.remove(exception)
    told = f"{exception.unit.name}　{WINDOWS[exception.kind]}"
    write_event("cycle", cycle.id, "end_exception", by, comment=told)
    _follow(cycle)


def _require_open_year(cycle: Cycle) -> None:
    if cycle.closed_at:
        raise Refused(N_("%(year)s 年度已经结束，不能再调整时间。"), year=cycle.year)


def _follow(cycle: Cycle) -> None:
    """Count the cycle as changed, and let what waits be due with the windows as they are now."""
    count_as_changed(cycle, "year")
    db.session.flush()
    monitorings_due.move_due(cycle)
    evaluations_due.move_due(cycle)

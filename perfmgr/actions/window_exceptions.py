"""Exceptions of a year's windows: more or less time for one unit, with the reason, and taking it back."""

import datetime as dt
from dataclasses import dataclass

from perfmgr import times
from perfmgr.actions import evaluations_due, messages, monitorings_due
from perfmgr.actions._action import action, count_as_changed, require_role, write_event
from perfmgr.actions.rectifications import move_due as move_rectifications
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle, WindowException
from perfmgr.models.event import Event
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles, people, rectifications
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import WINDOWS, Deviation, Span, span_for
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Invalid, Refused
from perfmgr.rules.roles import ADMINISTRATOR, FILLER
from perfmgr.rules.texts import N_, clean


@action
def put(
    cycle: Cycle, unit: Unit, kind: str, span: Span, reason: str, by: Viewer, now: dt.datetime | None = None
) -> WindowException:
    """Give a unit and everything below it other days for one window; what it had before for it is replaced.

    What waits for its filler there is due with the new last day, and the fillers are told. Raises Invalid with every mistake,
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
    before = _Before.of(cycle)
    exception = next((e for e in cycle.exceptions if (e.unit_id, e.kind) == (unit.id, kind)), None)
    if exception is None:
        exception = WindowException(unit_id=unit.id, unit=unit, kind=kind)
        cycle.exceptions.append(exception)
    exception.opens_on, exception.closes_on = span.opens_on, span.closes_on
    exception.reason, exception.person_id, exception.at = reason, by.id, now
    told = f"{unit.name}　{WINDOWS[kind]}　{span.opens_on} 至 {span.closes_on}\n{reason}"
    event = write_event("cycle", cycle.id, "make_exception", by, at=now, comment=told)
    _follow(cycle, before)
    _tell("exception_made", event, cycle, unit, kind, before, by)
    return exception


@action
def remove(exception: WindowException, by: Viewer) -> None:
    """Take an exception back: the unit follows the window of the whole cycle (or of a unit above) again."""
    cycle = exception.cycle
    require_role(by, cycle.unit.path, {ADMINISTRATOR})
    _require_open_year(cycle)
    before, unit, kind = _Before.of(cycle), exception.unit, exception.kind
    cycle.exceptions.remove(exception)
    told = f"{unit.name}　{WINDOWS[kind]}"
    event = write_event("cycle", cycle.id, "end_exception", by, comment=told)
    _follow(cycle, before)
    _tell("exception_ended", event, cycle, unit, kind, before, by)


def _require_open_year(cycle: Cycle) -> None:
    if cycle.closed_at:
        raise Refused(N_("%(year)s 年度已经结束，不能再调整时间。"), year=cycle.year)


@dataclass(frozen=True, slots=True)
class _Before:
    """What held before a change: the exceptions, and the days of the rectifications that are not finished."""

    deviations: list[Deviation]
    days: dict[int, tuple[dt.date, dt.date]]

    @classmethod
    def of(cls, cycle: Cycle) -> "_Before":
        return cls(cycle.deviations(), rectifications.usual_days(cycle))


def _follow(cycle: Cycle, before: _Before) -> None:
    """Count the cycle as changed, and let what waits be due with the windows as they are now."""
    count_as_changed(cycle, "year")
    db.session.flush()
    monitorings_due.move_due(cycle)
    evaluations_due.move_due(cycle)
    move_rectifications(cycle, before.days)


def _tell(notice: str, event: Event, cycle: Cycle, unit: Unit, kind: str, before: _Before, by: Viewer) -> None:
    """Tell the fillers of the unit, and of those below it that the change reaches, the days they have now."""
    usual = cycle.usual_span(kind)
    told = {
        person_id
        for person_id, path in people.working_for(unit.path, {FILLER})
        if span_for(path, kind, usual, before.deviations) != cycle.span(kind, path) and person_id != by.id
    }
    span = cycle.span(kind, unit.path)
    if span is None:  # the year has no such window any more
        return
    days = {"first": span.opens_on.isoformat(), "due_on": span.closes_on.isoformat()}
    params = {"title": unit.name, "year": cycle.year, "by": by.name, "window": kind, **days}
    item = {"kind": notice, "subject_kind": "window", "subject_id": cycle.id, "params": params}
    messages.tell(sorted(told), item, str(event.id), event.at)

"""Monitoring: filling a sheet, submitting and reviewing it, and closing the problems it noted."""

import datetime as dt
from collections.abc import Iterable

from perfmgr import times
from perfmgr.actions._action import action, count_as_changed, require_role, require_version, write_event
from perfmgr.actions._move import already_taken, lock, take_step
from perfmgr.extensions import db
from perfmgr.models.monitoring import Monitoring, MonitoringItem, MonitoringLine
from perfmgr.queries import budgets, monitorings, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.findings import Finding, errors
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.monitoring_entries import LineEntry, SheetEntry
from perfmgr.rules.monitorings import CAUSES, LIKELIHOODS, TIERS, Entry, check_amounts, due_on
from perfmgr.rules.monitorings import check as check_sheet
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, Term, clean, clean_line
from perfmgr.rules.workflow import FILLER_STATES, STATES

LINES_CHANGED = N_("监控表的指标已有变化，请刷新页面后重新填写。")
CLOSABLE = ("submitted", "confirmed")
MOST_NOTE = 2000


def check(monitoring: Monitoring) -> list[Finding]:
    """Return every finding about the sheet as it is stored; errors stand between it and its submission."""
    return check_sheet(
        schemes.by_id(monitoring.scheme_id).monitoring,
        monitoring.as_money(),
        monitoring.as_lines(),
        monitoring.goal_progress,
        monitoring.cut_off,
    )


# --- filling ----------------------------------------------------------------------------------


@action
def save(monitoring: Monitoring, sheet: SheetEntry, by: Viewer, version: int | None = None) -> None:
    """Save what was entered so far; nothing has to be complete.

    Raises Invalid when amounts contradict each other.
    """
    _save(monitoring, sheet, by, version)


def _save(monitoring: Monitoring, sheet: SheetEntry, by: Viewer, version: int | None) -> None:
    require_role(by, monitoring.unit.path, {FILLER})
    if monitoring.state not in FILLER_STATES:
        raise Conflict(
            N_("监控表当前为“%(state)s”，不能修改；如需修改请先撤回或由审核人退回。"),
            state=Term(STATES["monitoring"][monitoring.state]),
        )
    require_version(monitoring, version)
    if len(sheet.lines) != len(monitoring.lines):
        raise Conflict(LINES_CHANGED)
    for name in ("executed", "forecast", "general_executed", "general_forecast"):
        setattr(monitoring, name, getattr(sheet, name))
    monitoring.goal_progress = clean(sheet.goal_progress)
    monitoring.budget_causes = _causes(sheet.entry.causes)
    monitoring.budget_explanation = clean(sheet.entry.explanation)
    _fill_item(monitoring, 0, "", sheet.entry)
    for line, entry in zip(monitoring.lines, sheet.lines, strict=True):
        _fill_line(line, entry)
        _fill_item(monitoring, line.position, line.name, entry.entry)
    _copy_budget(monitoring)
    wrong = check_amounts(monitoring.as_money())
    if wrong:
        raise Invalid(wrong)
    _judge(monitoring)
    monitoring.updated_at, monitoring.filled_by_id = times.now(), by.id
    count_as_changed(monitoring, "updated_at")


def _causes(chosen: Iterable[str]) -> list[str]:
    return [cause for cause in CAUSES if cause in set(chosen)]


def _fill_line(line: MonitoringLine, entry: LineEntry) -> None:
    """Write what was typed into a line, as far as the line's kind allows."""
    if (entry.tier and entry.tier not in TIERS) or (entry.likelihood and entry.likelihood not in LIKELIHOODS):
        raise Refused(N_("请从列表中选择完成情况和完成目标可能性。"), field="lines")
    qualitative = line.sign == QUALITATIVE
    line.actual_value = None if qualitative else entry.actual
    line.actual_text = clean_line(entry.actual_text)
    line.tier = entry.tier if qualitative else ""
    line.forecast_value = None if qualitative else entry.forecast
    line.forecast_text = clean_line(entry.forecast_text)
    line.likelihood, line.remark = entry.likelihood, clean_line(entry.remark)
    line.causes, line.explanation = _causes(entry.entry.causes), clean(entry.entry.explanation)


def _fill_item(monitoring: Monitoring, position: int, name: str, entry: Entry) -> None:
    """Note the problem of one light, change it, or forget it when it was emptied. What was closed stays."""
    item = monitoring.item_at(position)
    if item is not None and item.state == "closed":
        return
    measure, owner = clean(entry.measure), clean_line(entry.owner)
    if not (measure or owner or entry.due_on):
        if item is not None:
            monitoring.items.remove(item)
        return
    if item is None:
        item = MonitoringItem(position=position, name=name, state="open")
        monitoring.items.append(item)
    item.measure, item.owner, item.due_on = measure, owner, entry.due_on


def _judge(monitoring: Monitoring) -> None:
    judged = monitorings.judged(monitoring)
    monitoring.light, monitoring.budget_light = judged.light, judged.budget.light
    for line, judgement in zip(monitoring.lines, judged.lines, strict=True):
        line.light = judgement.light


# --- steps of the workflow --------------------------------------------------------------------


@action
def take(
    monitoring: Monitoring,
    step: str,
    by: Viewer,
    *,
    comment: str = "",
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Take a step of the workflow: submit, withdraw, return, approve. False when it was taken already."""
    return _take(monitoring, step, by, now or times.now(), comment, version)


def _take(
    monitoring: Monitoring, step: str, by: Viewer, now: dt.datetime, comment: str = "", version: int | None = None
) -> bool:
    moved = take_step(
        "monitoring",
        monitoring,
        step,
        by,
        title=monitoring.title,
        comment=clean(comment),
        version=version,
        now=now,
    )
    if not moved:
        return False
    if step == "submit":
        _copy_budget(monitoring)
        _judge(monitoring)
        wrong = errors(check(monitoring))
        if wrong:
            raise Invalid(wrong)
        monitoring.submitted_at, monitoring.filled_by_id = now, by.id
    elif step == "approve":
        monitoring.confirmed_at = now
    else:
        _follow_window(monitoring)
    monitoring.updated_at = now
    return True


def _follow_window(monitoring: Monitoring) -> None:
    """Let a sheet that waits for its filler again be due as the window says now: it may have moved meanwhile."""
    cycle = monitoring.cycle
    span = cycle.span("monitoring", monitoring.unit.path)
    if span is not None:
        monitoring.due_on = due_on(monitoring.year, monitoring.cut_off, cycle.cut_offs, span)


def _copy_budget(monitoring: Monitoring) -> None:
    """Take over what the budget has become since the sheet was made."""
    line = budgets.of_project(monitoring.project_id, monitoring.year)
    if line is not None:
        monitoring.initial, monitoring.adjusted = line.initial, line.adjusted


@action
def submit(
    monitoring: Monitoring,
    sheet: SheetEntry,
    by: Viewer,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> list[Finding]:
    """Save what was entered and submit the sheet, in one transaction.

    Returns what still stands between the sheet and its submission; it is saved and not
    submitted then. A double click finds nothing left to do.
    """
    now = now or times.now()
    lock(monitoring)
    if monitoring.state == "submitted" and already_taken("monitoring", monitoring, "submit", by, now):
        return []
    _save(monitoring, sheet, by, version)
    findings = errors(check(monitoring))
    if not findings:
        _take(monitoring, "submit", by, now)
    return findings


# --- problems ---------------------------------------------------------------------------------


@action
def close_item(item: MonitoringItem, note: str, by: Viewer, now: dt.datetime | None = None) -> bool:
    """Close a problem with a note on what was done. False when it was closed already."""
    now = now or times.now()
    monitoring = item.monitoring
    require_role(by, monitoring.unit.path, {FILLER})
    db.session.refresh(item, ["state"], with_for_update=True)
    if item.state == "closed":
        return False
    if monitoring.state not in CLOSABLE:
        raise Conflict(N_("监控表还没有送审，请先在填报页填写整改内容并送审。"))
    note = clean(note)
    if len(note) > MOST_NOTE:
        raise Refused(N_("“完成情况说明”最多 %(limit)s 字，请删减。"), field="note", limit=MOST_NOTE)
    if not note:
        raise Refused(N_("“完成情况说明”不能为空，请写明怎样完成了整改。"), field="note")
    item.state, item.closing_note, item.closed_on, item.closed_by_id = "closed", note, times.day(now), by.id
    write_event("monitoring", monitoring.id, "resolve", by, at=now, comment=note)
    return True

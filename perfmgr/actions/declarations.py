"""Declarations: starting a year, saving each section, and taking the steps of the workflow."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import delete

from perfmgr import times
from perfmgr.actions import adjustments, versions
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._copy import TEXTS
from perfmgr.actions._move import take_step
from perfmgr.actions._start import start_year
from perfmgr.actions.projects import ProjectDraft, add_project
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration, Fund, Indicator, LegalBasis, Step
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import budgets, declarations, projects, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.indicators import QUALITATIVE, SIGNS, parse_rule
from perfmgr.rules.projects import FUND_SOURCES
from perfmgr.rules.quality import check_targets, require
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, Term, clean, clean_line
from perfmgr.rules.workflow import FILLER_STATES, STATES

MOST_ROWS = 200


@action
def start(project: Project, year: int, by: Viewer, now: dt.datetime | None = None) -> Declaration:
    """Start the project's declaration for a year, with what was declared last, where there is anything.

    Dates move to the new year and amounts stay; both, and texts that name the old year, are noted
    in ``to_check`` and must be looked at before the submission.
    """
    if declarations.of_project(project.id, year):
        raise Conflict(N_("该项目 %(year)s 年度的申报已经建立，请直接打开。"), field="year", year=year)
    return start_year(project, year, by, now, declarations.latest_before(project.id, year))


@action
def continue_all(projects: Sequence[Project], year: int, by: Viewer, now: dt.datetime | None = None) -> int:
    """Start the declarations of projects that go on, all or none of them; returns how many were started.

    A project that was declared for the year in the meantime is left alone.
    """
    started = 0
    for project in projects:
        if declarations.of_project(project.id, year) is None:
            start_year(project, year, by, now, declarations.latest_before(project.id, year))
            started += 1
    return started


@action
def create(
    unit: Unit, draft: ProjectDraft, year: int, by: Viewer, now: dt.datetime | None = None
) -> tuple[Project, Declaration | None]:
    """Create a project and, when its category owes targets, its first declaration, in one transaction."""
    require_role(by, unit.path, {FILLER})
    project = add_project(unit, draft, year, by)
    declaration = start_year(project, year, by, now) if project.owes else None
    return project, declaration


@action
def discard(declaration: Declaration, by: Viewer, version: int | None = None) -> bool:
    """Delete a draft that was never submitted, and its project when that has nothing else.

    Returns whether the project went too. Raises Conflict when the declaration was submitted before.
    """
    require_role(by, declaration.unit.path, {FILLER})
    require_version(declaration, version)
    if not declaration.never_submitted:
        raise Conflict(N_("只有从未送审的草稿可以删除；这份申报请继续修改后送审。"))
    project, year = declaration.project, declaration.year
    _forget("declaration", declaration.id)
    db.session.delete(declaration)
    db.session.flush()
    if projects.has_records(project.id):
        write_event("project", project.id, "discard", by, details={"year": str(year)})
        return False
    _forget("project", project.id)
    db.session.delete(project)
    return True


def _forget(subject_kind: str, subject_id: int) -> None:
    """Delete history and notices of a record that is deleted: its number may be given out again."""
    for model in (Event, Notice):
        db.session.execute(delete(model).where(model.subject_kind == subject_kind, model.subject_id == subject_id))


def _edit(declaration: Declaration, by: Viewer, version: int | None, *fields: str) -> None:
    """Check that this person may change the declaration now, and mark it as changed.

    ``fields`` are saved: what was copied into them from last year has been looked at.
    """
    require_role(by, declaration.unit.path, {FILLER})
    if declaration.state not in FILLER_STATES:
        raise Conflict(
            N_("申报当前为“%(state)s”，不能修改；如需修改请先撤回或由审核人退回。"),
            state=Term(STATES[declaration.subject][declaration.state]),
        )
    require_version(declaration, version)
    declaration.updated_at = times.now()
    declaration.filled_by_id = by.id
    declaration.to_check = [name for name in declaration.to_check if name not in fields]


TEXT_FIELDS = TEXTS


@action
def save_texts(declaration: Declaration, texts: Mapping[str, str], by: Viewer, version: int | None = None) -> None:
    """Save the texts given, of ``TEXT_FIELDS``; the others stay as they are."""
    _edit(declaration, by, version, *texts)
    for name, text in texts.items():
        if name not in TEXT_FIELDS:
            raise KeyError(name)
        setattr(declaration, name, clean(text))


@dataclass(frozen=True, slots=True)
class BasisDraft:
    """One legal basis as typed."""

    title: str
    number: str = ""


@action
def save_bases(
    declaration: Declaration, bases: Sequence[BasisDraft], rationale: str, by: Viewer, version: int | None = None
) -> None:
    """Save 立项依据: the documents the project rests on, in order, and the reasons in words."""
    _edit(declaration, by, version, "rationale")
    _require_few(bases)
    kept = [BasisDraft(clean_line(b.title).strip("《》"), clean_line(b.number)) for b in bases]
    kept = [b for b in kept if b.title or b.number]
    if any(not b.title for b in kept):
        raise Refused(N_("有的立项依据只填了文号，请补充文件名称。"), field="bases")
    declaration.rationale = clean(rationale)
    declaration.bases = [LegalBasis(position=n, title=b.title, number=b.number) for n, b in enumerate(kept, 1)]


@dataclass(frozen=True, slots=True)
class StepDraft:
    """One step of the plan as typed."""

    content: str
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    responsible: str = ""


@action
def save_plan(
    declaration: Declaration, plan: str, goals: str, steps: Sequence[StepDraft], by: Viewer, version: int | None = None
) -> None:
    """Save 实施方案: how it is carried out, the main goals, and the ordered steps."""
    _edit(declaration, by, version, "plan", "goals", "step_spans")
    _require_few(steps)
    rows = [
        (n, s) for n, s in enumerate(steps) if clean(s.content) or s.start_on or s.end_on or clean_line(s.responsible)
    ]
    kept = [step for _n, step in rows]
    for n, step in rows:
        if not clean(step.content):
            at = f"steps-{n}-content"
            raise Refused(N_("步骤 %(number)s 没有内容，请填写或删除这一行。"), field=at, number=n + 1)
        if step.start_on and step.end_on and step.end_on < step.start_on:
            at = f"steps-{n}-end_on"
            raise Refused(N_("步骤 %(number)s 的结束日期早于开始日期，请调整其中一个。"), field=at, number=n + 1)
    declaration.plan, declaration.goals = clean(plan), clean(goals)
    declaration.steps = [
        Step(
            position=n,
            content=clean(s.content),
            start_on=s.start_on,
            end_on=s.end_on,
            responsible=clean_line(s.responsible),
        )
        for n, s in enumerate(kept, 1)
    ]


@action
def save_period(
    declaration: Declaration, start_on: dt.date | None, end_on: dt.date | None, by: Viewer, version: int | None = None
) -> None:
    """Save 实施周期."""
    _edit(declaration, by, version, "start_on")
    if start_on and end_on and end_on < start_on:
        raise Refused(
            N_("“实施周期”的结束日期 %(end)s 早于开始日期 %(start)s，请调整其中一个。"),
            field="end_on",
            start=start_on.isoformat(),
            end=end_on.isoformat(),
        )
    declaration.start_on, declaration.end_on = start_on, end_on


@action
def save_funds(
    declaration: Declaration, amounts: Mapping[str, Decimal | None], by: Viewer, version: int | None = None
) -> None:
    """Save 年度预算安排: yuan by source of funds; the year's total is their sum, computed here."""
    _edit(declaration, by, version, "funds")
    present = {fund.source: fund for fund in declaration.funds}
    for source in FUND_SOURCES:
        amount = amounts.get(source) or Decimal(0)
        if source in present and not amount:
            declaration.funds.remove(present[source])
        elif source in present:
            present[source].amount = amount
        elif amount:
            declaration.funds.append(Fund(source=source, amount=amount))
    declaration.annual_amount = sum((fund.amount for fund in declaration.funds), Decimal(0))


INDICATOR_FIELDS = (
    "category",
    "subcategory",
    "name",
    "sign",
    "target_value",
    "target_text",
    "unit",
    "weight",
    "rule",
    "evidence",
)


@dataclass(frozen=True, slots=True)
class IndicatorDraft:
    """One indicator as typed; ``rule`` as in ``rules.indicators.parse_rule``."""

    category: str
    name: str
    sign: str
    target_value: Decimal | None = None
    target_text: str = ""
    unit: str = ""
    weight: Decimal = Decimal(0)
    subcategory: str = ""
    rule: dict[str, Any] | None = None
    evidence: str = ""


def fill_indicator(record: Any, draft: IndicatorDraft, position: int) -> None:
    """Write a draft into an Indicator or EvaluationLine."""
    if draft.sign not in SIGNS:
        raise Refused(N_("第 %(number)s 项指标没有选择符号。"), field="indicators", number=position)
    parse_rule(draft.rule)
    record.position = position
    record.category, record.subcategory = draft.category, clean_line(draft.subcategory)
    record.name, record.sign = clean_line(draft.name), draft.sign
    qualitative = draft.sign == QUALITATIVE
    record.target_value = None if qualitative else draft.target_value
    record.target_text = clean_line(draft.target_text) if qualitative else ""
    record.unit, record.weight = clean_line(draft.unit), draft.weight
    record.rule, record.evidence = draft.rule or None, clean_line(draft.evidence)


@action
def save_indicators(
    declaration: Declaration, indicators: Sequence[IndicatorDraft], by: Viewer, version: int | None = None
) -> None:
    """Save the year's performance targets: exactly these indicators, in this order."""
    _edit(declaration, by, version, "indicators")
    _require_few(indicators)
    records = declaration.indicators
    for n, draft in enumerate(indicators):
        record = records[n] if n < len(records) else Indicator()
        fill_indicator(record, draft, n + 1)
        if n >= len(records):
            records.append(record)
    del records[len(indicators) :]


def _require_few(rows: Sequence[Any]) -> None:
    if len(rows) > MOST_ROWS:
        raise Refused(N_("一次最多保存 %(most)s 行，请分开填写。"), most=MOST_ROWS)


@action
def take(
    declaration: Declaration,
    step: str,
    by: Viewer,
    *,
    comment: str = "",
    remarks: Sequence[Mapping[str, str]] = (),
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Take a step of the workflow: submit, withdraw, return, approve. False when it was taken already.

    Submitting requires that the rules find no error, and freezes a version; ``remarks`` of a
    return are (field, name, text). The approval by finance proposes the year's budget line, or
    puts an adjustment in force.
    """
    now = now or times.now()
    moved = take_step(
        declaration.subject,
        declaration,
        step,
        by,
        title=declaration.project.name,
        comment=clean(comment),
        details={"remarks": list(remarks)} if remarks else None,
        version=version,
        now=now,
        subject_kind="declaration",
        notice_kind=declaration.subject,
    )
    if not moved:
        return False
    if declaration.adjusts_id is not None and step in ("submit", "approve"):
        adjustments.require_adjustable(declaration, now)
    if step == "submit":
        _hand_in(declaration, by, now)
    elif step == "withdraw":
        versions.require_unopened(declaration)
    if declaration.state == "approved":
        declaration.approved_at = now
        if declaration.adjusts_id is None:
            _propose_budget(declaration)
        else:
            adjustments.put_in_force(declaration, by, now)
    declaration.updated_at = now
    return True


def _hand_in(declaration: Declaration, by: Viewer, now: dt.datetime) -> None:
    require(check_targets(declaration.as_sheet(), schemes.by_id(declaration.scheme_id)))
    if declaration.adjusts_id is not None:
        adjustments.require_changes(declaration)
    db.session.refresh(declaration, ["opened_at", "opened_by_id"])
    declaration.opened_at = declaration.opened_by_id = None
    declaration.submitted_at, declaration.filled_by_id = now, by.id
    versions.freeze(declaration, "submit", by, now)


def _propose_budget(declaration: Declaration) -> None:
    if budgets.of_project(declaration.project_id, declaration.year) is None:
        db.session.add(
            BudgetLine(
                project_id=declaration.project_id,
                year=declaration.year,
                unit_id=declaration.unit_id,
                department_id=declaration.department_id,
                initial=declaration.annual_amount,
                adjusted=declaration.annual_amount,
            )
        )

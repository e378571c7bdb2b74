"""Declarations: starting a year, saving each section, and taking the steps of the workflow."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import delete

from perfmgr import times
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._move import take_step
from perfmgr.actions._sections import (
    INDICATOR_FIELDS,
    BasisDraft,
    IndicatorDraft,
    Opened,
    StepDraft,
    fill_indicator,
    save_bases,
    save_funds,
    save_indicators,
    save_period,
    save_plan,
    save_texts,
)
from perfmgr.actions.projects import ProjectDraft, add_project
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration, Indicator, LegalBasis, Step
from perfmgr.models.draft import Draft
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import budgets, cycles, declarations, projects, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import require_not_over
from perfmgr.rules.declarations import justified, unjustified
from perfmgr.rules.quality import check_targets, require
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, clean, clean_line

__all__ = [
    "BasisDraft",
    "IndicatorDraft",
    "Opened",
    "StepDraft",
    "create",
    "discard",
    "fill_indicator",
    "save_bases",
    "save_funds",
    "save_indicators",
    "save_period",
    "save_plan",
    "save_texts",
    "start",
    "take",
]


@action
def start(project: Project, year: int, by: Viewer, now: dt.datetime | None = None) -> Declaration:
    """Start the project's declaration for a year, with last year's texts and indicators where there are any."""
    if declarations.of_project(project.id, year):
        raise Conflict(N_("该项目 %(year)s 年度的申报已经建立，请直接打开。"), field="year", year=year)
    return _start(project, year, by, now, declarations.latest_before(project.id, year))


def _start(
    project: Project, year: int, by: Viewer, now: dt.datetime | None, previous: Declaration | None = None
) -> Declaration:
    require_role(by, project.unit.path, {FILLER})
    if not project.owes:
        raise Refused(N_("这一类别的项目（或已豁免的项目）不编报绩效目标。"))
    cycle = cycles.for_unit(project.unit.path, year)
    if cycle is None:
        raise Refused(N_("%(year)s 年度的周期尚未建立，请联系系统管理员。"), field="year", year=year)
    if cycle.closed_at:
        raise Refused(N_("%(year)s 年度已经结束，不能再申报。"), field="year", year=year)
    now = now or times.now()
    require_not_over("declaration", cycle.span("declaration"), times.day(now), year)
    declaration = Declaration(
        project_id=project.id,
        project=project,
        year=year,
        cycle_id=cycle.id,
        scheme_id=cycle.project_scheme_id,
        unit_id=project.unit_id,
        department_id=project.department_id,
        state="draft",
        filled_by_id=by.id,
        updated_at=now,
        annual_amount=Decimal(0),
    )
    if previous:
        _copy(previous, declaration)
    db.session.add(declaration)
    db.session.flush()
    write_event("declaration", declaration.id, "start", by, at=now, state_to="draft")
    return declaration


def _copy(source: Declaration, target: Declaration) -> None:
    """Take over texts and indicators; dates and amounts belong to one year and are asked again."""
    for name in ("overview", "rationale", "body", "plan", "goals"):
        setattr(target, name, getattr(source, name))
    target.bases = [LegalBasis(position=b.position, title=b.title, number=b.number) for b in source.bases]
    target.steps = [Step(position=s.position, content=s.content, responsible=s.responsible) for s in source.steps]
    scheme = schemes.by_id(target.scheme_id)
    target.indicators = [
        Indicator(**{name: getattr(i, name) for name in INDICATOR_FIELDS}, position=i.position)
        for i in source.indicators
        if scheme.category(i.category)
    ]


@action
def create(
    unit: Unit, draft: ProjectDraft, year: int, by: Viewer, now: dt.datetime | None = None
) -> tuple[Project, Declaration | None]:
    """Create a project and, when its category owes targets, its first declaration, in one transaction."""
    require_role(by, unit.path, {FILLER})
    project = add_project(unit, draft, year, by)
    declaration = _start(project, year, by, now) if project.owes else None
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


@action
def take(
    declaration: Declaration,
    step: str,
    by: Viewer,
    *,
    comment: str = "",
    version: int | None = None,
    justifications: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Take a step of the workflow: submit, withdraw, return, approve. False when it was taken already.

    Submitting requires that the rules find no error, and one sentence for each warning:
    ``justifications`` by ``rules.declarations.warning_key`` (None: nobody was asked). The
    approval by finance proposes the year's budget line.
    """
    now = now or times.now()
    moved = take_step(
        "declaration",
        declaration,
        step,
        by,
        title=declaration.project.name,
        comment=clean(comment),
        version=version,
        now=now,
    )
    if not moved:
        return False
    if step == "submit":
        _require_ready(declaration, justifications)
        db.session.execute(delete(Draft).where(Draft.declaration_id == declaration.id, Draft.section == "check"))
        declaration.submitted_at, declaration.filled_by_id = now, by.id
    if declaration.state == "approved":
        declaration.approved_at = now
        _propose_budget(declaration)
    declaration.updated_at = now
    return True


def _require_ready(declaration: Declaration, justifications: Mapping[str, str] | None) -> None:
    """Raise Invalid with every error and every warning without a sentence; keep the sentences that are needed."""
    findings = check_targets(declaration.as_sheet(), schemes.by_id(declaration.scheme_id))
    said = {key: clean_line(text) for key, text in (justifications or {}).items()}
    missing = [] if justifications is None else unjustified(findings, said)
    require([*findings, *missing])
    declaration.justifications = justified(findings, declaration.justifications if justifications is None else said)


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

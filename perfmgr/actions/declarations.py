"""Declarations: starting a year, saving each section, and taking the steps of the workflow."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import delete

from perfmgr import times
from perfmgr.actions import adjustments, versions
from perfmgr.actions import quality as quality_actions
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._move import take_step
from perfmgr.actions._sections import (
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
from perfmgr.actions._start import start_year
from perfmgr.actions.attachments import forget_files, freeze
from perfmgr.actions.consequences import require_renewable
from perfmgr.actions.projects import ProjectDraft, add_project
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.draft import Draft
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import budgets, consequences, declarations, projects, quality
from perfmgr.queries.people import Viewer
from perfmgr.rules.consequences import renewal
from perfmgr.rules.declarations import justified, unjustified
from perfmgr.rules.findings import Finding, errors
from perfmgr.rules.quality import require
from perfmgr.rules.refusals import Conflict
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, clean, clean_line

__all__ = [
    "BasisDraft",
    "IndicatorDraft",
    "Opened",
    "StepDraft",
    "continue_all",
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
    """Start the project's declaration for a year, with what was declared last, where there is anything.

    Dates move to the new year and amounts stay; both, and texts that name the old year, are noted
    in ``to_check`` and must be looked at before the submission.
    """
    if declarations.of_project(project.id, year):
        raise Conflict(N_("该项目 %(year)s 年度的申报已经建立，请直接打开。"), field="year", year=year)
    require_renewable(project, year, consequences.result(project.id, year, times.day(now or times.now())))
    return start_year(project, year, by, now, declarations.latest_before(project.id, year))


@action
def continue_all(projects: Sequence[Project], year: int, by: Viewer, now: dt.datetime | None = None) -> int:
    """Start the declarations of projects that go on, all or none of them; returns how many were started.

    A project that was declared for the year in the meantime is left alone, and so is one whose last
    result forbids it (Q36).
    """
    started = 0
    results = consequences.results([project.id for project in projects], year, times.day(now or times.now()))
    for project in projects:
        if errors(renewal(project.name, year, results.get(project.id))):
            continue
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
    forget_files(declaration.id)
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
    remarks: Sequence[Mapping[str, str]] = (),
    version: int | None = None,
    justifications: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Take a step of the workflow: submit, withdraw, return, approve. False when it was taken already.

    Submitting requires that the rules find no error, and one sentence for each warning
    (``justifications`` by ``rules.declarations.warning_key``; None: nobody was asked), and freezes
    a version. ``remarks`` of a return are (field, name, text). The approval by finance proposes
    the year's budget line, or puts an adjustment in force.
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
        _hand_in(declaration, by, justifications, now)
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


def _hand_in(declaration: Declaration, by: Viewer, justifications: Mapping[str, str] | None, now: dt.datetime) -> None:
    report = quality.examined(declaration, times.today())
    _require_justified(declaration, report.findings, justifications)
    if declaration.adjusts_id is not None:
        adjustments.require_changes(declaration)
    db.session.refresh(declaration, ["opened_at", "opened_by_id"])
    declaration.opened_at = declaration.opened_by_id = None
    declaration.submitted_at, declaration.filled_by_id = now, by.id
    db.session.execute(delete(Draft).where(Draft.declaration_id == declaration.id, Draft.section == "check"))
    quality_actions.keep(declaration, report, now)
    quality_actions.mark_texts(declaration)
    freeze(declaration)
    versions.freeze(declaration, "submit", by, now, report.findings)


def _require_justified(
    declaration: Declaration, findings: Sequence[Finding], justifications: Mapping[str, str] | None
) -> None:
    """Raise Invalid with every error and every warning without a sentence; keep the sentences that are needed."""
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

"""Budget lines: proposing, approving (先有绩效，后有预算), revoking, adjusting, entering execution."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select

from perfmgr import times
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._move import take_step
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.queries import budgets, declarations
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import FIRST_YEAR, LAST_YEAR
from perfmgr.rules.money import wan
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.roles import BUDGETERS, EXECUTORS
from perfmgr.rules.texts import N_, Term, clean
from perfmgr.rules.workflow import FILLER_STATES, STATES


@action
def propose(project: Project, year: int, initial: Decimal, by: Viewer) -> BudgetLine:
    """Propose a project's budget line for a year (initial budget in yuan); it is not approved yet."""
    require_role(by, project.unit.path, BUDGETERS)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(N_("“年度”应在 %(first)s 到 %(last)s 之间。"), field="year", first=FIRST_YEAR, last=LAST_YEAR)
    if budgets.of_project(project.id, year):
        raise Conflict(N_("该项目 %(year)s 年度已有预算，请直接修改。"), field="year", year=year)
    line = BudgetLine(
        project_id=project.id,
        project=project,
        unit=project.unit,
        year=year,
        unit_id=project.unit_id,
        department_id=project.department_id,
        state="proposed",
        initial=initial,
        adjusted=initial,
        executed=Decimal(0),
    )
    db.session.add(line)
    db.session.flush()
    write_event("budget", line.id, "start", by, state_to="proposed", details={"initial": wan(initial)})
    return line


@action
def take(
    line: BudgetLine,
    step: str,
    by: Viewer,
    *,
    comment: str = "",
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Approve a proposed line or revoke the approval. False when a double click did it already.

    Raises Refused for a project that owes targets and has none approved: 先有绩效，后有预算.
    """
    if step == "approve" and line.state == "proposed":
        _require_targets(line)
    moved = take_step(
        "budget", line, step, by, title=line.project.name, comment=clean(comment), version=version, now=now
    )
    if moved:
        line.approved_at = (now or times.now()) if step == "approve" else None
        db.session.flush()
        _renew_evaluations(line)
    return moved


def _require_targets(line: BudgetLine) -> None:
    """Rule Q37 of the field: no budget line without approved performance targets."""
    if not line.project.owes:
        return
    declaration = declarations.of_project(line.project_id, line.year)
    if declaration is None:
        raise Refused(
            N_("按照“先有绩效，后有预算”，“%(name)s”还没有申报 %(year)s 年度绩效目标，不能批复预算。"),
            code="Q37",
            name=line.project.name,
            year=line.year,
        )
    if declaration.state != "approved":
        raise Refused(
            N_("按照“先有绩效，后有预算”，“%(name)s”的绩效目标当前为“%(state)s”，批复后才能批复预算。"),
            code="Q37",
            name=line.project.name,
            state=Term(STATES["declaration"][declaration.state]),
        )


@action
def set_amounts(
    line: BudgetLine,
    by: Viewer,
    *,
    initial: Decimal | None = None,
    adjusted: Decimal | None = None,
    version: int | None = None,
) -> None:
    """Change initial (only before approval) or adjusted budget, in yuan; None leaves an amount as it is."""
    require_role(by, line.unit.path, BUDGETERS)
    require_version(line, version)
    if initial is not None and initial != line.initial:
        if line.state == "approved":
            raise Refused(N_("预算已批复，年初预算数不能再改，请调整“全年预算数”。"), field="initial")
        # Until somebody adjusts it, the year's budget is the initial one.
        if adjusted is None and line.adjusted == line.initial:
            adjusted = initial
    _change(line, by, initial=initial, adjusted=adjusted)


@action
def execute(
    line: BudgetLine, executed: Decimal, by: Viewer, version: int | None = None, now: dt.datetime | None = None
) -> None:
    """Enter the year's spending so far, in yuan; only an approved line can be spent from."""
    require_role(by, line.unit.path, EXECUTORS)
    require_version(line, version)
    if line.state != "approved":
        raise Refused(N_("“%(name)s”的预算尚未批复，不能录入执行数。"), field="executed", name=line.project.name)
    line.executed_at = now or times.now()
    _change(line, by, executed=executed)


def follow_targets(line: BudgetLine, amount: Decimal, by: Viewer) -> None:
    """Let the year's budget follow the money of adjusted targets (yuan), inside the caller's transaction.

    The initial budget stays what it was, and the line's history says from what to what.
    """
    _change(line, by, adjusted=amount)


def _change(line: BudgetLine, by: Viewer, **amounts: Decimal | None) -> None:
    changes = {}
    for name, amount in amounts.items():
        before = getattr(line, name)
        if amount is not None and amount != before:
            changes[name] = [wan(before), wan(amount)]
            setattr(line, name, amount)
    if changes:
        write_event("budget", line.id, "correct", by, details=changes)
        db.session.flush()
        _renew_evaluations(line)


def _renew_evaluations(line: BudgetLine) -> None:
    """Carry changed amounts into the self-evaluations that the unit is still working on."""
    waiting = select(Evaluation).where(
        Evaluation.year == line.year,
        Evaluation.department_id == line.department_id,
        Evaluation.state.in_(FILLER_STATES),
        (Evaluation.project_id == line.project_id) | (Evaluation.kind == "department"),
    )
    for evaluation in db.session.scalars(waiting):
        copy_amounts(evaluation)


def copy_amounts(evaluation: Evaluation) -> None:
    """Copy budget and spending of the project, or of the whole department, onto its self-evaluation."""
    if evaluation.kind == "project" and evaluation.project_id:
        line = budgets.of_project(evaluation.project_id, evaluation.year)
        amounts = (line.initial, line.adjusted, line.executed) if line and line.state == "approved" else (None,) * 3
    else:
        sums = budgets.of_department(evaluation.department_id, evaluation.year)
        amounts = (sums.initial, sums.adjusted, sums.executed)
    evaluation.initial, evaluation.adjusted, evaluation.executed = amounts

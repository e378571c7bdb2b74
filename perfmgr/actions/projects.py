"""Projects: creating the identity that lasts over the years, changing it, exempting it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.extensions import db
from perfmgr.models.function import Function
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import budgets, declarations, projects
from perfmgr.queries.people import Viewer
from perfmgr.rules.codes import check_project_code, make_project_code, tidy
from perfmgr.rules.findings import Finding
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES, OWING_CATEGORIES
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import ADMINISTRATOR, FILLER
from perfmgr.rules.texts import N_, clean, clean_line


@dataclass(frozen=True, slots=True)
class ProjectDraft:
    """What is typed about a project as a whole. ``total_amount`` in yuan; an empty code is made by us."""

    code: str
    name: str
    category: str
    attribute: str = "new"
    function_code: str = ""
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    total_amount: Decimal | None = None
    goals_total: str = ""


def _check(draft: ProjectDraft) -> list[Finding]:
    findings = []
    if not draft.name:
        findings.append(Finding("PROJECT", N_("“项目名称”不能为空。"), "name"))
    if draft.category not in CATEGORIES:
        findings.append(Finding("PROJECT", N_("请选择项目类别。"), "category"))
    elif draft.code and (finding := check_project_code(draft.code, draft.category)):
        findings.append(finding)
    if draft.attribute not in ATTRIBUTES:
        findings.append(Finding("PROJECT", N_("请选择项目属性：新增或延续。"), "attribute"))
    if draft.function_code and db.session.get(Function, draft.function_code) is None:
        findings.append(Finding("PROJECT", N_("请从列表中选择功能分类。"), "function_code"))
    if draft.start_on and draft.end_on and draft.end_on < draft.start_on:
        findings.append(
            Finding(
                "PROJECT",
                N_("“项目期”的结束日期 %(end)s 早于开始日期 %(start)s，请调整其中一个。"),
                "end_on",
                params={"start": draft.start_on.isoformat(), "end": draft.end_on.isoformat()},
            )
        )
    return findings


def tidied(draft: ProjectDraft) -> ProjectDraft:
    """Return typed data in the form in which it is stored."""
    return ProjectDraft(
        code=tidy(draft.code),
        name=clean_line(draft.name),
        category=draft.category,
        attribute=draft.attribute,
        function_code=draft.function_code,
        start_on=draft.start_on,
        end_on=draft.end_on,
        total_amount=draft.total_amount,
        goals_total=clean(draft.goals_total),
    )


def _require_free_code(code: str, own_id: int | None) -> None:
    other = projects.by_code(code) if code else None
    if other and other.id != own_id:
        raise Conflict(N_("项目代码“%(taken)s”已被使用，请核对。"), field="code", taken=code)


def add_project(unit: Unit, draft: ProjectDraft, year: int, by: Viewer) -> Project:
    """Add a project inside the caller's transaction."""
    draft = tidied(draft)
    findings = _check(draft)
    if findings:
        raise Invalid(findings)
    if unit.kind != "unit" or unit.department_id is None or not unit.active:
        raise Refused(N_("项目应由部门下的预算单位申报，请重新选择单位。"), field="unit_id")
    _require_free_code(draft.code, None)
    project = Project(unit_id=unit.id, department_id=unit.department_id, unit=unit)
    fill_project(project, draft)
    # Unique until the real code, which holds the id, can be made.
    project.code = draft.code or f"new-{unit.id}-{draft.name}"[:21]
    db.session.add(project)
    db.session.flush()
    if not draft.code:
        area = db.session.get_one(Unit, unit.area_id)
        project.code = make_project_code(area.code, year, draft.category, project.id)
    write_event("project", project.id, "start", by)
    return project


def fill_project(project: Project, draft: ProjectDraft) -> None:
    """Write a draft into a project, all but its code."""
    project.name, project.category, project.attribute = draft.name, draft.category, draft.attribute
    project.function_code = draft.function_code or None
    project.start_on, project.end_on = draft.start_on, draft.end_on
    project.total_amount, project.goals_total = draft.total_amount, draft.goals_total


@action
def update(project: Project, draft: ProjectDraft, by: Viewer, version: int | None = None) -> None:
    """Change the project as a whole. Once targets were approved, name, code and category stay.

    A filler of its unit may, and an administrator.
    """
    require_role(by, project.unit.path, {FILLER, ADMINISTRATOR})
    require_version(project, version)
    draft = tidied(draft)
    findings = _check(draft)
    if findings:
        raise Invalid(findings)
    fixed = (project.name, project.category, project.code) != (
        draft.name,
        draft.category,
        draft.code or project.code,
    )
    settled = declarations.any_approved(project.id) or budgets.any_of_project(project.id)
    if fixed and settled and ADMINISTRATOR not in by.roles_over(project.unit.path):
        raise Refused(
            N_("目标已批复或已列预算的项目不能更改名称、代码和类别，如确需更改请联系系统管理员。"), field="name"
        )
    _require_free_code(draft.code, project.id)
    changes = changes_of(project, draft)
    fill_project(project, draft)
    project.code = draft.code or project.code
    if changes:
        write_event("project", project.id, "correct", by, details=changes)


def changes_of(project: Project, draft: ProjectDraft) -> dict[str, list[str]]:
    """Return old and new text of what a draft changes and the history tells."""
    return {
        name: [str(getattr(project, name) or ""), str(getattr(draft, name) or "")]
        for name in ("code", "name", "category", "total_amount", "start_on", "end_on")
        if (getattr(project, name) or "") != (getattr(draft, name) or "") and (name != "code" or draft.code)
    }


@action
def set_exemption(project: Project, reason: str, by: Viewer, version: int | None = None) -> None:
    """Exempt a project from targets and self-evaluation for a stated reason, or (empty) end the exemption.

    Exempt projects stay visible: the coverage page lists them with the reason.
    """
    require_role(by, project.unit.path, {ADMINISTRATOR})
    require_version(project, version)
    if project.category not in OWING_CATEGORIES:
        raise Refused(N_("这一类别的项目本来就不编报绩效目标，无需豁免。"))
    reason = clean(reason)
    if reason != project.exempt_reason:
        project.exempt_reason = reason
        write_event("project", project.id, "exempt" if reason else "include", by, comment=reason)

"""Starting a year's declaration of a project: who may, when, and with what of last year's."""

import datetime as dt
from decimal import Decimal

from perfmgr import times
from perfmgr.actions._action import require_role, write_event
from perfmgr.actions._copy import copy_last_year
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.project import Project
from perfmgr.queries import cycles
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import require_not_over
from perfmgr.rules.projects import ATTRIBUTES
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_


def start_year(
    project: Project, year: int, by: Viewer, now: dt.datetime | None, previous: Declaration | None = None
) -> Declaration:
    """Add the declaration of a project for a year inside the caller's transaction, copied from the previous one."""
    require_role(by, project.unit.path, {FILLER})
    if not project.owes:
        raise Refused(N_("这一类别的项目（或已豁免的项目）不编报绩效目标。"))
    cycle = cycles.for_unit(project.unit.path, year)
    if cycle is None:
        raise Refused(N_("%(year)s 年度的周期尚未建立，请联系系统管理员。"), field="year", year=year)
    if cycle.closed_at:
        raise Refused(N_("%(year)s 年度已经结束，不能再申报。"), field="year", year=year)
    now = now or times.now()
    require_not_over("declaration", cycle.span("declaration", project.unit.path), times.day(now), year)
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
        copy_last_year(previous, declaration)
        _continue(project, by, now)
    db.session.add(declaration)
    db.session.flush()
    write_event("declaration", declaration.id, "start", by, at=now, state_to="draft")
    return declaration


def _continue(project: Project, by: Viewer, now: dt.datetime) -> None:
    """Call a project that is declared once more a continuing one (项目属性)."""
    if project.attribute != "continuing":
        details = {"attribute": [ATTRIBUTES[project.attribute], ATTRIBUTES["continuing"]]}
        project.attribute = "continuing"
        write_event("project", project.id, "correct", by, at=now, details=details)

"""Consequences: refusing to declare what may not go on, and lifting that with a written reason."""

import datetime as dt

from perfmgr import times
from perfmgr.actions._action import action, require_role, write_event
from perfmgr.extensions import db
from perfmgr.models.consequence import RenewalLift
from perfmgr.models.project import Project
from perfmgr.queries import consequences
from perfmgr.queries.people import Viewer
from perfmgr.rules.consequences import BLOCK, LastResult, renewal
from perfmgr.rules.findings import errors
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import BUDGETERS
from perfmgr.rules.texts import N_, clean


def require_renewable(project: Project, year: int, result: LastResult | None) -> None:
    """Raise Invalid when the project's last result forbids to declare it for ``year`` (Q36)."""
    findings = errors(renewal(project.name, year, result))
    if findings:
        raise Invalid(findings)


@action
def lift(project: Project, year: int, reason: str, by: Viewer, now: dt.datetime | None = None) -> None:
    """Allow the project to be declared for ``year`` although its last result forbids it, for a written reason.

    Finance or an administrator may. Raises Conflict when nothing is forbidden.
    """
    require_role(by, project.unit.path, BUDGETERS)
    now, reason = now or times.now(), clean(reason)
    if not reason:
        raise Refused(N_("请写明解除限制的理由。"), field="reason")
    result = consequences.result(project.id, year, times.day(now))
    if result is None or result.consequence is None or result.consequence.renewal != BLOCK:
        raise Conflict(N_("该项目 %(year)s 年度的申报没有受到限制，无需解除。"), year=year)
    if result.lifted:
        raise Conflict(N_("该项目 %(year)s 年度的限制已经解除。"), year=year)
    db.session.add(RenewalLift(project_id=project.id, year=year, reason=reason, person_id=by.id, at=now))
    write_event("project", project.id, "lift", by, at=now, comment=reason, details={"renewal_year": str(year)})

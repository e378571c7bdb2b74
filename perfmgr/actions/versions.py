"""Versions: freezing what a declaration says, and noting when its reviewer opened it."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import update

from perfmgr import times
from perfmgr.actions._action import action, require_role
from perfmgr.actions._move import is_own_work
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.version import DeclarationVersion, content_of
from perfmgr.queries import attachments, versions
from perfmgr.queries.people import Viewer
from perfmgr.rules.findings import Finding
from perfmgr.rules.receipts import receipt_number
from perfmgr.rules.refusals import Conflict
from perfmgr.rules.roles import DEPARTMENT_REVIEWER
from perfmgr.rules.texts import N_


def freeze(
    declaration: Declaration, occasion: str, by: Viewer, now: dt.datetime, findings: Sequence[Finding] = ()
) -> DeclarationVersion:
    """Add a version of what the declaration says and what the rules found on it, inside the caller's transaction.

    What is submitted gets a receipt number. Versions of an adjustment are versions of the
    declaration that it adjusts.
    """
    root_id = declaration.root_id
    version = DeclarationVersion(
        declaration_id=root_id,
        adjustment_id=None if declaration.id == root_id else declaration.id,
        number=versions.last_number(root_id) + 1,
        occasion=occasion,
        state=declaration.state,
        content={**content_of(declaration), "attachments": attachments.manifest(declaration.id)},
        findings=[finding.as_dict() for finding in findings],
        justifications=getattr(declaration, "justifications", None) or None,
        person_id=by.id,
        at=now,
    )
    db.session.add(version)
    db.session.flush()
    if occasion == "submit":
        version.receipt = receipt_number(declaration.year, declaration.unit.code, version.id)
        db.session.flush()
    return version


@action
def open_review(declaration: Declaration, by: Viewer, now: dt.datetime | None = None) -> bool:
    """Note that the department's reviewer has opened what was handed in: it cannot be withdrawn any more.

    False when there is nothing to note: somebody opened it before, or it does not wait for this
    person. The record counts as unchanged, so that a form made before stays good.
    """
    require_role(by, declaration.unit.path, {DEPARTMENT_REVIEWER})
    if is_own_work("declaration", declaration, by):
        return False
    noted = db.session.execute(
        update(Declaration)
        .where(Declaration.id == declaration.id, Declaration.state == "submitted", Declaration.opened_at.is_(None))
        .values(opened_at=now or times.now(), opened_by_id=by.id)
        .returning(Declaration.id)
        .execution_options(synchronize_session=False)
    )
    return noted.scalar() is not None


def require_unopened(declaration: Declaration) -> None:
    """Raise Conflict when a reviewer has opened what the preparer wants to take back."""
    opened = versions.opening(declaration.id)
    if opened is not None:
        raise Conflict(
            N_("“%(name)s”已于 %(day)s 打开审核，不能撤回；如需修改，请联系审核人退回。"),
            name=opened.name,
            day=times.day(opened.opened_at),
        )

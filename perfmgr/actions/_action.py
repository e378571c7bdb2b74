"""The frame of every action: one transaction, right of the person, version of the record, history."""

import datetime as dt
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from perfmgr import times
from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, NotAllowed
from perfmgr.rules.texts import N_

P = ParamSpec("P")
R = TypeVar("R")

CHANGED = N_("这份材料在您打开之后已被他人修改。您填写的内容仍在本页，请核对最新内容后再保存。")
TAKEN = N_("保存时发现已有相同的记录（代码、名称或年度重复），请核对后再试。")

_AFTER = "perfmgr_after_commit"


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Run the function as one transaction: commit its result, or roll everything back.

    A record changed by somebody else in between, or a uniqueness rule of the database, comes
    out as Conflict. What :func:`after_commit` was given is done once the commit has succeeded.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        db.session.info.pop(_AFTER, None)  # left over from what was rolled back
        try:
            result = function(*args, **kwargs)
            db.session.commit()
        except StaleDataError as error:
            db.session.rollback()
            raise Conflict(CHANGED) from error
        except IntegrityError as error:
            db.session.rollback()
            raise Conflict(TAKEN) from error
        except BaseException:
            db.session.rollback()
            raise
        for do in db.session.info.pop(_AFTER, ()):
            do()
        return result

    return run


def after_commit(do: Callable[[], None]) -> None:
    """Do something that cannot be undone (deleting a file) once this action's transaction is written."""
    db.session.info.setdefault(_AFTER, []).append(do)


def require_role(by: Viewer, path: str, roles: Collection[str]) -> None:
    """Raise NotAllowed unless the person holds one of these roles over the unit with this path."""
    if not by.roles_over(path) & frozenset(roles):
        raise NotAllowed(N_("您的岗位不能对这份材料进行此项操作。"))


def require_version(record: Any, version: int | None) -> None:
    """Raise Conflict when the form was made from an older version of the record. None is not checked."""
    if version is not None and record.version != version:
        raise Conflict(CHANGED)


def count_as_changed(record: Any, column: str) -> None:
    """Raise the record's version with the next flush although only rows that belong to it may have changed.

    ``column`` is any of its columns; it is written again as it is.
    """
    getattr(record, column)  # what is not loaded cannot be flagged
    flag_modified(record, column)


def write_event(
    subject_kind: str,
    subject_id: int,
    step: str,
    by: Viewer | None,
    *,
    at: dt.datetime | None = None,
    state_from: str | None = None,
    state_to: str | None = None,
    comment: str = "",
    details: dict[str, Any] | None = None,
) -> Event:
    """Add one line to a record's history, in the transaction of the change itself."""
    event = Event(
        subject_kind=subject_kind,
        subject_id=subject_id,
        step=step,
        person_id=by.id if by else None,
        at=at or times.now(),
        state_from=state_from,
        state_to=state_to,
        comment=comment,
        details=details,
    )
    db.session.add(event)
    return event

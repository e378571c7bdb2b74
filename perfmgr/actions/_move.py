"""Taking a step of the workflow: one conditional change of state with its history and notices."""

import datetime as dt
from typing import Any

from perfmgr import times
from perfmgr.actions import messages
from perfmgr.actions._action import require_version, write_event
from perfmgr.extensions import db
from perfmgr.queries import events, people
from perfmgr.queries.people import Viewer
from perfmgr.rules import workflow
from perfmgr.rules.cycles import require_open
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from perfmgr.rules.texts import N_

OWN_WORK = N_("不能审核本人填报的材料，请由其他审核人办理。")
YEAR_CLOSED = N_("%(year)s 年度已经结束，不能再办理；确需办理请联系系统管理员重新开放该年度。")
SAME_CLICK = dt.timedelta(seconds=10)


def lock(record: Any) -> None:
    """Wait for whoever is moving this record, and see the state it is in then.

    Without it the second of two clicks would still see the old state, and be told of a conflict.
    """
    db.session.refresh(record, ["state", "version"], with_for_update=True)


def is_own_work(subject_kind: str, record: Any, by: Viewer) -> bool:
    """Tell whether this person started, submitted or last filled the record: then others review it."""
    return getattr(record, "filled_by_id", None) == by.id or events.prepared_by(subject_kind, record.id, by.id)


def already_taken(subject_kind: str, record: Any, step: str, by: Viewer, now: dt.datetime) -> bool:
    """Tell whether this very step was just taken by this very person: a double click, not a mistake."""
    last = events.last(subject_kind, record.id)
    return bool(
        last
        and last.step == step
        and last.person_id == by.id
        and last.state_to == record.state
        and now - last.at < SAME_CLICK
    )


def take_step(
    subject: str,
    record: Any,
    step: str,
    by: Viewer,
    *,
    title: str,
    comment: str = "",
    version: int | None = None,
    now: dt.datetime | None = None,
    subject_kind: str = "",
    notice_kind: str = "",
    details: dict[str, Any] | None = None,
) -> bool:
    """Move the record by one step and write history and notices; False when a double click did it already.

    Raises NotAllowed, Conflict or Refused as ``rules.workflow`` decides. The caller has loaded
    the record among those this person may see.
    """
    now = now or times.now()
    subject_kind = subject_kind or subject
    lock(record)
    try:
        move = workflow.move_for(subject, record.state, step, by.roles_over(record.unit.path))
    except (Conflict, NotAllowed):
        if already_taken(subject_kind, record, step, by, now):
            return False
        # The button may have been right when the page was made: then somebody else was faster.
        require_version(record, version)
        raise
    require_version(record, version)
    if move.review and is_own_work(subject_kind, record, by):
        raise NotAllowed(OWN_WORK)
    cycle = getattr(record, "cycle", None)  # a budget line has none
    if cycle is not None and cycle.closed_at:
        raise Refused(YEAR_CLOSED, year=record.year)
    if move.window:
        require_open(move.window, record.cycle.span(move.window, record.unit.path), times.day(now), record.year)
    workflow.require_comment(move, comment)
    before, record.state = record.state, move.to
    states = {"state_from": before, "state_to": move.to}
    event = write_event(subject_kind, record.id, step, by, at=now, comment=comment, details=details, **states)
    db.session.flush()
    told = [person_id for person_id in people.holders(record.unit.path, move.tell) if person_id != by.id]
    item = {
        "kind": f"{notice_kind or subject_kind}_{step}",
        "subject_kind": subject_kind,
        "subject_id": record.id,
        "params": {"title": title, "year": record.year, "by": by.name, "comment": comment},
    }
    messages.tell(told, item, str(event.id), now)
    return True

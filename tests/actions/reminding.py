"""What the tests of reminders share: the clock at chosen instants, and what it told."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from perfmgr.actions import cycles, reminders_due
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.person import Person
from perfmgr.models.reminder import Reminder
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import Span
from tests.cast import ADMIN, ALWAYS, FILLER, Cast

By = Callable[[str], Viewer]
LAST = dt.date(2026, 5, 31)


def at(day: str, hour: int = 9, minute: int = 0) -> dt.datetime:
    """Return this hour of a day in Beijing."""
    return dt.datetime.fromisoformat(f"{day}T{hour:02d}:{minute:02d}:00+08:00")


def run(*instants: dt.datetime) -> list[int]:
    """Let the clock plan and tell at these instants; returns how many lines were told at each."""
    told = []
    for instant in instants:
        reminders_due.plan_due(instant)
        told.append(reminders_due.issue_due(instant))
    return told


def close_on(cast: Cast, last: dt.date) -> None:
    """Move the last day of the self-evaluation."""
    cycle = db.session.get_one(Cycle, cast.cycle)
    windows = {**ALWAYS, "self_evaluation": Span(dt.date(2026, 1, 1), last)}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, cast.viewer(ADMIN))


def hand_in(*sheets: int, state: str = "submitted") -> None:
    """Let sheets be handed in on 2 May 2026."""
    for sheet in sheets:
        db.session.get_one(Evaluation, sheet).state = state
        event = {"subject_kind": "evaluation", "subject_id": sheet, "step": "submit", "state_to": state, "comment": ""}
        db.session.execute(insert(Event).values(**event, at=at("2026-05-02")))
    db.session.commit()


@dataclass(frozen=True)
class Told:
    """One notice: to whom, of how many duties, how many of them overdue."""

    name: str
    count: int
    late: int
    days: int = 0


def told() -> list[Told]:
    """Return all notices of reminders, oldest first."""
    db.session.rollback()
    rows = db.session.execute(
        select(Person.username, Notice.kind, Notice.params)
        .join(Notice, Notice.person_id == Person.id)
        .where(Notice.kind.startswith("reminder"))
        .order_by(Notice.id)
    )
    return [
        Told(row.username, row.params.get("count", 1), int(row.params["late"]), row.params.get("days", 0))
        for row in rows
    ]


def ledger(*names: str) -> list[tuple[Any, ...]]:
    """Return these columns of every line of the filler, by occurrence and record."""
    db.session.rollback()
    lines = db.session.scalars(
        select(Reminder).join(Person).where(Person.username == FILLER).order_by(Reminder.occurrence, Reminder.id)
    )
    return [tuple(getattr(line, name) for name in names) for line in lines]

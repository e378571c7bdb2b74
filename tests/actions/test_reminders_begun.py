"""Reminding of drafts: who began is not asked to begin, and what was told of the project counts for its declaration."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from perfmgr.actions import cycles, declarations, people, reminders, reminders_due
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.event import Event
from perfmgr.models.person import Person
from perfmgr.models.project import Project
from perfmgr.models.reminder import Reminder
from perfmgr.models.unit import Unit
from perfmgr.rules.cycles import Span
from tests import cast as make
from tests.actions.reminding import By, at, run
from tests.cast import ADMIN, ALWAYS, FILLER, YEAR, Cast

BEGUN = dt.datetime.fromisoformat("2026-03-24T14:00:00+08:00")


@pytest.fixture
def continuing(cast: Cast, by: By) -> int:
    """A project of last year's, to be declared by the end of March by the filler and a colleague; returns its id."""
    make.budgeted(cast, "老项目")
    old = db.session.get_one(Cycle, cast.cycle)
    spans = {**ALWAYS, "declaration": Span(dt.date(2026, 2, 1), dt.date(2026, 3, 31))}
    area = db.session.get_one(Unit, cast.area)
    cycles.create(area, YEAR + 1, old.project_scheme_id, old.department_scheme_id, spans, by(ADMIN))
    people.create(by(ADMIN), "tongshi", "同事", [(cast.unit, "filler")])
    return db.session.scalars(select(Project.id)).one()


def begin(project_id: int, by: By, instant: dt.datetime = BEGUN) -> int:
    """Let the filler begin the draft at this instant; returns its id."""
    draft = declarations.start(db.session.get_one(Project, project_id), YEAR + 1, by(FILLER), instant)
    event = (Event.subject_kind == "declaration", Event.subject_id == draft.id)
    db.session.execute(update(Event).where(*event).values(at=instant))
    db.session.commit()
    return draft.id


def sent(instant: dt.datetime) -> list[tuple[str, str, str]]:
    """Return (person, subject, occurrence) of what was told at an instant about declaring."""
    db.session.rollback()
    rows = db.session.execute(
        select(Person.username, Reminder.subject_kind, Reminder.occurrence)
        .join(Person, Person.id == Reminder.person_id)
        .where(Reminder.sent_at == instant, Reminder.duty == "declaring")
        .order_by(Person.username)
    )
    return [(row.username, row.subject_kind, row.occurrence) for row in rows]


def test_what_was_told_of_the_project_is_not_told_again_of_its_draft(by: By, continuing: int) -> None:
    run(at("2026-03-24"))
    assert sent(at("2026-03-24")) == [
        (FILLER, "project", "before-7@2026-03-31"),
        ("tongshi", "project", "before-7@2026-03-31"),
    ]
    begin(continuing, by)
    run(at("2026-03-24", 15), at("2026-03-25"))
    assert sent(at("2026-03-24", 15)) == sent(at("2026-03-25")) == []
    run(at("2026-03-28"))
    assert sent(at("2026-03-28")) == [
        (FILLER, "declaration", "before-3@2026-03-31"),
        ("tongshi", "declaration", "before-3@2026-03-31"),
    ]


def test_who_begins_is_not_asked_to_begin_but_colleagues_are(by: By, cast: Cast, continuing: int) -> None:
    begin(continuing, by, at("2026-03-20", 14))
    run(at("2026-03-20", 15))
    assert sent(at("2026-03-20", 15)) == [("tongshi", "declaration", "start@2026-03-20")]


def test_a_time_of_the_day_before_one_began_is_not_told_either(by: By, cast: Cast, continuing: int) -> None:
    begin(continuing, by)
    run(at("2026-03-24", 15), at("2026-03-25"))
    assert sent(at("2026-03-24", 15)) == [("tongshi", "declaration", "before-7@2026-03-31")]
    assert sent(at("2026-03-25")) == []


def test_who_began_before_the_window_opened_is_told_that_it_opens(by: By, cast: Cast, continuing: int) -> None:
    begin(continuing, by)
    db.session.execute(update(Event).where(Event.subject_kind == "declaration").values(at=at("2026-01-20")))
    db.session.commit()
    run(at("2026-02-01"))
    assert sent(at("2026-02-01")) == [
        (FILLER, "declaration", "start@2026-02-01"),
        ("tongshi", "declaration", "start@2026-02-01"),
    ]


def test_what_was_held_back_for_the_project_is_held_back_for_its_draft(by: By, continuing: int) -> None:
    reminders_due.plan_due(at("2026-03-27", 12))  # the line of the 28th waits
    mine = select(Reminder).join(Person).where(Person.username == FILLER, Reminder.occurrence.startswith("before-3"))
    reminders.pause(db.session.scalars(mine).one(), "已电话通知", by(ADMIN))
    begin(continuing, by, at("2026-03-27", 14))
    run(at("2026-03-27", 15), at("2026-03-28"))
    assert sent(at("2026-03-28")) == [("tongshi", "declaration", "before-3@2026-03-31")]
    kept = mine.where(Reminder.subject_kind == "declaration")
    row = db.session.scalars(kept.execution_options(populate_existing=True)).one()
    assert (row.state, row.reason, row.note) == ("paused", "by_hand", "已电话通知")

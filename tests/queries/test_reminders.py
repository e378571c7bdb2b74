"""Duties and the preview: what waits for whom, since when, and what will be told to whom."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from perfmgr.actions import adjustments, cycles, declarations, people
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.person import Person
from perfmgr.models.reminder import ReminderRule
from perfmgr.models.unit import Unit
from perfmgr.queries import duties
from perfmgr.queries.duties import Posts
from perfmgr.queries.reminders import Rulebook, preview, told
from perfmgr.rules.cycles import Span
from perfmgr.rules.reminder_times import BEIJING
from perfmgr.rules.reminders import Settings
from tests import cast as make
from tests.cast import ADMIN, ALWAYS, FILLER, FILLER_2, FINANCE, REVIEWER, YEAR, Cast

TODAY = dt.date(2026, 3, 2)
pytestmark = pytest.mark.usefixtures("by")  # an application context around each test


def entered(subject_id: int, step: str, day: str, kind: str = "declaration") -> None:
    """Let the newest event of this step have happened at ten on a day."""
    event = db.session.scalars(
        select(Event)
        .where(Event.subject_kind == kind, Event.subject_id == subject_id, Event.step == step)
        .order_by(Event.id.desc())
    ).first()
    assert event is not None
    event.at = dt.datetime.fromisoformat(f"{day}T10:00:00+08:00")
    db.session.commit()


def seen(today: dt.date = TODAY, **limits: Any) -> set[tuple[str, str, str, str, str | None]]:
    """Return duty, title, role, since and last day of everything that is open."""
    found = [duty for chunk in duties.open_duties(today, **limits) for duty in chunk]
    db.session.rollback()
    return {(d.duty, d.title, d.role, d.since.isoformat(), d.due_on.isoformat() if d.due_on else None) for d in found}


def window(cast: Cast, kind: str, first: str, last: str) -> None:
    """Set one window of the cast's cycle."""
    cycle = db.session.get_one(Cycle, cast.cycle)
    windows = {**ALWAYS, kind: Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last))}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, cast.viewer(ADMIN))


def test_what_waits_in_every_state_of_a_declaration(cast: Cast) -> None:
    window(cast, "declaration", "2024-08-01", "2026-12-31")
    one = make.declare(cast, "甲")
    entered(one, "start", "2024-07-20")
    assert seen() == {("declaring", "甲", FILLER, "2024-08-01", "2026-12-31")}  # not before the window opened
    make.take(one, cast, (FILLER, "submit"))
    entered(one, "submit", "2026-02-03")
    assert seen() == {("reviewing", "甲", "department_reviewer", "2026-02-03", "2026-12-31")}
    make.take(one, cast, (REVIEWER, "return"))
    entered(one, "return", "2026-02-05")
    assert seen() == {("resubmitting", "甲", FILLER, "2026-02-05", "2026-12-31")}
    make.take(one, cast, (FILLER, "submit"), (REVIEWER, "approve"))
    entered(one, "approve", "2026-02-09")
    assert seen() == {("approving", "甲", "finance_reviewer", "2026-02-09", "2026-12-31")}
    make.take(one, cast, (FINANCE, "approve"))
    db.session.get_one(Declaration, one).approved_at = dt.datetime(2026, 2, 10, 20, tzinfo=dt.UTC)
    db.session.commit()
    # Its budget waits to be released; four in the morning of the 11th in Beijing.
    assert seen() == {("approving", "甲", "finance_reviewer", "2026-02-11", None)}
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, cast.viewer(ADMIN))
    assert seen() == set()


def test_a_continuing_project_is_to_be_declared_while_the_window_is_open(cast: Cast) -> None:
    make.budgeted(cast, "老项目")
    area = db.session.get_one(Unit, cast.area)
    old = db.session.get_one(Cycle, cast.cycle)
    spans = {**ALWAYS, "declaration": Span(dt.date(2025, 8, 1), dt.date(2026, 3, 31))}
    cycles.create(area, YEAR + 1, old.project_scheme_id, old.department_scheme_id, spans, cast.viewer(ADMIN))
    wanted = {("declaring", "老项目", FILLER, "2025-08-01", "2026-03-31")}
    assert seen() == wanted
    assert seen(dt.date(2026, 4, 1)) == set()
    assert seen(paths=[db.session.get_one(Unit, cast.other_department).path]) == set()
    project_id = db.session.scalars(select(Declaration.project_id)).one()
    assert seen(only={("declaring", "project"): [project_id], ("declaring", "declaration"): [1]}) == wanted
    assert seen(only={("declaring", "project"): [project_id + 1]}) == set()


def test_sheets_and_adjustments(cast: Cast) -> None:
    window(cast, "self_evaluation", "2026-01-01", "2026-05-31")
    make.budgeted(cast)
    ids = make.opened(cast)
    for sheet in ids.values():
        entered(sheet, "start", "2026-03-01", "evaluation")
    last = ("2026-03-01", "2026-05-31")
    assert seen() == {
        ("evaluating", "社区服务经费", FILLER, *last),
        ("evaluating", "甲部门", FILLER, *last),
    }
    window(cast, "self_evaluation", "2026-03-20", "2026-06-30")
    assert {row[3:] for row in seen()} == {("2026-03-20", "2026-06-30")}


def test_an_adjustment_is_nobodys_duty_until_it_is_handed_in(cast: Cast) -> None:
    window(cast, "self_evaluation", "2098-01-01", "2098-05-31")
    make.budgeted(cast)
    declared = db.session.scalars(select(Declaration)).one()
    other = adjustments.start(declared, "政策变化", "财发〔2025〕1号", cast.viewer(FILLER))
    assert seen() == set()
    declarations.save_texts(other, {"overview": "为更多居民办实事。", "body": "甲部门"}, cast.viewer(FILLER))
    make.take(other.id, cast, (FILLER, "submit"))
    entered(other.id, "submit", "2026-02-03")
    assert seen() == {("reviewing", "社区服务经费", "department_reviewer", "2026-02-03", None)}


def test_who_is_told(cast: Cast) -> None:
    people.create(
        cast.viewer(ADMIN), "both", "又填又审", [(cast.department, "filler"), (cast.department, "department_reviewer")]
    )
    both = db.session.scalars(select(Person.id).where(Person.username == "both")).one()
    cast.people["both"] = both
    one = make.declare(cast, "甲", by="both", unit=cast.unit)
    make.declare(cast, "乙", by=FILLER_2, unit=cast.unit_2)
    make.take(one, cast, ("both", "submit"))
    db.session.get_one(Person, cast.people[FILLER]).active = False
    db.session.commit()
    posts, book = Posts(), Rulebook.load()
    names = {person_id: name for name, person_id in cast.people.items()}
    found = {}
    for chunk in duties.open_duties(TODAY):
        own = duties.prepared(chunk)
        for duty in chunk:
            for rule in book.in_force(duty.duty, duty.path):
                for occurrence in book.times(rule, duty)[1]:
                    who = told(duty, occurrence, posts, own.get((duty.subject_kind, duty.subject_id), ()))
                    found[(duty.title, bool(occurrence.escalated_to))] = {names[person] for person in who}
    db.session.rollback()
    assert found == {
        ("乙", False): {FILLER_2, "both"},  # not the one whose account is switched off
        ("甲", False): {REVIEWER},  # not the one who prepared it
        ("甲", True): {ADMIN},
    }


def test_the_superior_is_the_nearest_who_holds_the_role_else_an_administrator(cast: Cast) -> None:
    posts = Posts()
    unit = db.session.get_one(Unit, cast.unit).path
    assert posts.superiors(unit, "department_reviewer") == (cast.people[REVIEWER],)
    assert posts.superiors(unit, "administrator") == (cast.people[ADMIN],)
    people.create(cast.viewer(ADMIN), "near", "近处", [(cast.unit, "department_reviewer")])
    near = db.session.scalars(select(Person.id).where(Person.username == "near")).one()
    assert Posts().superiors(unit, "department_reviewer") == (near,)
    other = db.session.get_one(Unit, cast.area).path
    assert Posts().superiors(other, "department_reviewer") == (cast.people[ADMIN],)


def test_an_area_has_its_own_rule_in_place_of_the_built_in_one(cast: Cast) -> None:
    path = db.session.get_one(Unit, cast.unit).path
    elsewhere = db.session.get_one(Unit, cast.other_unit).path
    db.session.add_all(
        [
            ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating", settings={"on_day": True}),
            ReminderRule(unit_id=cast.department, code="evaluating", duty="evaluating", settings={}, active=False),
            ReminderRule(unit_id=cast.department, code="own", duty="evaluating", settings={"after": [2]}),
            ReminderRule(unit_id=cast.area, code="broken", duty="evaluating", settings={"after": "soon"}),
        ]
    )
    db.session.commit()
    book = Rulebook.load()
    db.session.rollback()
    assert [(rule.code, rule.unit_id) for rule in book.in_force("evaluating", path)] == [("own", cast.department)]
    assert [(rule.code, rule.unit_id) for rule in book.in_force("evaluating", elsewhere)] == [("evaluating", cast.area)]
    assert [rule.code for rule in book.in_force("resubmitting", path)] == ["resubmitting", "resubmitting-window"]


# --- the preview --------------------------------------------------------------------------------


@pytest.fixture
def due(cast: Cast, by: Any) -> dict[str, int]:
    """Two open sheets of 甲部门, due on 31 May 2026."""
    make.budgeted(cast)
    window(cast, "self_evaluation", "2026-01-01", "2026-05-31")
    return make.opened(cast)


def test_the_preview_says_what_is_sent_to_whom_on_which_day(cast: Cast, due: dict[str, int]) -> None:
    first = dt.datetime(2026, 5, 20, 12, tzinfo=BEIJING)
    found = preview([db.session.get_one(Unit, cast.area).path], first, 20)
    assert found.complete
    rows = [
        (line.day.isoformat(), line.person, line.rule, line.count, line.late, line.escalated) for line in found.lines
    ]
    assert (
        rows
        == [
            ("2026-05-24", "林填报", "evaluating", 2, 0, False),
            ("2026-05-28", "林填报", "evaluating", 2, 0, False),
            ("2026-05-30", "林填报", "evaluating", 2, 0, False),
            ("2026-05-31", "林填报", "evaluating", 2, 0, False),
            ("2026-06-01", "林填报", "evaluating", 2, 2, False),
            ("2026-06-03", "林填报", "evaluating", 2, 2, False),
            ("2026-06-05", "周审核", "evaluating", 2, 2, True),
            ("2026-06-05", "林填报", "evaluating", 2, 2, False),
            ("2026-06-08", "林填报", "evaluating", 2, 2, False),
        ]
        or rows[6][1] != rows[7][1]
    )
    assert found.total == 18
    assert preview([db.session.get_one(Unit, cast.other_department).path], first, 20).lines == []


def test_the_preview_tries_a_rule_that_is_not_saved(cast: Cast, due: dict[str, int]) -> None:
    book = Rulebook.load()
    rule = next(rule for rule in book.rules.values() if rule.code == "evaluating")
    tried = replace(rule, settings=Settings(before=(10,)))
    first = dt.datetime(2026, 5, 20, 12, tzinfo=BEIJING)
    found = preview([db.session.get_one(Unit, cast.area).path], first, changed=[tried])
    assert [(line.day.isoformat(), line.count) for line in found.lines] == [("2026-05-21", 2)]


def test_the_preview_is_bounded_and_says_so(cast: Cast, due: dict[str, int]) -> None:
    first = dt.datetime(2026, 5, 20, 12, tzinfo=BEIJING)
    path = db.session.get_one(Unit, cast.area).path
    assert not preview([path], first, most=1).complete
    assert preview([path], first, most=2).complete


def test_the_number_of_statements_does_not_grow_with_the_duties(
    cast: Cast, due: dict[str, int], count_queries: Any
) -> None:
    path = db.session.get_one(Unit, cast.area).path
    first = dt.datetime(2026, 5, 20, 12, tzinfo=BEIJING)
    make.declare(cast, "一", complete=False)
    db.session.rollback()
    with count_queries() as before:
        preview([path], first)
    for n in range(3):
        make.declare(cast, f"多 {n}", complete=False)
        make.declare(cast, f"二 {n}", by=FILLER_2, unit=cast.unit_2, complete=False)
    db.session.rollback()
    with count_queries() as after:
        preview([path], first)
    assert len(after) == len(before) < 25

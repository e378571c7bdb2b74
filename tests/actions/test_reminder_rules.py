"""Changing a rule while clocks plan and tell by it, and while another administrator does the same."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import _reminder_issue, _reminder_plan, reminder_rules, reminders_due
from perfmgr.extensions import db
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.models.unit import Unit
from perfmgr.queries import _area_rules
from perfmgr.rules.refusals import Conflict
from perfmgr.rules.reminder_steps import first_of
from tests.actions.reminding import By, at, ledger, run
from tests.cast import ADMIN, FILLER, Cast
from tests.reminders import line


def change(cast: Cast, unit_id: int, **settings: Any) -> int:
    """Give an area its own version of the rule of self-evaluations; returns its id."""
    area = db.session.get_one(Unit, unit_id)
    one = _area_rules.find("evaluating", area)
    assert one is not None
    made = reminder_rules.change(area, one, {**one.rule.settings, **settings}, cast.viewer(ADMIN))
    return made.id


def restore(cast: Cast, unit_id: int) -> None:
    """Let the usual rule hold again in an area."""
    area = db.session.get_one(Unit, unit_id)
    one = _area_rules.find("evaluating", area)
    assert one is not None
    reminder_rules.restore(area, one, cast.viewer(ADMIN))


def in_between(app: Flask, do: Callable[[], Any]) -> None:
    """Do something as another process would, to the end."""

    def there() -> None:
        with app.app_context():
            do()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(there).result(timeout=30)


def told_once() -> Counter[tuple[int, str, int, str]]:
    """Return how often each person was told of each time of each duty."""
    db.session.rollback()
    sent = db.session.scalars(select(Reminder).where(Reminder.sent_at.is_not(None), Reminder.duty == "evaluating"))
    return Counter((row.person_id, row.subject_kind, row.subject_id, first_of(row.occurrence)) for row in sent)


def test_a_rule_changed_while_a_clock_plans_by_it(
    app: Flask, cast: Cast, due: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(at("2026-05-24"))
    compare, first = _reminder_plan.compare, iter((True,))

    def interrupted(*arguments: Any) -> Any:
        changes = compare(*arguments)
        if next(first, False):
            in_between(app, lambda: change(cast, cast.area, digest=False))
        return changes

    monkeypatch.setattr(_reminder_plan, "compare", interrupted)
    assert run(at("2026-05-28")) == [2]
    own = db.session.scalars(select(ReminderRule.id).where(ReminderRule.unit_id == cast.area)).one()
    assert {row[0] for row in ledger("rule_id")} == {own}
    assert set(told_once().values()) == {1}


def test_a_rule_changed_while_a_clock_tells_by_it(
    app: Flask, cast: Cast, due: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    reminders_due.plan_due(at("2026-05-24"))
    shares, first = _reminder_issue._shares, iter((True,))

    def interrupted(*arguments: Any) -> Any:
        if next(first, False):
            in_between(app, lambda: change(cast, cast.area, digest=False))
        return shares(*arguments)

    monkeypatch.setattr(_reminder_issue, "_shares", interrupted)
    assert reminders_due.issue_due(at("2026-05-24")) == 2
    assert set(ledger("state")) >= {("sent",)}
    assert set(told_once().values()) == {1}


def test_administrators_and_clocks_at_once(app: Flask, cast: Cast, due: dict[str, int]) -> None:
    run(at("2026-05-01"))
    db.session.rollback()

    def clock(_n: int) -> int:
        with app.app_context():
            return sum(run(at("2026-05-24"), at("2026-05-24", 9, 1), at("2026-05-24", 9, 2)))

    def administrator(n: int) -> int:
        refused = 0
        with app.app_context():
            for turn in range(4):
                try:
                    (restore if turn % 2 else change)(cast, (cast.area, cast.department)[n % 2])
                except Conflict:
                    refused += 1
                db.session.rollback()
        return refused

    with ThreadPoolExecutor(5) as pool:
        clocks = [pool.submit(clock, n) for n in range(2)]
        others = [pool.submit(administrator, n) for n in range(3)]
        for one in (*clocks, *others):
            one.result(timeout=60)
    run(at("2026-05-24", 9, 3), at("2026-05-24", 9, 4))
    assert set(told_once().values()) == {1}
    assert {key[3] for key in told_once()} == {"before-30@2026-05-31", "before-7@2026-05-31"}
    assert len(told_once()) == 4


def _leave() -> None:
    """Keep what was read as it was, and hold no transaction."""
    db.session.expunge_all()
    db.session.rollback()


def test_two_administrators_change_the_same_rule_at_once(app: Flask, cast: Cast, by: By, due: dict[str, int]) -> None:
    area = db.session.get_one(Unit, cast.area)
    one = _area_rules.find("evaluating", area)
    assert one is not None
    _leave()
    in_between(app, lambda: change(cast, cast.area))
    with pytest.raises(Conflict, match="刚刚已由他人修改"):
        reminder_rules.change(area, one, one.rule.settings, by(ADMIN))
    now = _area_rules.find("evaluating", area)
    assert now is not None
    _leave()
    in_between(app, lambda: restore(cast, cast.area))
    with pytest.raises(Conflict, match="他人修改"):
        reminder_rules.restore(area, now, by(ADMIN))


def test_lines_of_the_same_name_by_both_rules_are_both_kept_and_told_once(cast: Cast, due: dict[str, int]) -> None:
    usual = db.session.scalars(select(ReminderRule.id).where(ReminderRule.code == "evaluating")).one()
    own = change(cast, cast.area)
    sheet, filler = due["社区服务经费"], cast.people[FILLER]
    same = {"subject_id": sheet, "occurrence": "before-7@2026-05-31"}
    line(usual, filler, cast.unit, **same)  # as a unit brings one that was elsewhere until now
    line(own, filler, cast.unit, state="sent", sent_at=at("2026-05-24"), **same)
    restore(cast, cast.area)
    assert set(ledger("rule_id", "occurrence", "state", "reason")) == {
        (usual, "before-7@2026-05-31", "skipped", "superseded"),
        (usual, "before-7@2026-05-31#2", "sent", ""),
    }

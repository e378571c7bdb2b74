"""Reminding: what is said, in notices and messages."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select

from perfmgr.actions import _reminder_issue, _reminder_tell, notices, people, reminders_due
from perfmgr.extensions import db
from perfmgr.models.message import Message, MessageReminder
from perfmgr.models.notice import Notice
from perfmgr.models.person import Person
from perfmgr.models.reminder import ReminderRule
from perfmgr.rules import reminder_texts
from tests.actions.reminding import By, Told, at, close_on, hand_in, ledger, run, told
from tests.cast import ADMIN, FILLER, Cast

# --- what is said -------------------------------------------------------------------------------


def sentences() -> list[str]:
    """Return the sentences of all notices of reminders, oldest first."""
    db.session.rollback()
    rows = db.session.scalars(select(Notice).where(Notice.kind.startswith("reminder")).order_by(Notice.id)).all()
    return [reminder_texts.sentence(row.kind, row.params) for row in rows]


def test_the_sentences_before_and_after_the_last_day_and_to_the_superior(due: dict[str, int]) -> None:
    hand_in(due["甲部门"], state="confirmed")
    run(at("2026-05-24"), at("2026-06-03"), at("2026-06-05"))
    title = "“社区服务经费”（2025 年度）"
    assert sentences() == [
        f"请填报绩效自评：{title}，截止 2026-05-31。",
        f"已逾期 3 天，请尽快填报绩效自评：{title}，截止日期为 2026-05-31。",
        f"已逾期 5 天，请尽快填报绩效自评：{title}，截止日期为 2026-05-31。",
        f"请督促办理：甲部门（本级）{title}需要填报绩效自评，截止 2026-05-31，已逾期 5 天。",
    ]
    notice = db.session.scalars(select(Notice).where(Notice.kind == "reminder_evaluating").order_by(Notice.id)).first()
    assert notice is not None
    assert (notice.subject_kind, notice.subject_id, notice.created_at) == (
        "evaluation",
        due["社区服务经费"],
        at("2026-05-24"),
    )


def test_a_missing_table_of_holidays_is_said(cast: Cast, due: dict[str, int]) -> None:
    settings = {"before": [5], "before_workdays": True}
    db.session.add(ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating", settings=settings))
    db.session.commit()
    close_on(cast, dt.date(2097, 5, 31))
    run(at("2097-05-31"))
    assert [text[-1] for text in sentences()] == ["）"]
    assert "放假安排尚未录入" in sentences()[0]


def test_reading_the_notice_acknowledges_what_it_told(cast: Cast, by: By, due: dict[str, int]) -> None:
    run(at("2026-05-24"), at("2026-05-28"))
    first, _second = db.session.scalars(select(Notice).where(Notice.kind == "reminders").order_by(Notice.id))
    notices.read(first)
    assert [bool(row[1]) for row in ledger("occurrence", "acknowledged_at") if row[0].startswith("before-7")] == [
        True
    ] * 2
    assert [bool(row[1]) for row in ledger("occurrence", "acknowledged_at") if row[0].startswith("before-3")] == [
        False
    ] * 2
    notices.read_all(by(FILLER))
    assert [bool(row[1]) for row in ledger("occurrence", "acknowledged_at") if row[0].startswith("before-3")] == [
        True
    ] * 2


def test_single_notices_and_too_many_of_them(cast: Cast, due: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"before": [20, 19], "digest": False}
    db.session.add(ReminderRule(unit_id=cast.area, code="evaluating", duty="evaluating", settings=settings))
    db.session.commit()
    monkeypatch.setattr(_reminder_tell, "MOST_SINGLE", 2)
    assert run(at("2026-05-11")) == [2]
    assert told() == [Told(FILLER, 1, 0)] * 2
    settings = {"on_day": True, "digest": False}
    db.session.add(
        ReminderRule(
            unit_id=cast.area, code="more", duty="evaluating", settings={"before": [20], "hour": "10:00", **settings}
        )
    )
    db.session.commit()
    assert run(at("2026-05-11", 10)) == [2]
    assert told()[2:] == [Told(FILLER, 2, 0)]


def test_the_outbox_is_filled_in_the_same_transaction(
    cast: Cast, due: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.get_one(Person, cast.people[FILLER]).email = "lin@example.gov.cn"
    db.session.commit()
    reminders_due.plan_due(at("2026-05-24"))

    def broken(*rest: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_reminder_issue, "_settle", broken)
        with pytest.raises(KeyboardInterrupt):
            reminders_due.issue_due(at("2026-05-24"))
    assert (told(), db.session.scalar(select(func.count()).select_from(Message))) == ([], 0)
    assert reminders_due.issue_due(at("2026-05-24", 10)) == 2
    message = db.session.scalars(select(Message)).one()
    assert [item["kind"] for item in message.content] == ["reminder_evaluating"] * 2
    assert db.session.scalar(select(func.count()).select_from(MessageReminder)) == 2
    assert message.person_id == cast.people[FILLER]


def test_one_bad_line_stops_nobody_else(
    cast: Cast, by: By, due: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    people.create(by(ADMIN), "benji", "本级填报", [(cast.unit, "filler")])
    write = _reminder_tell._notice

    def bad(telling: Any, now: dt.datetime) -> Any:
        if telling.person_id == cast.people[FILLER]:
            raise ValueError("bad")
        return write(telling, now)

    monkeypatch.setattr(_reminder_tell, "_notice", bad)
    assert run(at("2026-05-24")) == [1]
    assert told() == [Told("benji", 1, 0)]
    assert set(ledger("state", "reason", "note", "failed_at")) == {("failed", "error", "ValueError", at("2026-05-24"))}

"""Drafts: what is typed is kept and nothing else changes; saving and discarding take it away."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask

from perfmgr.actions import declarations, drafts
from perfmgr.actions.declarations import Opened
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.draft import Draft
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.queries import drafts as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.declarations import base_of
from perfmgr.rules.refusals import Invalid, NotAllowed, Refused
from tests import cast as make
from tests.cast import FILLER, FILLER_2, NOON, REVIEWER, Cast

By = Callable[[str], Viewer]
HOSTILE = "第一行\r\n<script>alert(1)</script>\x00\x0b 𠮷 ‮"


def kept(by: Viewer, declaration: Declaration) -> list[tuple[str, str, list[list[str]]]]:
    """Return this person's drafts as (section, tab, fields), the newest first."""
    db.session.expire_all()
    return [(d.section, d.tab, d.fields) for d in queries.of_declaration(declaration.id, by)]


def test_what_is_typed_comes_back_byte_for_byte(declaration: Declaration, by: By) -> None:
    fields = [("goals", HOSTILE), ("steps-0-content", ""), ("steps-1-start_on", "二月三十")]
    at = drafts.save(declaration, "plan", fields, by(FILLER), Opened("{}", "t1"), now=NOON)
    assert at == NOON
    assert kept(by(FILLER), declaration) == [("plan", "t1", [list(field) for field in fields])]


def test_keeping_changes_nothing_of_the_declaration_and_tells_nobody(declaration: Declaration, by: By) -> None:
    before = (declaration.version, declaration.updated_at, declaration.state, declaration.goals)
    told, events = db.session.query(Notice).count(), db.session.query(Event).count()
    drafts.save(declaration, "plan", [("goals", "x" * 100_000)], by(FILLER), Opened("", "t1"))
    db.session.expire_all()
    assert (declaration.version, declaration.updated_at, declaration.state, declaration.goals) == before
    assert (db.session.query(Notice).count(), db.session.query(Event).count()) == (told, events)


def test_one_tab_has_one_draft_and_two_tabs_have_two(declaration: Declaration, by: By) -> None:
    for n, (tab, text) in enumerate([("t1", "一"), ("t2", "二"), ("t1", "三")]):
        at = NOON + dt.timedelta(seconds=n)
        drafts.save(declaration, "overview", [("overview", text)], by(FILLER), Opened("", tab), now=at)
    assert kept(by(FILLER), declaration) == [
        ("overview", "t1", [["overview", "三"]]),
        ("overview", "t2", [["overview", "二"]]),
    ]


def test_a_new_tab_takes_a_draft_over_unless_the_old_tab_is_still_written_in(declaration: Declaration, by: By) -> None:
    later = NOON + dt.timedelta(seconds=1)
    drafts.save(declaration, "overview", [("overview", "一")], by(FILLER), Opened("", "t1"), now=NOON)
    taken = Opened("", "t2", took="t1", took_at=NOON)
    drafts.save(declaration, "overview", [("overview", "二")], by(FILLER), taken, now=later)
    assert [row[1] for row in kept(by(FILLER), declaration)] == ["t2"]
    drafts.save(declaration, "overview", [("overview", "三")], by(FILLER), Opened("", "t3"), now=later)
    stale = Opened("", "t4", took="t3", took_at=NOON)
    drafts.save(declaration, "overview", [("overview", "四")], by(FILLER), stale, now=later)
    assert {row[1] for row in kept(by(FILLER), declaration)} == {"t2", "t3", "t4"}


def test_saving_takes_the_draft_of_its_tab_along_in_one_transaction(declaration: Declaration, by: By) -> None:
    for tab in ("t1", "t2"):
        drafts.save(declaration, "period", [("start_on", "x")], by(FILLER), Opened("", tab))
    opened = Opened(base_of("period", declaration), "t1")
    backwards = (dt.date(2025, 2, 1), dt.date(2025, 1, 1))
    with pytest.raises(Invalid):
        declarations.save_period(declaration, *backwards, by(FILLER), opened)
    assert {row[1] for row in kept(by(FILLER), declaration)} == {"t1", "t2"}
    declarations.save_period(declaration, *reversed(backwards), by(FILLER), opened)
    assert [row[1] for row in kept(by(FILLER), declaration)] == ["t2"]


def test_an_autosave_that_comes_after_the_save_of_its_tab_is_dropped(declaration: Declaration, by: By) -> None:
    opened = Opened(base_of("overview", declaration), "t1")
    declarations.save_texts(declaration, {"overview": "写完"}, by(FILLER), opened)
    assert drafts.save(declaration, "overview", [("overview", "写到一半")], by(FILLER), opened) is None
    assert kept(by(FILLER), declaration) == []


def test_drafts_are_ones_own(declaration: Declaration, by: By, cast: Cast) -> None:
    drafts.save(declaration, "overview", [("overview", "一")], by(FILLER), Opened("", "t1"))
    assert kept(by(REVIEWER), declaration) == []
    drafts.discard(declaration, "overview", "t1", by(REVIEWER))
    assert len(kept(by(FILLER), declaration)) == 1
    for person in (REVIEWER, FILLER_2):
        with pytest.raises(NotAllowed):
            drafts.save(declaration, "overview", [("overview", "一")], by(person), Opened("", "t1"))


def test_discarding_twice_is_harmless(declaration: Declaration, by: By) -> None:
    drafts.save(declaration, "overview", [("overview", "一")], by(FILLER), Opened("", "t1"))
    for _time in range(2):
        drafts.discard(declaration, "overview", "t1", by(FILLER))
        assert kept(by(FILLER), declaration) == []


def test_text_is_kept_even_when_it_can_no_longer_be_saved(declaration: Declaration, by: By, cast: Cast) -> None:
    make.take(declaration.id, cast, (FILLER, "submit"))
    drafts.save(declaration, "overview", [("overview", "来晚了")], by(FILLER), Opened("", "t1"))
    assert kept(by(FILLER), declaration) == [("overview", "t1", [["overview", "来晚了"]])]


@pytest.mark.parametrize(
    "fields", [[("overview", "字" * 2_000_001)], [(f"steps-{n}-content", "") for n in range(5_001)]]
)
def test_too_much_is_refused_with_a_sentence(declaration: Declaration, by: By, fields: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused, match="内容超过 2,000,000 字，不能自动保存，请删减或分开填写。"):
        drafts.save(declaration, "overview", fields, by(FILLER), Opened("", "t1"))
    assert kept(by(FILLER), declaration) == []


def test_many_tabs_make_room_for_the_newest(declaration: Declaration, by: By) -> None:
    for n in range(25):
        at = NOON + dt.timedelta(seconds=n)
        drafts.save(declaration, "overview", [("overview", str(n))], by(FILLER), Opened("", f"t{n}"), now=at)
    assert [row[1] for row in kept(by(FILLER), declaration)] == [f"t{n}" for n in range(24, 4, -1)]


def test_old_drafts_are_forgotten(declaration: Declaration, by: By) -> None:
    for n, tab in enumerate(("old", "new")):
        at = NOON + dt.timedelta(days=n)
        drafts.save(declaration, "overview", [("overview", tab)], by(FILLER), Opened("", tab), now=at)
    before = NOON + dt.timedelta(hours=1)
    assert (drafts.forget(before, dry_run=True), len(kept(by(FILLER), declaration))) == (1, 2)
    assert (drafts.forget(before), [row[1] for row in kept(by(FILLER), declaration)]) == (1, ["new"])
    assert drafts.forget(before) == 0


def test_drafts_go_with_the_declaration(app: Flask, declaration: Declaration, by: By) -> None:
    drafts.save(declaration, "overview", [("overview", "一")], by(FILLER), Opened("", "t1"))
    declarations.discard(declaration, by(FILLER))
    assert db.session.query(Draft).count() == 0

"""Versions: what every submission freezes, receipts, remarks, and when a submission can still be withdrawn."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import declarations, versions
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.event import Event
from perfmgr.models.person import Appointment, Person
from perfmgr.models.version import DeclarationVersion, content_of
from perfmgr.queries import events
from perfmgr.queries import versions as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.receipts import is_receipt_number
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed
from perfmgr.rules.versions import compare
from tests import cast as make
from tests.actions.declared import stored
from tests.actions.test_races import take, together
from tests.cast import ADMIN, APPROVED, FILLER, FINANCE, REVIEWER, Cast

By = Callable[[str], Viewer]
REMARKS = [
    {"field": "overview", "name": "", "text": "请补充服务对象。"},
    {"field": "indicators.1", "name": "办理服务项目数", "text": "目标偏低。"},
]


@pytest.fixture
def declaration(cast: Cast, by: By) -> Declaration:
    """A declaration that waits for the department's reviewer."""
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, (FILLER, "submit"))
    return stored(declaration_id)


def frozen(declaration_id: int) -> list[DeclarationVersion]:
    """Return the versions of a declaration, oldest first."""
    of_it = DeclarationVersion.declaration_id == declaration_id
    return list(db.session.scalars(select(DeclarationVersion).where(of_it).order_by(DeclarationVersion.number)))


def test_a_submission_freezes_everything_the_declaration_says(cast: Cast, declaration: Declaration) -> None:
    (version,) = frozen(declaration.id)
    told = (version.number, version.occasion, version.state, version.person_id, version.adjustment_id)
    assert told == (1, "submit", "submitted", cast.people[FILLER], None)
    assert version.at == declaration.submitted_at
    assert version.content == {**content_of(declaration), "attachments": []}
    row = version.content["indicators"][0]
    assert set(row) == {c.key for c in Indicator.__mapper__.column_attrs} - {"id", "declaration_id"}
    assert (row["name"], row["target_value"], row["weight"]) == ("办理服务项目数", "190", "20")
    assert (version.content["annual_amount"], version.content["start_on"]) == ("5700000", "2025-01-01")
    assert version.content["project"]["unit"] == "甲部门（本级）"


def test_every_submission_has_a_receipt_of_its_own(cast: Cast, declaration: Declaration) -> None:
    make.take(declaration.id, cast, (REVIEWER, "return"), (FILLER, "submit"))
    receipts = [version.receipt for version in frozen(declaration.id)]
    assert len(set(receipts)) == 2
    assert [receipt is not None and receipt.startswith("2025-219001-") for receipt in receipts] == [True, True]
    assert all(is_receipt_number(receipt or "") for receipt in receipts)


def test_what_is_refused_freezes_nothing(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast, complete=False)
    with pytest.raises(Invalid):
        declarations.take(stored(declaration_id), "submit", by(FILLER))
    assert frozen(declaration_id) == []


def test_a_version_stays_what_it_was_when_the_declaration_changes(cast: Cast, by: By, declaration: Declaration) -> None:
    make.take(declaration.id, cast, (REVIEWER, "return"))
    declarations.save_texts(stored(declaration.id), {"overview": "为居民办好实事。"}, by(FILLER))
    declarations.save_indicators(stored(declaration.id), make.indicator_drafts()[:4], by(FILLER))
    declarations.save_indicators(stored(declaration.id), make.indicator_drafts(), by(FILLER))
    make.take(declaration.id, cast, (FILLER, "submit"))
    first, second = frozen(declaration.id)
    assert (first.content["overview"], second.content["overview"]) == ("为居民办实事。", "为居民办好实事。")
    changed = [section.name for section in compare(first.content, second.content) if section.changes]
    assert (second.number, changed) == (2, ["overview"])


def beside(declaration: Declaration, *, editable: bool) -> queries.Beside:
    """Return what stands beside a declaration, with its history as its page reads it."""
    return queries.beside(declaration, events.history("declaration", declaration.id), editable=editable)


def test_the_second_round_tells_how_much_changed(cast: Cast, by: By, declaration: Declaration) -> None:
    assert beside(declaration, editable=False).changes is None
    make.take(declaration.id, cast, (REVIEWER, "return"))
    declarations.save_texts(stored(declaration.id), {"overview": "改写", "body": "街道"}, by(FILLER))
    draft = beside(stored(declaration.id), editable=True).changes
    assert draft == queries.Changes(2, 1, "draft", "draft")
    make.take(declaration.id, cast, (FILLER, "submit"))
    assert beside(stored(declaration.id), editable=False).changes == queries.Changes(2, 1, 2, "submission")


def test_a_record_without_versions_is_nothing_special(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    stored(declaration_id).state = "approved"
    db.session.commit()
    found = beside(stored(declaration_id), editable=False)
    assert (found.versions, found.receipt, found.changes, found.initial) == (0, None, None, None)


# --- remarks ----------------------------------------------------------------------------------


def test_remarks_come_with_the_return_and_go_with_the_next_submission(
    cast: Cast, by: By, declaration: Declaration
) -> None:
    declarations.take(declaration, "return", by(REVIEWER), comment="请修改", remarks=REMARKS)
    found = queries.remarks(stored(declaration.id))
    assert [(r.field, r.name, r.text, r.by) for r in found] == [
        ("overview", "", "请补充服务对象。", "周审核"),
        ("indicators.1", "办理服务项目数", "目标偏低。", "周审核"),
    ]
    seen = beside(stored(declaration.id), editable=True)
    assert [len(seen.remarks_at(name)) for name in ("overview", "indicators", "plan")] == [1, 1, 0]
    make.take(declaration.id, cast, (FILLER, "submit"))
    assert queries.remarks(stored(declaration.id)) == []
    event = db.session.scalars(select(Event).where(Event.step == "return")).one()
    assert event.details == {"remarks": REMARKS}


# --- opening and withdrawing ------------------------------------------------------------------


def test_what_a_reviewer_has_opened_is_not_withdrawn(by: By, declaration: Declaration) -> None:
    before = declaration.version
    assert versions.open_review(declaration, by(REVIEWER), dt.datetime(2025, 3, 1, 2, tzinfo=dt.UTC)) is True
    assert (stored(declaration.id).opened_by_id, stored(declaration.id).version) == (by(REVIEWER).id, before)
    with pytest.raises(Conflict, match="“周审核”已于 2025年3月1日 打开审核，不能撤回"):
        declarations.take(stored(declaration.id), "withdraw", by(FILLER))
    assert stored(declaration.id).state == "submitted"


def test_only_the_first_opening_counts(by: By, declaration: Declaration) -> None:
    first = dt.datetime(2025, 3, 1, 2, tzinfo=dt.UTC)
    versions.open_review(declaration, by(REVIEWER), first)
    assert versions.open_review(stored(declaration.id), by(REVIEWER), first + dt.timedelta(days=1)) is False
    assert stored(declaration.id).opened_at == first


def test_a_new_submission_has_not_been_opened(cast: Cast, by: By, declaration: Declaration) -> None:
    versions.open_review(declaration, by(REVIEWER))
    make.take(declaration.id, cast, (REVIEWER, "return"), (FILLER, "submit"))
    assert (stored(declaration.id).opened_at, stored(declaration.id).opened_by_id) == (None, None)
    make.take(declaration.id, cast, (FILLER, "withdraw"))
    assert stored(declaration.id).state == "draft"


@pytest.mark.parametrize("person", [FILLER, FINANCE, ADMIN])
def test_nobody_else_opens_it(by: By, declaration: Declaration, person: str) -> None:
    with pytest.raises(NotAllowed):
        versions.open_review(declaration, by(person))
    assert stored(declaration.id).opened_at is None


def test_whoever_prepared_it_opens_nothing_as_reviewer(cast: Cast, by: By) -> None:
    both = db.session.get_one(Person, cast.people[REVIEWER])
    both.appointments = [*both.appointments, Appointment(unit_id=cast.department, role="filler")]
    db.session.commit()
    declaration_id = make.declare(cast, by=REVIEWER)
    make.take(declaration_id, cast, (REVIEWER, "submit"))
    assert versions.open_review(stored(declaration_id), by(REVIEWER)) is False


def test_nothing_is_opened_that_does_not_wait(cast: Cast, by: By, declaration: Declaration) -> None:
    make.take(declaration.id, cast, *APPROVED[1:])
    assert versions.open_review(stored(declaration.id), by(REVIEWER)) is False


# --- at the same moment -----------------------------------------------------------------------


def test_a_double_click_freezes_one_version(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        version = stored(declaration_id).version
    act = take(cast, declaration_id, FILLER, "submit", version)
    assert sorted(together(app, act, act)) == [False, True]
    with app.app_context():
        assert [version.number for version in frozen(declaration_id)] == [1]


def test_opening_and_withdrawing_at_once_has_one_winner(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
        make.take(declaration_id, cast, (FILLER, "submit"))

    def opening() -> bool:
        return versions.open_review(db.session.get_one(Declaration, declaration_id), cast.viewer(REVIEWER))

    results = together(app, opening, take(cast, declaration_id, FILLER, "withdraw"))
    assert results in ([True, "Conflict"], [False, True])
    with app.app_context():
        found = db.session.get_one(Declaration, declaration_id)
        assert (found.state, found.opened_at is None) in (("submitted", False), ("draft", True))

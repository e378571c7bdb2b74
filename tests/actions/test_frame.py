"""The frame of every action: all or nothing, and the ways in which the database says no."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from perfmgr import times
from perfmgr.actions import notices, published, sessions
from perfmgr.actions._action import CHANGED, TAKEN, action
from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.models.published import Published
from perfmgr.models.session import SignIn
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict
from tests import cast as make
from tests.cast import FILLER, REVIEWER, Cast

By = Callable[[str], Viewer]


def test_whatever_goes_wrong_takes_everything_back(context: None, cast: Cast) -> None:
    @action
    def half(unit: Unit) -> None:
        unit.name = "改了一半"
        db.session.flush()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half(db.session.get_one(Unit, cast.unit))
    assert db.session.get_one(Unit, cast.unit).name == "甲部门（本级）"


def test_a_record_changed_in_between_is_a_conflict(context: None, cast: Cast) -> None:
    @action
    def rename() -> None:
        unit = db.session.get_one(Unit, cast.unit)
        # Somebody else's change, as this session will find it when it writes.
        somebody = update(Unit).where(Unit.id == unit.id).values(version=Unit.version + 1)
        db.session.execute(somebody.execution_options(synchronize_session=False))
        unit.name = "我改的"

    with pytest.raises(Conflict) as refused:
        rename()
    assert refused.value.findings[0].message == CHANGED
    assert db.session.get_one(Unit, cast.unit).name == "甲部门（本级）"


def test_a_uniqueness_rule_of_the_database_is_a_conflict(context: None, cast: Cast) -> None:
    @action
    def twice() -> None:
        unit = db.session.get_one(Unit, cast.unit)
        db.session.add(
            Unit(kind="unit", code=unit.code, name="另一个", path="/x/", area_id=unit.area_id, parent_id=unit.parent_id)
        )

    with pytest.raises(Conflict) as refused:
        twice()
    assert refused.value.findings[0].message == TAKEN


def test_reading_notices_marks_ones_own_and_only_once(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, *make.APPROVED)
    mine = db.session.scalars(select(Notice).where(Notice.person_id == cast.people[REVIEWER])).one()
    notices.read(mine)
    first = mine.read_at
    notices.read(mine)
    notices.read_all(by(REVIEWER))
    db.session.expire_all()
    assert (mine.read_at, first is not None) == (first, True)
    others = db.session.scalars(select(Notice.read_at).where(Notice.person_id != cast.people[REVIEWER])).all()
    assert others == [None, None]
    assert (by(REVIEWER).unread, by(FILLER).unread) == (0, 1)


def test_old_sign_ins_are_forgotten_and_young_ones_kept(context: None, cast: Cast) -> None:
    now = times.now()
    for days in (29, 30, 31, 400):
        sessions._open_session(cast.people[FILLER], now - dt.timedelta(days=days))
    before = now - dt.timedelta(days=30)
    assert (sessions.forget(before, dry_run=True), db.session.query(SignIn).count()) == (2, 4)
    assert (sessions.forget(before), db.session.query(SignIn).count()) == (2, 2)


def facts(department: str, year: int) -> dict[str, object]:
    """Return the little of a read document that is stored beside its facts."""
    return {
        "document_kind": {"value": "budget", "line": 1},
        "year": {"value": year, "line": 1},
        "department": {"value": department, "line": 2},
        "findings": [],
    }


def test_the_same_file_again_replaces_its_facts(context: None, cast: Cast) -> None:
    first = published.save(facts("甲部门", 2024), "一.txt", "a" * 64)
    second = published.save(facts("甲部门", 2025), "二.txt", "a" * 64)
    assert (first.id, second.year, second.file_name, second.department_id) == (
        second.id,
        2025,
        "二.txt",
        cast.department,
    )
    assert db.session.query(Published).count() == 1


@pytest.mark.parametrize(("name", "found"), [("没有的部门", False), ("甲部门", True), ("甲部门（本级）", False)])
def test_a_document_belongs_to_the_one_department_of_its_name(
    context: None, cast: Cast, name: str, found: bool
) -> None:
    document = published.save(facts(name, 2025), "x" * 300, "b" * 64)
    assert (document.department_id, document.department_name) == (cast.department if found else None, name)
    assert len(document.file_name) == 200

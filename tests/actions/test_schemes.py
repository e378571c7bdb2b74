"""Schemes: published ones never change, drafts do, and stored scores keep the version they were made with."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from perfmgr.actions import cycles, evaluations, schemes
from perfmgr.documents import rubrics
from perfmgr.documents import schemes as documents
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import evaluations as evaluation_queries
from perfmgr.queries import schemes as queries
from perfmgr.queries import trials
from perfmgr.queries.people import Viewer
from perfmgr.rules.recomputing import differences
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed
from tests import cast as make
from tests.actions.test_evaluations import TEXTS, entries
from tests.cast import ADMIN, ALWAYS, FILLER, FINANCE, REVIEWER, Cast

By = Callable[[str], Viewer]
RUBRIC = "project-20-20-30-30"


@pytest.fixture
def published(context: None) -> SchemeVersion:
    """The built-in scheme 10-50-30-10."""
    return db.session.scalars(select(SchemeVersion).where(SchemeVersion.code == "10-50-30-10")).one()


def changed(version: SchemeVersion, **changes: Any) -> dict[str, Any]:
    """Return the data of a version with some entries replaced."""
    return {**copy.deepcopy(version.data), **changes}


def test_the_built_in_schemes_are_taken_in_once(context: None) -> None:
    stored = db.session.scalars(select(SchemeVersion).order_by(SchemeVersion.code)).all()
    assert [(v.code, v.number, v.state) for v in stored] == [
        (code, 1, "published")
        for code in ("10-20-40-20-10", "10-50-30-10", "20-80", "department-six", "five-way", RUBRIC)
    ]
    assert schemes.take_in([*documents.built_in(), *rubrics.built_in_data()]) == 0
    assert RUBRIC not in {version.code for version in queries.listed()}


def test_a_copy_is_a_draft_of_the_next_number(published: SchemeVersion, cast: Cast, by: By) -> None:
    first, second = schemes.copy(published, by(ADMIN)), schemes.copy(published, by(ADMIN))
    assert [(v.code, v.number, v.state, v.based_on_id, v.created_by_id, v.data) for v in (first, second)] == [
        (published.code, number, "draft", published.id, cast.people[ADMIN], published.data) for number in (2, 3)
    ]


def test_a_published_scheme_never_changes(published: SchemeVersion, by: By) -> None:
    before = copy.deepcopy(published.data)
    with pytest.raises(Conflict, match="已发布的方案不能修改，请复制为新版本后再改。"):
        schemes.save(published, changed(published, name="改名"), by(ADMIN))
    with pytest.raises(Conflict):
        schemes.discard(published, by(ADMIN))
    db.session.expire_all()
    assert (published.data, published.state) == (before, "published")


def test_a_draft_is_saved_published_and_then_stays(published: SchemeVersion, by: By) -> None:
    draft = schemes.copy(published, by(ADMIN))
    schemes.save(draft, changed(draft, name=" 新\u3000方案 ", code="hijack", kind="department"), by(ADMIN))
    db.session.expire_all()
    assert (draft.name, draft.data["code"], draft.data["kind"], draft.kind) == (
        "新 方案",
        "10-50-30-10",
        "project",
        "project",
    )
    schemes.publish(draft, by(ADMIN))
    moment = draft.published_at
    schemes.publish(draft, by(ADMIN))
    assert (draft.state, draft.published_at) == ("published", moment)
    with pytest.raises(Conflict):
        schemes.save(draft, changed(draft), by(ADMIN))


@pytest.mark.parametrize("step", ["save", "publish"])
def test_a_draft_that_makes_no_scheme_is_refused_with_every_reason(published: SchemeVersion, by: By, step: str) -> None:
    draft = schemes.copy(published, by(ADMIN))
    bad = changed(draft, name="", reverse="x", grades=[{"name": "优", "low": "90"}])
    if step == "publish":
        draft.data = bad
        db.session.commit()
    with pytest.raises(Invalid) as refused:
        schemes.save(draft, bad, by(ADMIN)) if step == "save" else schemes.publish(draft, by(ADMIN))
    assert [f.field for f in refused.value.findings] == ["name", "reverse", "grades"]
    db.session.expire_all()
    assert draft.state == "draft"


def test_a_draft_can_be_thrown_away(published: SchemeVersion, by: By) -> None:
    draft = schemes.copy(published, by(ADMIN))
    schemes.discard(draft, by(ADMIN))
    assert queries.next_number(published.code) == 2


@pytest.mark.parametrize("person", [FILLER, REVIEWER, FINANCE])
def test_only_administrators_touch_schemes(published: SchemeVersion, by: By, person: str) -> None:
    draft = schemes.copy(published, by(ADMIN))
    attempts = (
        lambda: schemes.copy(published, by(person)),
        lambda: schemes.save(draft, changed(draft, name="改"), by(person)),
        lambda: schemes.publish(draft, by(person)),
        lambda: schemes.discard(draft, by(person)),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed, match="只有系统管理员可以修改评分方案。"):
            attempt()
    assert (db.session.query(SchemeVersion).count(), draft.name) == (7, published.name)


def test_a_form_made_from_an_older_version_is_refused(published: SchemeVersion, by: By) -> None:
    draft = schemes.copy(published, by(ADMIN))
    version = draft.version
    schemes.save(draft, changed(draft, name="甲"), by(ADMIN), version)
    with pytest.raises(Conflict, match="已被他人修改"):
        schemes.save(draft, changed(draft, name="乙"), by(ADMIN), version)


def test_a_new_version_leaves_scores_already_made_as_they_are(cast: Cast, published: SchemeVersion, by: By) -> None:
    make.budgeted(cast)
    sheet = db.session.get_one(Evaluation, make.opened(cast)["社区服务经费"])
    evaluations.submit(sheet, entries(), TEXTS, by(FILLER))
    before = (sheet.self_total, sheet.self_grade, sheet.explanation)
    draft = schemes.copy(published, by(ADMIN))
    grades = [{"name": "好", "low": "99"}, {"name": "差", "low": "0"}]
    schemes.save(draft, changed(draft, grades=grades), by(ADMIN))
    schemes.publish(draft, by(ADMIN))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, draft.id, cycle.department_scheme_id, ALWAYS, by(ADMIN))
    db.session.expire_all()
    assert (sheet.scheme_id, (sheet.self_total, sheet.self_grade, sheet.explanation)) == (published.id, before)
    assert evaluation_queries.score(sheet).grade == "优"
    evaluations.take(sheet, "confirm", by(REVIEWER))
    assert (sheet.total, sheet.grade) == (Decimal("98.76"), "优")
    recomputed = [differences(stored, queries.by_id(stored.scheme_id)) for stored in trials.handed_in()]
    assert recomputed == [[]]


def test_the_newest_version_of_each_scheme_is_offered_first(published: SchemeVersion, by: By) -> None:
    draft = schemes.copy(published, by(ADMIN))
    schemes.publish(draft, by(ADMIN))
    found = [(v.code, v.number) for v in queries.published("project") if v.code == published.code]
    assert found == [(published.code, 2), (published.code, 1)]

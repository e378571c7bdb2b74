"""People: who may create, appoint, disable and reset whom, and that somebody always stays in charge."""

import dataclasses
from collections.abc import Callable

import pytest
from sqlalchemy import select

from perfmgr.actions import people
from perfmgr.actions._action import action
from perfmgr.actions.people import create_person
from perfmgr.extensions import db
from perfmgr.models.person import Appointment, Person
from perfmgr.models.session import SignIn
from perfmgr.queries import people as queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from tests.cast import ADMIN, FILLER, FINANCE, REVIEWER, Cast

By = Callable[[str], Viewer]


def posts(person_id: int) -> set[tuple[int, str]]:
    """Return a person's appointments as stored."""
    db.session.expire_all()
    rows = db.session.execute(select(Appointment.unit_id, Appointment.role).where(Appointment.person_id == person_id))
    return {(row.unit_id, row.role) for row in rows}


@pytest.fixture
def department_admin(cast: Cast, by: By) -> Viewer:
    """An administrator of 甲部门 alone."""
    person, _password = people.create(by(ADMIN), "bumen", "部门管理", [(cast.department, "administrator")])
    return queries.viewer(person.id)


def test_a_new_person_is_stored_folded_and_must_change_the_password(cast: Cast, by: By) -> None:
    person, password = people.create(by(ADMIN), " Zhang.San ", "  张\u3000三 ", [(cast.unit, "filler")])
    assert (person.username, person.name, person.active, person.must_change_password) == (
        "zhang.san",
        "张 三",
        True,
        True,
    )
    assert password not in person.password_hash
    assert posts(person.id) == {(cast.unit, "filler")}


@pytest.mark.parametrize("username", ["filler", "FILLER", " filler", "ｆｉｌｌｅｒ", "fil\u200bler"])
def test_look_alikes_of_a_user_name_are_taken(cast: Cast, by: By, username: str) -> None:
    with pytest.raises(Conflict, match="用户名“filler”已被使用，请换一个。"):
        people.create(by(ADMIN), username, "张三", [])


@pytest.mark.parametrize("username", ["", "a", "张三", "-ab", "a b", "a/b", "x" * 65, "a\x00b c"])
def test_odd_user_names_are_refused(cast: Cast, by: By, username: str) -> None:
    with pytest.raises(Invalid) as refused:
        people.create(by(ADMIN), username, "张三", [])
    assert [f.field for f in refused.value.findings] == ["username"]


def test_a_person_needs_a_name(cast: Cast, by: By) -> None:
    with pytest.raises(Refused, match="“姓名”不能为空。"):
        people.create(by(ADMIN), "zhangsan", " \u200b", [])


@pytest.mark.parametrize("person", [FILLER, REVIEWER, FINANCE])
def test_only_administrators_manage_people(cast: Cast, by: By, person: str) -> None:
    other = db.session.get_one(Person, cast.people[REVIEWER])
    attempts = (
        lambda: people.create(by(person), "zhangsan", "张三", []),
        lambda: people.update(other, by(person), name="改名", active=True, postings=[]),
        lambda: people.reset_password(other, by(person)),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert (db.session.query(Person).count(), posts(other.id)) == (6, {(cast.department, "department_reviewer")})


@pytest.mark.parametrize(
    ("place", "role", "refusal"),
    [
        ("area", "administrator", NotAllowed),
        ("other_department", "filler", NotAllowed),
        ("nowhere", "filler", Refused),
        ("unit", "king", Refused),
    ],
)
def test_nobody_appoints_beyond_their_own_units(
    cast: Cast, department_admin: Viewer, place: str, role: str, refusal: type[Refused]
) -> None:
    unit_id = 10**9 if place == "nowhere" else getattr(cast, place)
    with pytest.raises(refusal):
        people.create(department_admin, "zhangsan", "张三", [(unit_id, role)])
    assert queries.find_by_username("zhangsan") is None


def test_appointments_become_exactly_those_chosen(cast: Cast, by: By) -> None:
    person = db.session.get_one(Person, cast.people[FILLER])
    wanted = [(cast.unit, "filler"), (cast.department, "department_reviewer")]
    people.update(person, by(ADMIN), name="林填报", active=True, postings=wanted)
    assert posts(person.id) == set(wanted)
    people.update(person, by(ADMIN), name="林填报", active=True, postings=[])
    assert posts(person.id) == set()


def test_appointments_elsewhere_stay_untouched(cast: Cast, by: By, department_admin: Viewer) -> None:
    person, _password = people.create(
        by(ADMIN), "liangchu", "两处", [(cast.unit, "filler"), (cast.other_unit, "filler")]
    )
    people.update(person, department_admin, name="两处", active=True, postings=[(cast.unit_2, "filler")])
    assert posts(person.id) == {(cast.unit_2, "filler"), (cast.other_unit, "filler")}


def test_the_account_of_somebody_with_posts_elsewhere_is_not_taken_over(
    cast: Cast, by: By, department_admin: Viewer
) -> None:
    everywhere, _password = people.create(
        by(ADMIN), "dazongguan", "总管", [(cast.area, "administrator"), (cast.unit, "filler")]
    )
    before = everywhere.password_hash
    with pytest.raises(NotAllowed, match="此人在您的管理范围之外还有岗位"):
        people.reset_password(everywhere, department_admin)
    with pytest.raises(NotAllowed, match="此人在您的管理范围之外还有岗位"):
        people.update(everywhere, department_admin, name="总管", active=False, postings=[])
    db.session.expire_all()
    assert (everywhere.password_hash, everywhere.active) == (before, True)


def test_an_administrator_cannot_demote_or_disable_themselves(cast: Cast, by: By) -> None:
    me = db.session.get_one(Person, cast.people[ADMIN])
    for active, postings in ((False, [(cast.area, "administrator")]), (True, []), (True, [(cast.area, "filler")])):
        with pytest.raises(NotAllowed, match="不能停用本人账号或取消本人的系统管理员岗位"):
            people.update(me, by(ADMIN), name="何管理", active=active, postings=postings)
    assert (posts(me.id), me.active) == ({(cast.area, "administrator")}, True)


def test_another_administrator_can(cast: Cast, by: By) -> None:
    other, _password = people.create(by(ADMIN), "erhao", "二号", [(cast.area, "administrator")])
    me = db.session.get_one(Person, cast.people[ADMIN])
    people.update(me, queries.viewer(other.id), name="何管理", active=False, postings=[])
    assert (posts(me.id), me.active) == (set(), False)


def test_disabling_ends_every_session(cast: Cast, by: By) -> None:
    from perfmgr import times
    from perfmgr.actions.sessions import _open_session

    for _n in range(2):
        _open_session(cast.people[FILLER], times.now())
    person = db.session.get_one(Person, cast.people[FILLER])
    people.update(person, by(ADMIN), name="林填报", active=False, postings=[(cast.department, "filler")])
    assert {row.ended_at is not None for row in db.session.scalars(select(SignIn))} == {True}


def test_changed_posts_count_as_a_change(cast: Cast, by: By) -> None:
    person = db.session.get_one(Person, cast.people[FILLER])
    version = person.version
    people.update(person, by(ADMIN), name=person.name, active=True, postings=[], version=version)
    with pytest.raises(Conflict, match="已被他人修改"):
        people.update(
            person, by(ADMIN), name=person.name, active=True, postings=[(cast.unit, "filler")], version=version
        )
    db.session.expire_all()
    assert person.appointments == []


def test_a_form_made_from_an_older_version_is_refused(cast: Cast, by: By) -> None:
    person = db.session.get_one(Person, cast.people[FILLER])
    version = person.version
    people.update(person, by(ADMIN), name="改名", active=True, postings=[], version=version)
    with pytest.raises(Conflict, match="已被他人修改"):
        people.update(person, by(ADMIN), name="再改", active=True, postings=[], version=version)
    assert db.session.get_one(Person, person.id).name == "改名"


def test_an_administrator_finds_their_own_people_and_those_without_post(
    cast: Cast, by: By, department_admin: Viewer
) -> None:
    lonely = action(create_person)("wuganwei", "无岗位", "x")
    names = {person.username for person in db.session.scalars(queries.listed(department_admin))}
    assert names == {"bumen", "filler", "filler2", "reviewer", "wuganwei"}
    assert queries.find(cast.people[FINANCE], department_admin) is None
    assert queries.find(lonely.id, department_admin) is not None


def test_a_role_holds_for_everything_below_and_nothing_beside(cast: Cast, by: By) -> None:
    from perfmgr.models.unit import Unit

    paths = {
        name: db.session.get_one(Unit, getattr(cast, name)).path
        for name in ("area", "department", "unit", "other_unit")
    }
    reviewer = by(REVIEWER)
    found = {name: sorted(reviewer.roles_over(path)) for name, path in paths.items()}
    assert found == {
        "area": [],
        "department": ["department_reviewer"],
        "unit": ["department_reviewer"],
        "other_unit": [],
    }
    nobody = dataclasses.replace(reviewer, posts=(), roles=frozenset())
    assert nobody.roles_over(paths["unit"]) == frozenset()


def test_the_address_of_somebody_with_posts_elsewhere_is_not_changed(
    cast: Cast, by: By, department_admin: Viewer
) -> None:
    person, _password = people.create(
        by(ADMIN), "liangchu", "两处", [(cast.unit, "filler"), (cast.other_unit, "filler")], "liang@example.cn"
    )
    same = {"name": "两处", "active": True, "postings": [(cast.unit, "filler")]}
    with pytest.raises(NotAllowed, match="管理范围之外"):
        people.update(person, department_admin, **same, email="mine@example.cn")
    db.session.expire_all()
    assert people.email_of(person) == "liang@example.cn"
    people.update(person, department_admin, **same)
    assert (people.email_of(person), len(posts(person.id))) == ("liang@example.cn", 2)

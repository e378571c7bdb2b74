"""People: creating, appointing, disabling, resetting passwords."""

import secrets
from collections.abc import Collection

from perfmgr.actions._action import action, count_as_changed, require_role, require_version
from perfmgr.actions.sessions import end_sessions, hasher, store_password
from perfmgr.channels.sealing import address_of, seal
from perfmgr.extensions import db
from perfmgr.models.person import Appointment, Person
from perfmgr.models.unit import Unit
from perfmgr.queries import people
from perfmgr.queries.people import Viewer
from perfmgr.rules.messages import is_email
from perfmgr.rules.passwords import check_username, fold_username
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.roles import ADMINISTRATOR, ROLES
from perfmgr.rules.texts import N_, clean_line

BAD_EMAIL = N_("“邮箱”不是可用的地址，请填写类似 zhangsan@example.gov.cn 的地址。")

Posting = tuple[int, str]  # (unit id, role)


def first_password() -> str:
    """Return a random password to hand over once; it must be changed at the first sign-in."""
    return f"Pm-{secrets.token_urlsafe(12)}7"


def _check_identity(username: str, name: str) -> tuple[str, str]:
    username, name = fold_username(username), clean_line(name)
    finding = check_username(username)
    if finding:
        raise Invalid([finding])
    if not name:
        raise Refused(N_("“姓名”不能为空。"), field="name")
    return username, name


def create_person(username: str, name: str, password_hash: str, *, must_change: bool = True) -> Person:
    """Add a person inside the caller's transaction. Raises Conflict when the user name is taken."""
    username, name = _check_identity(username, name)
    if people.find_by_username(username):
        raise Conflict(N_("用户名“%(username)s”已被使用，请换一个。"), field="username", username=username)
    person = Person(username=username, name=name, password_hash=password_hash, must_change_password=must_change)
    db.session.add(person)
    db.session.flush()
    return person


def _require_administrator(by: Viewer) -> None:
    if ADMINISTRATOR not in by.roles:
        raise NotAllowed(N_("只有系统管理员可以管理人员和岗位。"))


def is_whole(person: Person, by: Viewer) -> bool:
    """Tell whether every post of the person lies below this administrator's."""
    return all(ADMINISTRATOR in by.roles_over(appointment.unit.path) for appointment in person.appointments)


def _require_whole(person: Person, by: Viewer) -> None:
    """Only somebody over all the person's posts may take the account over or close it.

    Otherwise the administrator of one unit could become the administrator of the whole area.
    """
    _require_administrator(by)
    if not is_whole(person, by):
        raise NotAllowed(N_("此人在您的管理范围之外还有岗位，请由管理其全部岗位的系统管理员办理。"))


@action
def create(by: Viewer, username: str, name: str, postings: Collection[Posting], email: str = "") -> tuple[Person, str]:
    """Add a person with appointments; returns the person and the first password, which is shown once."""
    _require_administrator(by)
    password = first_password()
    person = create_person(username, name, hasher.hash(password))
    person.email = checked_email(email)
    _appoint(person, postings, by)
    return person, password


@action
def create_administrator(username: str, name: str, password: str, unit_id: int) -> Person:
    """Add an administrator over a unit; used by the command that sets up an installation."""
    person = create_person(username, name, hasher.hash(password), must_change=False)
    person.appointments.append(Appointment(unit_id=unit_id, role=ADMINISTRATOR))
    return person


def _appoint(person: Person, postings: Collection[Posting], by: Viewer) -> None:
    """Make the person's appointments inside the administrator's units exactly these."""
    wanted = set(postings)
    if any(role not in ROLES for _, role in wanted):
        raise Refused(N_("请从列表中选择岗位。"), field="postings")
    for unit_id, _ in wanted:
        unit = db.session.get(Unit, unit_id)
        if unit is None:
            raise Refused(N_("请从列表中选择单位。"), field="postings")
        require_role(by, unit.path, {ADMINISTRATOR})
    kept = {}
    for appointment in list(person.appointments):
        key = (appointment.unit_id, appointment.role)
        mine = by.roles_over(appointment.unit.path) & {ADMINISTRATOR}
        if key in wanted or not mine:
            kept[key] = appointment
        else:
            person.appointments.remove(appointment)
    for unit_id, role in sorted(wanted - kept.keys()):
        person.appointments.append(Appointment(unit_id=unit_id, role=role))


def checked_email(email: str) -> str:
    """Return an e-mail address as it is stored: encrypted. Raises Refused when it is none."""
    if email and not is_email(email):
        raise Refused(BAD_EMAIL, field="email")
    return seal(email)


def email_of(person: Person) -> str:
    """Return the person's e-mail address; empty when there is none."""
    return address_of(person.email)


@action
def update(
    person: Person,
    by: Viewer,
    *,
    name: str,
    active: bool,
    postings: Collection[Posting],
    email: str | None = None,
    version: int | None = None,
) -> None:
    """Change name, state and appointments; a person who is disabled is signed out at once.

    Raises NotAllowed when an administrator would disable or demote themselves.
    """
    _require_administrator(by)
    require_version(person, version)
    count_as_changed(person, "username")
    if not active:
        _require_whole(person, by)
    if person.id == by.id and (not active or not any(role == ADMINISTRATOR for _, role in postings)):
        raise NotAllowed(N_("不能停用本人账号或取消本人的系统管理员岗位，请由另一位管理员办理。"))
    name = clean_line(name)
    if not name:
        raise Refused(N_("“姓名”不能为空。"), field="name")
    person.name, person.active = name, active
    if email is not None and email != email_of(person):
        _require_whole(person, by)
        person.email = checked_email(email)
    _appoint(person, postings, by)
    if not active:
        end_sessions(person.id)


def reset_password(person: Person, by: Viewer) -> str:
    """Give the person a new random password, to be changed at the next sign-in; returns it once."""
    _require_whole(person, by)
    password = first_password()
    store_password(person.id, password, must_change=True)
    return password

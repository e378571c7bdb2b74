"""People as the rest of the system sees them: who asks, with which roles over which units."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select

from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment, Person
from perfmgr.models.session import SignIn
from perfmgr.models.unit import Unit
from perfmgr.queries.scopes import ids_on, prune, ranges
from perfmgr.rules.roles import BY_ASSIGNMENT


@dataclass(frozen=True, slots=True)
class Post:
    """One appointment of the person: a role over a unit and everything below it."""

    role: str
    unit_id: int
    unit_name: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who asks, as loaded by the gate with one query."""

    id: int
    username: str
    name: str
    must_change_password: bool
    posts: tuple[Post, ...] = ()
    unread: int = 0
    session_id: int = 0
    seen_at: dt.datetime | None = None
    roles: frozenset[str] = field(default=frozenset())

    def roles_over(self, path: str) -> frozenset[str]:
        """Return the roles this person holds over the unit with this path."""
        return frozenset(post.role for post in self.posts if path.startswith(post.path))

    @property
    def places(self) -> tuple[Post, ...]:
        """The posts that open what belongs to their place; not those that only see what was assigned by name."""
        return tuple(post for post in self.posts if post.role not in BY_ASSIGNMENT)

    def paths(self, roles: Collection[str] | None = None) -> list[str]:
        """Return the paths of the subtrees over which the person holds any (of these) roles.

        Roles that see only what was assigned by name give no path unless they are asked for.
        """
        if roles is None:
            return prune([post.path for post in self.places])
        return prune([post.path for post in self.posts if post.role in roles])


def _viewer_rows() -> Select[Any]:
    unread = select(func.count()).where(Notice.person_id == Person.id, Notice.read_at.is_(None)).scalar_subquery()
    return (
        select(
            Person.id,
            Person.username,
            Person.name,
            Person.must_change_password,
            unread.label("unread"),
            Appointment.role,
            Unit.id.label("unit_id"),
            Unit.name.label("unit_name"),
            Unit.kind,
            Unit.path,
        )
        .outerjoin(Appointment, Appointment.person_id == Person.id)
        .outerjoin(Unit, Unit.id == Appointment.unit_id)
        .where(Person.active)
        .order_by(Appointment.id)
    )


def _build(rows: Sequence[Row[Any]], session_id: int = 0, seen_at: dt.datetime | None = None) -> Viewer:
    first = rows[0]
    posts = tuple(Post(r.role, r.unit_id, r.unit_name, r.kind, r.path) for r in rows if r.role)
    return Viewer(
        id=first.id,
        username=first.username,
        name=first.name,
        must_change_password=first.must_change_password,
        posts=posts,
        unread=first.unread,
        session_id=session_id,
        seen_at=seen_at,
        roles=frozenset(post.role for post in posts),
    )


def viewer_of_session(token_hash: str, idle_since: dt.datetime, started_since: dt.datetime) -> Viewer | None:
    """Return the person behind a live session, or None.

    A session is live when it was not ended, was seen after ``idle_since`` and began after
    ``started_since``.
    """
    params = {"token": token_hash, "idle_since": idle_since, "started_since": started_since}
    rows = db.session.execute(_by_session(), params).all()
    return _build(rows, rows[0].session_id, rows[0].seen_at) if rows else None


@lru_cache(maxsize=1)
def _by_session() -> Select[Any]:
    return (
        _viewer_rows()
        .add_columns(SignIn.id.label("session_id"), SignIn.seen_at)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == bindparam("token"),
            SignIn.ended_at.is_(None),
            SignIn.seen_at > bindparam("idle_since"),
            SignIn.created_at > bindparam("started_since"),
        )
    )


def owner_of_token(token_hash: str) -> int | None:
    """Return whose session this was, if it ran out by itself and was not ended."""
    return db.session.scalar(select(SignIn.person_id).where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None)))


def viewer(person_id: int) -> Viewer:
    """Return a person as the one who asks; used by commands, jobs and tests that act for somebody."""
    return _build(db.session.execute(_viewer_rows().where(Person.id == person_id)).all())


def viewer_or_none(person_id: int) -> Viewer | None:
    """Return a person as the one who asks, or None when the account is switched off or gone."""
    rows = db.session.execute(_viewer_rows().where(Person.id == person_id)).all()
    return _build(rows) if rows else None


def find_by_username(username: str) -> Person | None:
    """Return the person with this (folded) user name, or None."""
    return db.session.scalar(select(Person).where(Person.username == username))


def find(person_id: int, by: Viewer) -> Person | None:
    """Return a person an administrator may manage, or None.

    That is anybody appointed within the administrator's units, and anybody without appointment.
    """
    return db.session.scalar(select(Person).where(Person.id == person_id, _managed(by)))


def _managed(by: Viewer) -> ColumnElement[bool]:
    inside = (
        select(Appointment.person_id)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(ranges(Unit.path, by.paths({"administrator"})))
    )
    anywhere = select(Appointment.person_id)
    return or_(Person.id.in_(inside), Person.id.not_in(anywhere))


def listed(by: Viewer, search: str = "") -> Select[Person]:
    """Return the query for the people an administrator manages, by user name."""
    statement = select(Person).where(_managed(by)).order_by(Person.username)
    if search:
        statement = statement.where(
            or_(Person.name.contains(search, autoescape=True), Person.username.contains(search, autoescape=True))
        )
    return statement


def holders(path: str, roles: Collection[str]) -> list[int]:
    """Return the ids of active people who hold one of these roles over the unit with this path."""
    above = ids_on(path)
    statement = (
        select(Appointment.person_id)
        .join(Person)
        .where(Appointment.unit_id.in_(above), Appointment.role.in_(roles), Person.active)
        .distinct()
        .order_by(Appointment.person_id)
    )
    return list(db.session.scalars(statement))


def working_for(path: str, roles: Collection[str]) -> list[tuple[int, str]]:
    """Return the active people who hold one of these roles over a unit or anything below it, post by post.

    Each with the path of what they work for there: the unit itself, or what lies below it.
    """
    statement = (
        select(Appointment.person_id, Unit.path)
        .join(Person)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(or_(Unit.id.in_(ids_on(path)), ranges(Unit.path, [path])), Appointment.role.in_(roles), Person.active)
    )
    return [(row[0], max(row[1], path, key=len)) for row in db.session.execute(statement)]


def names(ids: Collection[int]) -> dict[int, str]:
    """Return the names of these people by id."""
    if not ids:
        return {}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def count() -> int:
    """Return how many people there are at all; 0 means a fresh installation."""
    return db.session.scalar(select(func.count()).select_from(Person)) or 0

"""Signing in and out, and changing one's password."""

import datetime as dt
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import case, delete, func, literal, null, or_, select, true, update
from sqlalchemy.exc import OperationalError

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.person import Person
from perfmgr.models.session import SignIn
from perfmgr.models.types import Instant
from perfmgr.queries import people
from perfmgr.queries.people import Viewer
from perfmgr.rules.passwords import check_password, fold_username
from perfmgr.rules.refusals import Invalid, NotAllowed, Refused
from perfmgr.rules.texts import N_

hasher = PasswordHasher()
# One sentence for every failure: it must not tell whether the user name exists or is locked.
WRONG = N_("用户名或密码不正确，或账号已被锁定。连续输错 5 次将锁定 30 分钟，请稍后再试或联系系统管理员。")
_NOBODY = hasher.hash(secrets.token_urlsafe(16))


def hash_token(token: str) -> str:
    """Return the form in which a session token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@action
def _count_guess(person_id: int, now: dt.datetime, limit: int, lock: dt.timedelta) -> bool:
    """Count one guess before it is looked at; False when the person may not guess now.

    One conditional statement: of any number of guesses that come in at once, ``limit`` are
    counted and the last of them locks. The right password takes its own guess back.
    """
    last = Person.failures + 1 >= limit
    counted = db.session.scalar(
        update(Person)
        .where(Person.id == person_id, Person.active, or_(Person.locked_until.is_(None), Person.locked_until <= now))
        .values(
            failures=case((last, 0), else_=Person.failures + 1),
            locked_until=case((last, literal(now + lock, Instant)), else_=null()),
        )
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    return counted is not None


@action
def _open_session(person_id: int, now: dt.datetime, password_hash: str | None = None) -> str:
    """Open a session for somebody whose password was found right, if it is still the same one."""
    unchanged = Person.password_hash == password_hash if password_hash else true()
    freed = db.session.scalar(
        update(Person)
        .where(Person.id == person_id, Person.active, unchanged)
        .values(failures=0, locked_until=None)
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    if freed is None:
        raise NotAllowed(WRONG)
    token = secrets.token_urlsafe(32)
    db.session.add(SignIn(token_hash=hash_token(token), person_id=person_id, created_at=now, seen_at=now))
    return token


def sign_in(username: str, password: str, *, failures: int, lock_minutes: int) -> str:
    """Return a new session token for the right user name and password.

    Raises NotAllowed with one and the same sentence for an unknown, locked or inactive person
    and for a wrong password; the ``failures``-th wrong password locks for ``lock_minutes``.
    The costly comparison runs outside a transaction, and also for unknown names.
    """
    now = times.now()
    person = people.find_by_username(fold_username(username))
    known = None if person is None else (person.id, person.password_hash)
    db.session.rollback()
    if known is None or not _count_guess(known[0], now, failures, dt.timedelta(minutes=lock_minutes)):
        _matches(_NOBODY, password)
        raise NotAllowed(WRONG)
    person_id, password_hash = known
    if not _matches(password_hash, password):
        raise NotAllowed(WRONG)
    return _open_session(person_id, now, password_hash)


@action
def sign_out(session_id: int) -> None:
    """End one session for good."""
    db.session.execute(
        update(SignIn).where(SignIn.id == session_id, SignIn.ended_at.is_(None)).values(ended_at=times.now())
    )


def end_sessions(person_id: int, keep_session_id: int = 0) -> None:
    """End every session of a person, except one, inside the caller's transaction."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.person_id == person_id, SignIn.id != keep_session_id, SignIn.ended_at.is_(None))
        .values(ended_at=times.now())
    )


def change_password(by: Viewer, old: str, new: str) -> None:
    """Set a new password; every other session of the person ends.

    Raises Refused when the old password is wrong, Invalid when the new one is too weak.
    """
    person = db.session.get_one(Person, by.id)
    right = _matches(person.password_hash, old)
    db.session.rollback()
    if not right:
        raise Refused(N_("“原密码”不正确，请重新输入。"), field="old")
    findings = check_password(new, by.username)
    if old == new:
        raise Refused(N_("“新密码”不能与原密码相同。"), field="new")
    if findings:
        raise Invalid(findings)
    _store_password(by.id, hasher.hash(new), must_change=False, keep_session_id=by.session_id)


@action
def _store_password(person_id: int, password_hash: str, *, must_change: bool, keep_session_id: int = 0) -> None:
    person = db.session.get_one(Person, person_id)
    person.password_hash, person.must_change_password = password_hash, must_change
    person.failures, person.locked_until = 0, None
    end_sessions(person_id, keep_session_id)


def store_password(person_id: int, password: str, *, must_change: bool) -> None:
    """Set somebody's password without the old one (by an administrator); all their sessions end."""
    _store_password(person_id, hasher.hash(password), must_change=must_change)


@action
def forget(before: dt.datetime, dry_run: bool = False) -> int:
    """Delete the sign-ins that began before an instant; returns how many there are."""
    old = SignIn.created_at < before
    count = db.session.scalar(select(func.count()).where(old)) or 0
    if not dry_run:
        db.session.execute(delete(SignIn).where(old))
    return count


def touch_apart(session_id: int, now: dt.datetime) -> None:
    """Note that a session is in use, on a connection of its own, so that showing a page writes nothing else.

    Losing one such note costs nobody anything: when the database is busy it is left out.
    """
    try:
        with db.engine.execution_options(impatient=True).begin() as connection:
            connection.execute(update(SignIn).where(SignIn.id == session_id).values(seen_at=now))
    except OperationalError:
        return

"""Calendar subscriptions: of a person, and by the secret that somebody brings."""

import hashlib

from sqlalchemy import select

from perfmgr.extensions import db
from perfmgr.models.feed import CalendarFeed
from perfmgr.models.person import Person


def hash_secret(secret: str) -> str:
    """Return the form in which a secret is stored. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def of_person(person_id: int) -> CalendarFeed | None:
    """Return the subscription of a person, or None."""
    return db.session.scalar(select(CalendarFeed).where(CalendarFeed.person_id == person_id))


def by_secret(secret: str) -> CalendarFeed | None:
    """Return the subscription with this secret, if its person may still sign in."""
    return db.session.scalar(
        select(CalendarFeed)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(CalendarFeed.secret_hash == hash_secret(secret), Person.active)
    )

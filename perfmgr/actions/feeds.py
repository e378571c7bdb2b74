"""Calendar subscriptions: making the secret address (anew), and taking it back."""

import secrets

from sqlalchemy import delete

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.feed import CalendarFeed
from perfmgr.queries import feeds
from perfmgr.queries.people import Viewer

SECRET_BYTES = 32


@action
def renew(by: Viewer, language: str) -> str:
    """Make the person's secret and return it; it is stored as a hash only and cannot be shown again.

    An address made before stops working. The subscription speaks this language.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed = feeds.of_person(by.id)
    if feed is None:
        feed = CalendarFeed(person_id=by.id)
        db.session.add(feed)
    feed.secret_hash, feed.language, feed.created_at = feeds.hash_secret(secret), language, times.now()
    return secret


@action
def remove(by: Viewer) -> None:
    """Take the person's address back; it answers like one that never was."""
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == by.id))

"""The outbox: claiming messages, and noting what became of each, in transactions of their own.

No transaction is open while something is on the wire: a claim is committed before the first byte
is sent, and each result is written right after the other side's answer.
"""

import datetime as dt
import secrets
import socket
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Update, bindparam, select, text, update

from perfmgr.models.message import Message, MessageReminder
from perfmgr.models.reminder import Reminder

CLAIM = dt.timedelta(minutes=5)
# Whoever holds a claim renews it so often: no single message takes as long as what is left of it then.
RENEW_SECONDS = 60
BATCH = 100

# Where a drill may stop the process; see ``messages_due``.
At = Callable[[str], None]
COLUMNS = ("id", "channel", "person_id", "endpoint_id", "key", "content", "tries", "due_at", "error")


class Watch:
    """The time as the round was told it, going on by itself; and who holds the claims of this round."""

    def __init__(self, now: dt.datetime) -> None:
        self._start, self._now = time.monotonic(), now
        self.name = f"{socket.gethostname()[:40]}-{secrets.token_hex(8)}"

    def now(self) -> dt.datetime:
        """Return the present instant."""
        return self._now + dt.timedelta(seconds=time.monotonic() - self._start)


def take_up(connection: Connection, now: dt.datetime) -> None:
    """Free what somebody claimed and did not finish: a process that was killed, a machine that is gone."""
    left = select(Message.id).where(Message.state == "claimed", Message.claimed_until <= now)
    if connection.dialect.name == "postgresql":
        left = left.with_for_update(skip_locked=True)  # another clock is freeing them at this moment
    found = left.cte("found")
    with connection.begin():
        connection.execute(
            update(Message)
            .where(Message.id.in_(select(found.c.id)), Message.state == "claimed")
            .values(state="waiting", claimed_by="", claimed_until=None)
        )


def claim(connection: Connection, watch: Watch, most: int, *conditions: ColumnElement[bool]) -> list[Any]:
    """Claim the messages that are due first among those the conditions allow, and return them in that order.

    On PostgreSQL rows that others are claiming at this moment are passed over. SQLite has one
    writer at a time, and the condition on the state is part of the update.
    """
    now = watch.now()
    first = (
        select(Message.id)
        .where(Message.state == "waiting", Message.due_at <= now, *conditions)
        .order_by(Message.due_at, Message.id)
        .limit(most)
    )
    if connection.dialect.name == "postgresql":
        first = first.with_for_update(skip_locked=True)
    picked = first.cte("picked")
    statement = (
        update(Message)
        .where(Message.id.in_(select(picked.c.id)), Message.state == "waiting")
        .values(state="claimed", claimed_by=watch.name, claimed_until=now + CLAIM)
        .returning(*(getattr(Message, name) for name in COLUMNS))
    )
    with connection.begin():
        rows = connection.execute(statement).all()
    return sorted(rows, key=lambda row: (row.due_at, row.id))


class Hold:
    """What a round has claimed and not settled yet, claimed anew before the claim can end.

    A process that was held up for too long (a laptop that slept, a machine that was moved) finds
    that another has taken up its messages, and leaves them alone.
    """

    def __init__(self, connection: Connection, watch: Watch) -> None:
        self._connection, self._watch = connection, watch
        self._ids: set[int] = set()
        self._renewed = time.monotonic()

    def add(self, rows: Sequence[Any]) -> None:
        """Note what was just claimed."""
        if not self._ids:
            self._renewed = time.monotonic()
        self._ids.update(row.id for row in rows)

    def settled(self, rows: Sequence[Any]) -> None:
        """Forget what has been marked or given back."""
        self._ids.difference_update(row.id for row in rows)

    def has(self, row: Any) -> bool:
        """Tell whether a message is still ours to send; renews the claims when it is time."""
        self.renew()
        return row.id in self._ids

    def renew(self) -> None:
        """Renew all claims, once a minute, and forget what others hold now."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        self._renewed = time.monotonic()
        statement = (
            update(Message)
            .where(Message.id.in_(self._ids), Message.state == "claimed", Message.claimed_by == self._watch.name)
            .values(claimed_until=self._watch.now() + CLAIM)
            .returning(Message.id)
        )
        with self._connection.begin():
            self._ids = set(self._connection.scalars(statement))


def _held(watch: Watch, ids: Collection[int]) -> Update:
    return (
        update(Message)
        .where(Message.id.in_(ids), Message.state == "claimed", Message.claimed_by == watch.name)
        .values(claimed_by="", claimed_until=None)
    )


def release(
    connection: Connection, watch: Watch, ids: Collection[int], error: str = "", due_at: dt.datetime | None = None
) -> None:
    """Give claimed messages back without counting a try: it was not their fault."""
    if not ids:
        return
    values: dict[str, Any] = {"state": "waiting"}
    if error:
        values["error"] = error
    if due_at:
        values["due_at"] = due_at
    with connection.begin():
        connection.execute(_held(watch, ids).values(**values))


@contextmanager
def marking(engine: Engine, connection: Connection) -> Iterator[Connection]:
    """Yield the connection for marks: on PostgreSQL one whose every statement is a transaction of its own.

    There it does not wait for the disk either. A crash of the database's machine may lose the last
    marks: then those messages are sent once more, with the same id. Waiting after every message
    would cost more than sending it.
    """
    if engine.dialect.name != "postgresql":
        yield connection
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as marks:
        with marks.begin():
            marks.execute(text("SET synchronous_commit = off"))
        try:
            yield marks
        finally:
            with marks.begin():
                marks.execute(text("RESET synchronous_commit"))


@lru_cache(maxsize=1)
def _mark() -> Update:
    # Also when the claim has ended meanwhile: it was sent, whoever holds it now.
    return (
        update(Message)
        .where(Message.id.in_(bindparam("messages", expanding=True)), Message.state.in_(("claimed", "waiting")))
        .values(state="sent", sent_at=bindparam("now"), error="", claimed_by="", claimed_until=None)
    )


def mark_sent(marks: Connection, watch: Watch, rows: Sequence[Any]) -> None:
    """Note that messages were accepted, and that their reminders arrived after all if an earlier try had failed."""
    now = watch.now()
    with marks.begin():
        again = [row.id for row in rows if row.error]
        if again:
            marks.execute(
                _reminders_of(again)
                .where(Reminder.state == "failed")
                .values(state="sent", sent_at=now, reason="", note="")
            )
        marks.execute(_mark(), {"messages": [row.id for row in rows], "now": now})


def put_off(connection: Connection, watch: Watch, row: Any, error: str, due_at: dt.datetime) -> None:
    """Count a try that failed, and try again later."""
    with connection.begin():
        connection.execute(
            _held(watch, [row.id]).values(state="waiting", tries=row.tries + 1, error=error, due_at=due_at)
        )


def park(connection: Connection, watch: Watch, row: Any, error: str) -> None:
    """Give up on a message until an administrator looks at it; its reminders have failed."""
    with connection.begin():
        done = connection.execute(_held(watch, [row.id]).values(state="parked", tries=row.tries + 1, error=error))
        if done.rowcount:
            connection.execute(
                _reminders_of([row.id]).values(state="failed", failed_at=watch.now(), reason="error", note=error)
            )


def cancel(connection: Connection, watch: Watch, row: Any, error: str) -> None:
    """Withdraw a message that has no receiver any more."""
    with connection.begin():
        connection.execute(_held(watch, [row.id]).values(state="cancelled", error=error))


def _reminders_of(message_ids: Collection[int]) -> Update:
    return update(Reminder).where(
        Reminder.id.in_(select(MessageReminder.reminder_id).where(MessageReminder.message_id.in_(message_ids)))
    )

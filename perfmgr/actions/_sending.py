"""What every round of sending does with failures: whose fault they are, and when to try again."""

import datetime as dt
from secrets import SystemRandom
from typing import Any

import structlog
from sqlalchemy import Connection

from perfmgr.actions import _outbox as outbox
from perfmgr.actions._outbox import Watch
from perfmgr.channels.outcomes import Dropped, Permanent, SendingError
from perfmgr.rules import messages

chance = SystemRandom().random  # spreads retries over time
log = structlog.get_logger()

# So many messages in a row without an answer: the server is at fault, not they.
MOST_DROPS = 3


class Round:
    """One round over one server: results are written as they come, dropped messages judged by what follows.

    A message whose connection broke is suspect. When a later message is answered, the server lives
    and the suspect has had one of its tries. After three suspects in a row, or when the server cannot
    be reached again, the server is down: nothing is counted, and the round is over.
    """

    def __init__(self, connection: Connection, marks: Connection, watch: Watch) -> None:
        self.connection, self.watch = connection, watch
        self._marks = marks
        self.sent = 0
        self._suspects: list[tuple[Any, str]] = []

    def accepted(self, row: Any) -> None:
        """The server took the message."""
        outbox.mark_sent(self._marks, self.watch, row)
        self.sent += 1
        self.answered()

    def refused(self, row: Any, error: SendingError) -> bool:
        """The server did not take the message; returns False when the server seems to be down."""
        if isinstance(error, Dropped):
            self._suspects.append((row, error.reason))
            return len(self._suspects) < MOST_DROPS
        self._failed(row, error.reason, for_good=isinstance(error, Permanent))
        self.answered()
        return True

    def answered(self) -> None:
        """Count the suspects: the server lives."""
        for row, reason in self._suspects:
            self._failed(row, reason)
        self._suspects.clear()

    def _failed(self, row: Any, reason: str, for_good: bool = False) -> None:
        log.info("message failed", message=row.id, channel=row.channel, tries=row.tries + 1, reason=reason)
        if for_good or row.tries + 1 >= messages.MOST_TRIES:
            outbox.park(self.connection, self.watch, row, reason)
        else:
            wait = messages.wait_after(row.tries + 1, chance())
            outbox.put_off(self.connection, self.watch, row, reason, self.watch.now() + wait)

    def down(self, rows: list[Any], reason: str) -> None:
        """The server is down: give everything back. Suspects wait a little, so that others get their turn first."""
        log.warning("server down", reason=reason, waiting=len(rows))
        outbox.release(self.connection, self.watch, [row.id for row in rows], reason)
        for row, why in self._suspects:
            due_at = self.watch.now() + outage_wait(MOST_DROPS)
            outbox.release(self.connection, self.watch, [row.id], why, due_at)
        self._suspects.clear()

    def close(self) -> None:
        """Judge what is left at the end of a round that was not broken off."""
        self.answered()


def outage_wait(failures: int) -> dt.timedelta:
    """Return how long to leave a server alone after so many failures in a row."""
    return messages.outage_wait(failures, chance())

"""What every round of sending does with failures: whose fault they are, and when to try again."""

import datetime as dt
from collections.abc import Sequence
from secrets import SystemRandom
from typing import Any

import structlog
from sqlalchemy import Connection

from perfmgr.actions import _outbox as outbox
from perfmgr.actions._outbox import Hold, Watch
from perfmgr.channels.outcomes import UNSENDABLE, Dropped, Permanent, SendingError
from perfmgr.rules import messages

chance = SystemRandom().random  # spreads retries over time
log = structlog.get_logger()

# So many messages in a row without an answer, or put off by the answer: the server is at fault, not they.
MOST_DROPS = 3
MOST_PUT_OFF = 20


class Round:
    """One round over one server: results are written as they come, what was not taken is judged by what follows.

    A message whose connection broke, or that the server put off, is suspect. When a later message is
    taken, or none is left, the server lives and the suspect has had one of its tries. After three
    broken ones (twenty put off) in a row the round is broken off: the suspects have had a try if the
    server took something earlier in the round; if not, or if it cannot be reached any more, it is
    down and nothing is counted. Suspects then wait a little, so that others get their turn first.
    """

    def __init__(self, connection: Connection, marks: Connection, watch: Watch) -> None:
        self.connection, self.watch = connection, watch
        self.hold = Hold(connection, watch)
        self._marks = marks
        self.sent = 0
        self._lives = False
        self._suspects: list[tuple[Any, str]] = []
        self._drops = 0

    def accepted(self, rows: Sequence[Any]) -> None:
        """The server took these messages."""
        outbox.mark_sent(self._marks, self.watch, rows)
        self.hold.settled(rows)
        self.sent += len(rows)
        self._answered()

    def refused(self, row: Any, error: Exception) -> bool:
        """The server did not take the message; returns False when the server seems to be down."""
        if not isinstance(error, SendingError):
            # A message nobody thought of must not hold up the others, again and again.
            log.error("message cannot be sent", message=row.id, exc_info=error)
            error = Permanent(UNSENDABLE)
        if isinstance(error, Permanent):
            self._failed(row, error.reason, for_good=True)
            self._answered()
            return True
        self._suspects.append((row, error.reason))
        self._drops = self._drops + 1 if isinstance(error, Dropped) else 0
        return self._drops < MOST_DROPS and len(self._suspects) < MOST_PUT_OFF

    def _answered(self) -> None:
        self._lives = True
        self._judge()

    def _judge(self) -> None:
        """Count the suspects: the server lives."""
        for row, reason in self._suspects:
            self._failed(row, reason)
        self._suspects.clear()
        self._drops = 0

    def _failed(self, row: Any, reason: str, for_good: bool = False) -> None:
        log.info("message failed", message=row.id, channel=row.channel, tries=row.tries + 1, reason=reason)
        if for_good or row.tries + 1 >= messages.MOST_TRIES:
            outbox.park(self.connection, self.watch, row, reason)
        else:
            wait = messages.wait_after(row.tries + 1, chance())
            outbox.put_off(self.connection, self.watch, row, reason, self.watch.now() + wait)
        self.hold.settled([row])

    def cancelled(self, row: Any, reason: str) -> None:
        """Nobody is to get the message any more."""
        outbox.cancel(self.connection, self.watch, row, reason)
        self.hold.settled([row])

    @property
    def is_doubtful(self) -> bool:
        """Whether the last answers leave it open if the server lives."""
        return bool(self._suspects)

    def break_off(self, untried: Sequence[Any], reason: str, away: bool) -> None:
        """Give back what was not tried. ``away``: the server cannot be reached, so that nobody has had a try."""
        log.warning("server down", reason=reason, waiting=len(untried))
        outbox.release(self.connection, self.watch, [row.id for row in untried], reason)
        self.hold.settled(untried)
        # Letters handed over ahead may all have been dropped by now: more in a row than it takes, and none taken.
        nobody_left = not untried and self._drops <= MOST_DROPS
        if not away and (self._lives or nobody_left):
            self._judge()
        for row, why in self._suspects:
            due_at = self.watch.now() + outage_wait(MOST_DROPS)
            outbox.release(self.connection, self.watch, [row.id], why, due_at)
            self.hold.settled([row])
        self._suspects.clear()

    def close(self) -> None:
        """Judge what is left at the end of a round that was not broken off."""
        self._judge()


def outage_wait(failures: int) -> dt.timedelta:
    """Return how long to leave a server alone after so many failures in a row."""
    return messages.outage_wait(failures, chance())

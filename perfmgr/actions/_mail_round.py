"""One round of e-mail: claim, write, send and mark, all at the same time."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, select

from perfmgr.actions import _mail_codes as codes
from perfmgr.actions import _outbox as outbox
from perfmgr.actions._outbox import At, Watch
from perfmgr.actions._sending import Round
from perfmgr.channels import letters
from perfmgr.channels.carriers import Carriers, Letter, Result
from perfmgr.channels.outcomes import Unreachable
from perfmgr.channels.sealing import address_of
from perfmgr.models.message import Message
from perfmgr.models.person import Person
from perfmgr.rules.texts import N_

NOBODY = N_("收件人已停用或没有邮箱，不再发送。")
AHEAD = 8  # letters handed over, and not marked yet: as many may come twice when a clock is killed
MOST_AGAIN = 10  # claimed at a time of those that were tried before


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a message goes to."""

    name: str
    email: str


def send(connection: Connection, marks: Connection, watch: Watch, limit: int, at: At) -> int:
    """Send what is due by e-mail, at most ``limit`` messages; returns how many the server accepted.

    When the server cannot be reached the round ends after that one attempt, and the next one is made
    with the next round: in half a minute, however long the server was away.
    """
    this = Round(connection, marks, watch)
    with Carriers(current_app.config) as carriers:
        _MailRound(this, carriers, limit, at).run()
    return this.sent


class _MailRound:
    """Writes letters ahead and marks those that were accepted, while others are on their way."""

    def __init__(self, this: Round, carriers: Carriers, limit: int, at: At) -> None:
        self._this, self._carriers, self._left, self._at = this, carriers, limit, at
        self._claimed: deque[tuple[Any, Receiver]] = deque()
        self._written: deque[Letter] = deque()  # ahead of their turn, and taken back
        self._over = self._away = False
        self._down = ""

    def run(self) -> None:
        """Send until nothing is left, or the server is down."""
        while self._hand_out() or self._carriers.out:
            self._take(self._carriers.results())
            self._this.hold.renew()
        if self._down:
            untried = [letter.row for letter in self._written] + [row for row, _receiver in self._claimed]
            self._this.break_off(untried, self._down, self._away)
        else:
            self._this.close()

    def _hand_out(self) -> bool:
        """Keep some letters handed over; when it is doubtful whether the server lives, one after the other."""
        while not self._over and self._carriers.out < (1 if self._this.is_doubtful else AHEAD):
            letter = self._written.popleft() if self._written else self._write_next()
            if letter is None:
                break
            if self._this.hold.has(letter.row):
                self._carriers.hand(letter)
        return self._carriers.out > 0

    def _write_next(self) -> Letter | None:
        while self._claimed or self._claim():
            if not self._claimed:  # all of them were withdrawn
                continue
            row, receiver = self._claimed.popleft()
            try:
                return Letter(row, receiver.email, _write(row, receiver, self._this.watch))
            except Exception as error:
                self._this.refused(row, error)
        return None

    def _claim(self) -> bool:
        """Claim what was never tried; then some of what was, so that letters that hang again and again delay nobody."""
        for condition, most in ((Message.tries == 0, outbox.BATCH), (Message.tries > 0, MOST_AGAIN)):
            most = min(most, self._left)
            rows = most and outbox.claim(
                self._this.connection, self._this.watch, most, Message.channel == "email", condition
            )
            if rows:
                self._left -= len(rows)
                self._this.hold.add(rows)
                self._at("claimed")
                self._claimed.extend(_addressed(self._this, rows))
                return True
        return False

    def _take(self, results: Sequence[Result]) -> None:
        """Mark what was accepted, and judge what was not."""
        accepted = [result.letter.row for result in results if result.error is None]
        if accepted:
            for _row in accepted:
                self._at("accepted")
            self._this.accepted(accepted)
            for _row in accepted:
                self._at("marked")
        for result in results:
            if isinstance(result.error, Unreachable):
                self._written.append(result.letter)
                self._stop(result.error.reason, away=True)
            elif result.error and not self._this.refused(result.letter.row, result.error):
                self._stop(str(result.error), away=False)
        if self._this.is_doubtful:
            self._take_back()

    def _take_back(self) -> None:
        self._written.extendleft(reversed(self._carriers.take_back()))

    def _stop(self, reason: str, away: bool) -> None:
        self._take_back()
        self._over, self._down, self._away = True, self._down or reason, self._away or away


def _write(row: Any, receiver: Receiver, watch: Watch) -> bytes:
    if codes.is_code(row.content):
        return codes.write(row, receiver.email, receiver.name, watch.now())
    return letters.write(row.key, receiver.email, receiver.name, row.content, watch.now())


def _addressed(this: Round, rows: Sequence[Any]) -> Iterator[tuple[Any, Receiver]]:
    """Yield each claimed message with its receiver; withdraw those that nobody is to get any more."""
    wanted = {row.person_id for row in rows}
    columns = (Person.id, Person.name, Person.email, Person.preferences)
    with this.connection.begin():
        found = this.connection.execute(select(*columns).where(Person.id.in_(wanted), Person.active)).all()
    people = {person.id: person for person in found}
    for row in rows:
        person = people.get(row.person_id)
        # A code goes to the address that it is to confirm.
        email = (codes.address(row.content) or address_of(person.email)) if person else ""
        if not person or not email:
            this.cancelled(row, NOBODY)
        elif not codes.is_awaited(row.content, person.preferences, this.watch.now()):
            this.cancelled(row, codes.DEAD)
        else:
            yield row, Receiver(person.name, email)

"""One round of e-mail: claim, send over one connection, mark."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import Connection, select

from perfmgr.actions import _mail_codes as codes
from perfmgr.actions import _outbox as outbox
from perfmgr.actions._outbox import At, Claim, Watch
from perfmgr.actions._sending import Round
from perfmgr.channels import letters
from perfmgr.channels.mail import MailServer
from perfmgr.channels.outcomes import UNSENDABLE, Permanent, SendingError, Unreachable
from perfmgr.channels.sealing import address_of
from perfmgr.models.message import Message
from perfmgr.models.person import Person
from perfmgr.rules.texts import N_

NOBODY = N_("收件人已停用或没有邮箱，不再发送。")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a message goes to."""

    name: str
    email: str


def send(connection: Connection, marks: Connection, watch: Watch, limit: int, at: At) -> int:
    """Send what is due by e-mail, at most ``limit`` messages; returns how many the server accepted.

    When the server cannot be reached the round ends after that one attempt, and the next one is made
    with the next round: in a minute, however long the server was away.
    """
    with MailServer(current_app.config) as server:
        this = Round(connection, marks, watch)
        left = limit
        while left > 0:
            claim = outbox.claim(connection, watch, min(outbox.BATCH, left), Message.channel == "email")
            if not claim.rows:
                break
            left -= len(claim.rows)
            at("claimed")
            if not _send_claimed(this, claim, server, at):
                break
        this.close()
        return this.sent


def _send_claimed(this: Round, claim: Claim, server: MailServer, at: At) -> bool:
    """Send the claimed messages; returns False when the server is down."""
    receivers = _receivers(this.connection, claim)
    rows = list(claim.rows)
    while rows:
        if claim.is_old():
            outbox.release(this.connection, this.watch, [row.id for row in rows])
            return True
        row = rows.pop(0)
        receiver = receivers.get(row.id)
        if receiver is None:
            outbox.cancel(this.connection, this.watch, row, NOBODY)
            continue
        try:
            server.send(receiver.email, _write(row, receiver, this.watch))
        except Unreachable as error:
            this.down([row, *rows], error.reason)
            return False
        except SendingError as error:
            if not this.refused(row, error):
                this.down(rows, error.reason)
                return False
            continue
        except Exception:
            # A message nobody thought of must not hold up the others, again and again.
            log.exception("message cannot be sent", message=row.id)
            this.refused(row, Permanent(UNSENDABLE))
            continue
        at("accepted")
        this.accepted(row)
        at("marked")
    return True


def _write(row: Any, receiver: Receiver, watch: Watch) -> bytes:
    if codes.is_code(row.content):
        return codes.write(row, receiver.email, receiver.name, watch.now())
    return letters.write(row.key, receiver.email, receiver.name, row.content, watch.now())


def _receivers(connection: Connection, claim: Claim) -> Mapping[int, Receiver]:
    """Return who gets each claimed message; whoever is switched off or has no address is missing."""
    wanted = {row.person_id for row in claim.rows}
    statement = select(Person.id, Person.name, Person.email).where(Person.id.in_(wanted), Person.active)
    with connection.begin():
        people = {row.id: row for row in connection.execute(statement)}
    found = {}
    for row in claim.rows:
        person = people.get(row.person_id)
        # A code goes to the address that it is to confirm.
        email = (codes.address(row.content) or address_of(person.email)) if person else ""
        if person and email:
            found[row.id] = Receiver(person.name, email)
    return found

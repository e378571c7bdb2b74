"""One round of robots and webhooks: endpoint by endpoint, so that a dead one costs one attempt and delays nobody."""

import datetime as dt
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from flask import current_app
from sqlalchemy import Connection, select, update

from perfmgr.actions import _outbox as outbox
from perfmgr.actions._outbox import At, Watch
from perfmgr.actions._sending import Round, outage_wait
from perfmgr.channels import letters, robots
from perfmgr.channels.outcomes import Temporary, Unreachable
from perfmgr.channels.sealing import unseal
from perfmgr.channels.webhooks import Line
from perfmgr.models.message import Endpoint, Message
from perfmgr.models.person import Person
from perfmgr.models.unit import Unit
from perfmgr.rules.endpoints import Target, check_address, house_hosts
from perfmgr.rules.refusals import Refused

MORE = "more"  # the kind of the last item of a digest that was too long to store whole
PACE = dt.timedelta(minutes=1)


def send(connection: Connection, marks: Connection, watch: Watch, limit: int, at: At) -> int:
    """Send what is due to robots and webhooks, at most ``limit`` messages; returns how many were accepted."""
    sent, visited = 0, set[int]()
    while sent < limit:
        endpoints = [one for one in _due_endpoints(connection, watch) if one.id not in visited]
        if not endpoints:
            break
        for endpoint in endpoints:
            done, more = _visit(connection, marks, watch, endpoint, limit - sent, at)
            sent += done
            if not more:
                visited.add(endpoint.id)
    return sent


def _due_endpoints(connection: Connection, watch: Watch) -> Sequence[Any]:
    """Return the endpoints for which something is due and which may be tried."""
    now = watch.now()
    due = (
        select(Message.id)
        .where(Message.endpoint_id == Endpoint.id, Message.state == "waiting", Message.due_at <= now)
        .exists()
    )
    open_ones = Endpoint.active & (Endpoint.down_until.is_(None) | (Endpoint.down_until <= now))
    with connection.begin():
        return connection.execute(
            select(*Endpoint.__table__.c, Unit.name.label("unit_name"))
            .join(Unit, Unit.id == Endpoint.unit_id)
            .where(open_ones, due)
            .order_by(Endpoint.id)
        ).all()


def target_of(kind: str, sealed: str) -> Target:
    """Return where an endpoint is, checked as it was when it was saved. Raises Unreachable."""
    try:
        return check_address(kind, unseal(sealed), house_hosts(current_app.config["WEBHOOK_HOSTS"]))
    except Refused as refusal:
        raise Unreachable(refusal.findings[0].sentence()) from refusal


def _visit(
    connection: Connection, marks: Connection, watch: Watch, endpoint: Any, most: int, at: At
) -> tuple[int, bool]:
    """Send one batch to one endpoint; returns how many were accepted, and whether to come again in this round."""
    pace = robots.PER_MINUTE.get(endpoint.kind)
    rows = outbox.claim(connection, watch, min(pace or outbox.BATCH, most), Message.endpoint_id == endpoint.id)
    if not rows:
        return 0, False
    this = Round(connection, marks, watch)
    this.hold.add(rows)
    at("claimed")
    try:
        target, secret = target_of(endpoint.kind, endpoint.address), unseal(endpoint.secret)
    except Unreachable as error:
        this.break_off(rows, error.reason, away=True)
        _leave_alone(connection, watch, endpoint, error.reason)
        return 0, False
    with Line(target) as line:
        lives = _send_claimed(this, rows, endpoint, secret, line, at)
    if lives:
        this.close()
        rest = watch.now() + PACE if pace and len(rows) >= pace else None
        if endpoint.failures or rest:
            _note(connection, endpoint.id, failures=0, down_until=rest, error="")
    return this.sent, lives and not pace


def _send_claimed(this: Round, claimed: Sequence[Any], endpoint: Any, secret: str, line: Line, at: At) -> bool:
    """Send the claimed messages; returns False when the endpoint is down.

    What waits for a group goes out as one digest; when that is not taken, each alone, so that one
    bad message stops no other.
    """
    names = _names(this.connection, claimed)
    parcels = deque([[*claimed]] if endpoint.kind in robots.PER_MINUTE else [[row] for row in claimed])
    while parcels:
        parcel = [row for row in parcels.popleft() if this.hold.has(row)]
        if not parcel:
            continue
        try:
            request = robots.write(endpoint.kind, _told(parcel, endpoint, names), secret, this.watch.now())
            robots.judge(endpoint.kind, *line.post(request.body, request.headers, request.query))
        except Unreachable as error:
            this.break_off([*parcel, *chain(*parcels)], error.reason, away=True)
            _leave_alone(this.connection, this.watch, endpoint, error.reason)
            return False
        except Exception as error:
            if len(parcel) > 1 and not isinstance(error, Temporary):
                parcels.extendleft([row] for row in reversed(parcel))
            elif False in [this.refused(row, error) for row in parcel]:
                this.break_off([*chain(*parcels)], str(error), away=False)
                _leave_alone(this.connection, this.watch, endpoint, str(error))
                return False
            continue
        at("accepted")
        this.accepted(parcel)
        at("marked")
    return True


def _told(parcel: Sequence[Any], endpoint: Any, names: dict[int, str]) -> robots.Told:
    """Return what the endpoint is told: of several messages everything once."""
    entries = [entry for row in parcel for entry in row.content]
    more = sum(int(entry["params"]["count"]) for entry in entries if entry.get("kind") == MORE)
    content = list({subject_of(entry): entry for entry in entries if entry.get("kind") != MORE}.values())
    told = letters.items(content, current_app.config["PUBLIC_URL"].rstrip("/"))
    first = parcel[0]
    person = names.get(first.person_id, "")
    return robots.Told(first.key, endpoint.unit_name, person, told, content, len(content) + more)


def subject_of(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what an item is about: two of the same are told once."""
    params = entry.get("params") or {}
    return (entry.get("kind"), entry.get("subject_kind"), entry.get("subject_id"), params.get("escalated"))


def _names(connection: Connection, rows: Sequence[Any]) -> dict[int, str]:
    wanted = {row.person_id for row in rows if row.person_id}
    if not wanted:
        return {}
    with connection.begin():
        return {
            row.id: row.name for row in connection.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
        }


def _leave_alone(connection: Connection, watch: Watch, endpoint: Any, reason: str) -> None:
    """Remember that the endpoint failed, for every clock: nobody tries again before then."""
    failures = endpoint.failures + 1
    _note(connection, endpoint.id, failures=failures, down_until=watch.now() + outage_wait(failures), error=reason)


def _note(connection: Connection, endpoint_id: int, **values: Any) -> None:
    # Not a change somebody made: the version stays, so that an open form may still be saved.
    with connection.begin():
        connection.execute(update(Endpoint).where(Endpoint.id == endpoint_id).values(**values))

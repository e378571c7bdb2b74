"""Writing what people are told: one notice and one message for everything of one person, in the caller's transaction."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select

from perfmgr import times
from perfmgr.actions._bulk import insert_new
from perfmgr.actions.messages import Outgoing, enqueue
from perfmgr.extensions import db
from perfmgr.models.notice import Notice
from perfmgr.queries.duties import Duty
from perfmgr.queries.reminders import Rule
from perfmgr.rules.reminder_texts import SEVERAL
from perfmgr.rules.reminder_times import BEIJING
from perfmgr.rules.reminders import MOST_SINGLE

MOST_SHOWN = 50  # duties that one message lists; the others it counts


@dataclass(frozen=True, slots=True)
class Line:
    """A claimed line that is to be told: the duty as it stands now, and the item that says it."""

    row: Any
    duty: Duty
    rule: Rule
    item: dict[str, Any]


@dataclass(slots=True)
class Batch:
    """What becomes of the lines of one batch, by id, and what is told."""

    now: dt.datetime
    fates: dict[int, dict[str, Any]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def settle(self, row: Any, state: str, reason: str = "", **more: Any) -> None:
        self.fates[row.id] = {
            "state": state,
            "reason": reason,
            "due_at": row.due_at,
            "sent_at": None,
            "notice_id": None,
            "params": row.params,
            **more,
        }


@dataclass(slots=True)
class _Telling:
    """One notice, and one message, to one person; the lines with the most urgent first."""

    person_id: int
    lines: list[Line]
    now: dt.datetime
    mark: str = ""

    def __post_init__(self) -> None:
        self.lines.sort(key=_urgency)
        # Every line is told once, so the first says which telling this is; with the instant, for
        # SQLite gives the number of a deleted line away again.
        self.mark = f"{min(line.row.id for line in self.lines)}@{int(self.now.timestamp())}"

    def items(self) -> list[dict[str, Any]]:
        """Return each duty once."""
        found: dict[Any, dict[str, Any]] = {}
        for line in self.lines:
            key = (line.item["kind"], line.duty.subject_kind, line.duty.subject_id, line.item["params"]["escalated"])
            found.setdefault(key, line.item)
        return list(found.values())


def _urgency(line: Line) -> tuple[Any, ...]:
    """What is overdue comes first, then what is due first."""
    params = line.item["params"]
    return (not params["late"], params["due_on"] or "9", line.duty.subject_kind, line.duty.subject_id, line.row.id)


def tell(batch: Batch) -> int:
    """Write the notices and messages of a batch, in the caller's transaction; returns how many lines were told."""
    tellings = _together(batch)
    notices = {(t.person_id, t.mark): _notice(t, batch.now) for t in tellings}
    made = insert_new(Notice, list(notices.values()), Notice.id, Notice.person_id, Notice.occurrence)
    ids = {(row.person_id, row.occurrence): row.id for row in made}
    for telling in tellings:
        notice_id = ids.get((telling.person_id, telling.mark))
        for line in telling.lines:
            batch.settle(line.row, "sent", sent_at=batch.now, notice_id=notice_id, params=line.item["params"])
    enqueue([_outgoing(telling, batch.now) for telling in tellings], batch.now)
    return len(batch.lines)


def _together(batch: Batch) -> list[_Telling]:
    """Return what is told in one: all digests of a person, and what would be too many single notices for a day."""
    singles: dict[int, dict[Any, list[Line]]] = defaultdict(lambda: defaultdict(list))
    digests: dict[int, list[Line]] = defaultdict(list)
    for line in batch.lines:
        if line.rule.settings.digest:
            digests[line.row.person_id].append(line)
        else:
            singles[line.row.person_id][(line.duty.subject, line.item["params"]["escalated"])].append(line)
    told = _told_today(singles, batch.now)
    tellings = []
    for person_id, subjects in singles.items():
        if told.get(person_id, 0) + len(subjects) > MOST_SINGLE:
            digests[person_id] += [line for lines in subjects.values() for line in lines]
        else:
            tellings += [_Telling(person_id, lines, batch.now) for lines in subjects.values()]
    return tellings + [_Telling(person_id, lines, batch.now) for person_id, lines in digests.items()]


def _told_today(people: Any, now: dt.datetime) -> dict[int, int]:
    """Return how many notices of reminders these people got today in Beijing."""
    if not people:
        return {}
    morning = dt.datetime.combine(times.day(now), dt.time(), BEIJING)
    statement = (
        select(Notice.person_id, func.count().label("notices"))
        .where(
            Notice.person_id.in_(list(people)),
            Notice.created_at >= morning,
            or_(Notice.kind == SEVERAL, Notice.kind.startswith("reminder_", autoescape=True)),
        )
        .group_by(Notice.person_id)
    )
    return {row.person_id: row.notices for row in db.session.execute(statement)}


def _notice(telling: _Telling, now: dt.datetime) -> dict[str, Any]:
    items = telling.items()
    told = items[0] if len(items) == 1 else _several(telling.person_id, items)
    return {**told, "person_id": telling.person_id, "occurrence": telling.mark, "created_at": now}


def _several(person_id: int, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the notice that tells of several duties at once: how many, and the most urgent of them."""
    params = [item["params"] for item in items]
    days = [p["due_on"] for p in params if p["due_on"]]
    return {
        "kind": SEVERAL,
        "subject_kind": "duties",
        "subject_id": person_id,
        "params": {
            "count": len(items),
            "late": sum(p["late"] for p in params),
            "escalated": sum(p["escalated"] for p in params),
            "due_on": min(days) if days else "",
            "title": params[0]["title"],
            "year": params[0]["year"],
            "uncertain": any(p["uncertain"] for p in params),
        },
    }


def _outgoing(telling: _Telling, now: dt.datetime) -> Outgoing:
    items = telling.items()
    letter = [_several(telling.person_id, items), *items[:MOST_SHOWN]] if len(items) > MOST_SHOWN else items
    law = any(line.rule.settings.by_law for line in telling.lines)
    return Outgoing(
        telling.person_id, f"reminder:{telling.mark}", items, now, [line.row.id for line in telling.lines], law, letter
    )

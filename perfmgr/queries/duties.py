"""Duties: everything that waits for somebody now, in all cycles that are open, and who can do it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Select, bindparam, select

from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import cycles
from perfmgr.queries._duty_statements import BEGINNING, WAITING, Waiting, model_of, timed, to_continue
from perfmgr.queries.scopes import ids_on, unit_ids
from perfmgr.rules.reminder_times import BEIJING
from perfmgr.rules.roles import ADMINISTRATOR, FILLER

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that waits for a role over a unit: since which day, until which day its window wants it.

    ``subject_kind`` is ``project`` for a project that is to be declared and has no declaration yet.
    ``own_id``: who filled the record and may not judge it. ``begun_by_id``: who began it, when it waits
    since then. ``project_id``: the project that was to be declared until a draft of it was begun.
    """

    duty: str
    subject_kind: str
    subject_id: int
    unit_id: int
    path: str
    year: int
    since: dt.date
    due_on: dt.date | None
    role: str
    title: str
    unit_name: str
    review: bool = False
    own_id: int | None = None
    begun_by_id: int | None = None
    project_id: int | None = None

    @property
    def subject(self) -> tuple[str, str, int]:
        """What it is about: kind of duty, kind of record, record."""
        return self.duty, self.subject_kind, self.subject_id


# Records by kind of duty and kind of subject.
Wanted = Mapping[tuple[str, str], Collection[int]]


@dataclass(frozen=True, slots=True)
class Source:
    """Duties that one statement reads: ``ids`` says which there are, ``rows`` what they are."""

    subject: str
    kinds: frozenset[str]
    ids: Select[*tuple[Any, ...]]
    rows: Select[*tuple[Any, ...]]
    duty: Callable[[Any], Duty]


def sources(today: dt.date, paths: Collection[str] | None = None) -> list[Source]:
    """Return the statements that read the duties of this day; whoever reads parts again and again makes them once.

    What should be declared without a declaration is a duty only while the window is open.
    """
    found = []
    for waiting in WAITING:
        model, statement = model_of(waiting), timed(waiting)
        if paths is not None:
            statement = statement.where(model.unit_id.in_(unit_ids(paths)))
        found.append(_source(waiting.subject, waiting.duties.values(), model.id, statement, partial(_duty, waiting)))
    for cycle_id, statement in to_continue(None if paths is None else list(paths), today):
        found.append(_source("project", ("declaring",), Project.id, _placed(statement, cycle_id), _undeclared_duty))
    return found


def _source(
    subject: str,
    kinds: Iterable[str],
    key: Any,
    statement: Select[*tuple[Any, ...]],
    duty: Callable[[Any], Duty],
) -> Source:
    rows = statement.where(key.in_(bindparam("wanted", expanding=True))).order_by(key)
    return Source(subject, frozenset(kinds), statement.with_only_columns(key), rows, duty)


def open_duties(
    today: dt.date,
    paths: Collection[str] | None = None,
    only: Wanted | None = None,
    known: Sequence[Source] | None = None,
) -> Iterator[list[Duty]]:
    """Yield the duties that are open on this day, at most ``CHUNK`` at a time.

    ``paths`` limits them to these subtrees, ``only`` to these records; of them other duties may
    come, too. ``known`` are the day's sources where the caller has made them.
    """
    for source in sources(today, paths) if known is None else known:
        # First which they are, then what they are in parts by key: so no part looks through those before or after it.
        if only is None:
            ids = sorted(db.session.scalars(source.ids).all())
        else:
            ids = sorted({record for kind in source.kinds for record in only.get((kind, source.subject), ())})
        for start in range(0, len(ids), CHUNK):
            rows = db.session.execute(source.rows, {"wanted": ids[start : start + CHUNK]}).all()
            if rows:
                yield [source.duty(row) for row in rows]


def _day(instant: dt.datetime) -> dt.date:
    return instant.astimezone(BEIJING).date()


def _duty(waiting: Waiting, row: Any) -> Duty:
    entered = since = _day(row.entered_at)
    if row.opens_on and row.state in BEGINNING:
        since = max(since, row.opens_on)
    begun = row.state in BEGINNING and since == entered
    return Duty(
        waiting.duties[row.state],
        waiting.subject,
        row.id,
        row.unit_id,
        row.path,
        row.year,
        since,
        row.due_on,
        waiting.role,
        row.name or row.unit_name,
        row.unit_name,
        waiting.review,
        row.filled_by_id,
        row.begun_by_id if begun else None,
        row.project_id if row.state == "draft" else None,
    )


def _placed(statement: Select[*tuple[Any, ...]], cycle_id: int) -> Select[*tuple[Any, ...]]:
    opens_on = cycles.window_day("opens_on", "declaration", cycle_id, Unit.path)
    return statement.add_columns(Project.unit_id, Unit.path, opens_on.label("opens_on"))


def _undeclared_duty(row: Any) -> Duty:
    place = (row.unit_id, row.path, row.year)
    return Duty("declaring", "project", row.id, *place, row.opens_on, row.due_on, FILLER, row.name, row.unit_name)


# --- who can do it ------------------------------------------------------------------------------


class Posts:
    """Which active people hold which role over which unit, read once."""

    def __init__(self, people: Collection[int] | None = None) -> None:
        """Read the appointments of everybody, or of these people."""
        statement = select(Appointment.unit_id, Appointment.role, Appointment.person_id).join(Person)
        statement = statement.where(Person.active).order_by(Appointment.person_id)
        if people is not None:
            statement = statement.where(Appointment.person_id.in_(people))
        self._at: dict[tuple[int, str], list[int]] = defaultdict(list)
        for unit_id, role, person_id in db.session.execute(statement):
            self._at[(unit_id, role)].append(person_id)
        self._holders: dict[tuple[str, str], tuple[int, ...]] = {}

    def holders(self, path: str, role: str) -> tuple[int, ...]:
        """Return who holds this role over the unit with this path, each once, by id."""
        known = self._holders.get((path, role))
        if known is None:
            found = {person for unit_id in ids_on(path) for person in self._at.get((unit_id, role), ())}
            known = self._holders[(path, role)] = tuple(sorted(found))
        return known

    def superiors(self, path: str, role: str) -> tuple[int, ...]:
        """Return who holds this role nearest above the unit; where nobody does, the nearest administrators."""
        for wanted in (role, ADMINISTRATOR):
            for unit_id in reversed(ids_on(path)):
                if found := self._at.get((unit_id, wanted)):
                    return tuple(sorted(set(found)))
        return ()


def prepared(duties: Collection[Duty]) -> dict[tuple[str, int], set[int]]:
    """Return by record who may not judge it: who filled, started or submitted what waits for a review."""
    found: dict[tuple[str, int], set[int]] = defaultdict(set)
    ids: dict[str, set[int]] = defaultdict(set)
    for duty in duties:
        if duty.review:
            ids[duty.subject_kind].add(duty.subject_id)
            if duty.own_id:
                found[(duty.subject_kind, duty.subject_id)].add(duty.own_id)
    for kind, wanted in ids.items():
        statement = (
            select(Event.subject_id, Event.person_id)
            .where(
                Event.subject_kind == kind,
                Event.subject_id.in_(wanted),
                Event.person_id.is_not(None),
                Event.step.in_(("start", "submit")),
            )
            .distinct()
        )
        for row in db.session.execute(statement):
            found[(kind, row.subject_id)].add(row.person_id)
    return found

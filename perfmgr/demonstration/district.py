"""A district of any size, written in bulk: for trying the system at real size and for benchmarks."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy import func, insert, select, text

from perfmgr import times
from perfmgr.actions import cycles, sessions, units
from perfmgr.actions._action import action
from perfmgr.actions.people import create_person
from perfmgr.demonstration.department import PASSWORD
from perfmgr.demonstration.district_rows import TABLES, Counter, Place, Rows, project_rows
from perfmgr.extensions import db
from perfmgr.models import Base
from perfmgr.models.cycle import Cycle
from perfmgr.models.person import Appointment, Person
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import people, schemes
from perfmgr.rules.cycles import Span
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_
from perfmgr.rules.years import usual_windows

CHUNK = 250
AMOUNTS = ("initial", "adjusted", "executed")
SMALLEST, LARGEST = 10, 250  # projects of one department
MOST_PROJECTS = 1_000_000


def build(projects: int, years: int, today: dt.date, seed: int = 1) -> None:
    """Write a new district with so many projects, each with a declaration in every one of the years.

    The years end with the present one. Everything random follows from ``seed``. Raises Refused
    for sizes that make no sense.
    """
    if not 1 <= projects <= MOST_PROJECTS or not 1 <= years <= 10:
        raise Refused(N_("项目数应在 1 到 %(most)s 之间，年数应在 1 到 10 之间。"), most=MOST_PROJECTS)
    chance = random.Random(seed)  # noqa: S311 - made-up data
    places, span = _organisation(projects, chance), range(today.year - years + 1, today.year + 1)
    area = places[0].area
    opened = [_cycle(area, year, today) for year in span]
    scheme_id = opened[0].project_scheme_id
    scheme = schemes.by_id(scheme_id)
    counter = Counter({table: _last_id(table) for table in TABLES})
    db.session.rollback()
    with click.progressbar(length=projects, label="写入演示区县") as bar:
        rows = Rows()
        for number, place in enumerate(_spread(places, projects), 1):
            for table, new in project_rows(place, opened, scheme, chance, counter):
                rows[table].append(new)
            if number % CHUNK == 0 or number == projects:
                _write(rows)
                rows = Rows()
                bar.update(number - bar.pos)
    _whole_departments(places, opened)
    _move_sequences()
    click.echo(f"已写入 {len({p.department for p in places})} 个部门、{projects} 个项目、{years} 年。")
    click.echo(f"可用账号 qu-caizheng（财政评审人）、qu-guanli（系统管理员），密码 {PASSWORD}。")


def _last_id(table: str) -> int:
    return db.session.scalar(select(func.max(Base.metadata.tables[table].c.id))) or 0


@action
def _write(rows: Rows) -> None:
    for table, new in rows.items():
        if new:
            db.session.execute(insert(Base.metadata.tables[table]), new)


def _sizes(projects: int, chance: random.Random) -> Iterator[int]:
    """Yield the sizes of departments that together have so many projects."""
    while projects > 0:
        # Most departments are small, a few are large.
        size = min(projects, int(SMALLEST + (LARGEST - SMALLEST) * chance.random() ** 2))
        yield size
        projects -= size


@action
def _organisation(projects: int, chance: random.Random) -> list[Place]:
    number = db.session.scalar(select(func.count()).where(Unit.kind == "area")) or 0
    area = units.add_unit(None, units.tidied("area", "other", f"{900001 + number}", f"演示区县 {number + 1}"))
    names = Place.names()
    password_hash = sessions.hasher.hash(PASSWORD)
    for username, role in (("qu-caizheng", "finance_reviewer"), ("qu-guanli", "administrator")):
        _appoint(username, role, area, password_hash)
    places = []
    for n, size in enumerate(_sizes(projects, chance)):
        repeat = f"（{n // len(names['departments']) + 1}）" if n >= len(names["departments"]) else ""
        name = f"演示{names['departments'][n % len(names['departments'])]}{repeat}"
        department = units.add_unit(area, units.tidied("department", "administrative", f"{n + 1:03d}", name))
        _appoint(f"qu-shenhe-{n + 1}", "department_reviewer", department, password_hash)
        _appoint(f"qu-tianbao-{n + 1}", "filler", department, password_hash)
        for m, unit_name in enumerate(names["units"][: 1 + size // 40]):
            draft = units.tidied("unit", "other", f"{n + 1:03d}{m + 1:03d}", f"{name}{unit_name}")
            unit = units.add_unit(department, draft)
            places.append(Place(area.id, department.id, unit.id, size / (1 + size // 40)))
    return places


def _appoint(username: str, role: str, unit: Unit, password_hash: str) -> None:
    """Appoint a demonstration person, creating them when they do not exist yet."""
    person = people.find_by_username(username) or create_person(
        username, f"演示{username[3:]}", password_hash, must_change=False
    )
    person.appointments.append(Appointment(unit_id=unit.id, role=role))
    db.session.flush()


def _spread(places: list[Place], projects: int) -> Iterator[Place]:
    """Yield a place for every project: each unit as often as its share says, the rest in the last one."""
    left = projects
    for place in places:
        for _n in range(min(left, round(place.share))):
            left -= 1
            yield place
    for _n in range(left):
        yield places[-1]


def _cycle(area_id: int, year: int, today: dt.date) -> Cycle:
    ids = {row.code: row.id for row in db.session.execute(select(SchemeVersion.code, SchemeVersion.id))}
    windows = usual_windows(year)
    for kind in ("declaration", "self_evaluation", "review"):
        span = windows[kind]
        far = today + dt.timedelta(days=90)
        windows[kind] = Span(min(span.opens_on, today), max(span.closes_on, far))
    manager = people.viewer(db.session.scalars(select(Person.id).where(Person.username == "qu-guanli")).one())
    area = db.session.get_one(Unit, area_id)
    cycle = cycles.create(area, year, ids["10-50-30-10"], ids["department-six"], windows, manager)
    db.session.refresh(cycle)
    return cycle


@action
def _whole_departments(places: list[Place], opened: list[Cycle]) -> None:
    """Add one whole-department self-evaluation per department and year, with the amounts, not filled in."""
    line = Base.metadata.tables["budget_line"].c
    sums = select(line.department_id, line.year, *(func.sum(line[name]).label(name) for name in AMOUNTS))
    sums = sums.group_by(line.department_id, line.year)
    amounts = {(r.department_id, r.year): {n: getattr(r, n) for n in AMOUNTS} for r in db.session.execute(sums)}
    rows: list[dict[str, Any]] = [
        {
            "kind": "department",
            "year": cycle.year,
            "cycle_id": cycle.id,
            "scheme_id": cycle.department_scheme_id,
            "unit_id": department,
            "department_id": department,
            "state": "open",
            "due_on": dt.date(cycle.year + 1, 5, 31),
            "updated_at": times.now(),
            **amounts.get((department, cycle.year), dict.fromkeys(AMOUNTS, 0)),
        }
        for cycle in opened
        for department in sorted({place.department for place in places})
    ]
    first = _last_id("evaluation") + 1
    for number, row in enumerate(rows, first):
        row["id"] = number
    db.session.execute(insert(Base.metadata.tables["evaluation"]), rows)


@action
def _move_sequences() -> None:
    """Tell PostgreSQL which ids were given out here; SQLite looks for itself."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in (*TABLES, "evaluation"):
        db.session.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608 - our own table names
        )

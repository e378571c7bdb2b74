"""Records of every kind in three places: the cast's department, another one, and another area altogether."""

import datetime as dt
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select

from perfmgr import storage, times
from perfmgr.actions import attachments, cycles, feeds, library, units
from perfmgr.actions._action import action
from perfmgr.actions.people import create_person
from perfmgr.actions.sessions import hasher
from perfmgr.actions.versions import freeze
from perfmgr.channels.sealing import seal
from perfmgr.documents.schemes import by_code
from perfmgr.documents.target_forms import books
from perfmgr.extensions import db
from perfmgr.models import Base
from perfmgr.models.attachment import Owner
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import WindowException
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.import_batch import ImportBatch
from perfmgr.models.message import Endpoint, Message
from perfmgr.models.monitoring import Monitoring, MonitoringItem, MonitoringLine
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment, Person
from perfmgr.models.published import Published
from perfmgr.models.rectification import Rectification
from perfmgr.models.reminder import ReminderRule
from perfmgr.models.sample import Sample, SampleSheet
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import people
from perfmgr.queries.people import Viewer
from perfmgr.rules.library import EntryDraft
from perfmgr.rules.samples import ALGORITHM
from tests import appraisals
from tests import cast as make
from tests.cast import ALWAYS, FILLER, OUTSIDER, PASSWORD, YEAR, Cast
from tests.reminders import line

STRANGER = "stranger"
EXPERT = "expert"
NOWHERE = 10**9
PLACES = ("own", "other", "elsewhere")


@dataclass
class World:
    """Record ids by place and by the name that routes give to them."""

    ids: dict[str, dict[str, int]] = field(default_factory=lambda: {place: {} for place in PLACES})
    notices: dict[str, int] = field(default_factory=dict)
    scheme: int = 0
    secret: str = ""  # of the calendar of somebody whom nobody needs
    rubric: int = 0


def build(cast: Cast) -> World:
    """Create one record of every kind in every place. Needs an application context."""
    world = World()
    _appoint_expert(cast)
    homes = {
        "own": (cast.department, cast.unit, cast.cycle, FILLER),
        "other": (cast.other_department, cast.other_unit, _cycle_of(cast, cast.other_department, YEAR + 1), OUTSIDER),
        "elsewhere": _elsewhere(cast),
    }
    for place, (department, unit, cycle, filler) in homes.items():
        declaration = db.session.get_one(Declaration, make.declare(cast, f"{place} 项目", by=filler, unit=unit))
        _freeze(declaration, filler, cast)
        world.ids[place] = {
            **_of_one_project(declaration, cast.people[EXPERT] if place == "own" else None),
            "attachment_id": attach(declaration, f"{place}.txt", cast.viewer(filler)),
            "department_id": department,
            "unit_id": unit,
            "cycle_id": cycle,
            "person_id": (spare := _spare(cast, f"spare-{place}", unit)),
            "message_id": _message(spare),
            "endpoint_id": _endpoint(place, unit),
            "published_id": _published(place, department),
            "entry_id": _entry(cast, place, unit, filler),
            "import_id": _import(cast.people[filler], unit),
            "area_id": department,
            "reminder_id": _reminder(cast.people[filler], unit, declaration.id),
            "exception_id": _exception(cycle, unit, cast.people[filler]),
            "sample_id": _sample(cast.people[filler], department, unit),
        }
    world.notices = {username: _notice(person_id) for username, person_id in cast.people.items()}
    world.secret = feeds.renew(people.viewer(world.ids["own"]["person_id"]), "zh")
    world.scheme = db.session.scalars(select(SchemeVersion.id).where(SchemeVersion.code == "10-50-30-10")).one()
    world.rubric = db.session.scalars(select(SchemeVersion.id).where(SchemeVersion.kind == "rubric")).one()
    return world


@action
def _freeze(declaration: Declaration, filler: str, cast: Cast) -> None:
    """Add a version as a submission would."""
    freeze(declaration, "submit", cast.viewer(filler), times.now())


def _cycle_of(cast: Cast, unit_id: int, year: int, by: str = make.ADMIN) -> int:
    ids = {row.code: row.id for row in db.session.execute(select(SchemeVersion.code, SchemeVersion.id))}
    unit = db.session.get_one(Unit, unit_id)
    cycle = cycles.create(unit, year, ids["10-50-30-10"], ids["department-six"], ALWAYS, cast.viewer(by))
    return cycle.id


def _elsewhere(cast: Cast) -> tuple[int, int, int, str]:
    department, unit = _other_area(cast)
    area = db.session.get_one(Unit, department).area_id
    assert area is not None
    return department, unit, _cycle_of(cast, area, YEAR, STRANGER), STRANGER


@action
def _other_area(cast: Cast) -> tuple[int, int]:
    area = units.add_unit(None, units.tidied("area", "other", "310000", "外省"))
    department = units.add_unit(area, units.tidied("department", "administrative", "219", "甲部门"))
    unit = units.add_unit(department, units.tidied("unit", "administrative", "219001", "甲部门（本级）"))
    person = create_person(STRANGER, "外省人", hasher.hash(PASSWORD), must_change=False)
    roles = ("filler", "department_reviewer", "finance_reviewer", "administrator")
    person.appointments = [Appointment(unit_id=area.id, role=role) for role in roles]
    db.session.flush()
    cast.people[STRANGER] = person.id
    return department.id, unit.id


@action
def _appoint_expert(cast: Cast) -> None:
    """Add somebody who is an expert over the whole area, and assigned to the evaluation of one place alone."""
    person = create_person(EXPERT, "钱专家", hasher.hash(PASSWORD), must_change=False)
    person.appointments = [Appointment(unit_id=cast.area, role="expert")]
    db.session.flush()
    cast.people[EXPERT] = person.id


@action
def _of_one_project(declaration: Declaration, expert_id: int | None) -> dict[str, int]:
    """Add budget line and self-evaluation to a declared project; returns the ids."""
    place = {name: getattr(declaration, name) for name in ("project_id", "year", "unit_id", "department_id")}
    money = {name: Decimal(5_700_000) for name in ("initial", "adjusted")}
    line = BudgetLine(**place, **money, state="proposed", executed=Decimal(0))
    evaluation = Evaluation(
        **place,
        **money,
        executed=Decimal(5_418_000),
        kind="project",
        cycle_id=declaration.cycle_id,
        scheme_id=declaration.scheme_id,
        state="open",
        filled_by_id=declaration.filled_by_id,
        due_on=dt.date(2026, 5, 31),
        updated_at=times.now(),
    )
    evaluation.lines = [
        EvaluationLine(
            position=1, category="output", name="次数", sign="ge", target_value=Decimal(9), weight=Decimal(50)
        )
    ]
    monitoring = _monitoring(declaration, place, money)
    db.session.add_all([line, evaluation, monitoring])
    db.session.flush()
    rectification = Rectification(
        **place,
        evaluation_id=evaluation.id,
        kind="self_evaluation",
        state="open",
        problem="未达到目标",
        demand="说明原因",
        due_on=dt.date(2026, 9, 30),
        measures="",
        evidence="",
        created_at=times.now(),
        updated_at=times.now(),
    )
    db.session.add(rectification)
    db.session.flush()
    appraisal, question = appraisals.stored(place, evaluation, expert_id or declaration.filled_by_id)
    return {
        "appraisal_id": appraisal.id,
        "question_id": question.id,
        "project_id": declaration.project_id,
        "declaration_id": declaration.id,
        "line_id": line.id,
        "evaluation_id": evaluation.id,
        "monitoring_id": monitoring.id,
        "item_id": monitoring.items[0].id,
        "rectification_id": rectification.id,
    }


def _monitoring(declaration: Declaration, place: dict[str, Any], money: dict[str, Any]) -> Monitoring:
    """Return a monitoring sheet with one line and one problem."""
    return Monitoring(
        **place,
        **money,
        cut_off=7,
        cycle_id=declaration.cycle_id,
        scheme_id=declaration.scheme_id,
        due_on=dt.date(2025, 8, 31),
        filled_by_id=declaration.filled_by_id,
        updated_at=times.now(),
        lines=[
            MonitoringLine(
                position=1, category="output", name="次数", sign="ge", target_value=Decimal(9), weight=Decimal(50)
            )
        ],
        items=[MonitoringItem(position=1, name="次数", measure="加快办理", owner="林填报")],
    )


def attach(owner: Owner, name: str, by: Viewer, content: bytes = b"text", **more: Any) -> int:
    """Add a file with this content to a record, as if it had been checked; returns its id."""
    incoming = storage.receive(io.BytesIO(content), 10**9)
    storage.keep(incoming)
    draft = attachments.FileDraft(name, incoming.blob, incoming.size, incoming.sha256, "text/plain", **more)
    return attachments.add(owner, draft, "evidence", "", by).id


@action
def _spare(cast: Cast, username: str, unit_id: int) -> int:
    """Add somebody whom nobody needs, so that an administrator may do anything to them."""
    person = create_person(username, "备用", hasher.hash(PASSWORD), must_change=False)
    person.appointments = [Appointment(unit_id=unit_id, role="filler")]
    db.session.flush()
    return person.id


@action
def _published(place: str, department_id: int) -> int:
    document = Published(
        sha256=place, file_name=f"{place}.txt", year=YEAR, department_id=department_id, facts={}, saved_at=times.now()
    )
    db.session.add(document)
    db.session.flush()
    return document.id


def _entry(cast: Cast, place: str, unit_id: int, filler: str) -> int:
    """Add an own indicator of the unit to the library."""
    draft = EntryDraft(f"{place} 自建率", "quality", "ge", unit="%", definition="试验用的指标。")
    owner = db.session.get_one(Unit, unit_id)
    return library.create(owner, draft, "库里没有合适的指标。", cast.viewer(filler)).id


@action
def _import(person_id: int, unit_id: int) -> int:
    batch = ImportBatch(
        person_id=person_id,
        unit_id=unit_id,
        year=YEAR,
        file_name="申报表.xlsx",
        state="checked",
        created_at=times.now(),
        file=books.template(YEAR, by_code("10-50-30-10"), "national"),
    )
    db.session.add(batch)
    db.session.flush()
    return batch.id


def _reminder(person_id: int, unit_id: int, declaration_id: int) -> int:
    """Add a reminder of a declaration that went out."""
    rule_id = db.session.scalars(select(ReminderRule.id).where(ReminderRule.code == "declaring")).one()
    about = {"duty": "declaring", "subject_kind": "declaration", "subject_id": declaration_id}
    return line(rule_id, person_id, unit_id, state="sent", sent_at=times.now(), **about)


@action
def _exception(cycle_id: int, unit_id: int, person_id: int) -> int:
    """Give the unit a little more time for the re-check."""
    exception = WindowException(
        cycle_id=cycle_id,
        unit_id=unit_id,
        kind="review",
        opens_on=dt.date(2001, 1, 1),
        closes_on=dt.date(2099, 12, 30),
        reason="试验",
        person_id=person_id,
        at=times.now(),
    )
    db.session.add(exception)
    db.session.flush()
    return exception.id


@action
def _message(person_id: int) -> int:
    """Add an e-mail to somebody that was given up."""
    message = Message(
        channel="email",
        person_id=person_id,
        key=f"test:{person_id}",
        content=[{"kind": "evaluating", "subject_kind": "evaluation", "subject_id": 1, "params": {"year": YEAR}}],
        state="parked",
        tries=8,
        due_at=times.now(),
        error="邮件服务器不接受收件人：550",
        created_at=times.now(),
    )
    db.session.add(message)
    db.session.flush()
    return message.id


@action
def _endpoint(place: str, unit_id: int) -> int:
    """Add a webhook of the unit whose name nobody can look up."""
    endpoint = Endpoint(
        unit_id=unit_id,
        kind="webhook",
        name=f"{place} 渠道",
        address=seal(f"https://{place}.invalid/hook?key=geheim"),
        secret=seal("geheim-geheim-geheim"),
        kinds=[],
        created_at=times.now(),
    )
    db.session.add(endpoint)
    db.session.flush()
    return endpoint.id


@action
def _sample(person_id: int, department_id: int, unit_id: int) -> int:
    """Add a sample with the one sheet of this place, as if it had been drawn."""
    sheet = db.session.scalars(select(Evaluation).where(Evaluation.unit_id == unit_id)).one()
    sample = Sample(
        unit_id=department_id,
        year=sheet.year,
        number=1,
        algorithm=ALGORITHM,
        seed="1",
        share=Decimal(1),
        factor=Decimal(2),
        size=1,
        population=[[sheet.id, ""]],
        drawn_by_id=person_id,
        drawn_at=times.now(),
    )
    db.session.add(sample)
    db.session.flush()
    db.session.add(SampleSheet(sample_id=sample.id, position=1, evaluation_id=sheet.id, light=""))
    return sample.id


@action
def _notice(person_id: int) -> int:
    notice = Notice(
        person_id=person_id,
        kind="evaluations_due",
        subject_kind="cycle",
        subject_id=1,
        params={"year": YEAR},
        created_at=times.now(),
    )
    db.session.add(notice)
    db.session.flush()
    return notice.id


def snapshot(app: Flask) -> dict[str, list[Any]]:
    """Return every row of every table but the sign-ins (which note when somebody was last seen)."""
    with app.app_context():
        found = {
            table.name: [str(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
            if table.name != "sign_in"
        }
        db.session.rollback()
    return found


def person(app: Flask, person_id: int) -> Person:
    """Return a person as stored now, detached."""
    with app.app_context():
        found = db.session.get_one(Person, person_id)
        db.session.expunge(found)
        return found

"""A panel of experts around a self-evaluated project of the cast, and sheets of marks for it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select

from perfmgr import times
from perfmgr.actions import appraisals, evaluations, reviews
from perfmgr.actions._action import action
from perfmgr.actions.people import create_person
from perfmgr.actions.sessions import hasher
from perfmgr.documents.rubrics import built_in
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Appointment
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import appraisals as queries
from perfmgr.rules.appraisals import MarkDraft
from perfmgr.rules.reviews import LineDraft
from tests import cast as make
from tests.actions.test_evaluations import TEXTS, entries
from tests.cast import FILLER, PASSWORD, REVIEWER, Cast

EXPERTS = ("expert1", "expert2", "expert3")
RUBRIC = built_in()["project-20-20-30-30"]
DUE = times.today().replace(year=times.today().year + 1, day=1)


@action
def appoint(cast: Cast, *usernames: str, unit: int | None = None) -> None:
    """Add people who are experts over the area (or another unit) and nothing else."""
    for number, username in enumerate(usernames, 1):
        person = create_person(username, f"{username} 专家{number}", hasher.hash(PASSWORD), must_change=False)
        person.appointments = [Appointment(unit_id=unit or cast.area, role="expert")]
        db.session.flush()
        cast.people[username] = person.id


def sheet(cast: Cast, name: str = "社区服务经费") -> Evaluation:
    """Return a re-checked self-evaluation of a new project."""
    make.budgeted(cast, name)
    evaluation = db.session.get_one(Evaluation, make.opened(cast)[name])
    evaluations.submit(evaluation, entries(), TEXTS, cast.viewer(FILLER))
    reviews.submit(evaluation, reviews.ReviewDraft([LineDraft(None)] * 5), cast.viewer(REVIEWER))
    return evaluation


def rubric_version() -> SchemeVersion:
    """Return the built-in rubric as stored."""
    return db.session.scalars(select(SchemeVersion).where(SchemeVersion.code == RUBRIC.code)).one()


def organised(cast: Cast, kind: str = "department_evaluation", by: str = REVIEWER) -> int:
    """Return the id of an evaluation with three experts."""
    if EXPERTS[0] not in cast.people:
        appoint(cast, *EXPERTS)
    ids = [cast.people[name] for name in EXPERTS]
    return appraisals.organise(sheet(cast), kind, rubric_version(), DUE, ids, cast.viewer(by)).id


def load(appraisal_id: int, cast: Cast, by: str) -> Appraisal:
    """Return the evaluation as this member of the cast finds it."""
    db.session.expire_all()
    found = queries.find(appraisal_id, cast.viewer(by))
    assert found is not None
    return found


def drafts(lost: Mapping[str, str] | None = None, reason: str = "佐证不足") -> Sequence[MarkDraft]:
    """Return a whole sheet with full marks but for what is lost, by item code."""
    lost = lost or {}
    return [
        MarkDraft(item.marks - Decimal(lost.get(item.code, "0")), reason if item.code in lost else "")
        for item in RUBRIC.items
    ]

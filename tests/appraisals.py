"""An evaluation by experts as a row, for tests that only need one to be there."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from perfmgr import times
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal, AppraisalExpert, AppraisalQuestion
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.scheme import SchemeVersion


def stored(place: dict[str, Any], evaluation: Evaluation, expert_id: int | None) -> tuple[Appraisal, AppraisalQuestion]:
    """Return an evaluation by experts with one expert and one question, stored without a check."""
    rubric = db.session.scalars(select(SchemeVersion).where(SchemeVersion.kind == "rubric")).one()
    appraisal = Appraisal(
        **place,
        kind="department_evaluation",
        evaluation_id=evaluation.id,
        rubric_id=rubric.id,
        rubric={**rubric.data, "number": 1},
        due_on=dt.date(2026, 6, 30),
        organiser_id=expert_id,
        notes={},
        created_at=times.now(),
        updated_at=times.now(),
        experts=[
            AppraisalExpert(person_id=expert_id, state="marking", declared_at=times.now(), updated_at=times.now())
        ],
    )
    db.session.add(appraisal)
    db.session.flush()
    question = AppraisalQuestion(
        appraisal_id=appraisal.id,
        asked_by_id=expert_id,
        by_expert=True,
        question="问卷怎样发放？",
        asked_at=times.now(),
        answer="",
    )
    db.session.add(question)
    db.session.flush()
    return appraisal, question

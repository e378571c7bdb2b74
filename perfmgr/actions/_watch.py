"""Storing what the watch on inflated scores says of a sheet when it is submitted, and the marks of its texts."""

from sqlalchemy import delete, insert

from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.evaluation_mark import EvaluationMark
from perfmgr.queries import inflation
from perfmgr.rules.evaluation_copies import marks


def store_watch(evaluation: Evaluation) -> None:
    """Keep what the watch says now, so that the ranking of a year is one query, inside the caller's transaction."""
    report = inflation.report(evaluation)
    evaluation.light, evaluation.risk = report.light, report.risk
    evaluation.signals = sorted({finding.code for finding in report.findings})
    store_marks(evaluation)


def store_marks(evaluation: Evaluation) -> None:
    """Write anew by which marks the texts of this sheet are found in others."""
    db.session.execute(delete(EvaluationMark).where(EvaluationMark.evaluation_id == evaluation.id))
    place = {"evaluation_id": evaluation.id, "department_id": evaluation.department_id, "year": evaluation.year}
    rows = [{**place, "mark": mark} for mark in sorted(marks(inflation.texts_of(evaluation)))]
    if rows:
        db.session.execute(insert(EvaluationMark), rows)

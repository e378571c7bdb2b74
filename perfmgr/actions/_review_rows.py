"""The rows of a re-check: finding or making them, and storing a tier's result as the one in force."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import delete

from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.review import Review
from perfmgr.queries import reviews, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.reviews import Written, check_written


def of_tier(evaluation: Evaluation, tier: int, by: Viewer, now: dt.datetime) -> Review:
    """Return the tier's row, a new one when there is none yet."""
    review = reviews.of_tier(evaluation.id, tier)
    if review is None:
        review = Review(evaluation_id=evaluation.id, tier=tier, opinion="", despite_grade=False, conclusion="")
        db.session.add(review)
    review.by_id, review.updated_at = by.id, now
    return review


def forget(evaluation: Evaluation) -> None:
    """Delete every re-check of a sheet that is handed in anew: it was about other figures."""
    db.session.execute(delete(Review).where(Review.evaluation_id == evaluation.id))


def _total_of(evaluation: Evaluation, review: Review) -> Decimal:
    """Return the tier's total: the stored marks for execution and its marks for every line that counts."""
    explanation = evaluation.explanation or {}
    execution = Decimal(explanation["execution"]["score"] or "0")
    return execution + sum((review.marks(x) for x in evaluation.lines if x.self_score is not None), Decimal(0))


def _require_agreement(evaluation: Evaluation, review: Review, total: Decimal) -> None:
    scheme = schemes.by_id(evaluation.scheme_id)
    said = Written(
        opinion=review.opinion,
        conclusion=review.conclusion,
        despite_grade=review.despite_grade,
        total=total,
        grade=scheme.grade(total),
        lowest=scheme.grades[-1].name,
        self_total=evaluation.self_total,
        names=[line.name for line in evaluation.lines],
        grades=[grade.name for grade in scheme.grades],
    )
    findings = list(check_written(said))
    if findings:
        raise Invalid(findings)


def store_result(evaluation: Evaluation, review: Review, now: dt.datetime) -> None:
    """Submit the tier: its total and grade are stored with their explanation and are in force from now on.

    Raises Invalid when opinion or conclusion contradict the computed total and grade.
    """
    explanation = evaluation.explanation or {}
    review.total = _total_of(evaluation, review)
    _require_agreement(evaluation, review, review.total)
    review.grade = schemes.by_id(evaluation.scheme_id).grade(review.total)
    review.state, review.submitted_at = "submitted", now
    review.explanation = {
        "total": f"{review.total:.2f}",
        "grade": review.grade,
        "execution": explanation["execution"],
        "lines": [
            {
                "self_score": None if line.self_score is None else f"{line.self_score:.2f}",
                "score": None if line.self_score is None else f"{review.marks(line):.2f}",
                "code": row.reason_code if row else "",
                "reason": row.reason if row else "",
            }
            for line in evaluation.lines
            for row in [review.line(line)]
        ],
    }
    evaluation.total, evaluation.grade = review.total, review.grade

"""Re-checks of self-evaluations: a tier's marks line by line, sealed until the tier submits them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr import times
from perfmgr.actions import _review_rows, messages
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._move import OWN_WORK, YEAR_CLOSED, already_taken, is_own_work, lock
from perfmgr.actions.evaluations import LINES_CHANGED, advance
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.review import Review, ReviewLine
from perfmgr.queries import people, reviews, samples, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.reviews import FIRST, SPOT_CHECK, LineDraft, check_line
from perfmgr.rules.roles import DEPARTMENT_REVIEWER, FILLER, FINANCE_REVIEWER
from perfmgr.rules.texts import N_, Term, clean
from perfmgr.rules.workflow import MOVES, STATES

DONE = N_("这一层复核已经提交，不能再改。")
NO_CAUSE = N_("本年度已抽取样本，这份自评不在样本之内，请填写“抽查理由”。")
BOTH_TIERS = N_("部门复核由您办理，抽查请由其他财政评审人办理。")


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """What a tier enters on a sheet: marks by line, an opinion, and optionally a conclusion.

    ``cause`` says why finance checks a sheet that is in no sample although the year has one.
    """

    lines: Sequence[LineDraft]
    opinion: str = ""
    conclusion: str = ""
    despite_grade: bool = False
    cause: str = ""


def due_tier(evaluation: Evaluation, by: Viewer) -> int:
    """Return the tier this person may work on now.

    Raises NotAllowed for whom it is no office, Conflict when the sheet is not there (yet, or any more).
    """
    roles = by.roles_over(evaluation.unit.path)
    second = evaluation.kind == "project" and evaluation.state == "confirmed" and FINANCE_REVIEWER in roles
    if not second:
        require_role(by, evaluation.unit.path, MOVES[evaluation.subject][("submitted", "confirm")].by)
    if is_own_work("evaluation", evaluation, by):
        raise NotAllowed(OWN_WORK)
    if not second and evaluation.state != "submitted":
        raise Conflict(
            N_("自评当前为“%(state)s”，不能复核。"), state=Term(STATES[evaluation.subject][evaluation.state])
        )
    if second:
        _require_spot_check(evaluation, by)
    return SPOT_CHECK if second else FIRST


def _require_spot_check(evaluation: Evaluation, by: Viewer) -> None:
    for review in reviews.submitted(evaluation.id):
        if review.tier == SPOT_CHECK:
            raise Conflict(DONE)
        if review.by_id == by.id:
            raise NotAllowed(BOTH_TIERS)


@action
def save(evaluation: Evaluation, draft: ReviewDraft, by: Viewer, version: int | None = None) -> None:
    """Save a tier's marks so far; they stay sealed.

    Raises Invalid when marks lie outside 0…weight (Q24) or differ without the reason the scheme asks for.
    """
    _save(evaluation, draft, by, version, times.now())


def _save(evaluation: Evaluation, draft: ReviewDraft, by: Viewer, version: int | None, now: dt.datetime) -> Review:
    require_version(evaluation, version)
    tier = due_tier(evaluation, by)
    if len(draft.lines) != len(evaluation.lines):
        raise Conflict(LINES_CHANGED)
    findings = _check_lines(evaluation, draft.lines)
    if findings:
        raise Invalid(findings)
    review = _review_rows.of_tier(evaluation, tier, by, now)
    review.opinion, review.conclusion = clean(draft.opinion), draft.conclusion
    review.despite_grade = draft.despite_grade
    review.cause = clean(draft.cause) if tier == SPOT_CHECK else ""
    _fill(evaluation, review, draft.lines)
    # Two people of one tier must not overwrite each other's marks unseen.
    evaluation.updated_at = now
    return review


def _check_lines(evaluation: Evaluation, drafts: Sequence[LineDraft]) -> list[Finding]:
    rules = schemes.by_id(evaluation.scheme_id).review
    full = (evaluation.explanation or {})["lines"]
    findings: list[Finding] = []
    for n, (line, draft) in enumerate(zip(evaluation.lines, drafts, strict=True)):
        if line.self_score is not None:
            tidy = LineDraft(draft.score, clean(draft.reason), draft.code)
            findings += check_line(n, line.name, tidy, line.self_score, Decimal(full[n]["weight"]), rules)
    return findings


def _fill(evaluation: Evaluation, review: Review, drafts: Sequence[LineDraft]) -> None:
    """Keep what differs from the filler's marks, and remarks; what is confirmed needs no row."""
    db.session.flush()
    rows = {row.line_id: row for row in review.lines}
    kept = []
    for line, draft in zip(evaluation.lines, drafts, strict=True):
        score = None if line.self_score is None or draft.score == line.self_score else draft.score
        reason, code = clean(draft.reason), draft.code if line.self_score is not None else ""
        if score is None and not reason and not code:
            continue
        row = rows.get(line.id) or ReviewLine(line_id=line.id)
        row.score, row.reason_code, row.reason = score, code, reason
        kept.append(row)
    review.lines = kept


@action
def submit(
    evaluation: Evaluation, draft: ReviewDraft, by: Viewer, version: int | None = None, now: dt.datetime | None = None
) -> bool:
    """Save a tier's marks and submit them, in one transaction. False after a double click.

    The first tier confirms the sheet; the second, by spot check, replaces the result that is in force.
    Raises Invalid when opinion or conclusion contradict the computed total and grade, or when the year has a sample,
    the sheet is in none, and no cause is given.
    """
    now = now or times.now()
    lock(evaluation)
    if evaluation.state == "confirmed" and any(
        already_taken("evaluation", evaluation, step, by, now) for step in ("confirm", "spot_check")
    ):
        return False
    review = _save(evaluation, draft, by, version, now)
    if review.tier == SPOT_CHECK and not review.cause and samples.outside(evaluation):
        raise Invalid([Finding("REVIEW", NO_CAUSE, "cause")])
    if review.tier == FIRST:
        return advance(evaluation, "confirm", by, now)
    _finish_spot_check(evaluation, review, by, now)
    return True


def _finish_spot_check(evaluation: Evaluation, review: Review, by: Viewer, now: dt.datetime) -> None:
    if evaluation.cycle.closed_at:
        raise Refused(YEAR_CLOSED, year=evaluation.year)
    before = evaluation.total
    _review_rows.store_result(evaluation, review, now)
    evaluation.updated_at = now
    event = write_event(
        "evaluation",
        evaluation.id,
        "spot_check",
        by,
        at=now,
        state_from=evaluation.state,
        state_to=evaluation.state,
        details={"total": [f"{before:.2f}" if before is not None else "", f"{review.total:.2f}"]},
    )
    db.session.flush()
    params = {"title": evaluation.title, "year": evaluation.year, "by": by.name, "comment": ""}
    item = {
        "kind": "evaluation_spot_check",
        "subject_kind": "evaluation",
        "subject_id": evaluation.id,
        "params": params,
    }
    messages.tell(people.holders(evaluation.unit.path, {FILLER, DEPARTMENT_REVIEWER}), item, str(event.id), now)

"""Rectifications: opening one from an evaluation, answering it, and judging the answer."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import update

from perfmgr import times
from perfmgr.actions import messages
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._due import CHUNK
from perfmgr.actions._move import take_step
from perfmgr.actions.attachments import freeze
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal
from perfmgr.models.cycle import Cycle
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.rectification import Rectification
from perfmgr.queries import attachments, people, rectifications, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.findings import Finding
from perfmgr.rules.rectifications import TYPES
from perfmgr.rules.refusals import Conflict, Invalid, Refused
from perfmgr.rules.roles import FILLER
from perfmgr.rules.texts import N_, Term, clean
from perfmgr.rules.workflow import FILLER_STATES, MOVES, STATES

# What a rectification that a grade opened says; it is stored, so it is in the source language.
_PROBLEM = "{year} 年度绩效评价得分 {total:.2f}，等级为“{grade}”。"
_DEMAND = "逐项分析失分原因，提出并落实整改措施，按期报送整改结果和佐证。"


def open_from_grade(evaluation: Evaluation, opinion: str, now: dt.datetime) -> Rectification | None:
    """Open what the confirmed grade demands, inside the caller's transaction; None when it demands nothing."""
    table = schemes.by_id(evaluation.scheme_id).consequences
    if evaluation.grade is None or evaluation.total is None or not table.of(evaluation.grade).rectify:
        return None
    if rectifications.of_evaluation(evaluation.id):
        return None
    problem = _PROBLEM.format(year=evaluation.year, total=evaluation.total, grade=evaluation.grade)
    if opinion:
        problem += f"\n{opinion}"
    due_on = rectifications.usual_due(evaluation, times.day(now))
    return _add(evaluation, "self_evaluation", problem, _DEMAND, due_on, None, now)


def open_from_appraisal(appraisal: Appraisal, now: dt.datetime) -> Rectification | None:
    """Open what the grade of an evaluation by experts demands, inside the caller's transaction.

    None when it demands nothing, or when the self-evaluation it rests on has a rectification already.
    """
    evaluation, grade = appraisal.evaluation, appraisal.grade
    table = schemes.by_id(evaluation.scheme_id).consequences
    if not grade or appraisal.total is None or not table.of(grade).rectify:
        return None
    if rectifications.of_evaluation(evaluation.id):
        return None
    problem = _PROBLEM.format(year=appraisal.year, total=appraisal.total, grade=grade)
    problem += f"\n{appraisal.problems}"
    due_on = rectifications.usual_due(evaluation, times.day(now))
    return _add(evaluation, appraisal.kind, problem, appraisal.suggestions, due_on, None, now)


@action
def create(
    evaluation: Evaluation,
    kind: str,
    problem: str,
    demand: str,
    due_on: dt.date,
    by: Viewer,
    now: dt.datetime | None = None,
) -> Rectification:
    """Open the rectification of a confirmed evaluation by hand. One evaluation has one rectification.

    Who re-checks the evaluation may. Raises Invalid with every gap, Conflict when there is one already.
    """
    now = now or times.now()
    require_role(by, evaluation.unit.path, MOVES[evaluation.subject][("submitted", "confirm")].by)
    if evaluation.state != "confirmed":
        raise Conflict(N_("复核结果确认之后才能提出整改。"))
    if rectifications.of_evaluation(evaluation.id):
        raise Conflict(N_("这份自评已经提出整改，请在原来的整改事项里办理。"))
    problem, demand = clean(problem), clean(demand)
    findings = []
    if kind not in TYPES:
        findings.append(Finding("RECTIFY", N_("请选择整改类型。"), "kind"))
    if not problem:
        findings.append(Finding("RECTIFY", N_("“存在问题”不能为空，请写明需要整改什么。"), "problem"))
    if not demand:
        findings.append(Finding("RECTIFY", N_("“整改要求”不能为空，请写明要做到什么。"), "demand"))
    if due_on < times.day(now):
        findings.append(Finding("RECTIFY", N_("“整改期限”不能早于今天，请改为今天或以后的日期。"), "due_on"))
    if findings:
        raise Invalid(findings)
    return _add(evaluation, kind, problem, demand, due_on, by, now)


def _add(
    evaluation: Evaluation,
    kind: str,
    problem: str,
    demand: str,
    due_on: dt.date,
    by: Viewer | None,
    now: dt.datetime,
) -> Rectification:
    record = Rectification(
        evaluation_id=evaluation.id,
        project_id=evaluation.project_id,
        unit_id=evaluation.unit_id,
        department_id=evaluation.department_id,
        year=evaluation.year,
        kind=kind,
        state="open",
        problem=problem,
        demand=demand,
        due_on=due_on,
        measures="",
        evidence="",
        opened_by_id=by.id if by else None,
        created_at=now,
        updated_at=now,
    )
    db.session.add(record)
    db.session.flush()
    event = write_event("rectification", record.id, "rectify", by, at=now, state_to="open")
    db.session.flush()
    params = {
        "title": evaluation.title,
        "year": evaluation.year,
        "by": by.name if by else "",
        "due_on": due_on.isoformat(),
    }
    item = {"kind": "rectification_open", "subject_kind": "rectification", "subject_id": record.id, "params": params}
    messages.tell(people.holders(evaluation.unit.path, {FILLER}), item, str(event.id), now)
    return record


def move_due(cycle: Cycle, before: Mapping[int, tuple[dt.date, dt.date]]) -> None:
    """Let what is not finished follow the windows, in the transaction of their change.

    ``before`` are the days as ``queries.rectifications.usual_days`` gave them before it. A day that
    somebody chose instead of the usual one stays.
    """
    moved = defaultdict(list)
    for id_, (day, usual) in rectifications.usual_days(cycle).items():
        if id_ in before and day == before[id_][1] != usual:
            moved[usual].append(id_)
    for day, ids in moved.items():
        for start in range(0, len(ids), CHUNK):
            some = Rectification.id.in_(ids[start : start + CHUNK])
            db.session.execute(update(Rectification).where(some).values(due_on=day))


@action
def save(record: Rectification, measures: str, evidence: str, by: Viewer, version: int | None = None) -> None:
    """Save measures and evidence so far; nothing has to be complete."""
    _fill(record, measures, evidence, by, version)


def _fill(record: Rectification, measures: str, evidence: str, by: Viewer, version: int | None) -> None:
    require_role(by, record.unit.path, {FILLER})
    if record.state not in FILLER_STATES:
        raise Conflict(
            N_("整改事项当前为“%(state)s”，不能修改整改结果。"), state=Term(STATES["rectification"][record.state])
        )
    require_version(record, version)
    record.measures, record.evidence = clean(measures), clean(evidence)
    record.filled_by_id, record.updated_at = by.id, times.now()


@action
def answer(
    record: Rectification,
    measures: str,
    evidence: str,
    by: Viewer,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Save measures and evidence and hand them to the reviewer. False when a double click did it already."""
    now = now or times.now()
    if record.state in FILLER_STATES:
        findings = []
        if not clean(measures):
            findings.append(Finding("RECTIFY", N_("“整改措施和完成情况”不能为空，请写明做了什么。"), "measures"))
        if not clean(evidence) and not attachments.has_evidence(record):
            findings.append(
                Finding("RECTIFY", N_("“佐证”不能为空，请上传文件，或写明文件名称、文号或存放位置。"), "evidence")
            )
        _fill(record, measures, evidence, by, version)
        if findings:
            raise Invalid(findings)
        db.session.flush()
    moved = _take(record, "answer", by, now)
    if moved:
        freeze(record)
        record.answered_at = now
    return moved


@action
def judge(
    record: Rectification,
    step: str,
    by: Viewer,
    *,
    comment: str = "",
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Accept the rectification or return it with an opinion. False when a double click did it already."""
    if step not in ("accept", "return"):
        raise Refused(N_("这份材料没有这一步操作。"))
    now = now or times.now()
    moved = _take(record, step, by, now, clean(comment), version)
    if moved and step == "accept":
        record.accepted_at = now
    return moved


def _take(
    record: Rectification, step: str, by: Viewer, now: dt.datetime, comment: str = "", version: int | None = None
) -> bool:
    moved = take_step(
        record.subject,
        record,
        step,
        by,
        title=record.title,
        comment=comment,
        version=version,
        now=now,
        subject_kind="rectification",
    )
    if moved:
        record.updated_at = now
    return moved

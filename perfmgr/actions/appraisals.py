"""Evaluation by experts: organising, inviting, ending the marking, concluding the report."""

import datetime as dt
from collections.abc import Collection, Mapping

from perfmgr import times
from perfmgr.actions import rectifications
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._appraisal_rows import end_marking, invite, require_organiser, require_state, tell
from perfmgr.actions._move import OWN_WORK, YEAR_CLOSED, is_own_work, lock, take_step
from perfmgr.extensions import db
from perfmgr.models.appraisal import Appraisal
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import appraisals, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules import workflow
from perfmgr.rules.appraisals import EXPECTED, ORGANISER, ORGANISERS, as_data, check_report
from perfmgr.rules.findings import Finding
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.rubrics import KIND as RUBRIC
from perfmgr.rules.rubrics import parse_rubric
from perfmgr.rules.texts import N_, clean

# --- organising -------------------------------------------------------------------------------


@action
def organise(
    evaluation: Evaluation,
    kind: str,
    rubric: SchemeVersion | None,
    due_on: dt.date,
    experts: Collection[int],
    by: Viewer,
    now: dt.datetime | None = None,
) -> Appraisal:
    """Start the evaluation of a project whose self-evaluation is re-checked; the rubric is frozen with it.

    Department reviewers organise 部门评价, finance reviewers 财政评价, never of what they filled themselves.
    Raises Conflict when there is one of the kind for the project and year already.
    """
    now = now or times.now()
    if kind not in ORGANISERS:
        raise Refused(N_("请选择评价类型。"), field="kind")
    require_role(by, evaluation.unit.path, {ORGANISERS[kind]})
    if evaluation.project_id is None or evaluation.state != "confirmed":
        raise Conflict(N_("项目自评复核确认之后才能组织专家评价。"))
    if evaluation.cycle.closed_at:
        raise Refused(YEAR_CLOSED, year=evaluation.year)
    if is_own_work("evaluation", evaluation, by):
        raise NotAllowed(OWN_WORK)
    if any(other.kind == kind for other in appraisals.of_evaluation(evaluation.id)):
        raise Conflict(N_("该项目本年度已有同类评价，请在原来的评价里办理。"))
    if rubric is None or rubric.kind != RUBRIC or rubric.state != "published":
        raise Refused(N_("请选择已发布的评价指标表。"), field="rubric_id")
    if due_on < times.day(now):
        raise Refused(N_("“评分截止日”不能早于今天，请改为今天或以后的日期。"), field="due_on")
    appraisal = Appraisal(
        kind=kind,
        year=evaluation.year,
        evaluation_id=evaluation.id,
        project_id=evaluation.project_id,
        unit_id=evaluation.unit_id,
        department_id=evaluation.department_id,
        rubric_id=rubric.id,
        rubric=_frozen(rubric, evaluation),
        due_on=due_on,
        state="marking",
        organiser_id=by.id,
        notes={},
        problems="",
        suggestions="",
        created_at=now,
        updated_at=now,
        project=evaluation.project,
        unit=evaluation.unit,
    )
    db.session.add(appraisal)
    db.session.flush()
    write_event("appraisal", appraisal.id, "organise", by, at=now, state_to="marking")
    invite(appraisal, experts, by, now)
    return appraisal


def _frozen(rubric: SchemeVersion, evaluation: Evaluation) -> dict[str, object]:
    """Return the rubric's data with grades: its own, or those of the scheme the self-evaluation was scored by."""
    grades = parse_rubric(rubric.data).grades or schemes.by_id(evaluation.scheme_id).grades
    return {**rubric.data, "number": rubric.number, "grades": [{"name": g.name, "low": str(g.low)} for g in grades]}


@action
def add_experts(appraisal: Appraisal, experts: Collection[int], by: Viewer, now: dt.datetime | None = None) -> None:
    """Invite further experts while marking goes on, for instance for one who stepped back."""
    lock(appraisal)
    require_organiser(appraisal, by)
    require_state(appraisal, "marking")
    invite(appraisal, experts, by, now or times.now())


@action
def close(
    appraisal: Appraisal, reason: str, by: Viewer, version: int | None = None, now: dt.datetime | None = None
) -> bool:
    """End the marking before everybody has submitted, with a reason; False after a double click.

    Raises Conflict while fewer have submitted than the rubric asks for.
    """
    now, reason = now or times.now(), clean(reason)
    lock(appraisal)
    require_organiser(appraisal, by)
    if appraisal.state == "marking":
        least = appraisals.rubric_of(appraisal).panel.least
        done = list(appraisals.expert_states(appraisal.id)).count("submitted")
        if done < least:
            message = N_(
                "现有 %(done)s 位专家提交评分，至少要有 %(least)s 位才能结束评分。可以增加专家，或者撤销评价。"
            )
            raise Conflict(message, done=done, least=least)
        if not reason:
            raise Refused(N_("请写明提前结束评分的理由。"), field="comment")
    moved = _take(appraisal, "close", by, now, reason, version)
    if moved:
        late = [expert.person_id for expert in appraisal.experts if expert.state in EXPECTED]
        end_marking(appraisal, now)
        tell(appraisal, "appraisal_close", late, by, now.isoformat(), now)
    return moved


@action
def cancel(
    appraisal: Appraisal, reason: str, by: Viewer, version: int | None = None, now: dt.datetime | None = None
) -> bool:
    """Give the evaluation up, with a reason; what was marked stays sealed. False after a double click."""
    now, reason = now or times.now(), clean(reason)
    moved = _take(appraisal, "cancel", by, now, reason, version)
    if moved:
        appraisal.updated_at = now
        told = [expert.person_id for expert in appraisal.experts if expert.state != "excluded"]
        tell(appraisal, "appraisal_cancel", told, by, now.isoformat(), now)
    return moved


def _take(
    appraisal: Appraisal, step: str, by: Viewer, now: dt.datetime, comment: str = "", version: int | None = None
) -> bool:
    require_organiser(appraisal, by)
    return take_step(
        appraisal.subject,
        appraisal,
        step,
        by,
        title=appraisal.title,
        comment=comment,
        version=version,
        now=now,
        subject_kind="appraisal",
    )


# --- the report -------------------------------------------------------------------------------


@action
def save_report(
    appraisal: Appraisal,
    notes: Mapping[str, str],
    problems: str,
    suggestions: str,
    by: Viewer,
    version: int | None = None,
) -> None:
    """Save the organiser's sentences so far; nothing has to be complete."""
    _fill_report(appraisal, notes, problems, suggestions, by, version, times.now())


def _fill_report(
    appraisal: Appraisal,
    notes: Mapping[str, str],
    problems: str,
    suggestions: str,
    by: Viewer,
    version: int | None,
    now: dt.datetime,
) -> None:
    require_organiser(appraisal, by)
    require_state(appraisal, "consolidating")
    require_version(appraisal, version)
    known = {item.code for item in appraisals.rubric_of(appraisal).items}
    kept = {code: clean(text) for code, text in notes.items() if code in known}
    appraisal.notes = {code: text for code, text in kept.items() if text}
    appraisal.problems, appraisal.suggestions = clean(problems), clean(suggestions)
    appraisal.updated_at = now


@action
def conclude(
    appraisal: Appraisal,
    notes: Mapping[str, str],
    problems: str,
    suggestions: str,
    by: Viewer,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Save and conclude the report: total and grade are stored, and the unit sees it. False after a double click.

    Raises Invalid with everything that is missing. A grade that wants it opens a rectification.
    """
    now = now or times.now()
    lock(appraisal)
    if appraisal.state == "consolidating":
        _fill_report(appraisal, notes, problems, suggestions, by, version, now)
        found = appraisals.consolidation(appraisal)
        if found is None:
            raise Conflict(N_("没有专家提交的评分，不能形成报告。"))
        findings: list[Finding] = check_report(found, appraisal.notes, appraisal.problems, appraisal.suggestions)
        if findings:
            raise Invalid(findings)
        # Before the state: the database holds that a concluded evaluation has a total.
        appraisal.total, appraisal.grade, appraisal.report = found.total, found.grade, as_data(found)
    moved = _take(appraisal, "conclude", by, now)
    if moved:
        appraisal.concluded_at = appraisal.updated_at = now
        experts = [expert.person_id for expert in appraisal.experts if expert.state == "submitted"]
        tell(appraisal, "appraisal_conclude", experts, by, f"e{now.isoformat()}", now)
        rectifications.open_from_appraisal(appraisal, now)
    return moved


def steps(appraisal: Appraisal, by: Viewer) -> list[str]:
    """Return the steps this person may take now as an organiser."""
    if appraisals.standing(appraisal, by).who != ORGANISER:
        return []
    return workflow.steps_for(appraisal.subject, appraisal.state, by.roles_over(appraisal.unit.path))

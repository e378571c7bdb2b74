"""Self-evaluations: filling them, and the steps of their workflow with a stored score."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from perfmgr import times
from perfmgr.actions import _review_rows
from perfmgr.actions._action import action, require_role, require_version
from perfmgr.actions._move import already_taken, lock, take_step
from perfmgr.actions._proofs import check_stored, fill_proofs
from perfmgr.actions._watch import store_watch
from perfmgr.actions.attachments import freeze
from perfmgr.actions.budgets import copy_amounts
from perfmgr.actions.declarations import IndicatorDraft, fill_indicator
from perfmgr.actions.library import entries_behind
from perfmgr.actions.rectifications import open_from_grade
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.evaluation_fund import EvaluationFund
from perfmgr.queries import evaluations, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.evaluation_funds import FundEntry, check_funds
from perfmgr.rules.evaluations import LineEntry
from perfmgr.rules.findings import Finding, errors
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.quality import EvaluatedLine, TargetLine, check_evaluation, check_weights, require
from perfmgr.rules.refusals import Conflict, Refused
from perfmgr.rules.reviews import FIRST
from perfmgr.rules.roles import FILLER
from perfmgr.rules.scoring import SheetScore
from perfmgr.rules.texts import N_, Term, clean, clean_line
from perfmgr.rules.workflow import FILLER_STATES, STATES

MOST_LINES = 200
LINES_CHANGED = N_("自评表的指标已有变化，请刷新页面后重新填写。")


def _edit(evaluation: Evaluation, by: Viewer, version: int | None) -> None:
    """Check that this person may fill the sheet now, and mark it as changed."""
    require_role(by, evaluation.unit.path, {FILLER})
    if evaluation.state not in FILLER_STATES:
        raise Conflict(
            N_("自评当前为“%(state)s”，不能修改；如需修改请先撤回或由复核人退回。"),
            state=Term(STATES[evaluation.subject][evaluation.state]),
        )
    require_version(evaluation, version)
    evaluation.updated_at = times.now()
    evaluation.filled_by_id = by.id


@action
def save_lines(
    evaluation: Evaluation, indicators: Sequence[IndicatorDraft], by: Viewer, version: int | None = None
) -> None:
    """Set the indicators of a whole-department sheet; values already entered stay with the same name.

    A project's indicators come from its approved targets and cannot be set here.
    """
    _edit(evaluation, by, version)
    if evaluation.kind != "department":
        raise Refused(N_("项目自评的指标来自已批复的绩效目标，不能在自评中更改。"))
    if len(indicators) > MOST_LINES:
        raise Refused(N_("一次最多保存 %(most)s 行，请分开填写。"), most=MOST_LINES)
    old = {line.name: line for line in evaluation.lines}
    entries = entries_behind(indicators, evaluation.lines, by)
    lines = []
    for n, draft in enumerate(indicators, 1):
        line = old.pop(clean_line(draft.name), None) or EvaluationLine(not_applicable=False)
        fill_indicator(line, draft, n, entries[n - 1])
        lines.append(line)
    evaluation.lines = lines


def fill_line(line: EvaluationLine, draft: LineEntry) -> None:
    """Write a draft into a line, as far as the line's kind allows."""
    qualitative = line.sign == QUALITATIVE
    line.actual_value = None if qualitative else draft.actual_value
    line.actual_text = clean_line(draft.actual_text)
    line.tier = draft.tier if qualitative else ""
    line.share = draft.share if qualitative else None
    line.not_applicable = draft.not_applicable
    line.na_reason = clean(draft.na_reason)
    line.reason, line.measure = clean(draft.reason), clean(draft.measure)
    line.proof = clean_line(draft.proof)


TEXT_FIELDS = ("goal_actual", "execution_reason", "problems", "measures")


@action
def save(
    evaluation: Evaluation,
    lines: Sequence[LineEntry],
    texts: dict[str, str],
    by: Viewer,
    version: int | None = None,
    funds: Sequence[FundEntry] | None = None,
) -> SheetScore:
    """Save what the filler entered so far and return the score as it stands; nothing has to be complete.

    ``lines`` are in the order of the sheet; ``texts`` are any of ``TEXT_FIELDS``; ``funds`` are the
    money by source, or None to leave it as it is.
    """
    _save(evaluation, lines, texts, by, version, funds)
    return evaluations.score(evaluation)


def _save(
    evaluation: Evaluation,
    lines: Sequence[LineEntry],
    texts: dict[str, str],
    by: Viewer,
    version: int | None,
    funds: Sequence[FundEntry] | None = None,
) -> None:
    _edit(evaluation, by, version)
    _require_same_length(evaluation, lines)
    for line, draft in zip(evaluation.lines, lines, strict=True):
        _check_tier(evaluation, draft)
        fill_line(line, draft)
    fill_proofs(evaluation, [draft.proofs for draft in lines])
    for name, text in texts.items():
        if name not in TEXT_FIELDS:
            raise KeyError(name)
        setattr(evaluation, name, clean(text))
    if funds is not None and evaluation.kind == "project":
        _fill_funds(evaluation, funds)


def _fill_funds(evaluation: Evaluation, funds: Sequence[FundEntry]) -> None:
    """Write the money by source into the rows of the sheet; each source has one."""
    stored = {fund.source: fund for fund in evaluation.funds}
    for entry in funds:
        fund = stored.get(entry.source)
        if fund is None:
            fund = EvaluationFund(source=entry.source)
            evaluation.funds.append(fund)
        fund.initial, fund.adjusted, fund.executed = entry.initial, entry.adjusted, entry.executed


def _require_same_length(evaluation: Evaluation, lines: Sequence[Any]) -> None:
    if len(lines) != len(evaluation.lines):
        raise Conflict(LINES_CHANGED)


def _check_tier(evaluation: Evaluation, draft: LineEntry) -> None:
    if draft.tier and schemes.by_id(evaluation.scheme_id).tier(draft.tier) is None:
        raise Refused(N_("请从列表中选择定性指标的完成档次。"), field="lines")


def check(evaluation: Evaluation) -> list[Finding]:
    """Return every finding that stands between this sheet and its submission."""
    score = evaluations.score(evaluation)
    findings: list[Finding] = []
    if not evaluation.lines:
        findings.append(Finding("Q01", N_("自评表还没有指标，请先设置指标。"), "lines"))
    elif evaluation.kind == "department":
        lines = [
            TargetLine(x.category, x.name, x.sign, x.target_value, x.target_text, x.unit, x.weight)
            for x in evaluation.lines
        ]
        findings += check_weights(lines, schemes.by_id(evaluation.scheme_id))
    if evaluation.kind == "project":
        findings += check_funds([fund.as_entry() for fund in evaluation.funds], evaluation.amounts)
    findings += check_stored(evaluation)
    return findings + check_evaluation(
        score,
        [EvaluatedLine(x.name, x.reason, x.measure, x.na_reason) for x in evaluation.lines],
        goal_actual=evaluation.goal_actual,
        execution_reason=evaluation.execution_reason,
        problems=evaluation.problems,
        measures=evaluation.measures,
        whole_department=evaluation.kind == "department",
    )


@action
def take(
    evaluation: Evaluation,
    step: str,
    by: Viewer,
    *,
    comment: str = "",
    version: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Take a step of the workflow: submit, withdraw, return, confirm. False when it was taken already.

    Submitting stores the score with its line-by-line explanation; confirming stores the
    reviewer's result beside it.
    """
    return advance(evaluation, step, by, now or times.now(), comment, version)


def advance(
    evaluation: Evaluation, step: str, by: Viewer, now: dt.datetime, comment: str = "", version: int | None = None
) -> bool:
    """Take a step as :func:`take` does, inside the caller's transaction."""
    moved = take_step(
        evaluation.subject,
        evaluation,
        step,
        by,
        title=evaluation.title,
        comment=clean(comment),
        version=version,
        now=now,
        subject_kind="evaluation",
    )
    if not moved:
        return False
    if step in ("submit", "withdraw", "return"):
        # Budget and spending may have changed while the sheet was with the reviewer.
        copy_amounts(evaluation)
    if step == "submit":
        require(check(evaluation))
        _store_score(evaluation)
        store_watch(evaluation)
        freeze(evaluation)
        evaluation.submitted_at, evaluation.filled_by_id = now, by.id
    elif step in ("withdraw", "return"):
        evaluation.total = evaluation.grade = None
        _follow_window(evaluation)
    elif step == "confirm":
        review = _review_rows.of_tier(evaluation, FIRST, by, now)
        _review_rows.store_result(evaluation, review, now)
        evaluation.confirmed_at = now
        open_from_grade(evaluation, review.opinion, now)
    evaluation.updated_at = now
    return True


def _follow_window(evaluation: Evaluation) -> None:
    """Let a sheet that waits for its filler again be due as the window says now: it may have moved meanwhile."""
    span = evaluation.cycle.span("self_evaluation", evaluation.unit.path)
    if span is not None:
        evaluation.due_on = span.closes_on


@action
def submit(
    evaluation: Evaluation,
    lines: Sequence[LineEntry],
    texts: dict[str, str],
    by: Viewer,
    version: int | None = None,
    now: dt.datetime | None = None,
    funds: Sequence[FundEntry] | None = None,
) -> list[Finding]:
    """Save what the filler entered and submit the sheet, in one transaction.

    Returns what still stands between the sheet and its submission; it is saved and not
    submitted then. A double click finds nothing left to do.
    """
    now = now or times.now()
    lock(evaluation)
    if evaluation.state == "submitted" and already_taken("evaluation", evaluation, "submit", by, now):
        return []
    _save(evaluation, lines, texts, by, version, funds)
    copy_amounts(evaluation)
    findings = errors(check(evaluation))
    if not findings:
        advance(evaluation, "submit", by, now)
    return findings


def _store_score(evaluation: Evaluation) -> None:
    score = evaluations.score(evaluation)
    if score.total is None or score.grade is None:
        raise Refused(N_("自评表还有未填写的内容，不能计算总分。"))
    for line, scored in zip(evaluation.lines, score.lines, strict=True):
        line.self_score = scored.score
    evaluation.self_total, evaluation.self_grade = score.total, score.grade
    evaluation.total, evaluation.grade = score.total, score.grade
    evaluation.explanation = score.as_dict()
    _review_rows.forget(evaluation)

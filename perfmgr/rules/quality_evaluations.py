"""What a self-evaluation must have before it can be submitted (Q01, Q23–Q30 of the field's rules)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perfmgr.rules.findings import Finding
from perfmgr.rules.scoring import LineScore, SheetScore
from perfmgr.rules.texts import N_


@dataclass(frozen=True, slots=True)
class EvaluatedLine:
    """What the filler wrote on one line of a self-evaluation."""

    name: str
    reason: str
    measure: str
    na_reason: str


def check_evaluation(
    score: SheetScore,
    lines: Sequence[EvaluatedLine],
    *,
    goal_actual: str,
    execution_reason: str,
    problems: str,
    measures: str,
    whole_department: bool,
) -> list[Finding]:
    """Return every finding on a self-evaluation: missing values, unexplained deviations, missing texts."""
    findings: list[Finding] = []
    if not goal_actual:
        findings.append(Finding("Q01", N_("“实际完成情况”还没有填写，请对照年度目标写明完成情况。"), "goal_actual"))
    findings += _check_execution(score.execution, execution_reason)
    for n, (line, scored) in enumerate(zip(lines, score.lines, strict=True)):
        findings += _check_evaluated(n, line, scored)
    if whole_department:
        if not problems:
            findings.append(Finding("Q01", N_("“存在的主要问题”还没有填写，它将随决算一并公开。"), "problems"))
        if not measures:
            findings.append(Finding("Q01", N_("“下一步改进措施”还没有填写，它将随决算一并公开。"), "measures"))
    return findings


def _check_execution(execution: LineScore, reason: str) -> Iterable[Finding]:
    if "missing" in execution.flags:
        yield Finding("Q29", N_("没有预算数或执行数，请先在“预算与执行”中录入，再进行自评。"), "execution")
    executed = execution.row[1]
    if "zero_denominator" in execution.flags and executed:
        yield Finding("Q29", N_("全年预算数为 0 而执行数不为 0，请先核对预算与执行数据。"), "execution")
    if "low_rate" in execution.flags and not reason:
        yield Finding("Q30", N_("预算执行率偏低，请填写“执行率偏低的原因”。"), "execution_reason")


def _check_evaluated(n: int, line: EvaluatedLine, scored: LineScore) -> Iterable[Finding]:
    at = {"number": n + 1, "name": line.name}
    if "not_applicable" in scored.flags:
        if not line.na_reason:
            yield Finding(
                "Q26",
                N_("指标“%(name)s”选择了不适用，请写明原因。"),
                f"lines.{n}.na_reason",
                params=at,
            )
        return
    if "tier_share" in scored.flags:
        yield Finding(
            "Q23", N_("指标“%(name)s”还没有填写所选档次内的得分比例，请填写。"), f"lines.{n}.share", params=at
        )
    elif scored.score is None:
        yield Finding("Q23", N_("指标“%(name)s”还没有实际完成值，请填写。"), f"lines.{n}.actual", params=at)
    if "outside_tier" in scored.flags:
        yield Finding(
            "Q24",
            N_("指标“%(name)s”的得分比例不在所选档次范围内，请调整比例或档次。"),
            f"lines.{n}.share",
            params=at,
        )
    if "short" in scored.flags and not (line.reason and line.measure):
        yield Finding(
            "Q26",
            N_("指标“%(name)s”未达到目标，请填写偏差原因和改进措施。"),
            f"lines.{n}.reason",
            params=at,
        )
    if "explain" in scored.flags and not line.reason:
        yield Finding(
            "Q26",
            N_("指标“%(name)s”远超目标，请说明原因（目标是否偏低）。"),
            f"lines.{n}.reason",
            params=at,
        )

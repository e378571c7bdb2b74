"""What a target sheet or self-evaluation must have before it can be submitted.

Codes follow the list Q01–Q38 of the field's rules (§9.2).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from perfmgr.rules.copying import check_copied
from perfmgr.rules.findings import Finding, errors
from perfmgr.rules.indicators import QUALITATIVE
from perfmgr.rules.money import wan_exact
from perfmgr.rules.numbers import plain
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.scoring import LineScore, SheetScore
from perfmgr.rules.texts import N_, Named, same_name


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One indicator as it was declared."""

    category: str
    name: str
    sign: str
    value: Decimal | None
    text: str
    unit: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class TargetSheet:
    """A project's declaration for one year, as far as the rules look at it. Amounts in yuan."""

    year: int
    overview: str
    bases: Sequence[str]
    body: str
    plan: str
    goals: str
    step_spans: Sequence[tuple[dt.date | None, dt.date | None]]
    start_on: dt.date | None
    end_on: dt.date | None
    annual_amount: Decimal
    total_amount: Decimal | None
    lines: Sequence[TargetLine] = field(default_factory=tuple)
    to_check: Sequence[str] = ()  # copied from last year and not looked at yet


_REQUIRED = (
    ("overview", N_("“项目概述”还没有填写，请写明项目做什么、为什么做。")),
    ("bases", N_("“立项依据”还没有填写，请至少列出一项依据的文件名称和文号。")),
    ("body", N_("“实施主体”还没有填写，请写明具体组织实施的部门或单位。")),
    ("plan", N_("“实施方案”还没有填写，请写明怎样实施。")),
    ("goals", N_("“主要目标”还没有填写，请写明本年度要达到的结果。")),
    ("step_spans", N_("“步骤和计划”还没有填写，请至少列出一个步骤。")),
    ("start_on", N_("“实施周期”还没有填写，请填写开始日期。")),
    ("end_on", N_("“实施周期”还没有填写，请填写结束日期。")),
)


def check_targets(sheet: TargetSheet, scheme: Scheme) -> list[Finding]:
    """Return every finding on a declaration: completeness, period, funds, indicators and weights."""
    return [
        *(Finding("Q01", message, name) for name, message in _REQUIRED if not getattr(sheet, name)),
        *_check_period(sheet),
        *_check_amounts(sheet),
        *check_copied(sheet.to_check),
        *(finding for n, line in enumerate(sheet.lines) for finding in _check_line(n, line, scheme)),
        *_check_duplicates(sheet.lines),
        *check_weights(sheet.lines, scheme),
    ]


def _check_period(sheet: TargetSheet) -> Iterable[Finding]:
    if sheet.start_on and sheet.end_on:
        if sheet.end_on < sheet.start_on:
            yield Finding(
                "Q01",
                N_("“实施周期”的结束日期 %(end)s 早于开始日期 %(start)s，请调整其中一个。"),
                "end_on",
                params={"start": sheet.start_on.isoformat(), "end": sheet.end_on.isoformat()},
            )
        elif sheet.end_on.year < sheet.year or sheet.start_on.year > sheet.year:
            yield Finding(
                "Q01",
                N_("“实施周期” %(start)s 至 %(end)s 不包含申报年度 %(year)s 年，请核对日期。"),
                "start_on",
                params={
                    "start": sheet.start_on.isoformat(),
                    "end": sheet.end_on.isoformat(),
                    "year": sheet.year,
                },
            )
    for n, (start, end) in enumerate(sheet.step_spans, 1):
        if start and end and end < start:
            yield Finding(
                "Q01",
                N_("步骤 %(number)s 的结束日期早于开始日期，请调整其中一个。"),
                "step_spans",
                params={"number": n},
            )


def _check_amounts(sheet: TargetSheet) -> Iterable[Finding]:
    if sheet.annual_amount <= 0:
        yield Finding("Q01", N_("“年度预算安排”还没有填写，请按资金来源填写本年度金额。"), "funds")
    elif sheet.total_amount is not None and sheet.annual_amount > sheet.total_amount:
        yield Finding(
            "Q19",
            N_("本年度预算 %(annual)s 万元超过项目总额 %(total)s 万元，请核对其中一个。"),
            "funds",
            # With every digit: rounded to two decimals the two could look equal.
            params={"annual": wan_exact(sheet.annual_amount), "total": wan_exact(sheet.total_amount)},
        )


def _check_line(n: int, line: TargetLine, scheme: Scheme) -> Iterable[Finding]:
    at = {"number": n + 1, "name": line.name}
    if scheme.category(line.category) is None:
        yield Finding("Q01", N_("第 %(number)s 项指标没有选择指标类别。"), f"indicators.{n}.category", params=at)
    if not line.name:
        yield Finding("Q01", N_("第 %(number)s 项指标没有名称。"), f"indicators.{n}.name", params=at)
    if line.sign == QUALITATIVE:
        if not line.text:
            yield Finding(
                "Q02",
                N_("定性指标“%(name)s”没有写明达到什么程度才算达成，请在目标值中写清标准。"),
                f"indicators.{n}.target",
                params=at,
            )
    else:
        if line.value is None:
            yield Finding("Q02", N_("指标“%(name)s”没有目标值，请填一个数字。"), f"indicators.{n}.target", params=at)
        if not line.unit:
            yield Finding(
                "Q02",
                N_("指标“%(name)s”没有计量单位，请填写，例如 %%、个、万元。"),
                f"indicators.{n}.unit",
                params=at,
            )
    if line.weight <= 0:
        yield Finding("Q05", N_("指标“%(name)s”没有分值，请填写大于 0 的分值。"), f"indicators.{n}.weight", params=at)


def _check_duplicates(lines: Sequence[TargetLine]) -> Iterable[Finding]:
    seen: dict[str, int] = {}
    for n, line in enumerate(lines):
        name = same_name(line.name)
        if name and name in seen:
            yield Finding(
                "Q14",
                N_("第 %(number)s 项指标“%(name)s”与第 %(first)s 项重名，请删除一项或改写名称。"),
                f"indicators.{n}.name",
                params={"number": n + 1, "name": line.name, "first": seen[name] + 1},
            )
        seen.setdefault(name, n)


def check_weights(lines: Sequence[TargetLine], scheme: Scheme) -> Iterable[Finding]:
    """Yield Q01 for compulsory categories without indicator and Q05 for sums that do not fit the scheme."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.category] += line.weight
    expected = scheme.expected_weights(sums.keys())
    for category in scheme.categories:
        if category.code not in sums:
            if expected[category.code] > 0:
                yield Finding(
                    "Q01",
                    N_("“%(category)s”还没有指标，请至少设置一项。"),
                    "indicators",
                    params={"category": Named(category.name, category.name_en)},
                )
        elif sums[category.code] != expected[category.code]:
            yield Finding(
                "Q05",
                N_("“%(category)s”的分值合计为 %(sum)s 分，应为 %(expected)s 分，请调整。"),
                "indicators",
                params={
                    "category": Named(category.name, category.name_en),
                    "sum": plain(sums[category.code]),
                    "expected": plain(expected[category.code]),
                },
            )


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


def require(findings: Sequence[Finding]) -> None:
    """Raise Invalid with all blocking findings when there is one."""
    blocking = errors(findings)
    if blocking:
        raise Invalid(blocking)

"""Checked target sheets: findings as plain data for JSON, and as text for people."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from perfmgr.documents import schemes
from perfmgr.documents.target_sheets import FiledSheet
from perfmgr.queries.quality import rule_book
from perfmgr.rules.findings import ERROR, INFO, WARNING, Finding
from perfmgr.rules.likeness import Index
from perfmgr.rules.numbers import plain
from perfmgr.rules.quality import Report, examine
from perfmgr.rules.quality_score import score_quality
from perfmgr.rules.quality_texts import TITLES
from perfmgr.rules.scheme_fit import fitting, placed
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.targets import Alike, TargetSheet

_LEVELS = {ERROR: "错误", WARNING: "警告", INFO: "提示"}
_PARTS = {
    "category": "类别",
    "name": "名称",
    "sign": "符号",
    "target": "目标值",
    "unit": "单位",
    "weight": "分值",
    "evidence": "佐证",
}
_FIELDS = {
    "name": "项目名称",
    "unit_name": "实施单位",
    "overview": "项目概述",
    "bases": "立项依据",
    "body": "实施主体",
    "plan": "实施方案",
    "goals": "年度目标",
    "goals_total": "总目标",
    "step_spans": "步骤和计划",
    "start_on": "开始日期",
    "end_on": "结束日期",
    "funds": "年度预算安排",
    "indicators": "绩效指标",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """One sheet of a file with what the rules say about it, and the scheme it was judged by."""

    sheet: TargetSheet
    scheme: Scheme | None
    report: Report

    @property
    def has_errors(self) -> bool:
        """Whether a finding would stop the submission."""
        return any(finding.level == ERROR for finding in self.report.findings)


def check(filed: Sequence[FiledSheet], asked: str = "") -> list[Checked]:
    """Return the sheets checked: by the scheme asked for, the one the sheet names, or the one that fits best.

    Raises Refused when a scheme of that code is not built in. Sheets of one file are compared with each other.
    """
    return [_checked(one, asked) for one in _compared(filed)]


def _checked(filed: FiledSheet, asked: str) -> Checked:
    code = asked or filed.scheme
    scheme = schemes.by_code(code) if code else fitting(schemes.parsed().values(), filed.sheet.lines)
    sheet = filed.sheet
    if scheme:
        sheet = dataclasses.replace(sheet, lines=placed(sheet.lines, scheme))
    return Checked(sheet, scheme, examine(sheet, scheme, rule_book()))


def _compared(filed: Sequence[FiledSheet]) -> list[FiledSheet]:
    """Return the sheets with the texts that one took over from another of the same file."""
    if len(filed) < 2:
        return list(filed)
    index = Index()
    for n, one in enumerate(filed):
        index.add(n, one.sheet.goals)
    return [
        dataclasses.replace(one, sheet=dataclasses.replace(one.sheet, alike=_alike(n, filed, index)))
        for n, one in enumerate(filed)
    ]


def _alike(n: int, filed: Sequence[FiledSheet], index: Index) -> list[Alike]:
    found: list[tuple[Decimal, str]] = [
        (share, filed[other].sheet.name or "")
        for other, share in index.like(filed[n].sheet.goals)
        if isinstance(other, int) and other != n
    ]
    return [Alike("goals", name, share) for share, name in sorted(found, reverse=True)[:1]]


def as_data(checked: Sequence[Checked]) -> list[dict[str, str]]:
    """Return every finding as plain strings; a file of several sheets names the project of each."""
    return [
        finding.as_dict() | ({"project": one.sheet.name or ""} if len(checked) > 1 else {})
        for one in checked
        for finding in one.report.findings
    ]


def as_text(checked: Sequence[Checked]) -> str:
    """Return the findings as people read them."""
    return "\n\n".join("\n".join(_told(one)) for one in checked)


def _told(one: Checked) -> list[str]:
    findings, quality = one.report.findings, score_quality(one.report.findings, rule_book())
    counts = "，".join(
        f"{name} {count}" for level, name in _LEVELS.items() if (count := sum(f.level == level for f in findings))
    )
    lines = [
        f"{one.sheet.name or '（未写项目名称）'}：{counts or '没有发现问题'}",
        f"  评分方案：{one.scheme.name if one.scheme else '没有相符的方案，分值无法核对'}",
        f"  目标质量 {plain(quality.total)} 分："
        + "，".join(f"{head.name} {plain(head.marks)}/{plain(head.full)}" for head in quality.heads),
    ]
    if quality.best_change:
        change = quality.best_change
        codes = "、".join(dict.fromkeys(finding.code for finding in change.findings))
        lines.append(f"  最值得先改：{place(change.field)}（{codes}），可提高 {plain(change.gain)} 分")
    for finding in findings:
        lines += _finding(finding)
    if one.report.undetermined:
        lines.append("  无法判断：")
        lines += [f"    {unknown.code} {TITLES[unknown.code]}：{unknown.why}" for unknown in one.report.undetermined]
    return lines


def _finding(finding: Finding) -> list[str]:
    lines = [f"  [{_LEVELS[finding.level]}] {finding.code} {place(finding.field)}：{finding.sentence()}"]
    if finding.suggestion:
        lines.append(f"      建议：{finding.remedy()}")
    return [*lines, f"      理由：{finding.why()}"]


def place(field: str) -> str:
    """Return the path of a field as people call it: ``第 3 项指标·目标值``."""
    head, _dot, rest = field.partition(".")
    if head == "indicators" and rest:
        number, _dot, part = rest.partition(".")
        return f"第 {int(number) + 1} 项指标·{_PARTS.get(part, part)}"
    return _FIELDS.get(head, head)

"""Prints the facts read from a published document as Chinese text, each with the line it stands in."""

from collections.abc import Iterator
from typing import Any

from perfmgr.rules.texts import N_

NOT_STATED = N_("未载明")

_HEAD = (
    ("document_kind", N_("文件种类"), ""),
    ("year", N_("年度"), ""),
    ("department", N_("部门"), ""),
)
_FIGURES = (
    ("income_total_wan", N_("收入总计"), "万元"),
    ("expenditure_total_wan", N_("支出总计"), "万元"),
    ("basic_expenditure_wan", N_("基本支出"), "万元"),
    ("project_expenditure_wan", N_("项目支出"), "万元"),
    ("special_expenditure_wan", N_("专项支出"), "万元"),
    ("completion_percent", N_("支出完成年初预算"), "%"),
    ("targets_project_count", N_("编制绩效目标的项目"), "个"),
    ("targets_amount_wan", N_("绩效目标项目金额"), "万元"),
    ("targets_share_percent", N_("占项目支出预算比重"), "%"),
    ("self_evaluation_project_count", N_("绩效自评项目"), "个"),
    ("self_evaluation_amount_wan", N_("绩效自评涉及资金"), "万元"),
    ("whole_evaluation_count", N_("整体自评"), "个"),
    ("coverage_percent", N_("自评覆盖率"), "%"),
    ("self_score", N_("整体自评得分"), "分"),
    ("problems", N_("存在问题"), ""),
    ("measures", N_("改进措施"), ""),
)
_PROJECT = (
    ("body", N_("实施主体"), ""),
    ("goals", N_("主要目标"), ""),
    ("start_on", N_("开始日期"), ""),
    ("end_on", N_("结束日期"), ""),
    ("budget_wan", N_("年度预算"), "万元"),
    ("fund_source", N_("资金来源"), ""),
)
_KINDS = {"budget": N_("部门预算"), "accounts": N_("部门决算")}


def report(facts: dict[str, Any]) -> str:
    """Return the object of ``read_published`` as text; what the document does not state is 未载明."""
    return "\n".join([*_lines(facts), *_findings(facts["findings"])]) + "\n"


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    for key, label, unit in _HEAD:
        yield _line(label, facts[key], unit)
    yield from _units(facts["units"])
    for key, label, unit in _FIGURES:
        yield _line(label, facts[key], unit)
    yield from _functions(facts["functions"])
    yield from _projects(facts["projects"])


def _line(label: str, fact: dict[str, Any] | None, unit: str = "") -> str:
    return f"{label}：{_shown(fact, unit)}"


def _shown(fact: dict[str, Any] | None, unit: str = "") -> str:
    if fact is None:
        return NOT_STATED
    value = str(_KINDS.get(str(fact["value"]), fact["value"])).replace("\n", "；")
    return f"{value}{unit}（第{fact['line']}行）"


def _listed(label: str, items: list[Any] | None) -> str:
    if items is None:
        return f"{label}：{NOT_STATED}"
    return f"{label}：{len(items)}个" if items else f"{label}：无"


def _units(units: list[dict[str, Any]] | None) -> Iterator[str]:
    yield _listed(N_("所属预算单位"), units)
    for unit in units or []:
        yield f"  {_shown(unit['name'])}，{N_('性质')}：{_shown(unit['kind'])}"


def _functions(functions: list[dict[str, Any]] | None) -> Iterator[str]:
    yield _listed(N_("功能科目"), functions)
    for function in functions or []:
        spent, done = _shown(function["amount_wan"], "万元"), _shown(function["completion_percent"], "%")
        yield f"  {_shown(function['name'])}：{spent}，{N_('完成年初预算')}：{done}"


def _projects(projects: list[dict[str, Any]] | None) -> Iterator[str]:
    yield _listed(N_("公开的项目"), projects)
    for project in projects or []:
        yield f"  {_line(N_('项目名称'), project['name'])}"
        yield f"    {_listed(N_('立项依据'), project['legal_bases'])}"
        for basis in project["legal_bases"] or []:
            yield f"      《{basis['title']['value']}》（第{basis['title']['line']}行），文号：{_shown(basis['number'])}"
        for key, label, unit in _PROJECT:
            yield f"    {_line(label, project[key], unit)}"
        yield f"    {_listed(N_('步骤和计划'), project['steps'])}"
        for step in project["steps"] or []:
            content = f"：{step['content']}" if step["content"] else ""
            yield f"      {_shown(step)}{content}".replace("\n", "；")


def _findings(findings: list[dict[str, str]]) -> Iterator[str]:
    yield _listed(N_("发现的问题"), findings)
    for finding in findings:
        yield f"  [{finding['code']}] {finding['message']}"

"""Checking a project that came in a workbook: from texts in cells to the values that are kept.

The values are plain data (JSON): ``project``, ``texts``, ``period``, ``bases``, ``steps``, ``funds`` and
``indicators``. What the form has no place for is left out, so that what is stored of it stays.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from perfmgr.rules.codes import check_project_code, tidy
from perfmgr.rules.findings import ERROR, WARNING, Finding
from perfmgr.rules.import_fields import LABELS, Fields, days, text_of, year_in
from perfmgr.rules.import_indicators import CategoryNames, category_names, indicators
from perfmgr.rules.import_targets import read_term
from perfmgr.rules.imports import Draft, Line, Source
from perfmgr.rules.numbers import plain
from perfmgr.rules.projects import ATTRIBUTES, CATEGORIES, CATEGORY_NUMBERS, FUND_SOURCES
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.texts import N_, Term, same_name

MOST_ROWS = 200
CATEGORY_NAMES = {
    **{same_name(name): code for code, name in CATEGORIES.items()},
    **{number: code for code, number in CATEGORY_NUMBERS.items()},
    "运转类": "other_operation",
    "公用经费": "public",
}
ATTRIBUTE_NAMES = {
    **{same_name(name): code for code, name in ATTRIBUTES.items()},
    "新增": "new",
    "延续": "continuing",
    "新增性": "new",
    "延续性": "continuing",
}
SOURCE_NAMES = {
    **{same_name(name): code for code, name in FUND_SOURCES.items()},
    "财政拨款": "general_public",
    "当年财政拨款": "general_public",
    "国有资本经营预算": "state_capital",
    "上年结转资金": "carry_over",
    "其他资金": "other",
}
TEXTS = ("overview", "rationale", "body", "plan", "goals")
FISCAL = ("general_public", "government_fund", "state_capital")


@dataclass(frozen=True)
class Setting:
    """What a form is checked against: the year, its scheme, and the known functional classification."""

    year: int
    scheme: Scheme
    functions: Collection[str] = field(default_factory=frozenset)

    @cached_property
    def names(self) -> CategoryNames:
        """The categories of the scheme by every spelling of their names."""
        return category_names(self.scheme)


def check(draft: Draft, setting: Setting) -> tuple[dict[str, Any], list[Finding]]:
    """Return the values of a project, and everything that is wrong with it."""
    fields = Fields()
    fields.findings += draft.findings
    head = draft.head
    if draft.stray:
        return {"project": {}}, fields.findings
    year = year_in(head.text("year"))
    if year is not None and year != setting.year:
        sentence = N_("表上的年度是 %(found)s，所选年度是 %(year)s，请核对后选择正确的年度或换一份表。")
        fields.refuse(head, "year", sentence, found=year, year=setting.year)
    values: dict[str, Any] = {"project": _project(fields, draft, setting)}
    values["texts"] = {name: fields.long(head, name) for name in TEXTS if head.has(name)}
    if head.has("period_start") or head.has("period_end"):
        start, end = fields.day(head, "period_start"), fields.day(head, "period_end")
        fields.order(head, start, end, "period_end")
        values["period"] = {"start_on": start, "end_on": end}
    if draft.bases is not None:
        values["bases"] = _bases(fields, draft.bases)
    if draft.steps is not None:
        values["steps"] = _steps(fields, draft.steps)
    if draft.funds is not None:
        values["funds"] = _funds(fields, draft)
    if draft.indicators is not None:
        values["indicators"] = indicators(fields, draft.indicators, setting.names)
    return values, fields.findings


def _project(fields: Fields, draft: Draft, setting: Setting) -> dict[str, Any]:
    head = draft.head
    found: dict[str, Any] = {"code": tidy(fields.line(head, "code")), "name": fields.line(head, "name")}
    if not found["name"]:
        fields.refuse(head, "name", N_("“项目名称”不能为空，请填写。"))
    names = "、".join(CATEGORIES.values())
    if category := fields.choice(head, "category", CATEGORY_NAMES, names):
        found["category"] = category
        if found["code"] and (wrong := check_project_code(found["code"], category)):
            fields.refuse(head, "code", wrong.message, **wrong.params)
    if attribute := fields.choice(head, "attribute", ATTRIBUTE_NAMES, "、".join(ATTRIBUTES.values())):
        found["attribute"] = attribute
    if head.has("function_code"):
        # 2013202 一般行政管理事务: the name behind the code is for people.
        found["function_code"] = fields.line(head, "function_code", "name").split(" ")[0]
        if found["function_code"] and found["function_code"] not in setting.functions:
            sentence = N_("没有功能分类“%(text)s”，请填写功能分类编码，例如 2013202，或留空。")
            fields.refuse(head, "function_code", sentence, text=found["function_code"][:20])
    found |= _term(fields, head)
    if head.has("total_amount"):
        found["total_amount"] = text_of(fields.amount(head, "total_amount", draft.wan, "total_amount"))
    if head.has("goals_total"):
        found["goals_total"] = fields.long(head, "goals_total")
    return found


def _term(fields: Fields, head: Source) -> dict[str, Any]:
    if head.has("start_on") or head.has("end_on"):
        start, end = fields.day(head, "start_on"), fields.day(head, "end_on")
        fields.order(head, start, end, "end_on")
        return {"start_on": start, "end_on": end}
    text = head.text("term").strip()
    if not head.has("term"):
        return {}
    span = read_term(text)
    if text and span is None:
        sentence = N_("“项目期”填的“%(text)s”无法识别，请按 2024年-2026年 或 2024-01-01至2026-12-31 的样子填写。")
        fields.refuse(head, "term", sentence, text=text[:40])
    start, end = days(span)
    fields.order(head, start, end, "term")
    return {"start_on": start, "end_on": end}


def _few(fields: Fields, lines: list[Line], name: str) -> list[Line]:
    if len(lines) > MOST_ROWS:
        fields.refuse(lines[MOST_ROWS], name, N_("一个项目最多 %(most)s 行，请合并或删减。"), most=MOST_ROWS)
    return lines[:MOST_ROWS]


def _bases(fields: Fields, lines: list[Line]) -> list[list[str]]:
    found = []
    for line in _few(fields, lines, "title"):
        title, number = fields.line(line, "title").strip("《》 "), fields.line(line, "number")
        if number and not title:
            fields.refuse(line, "title", N_("有的立项依据只填了文号，请补充文件名称。"))
        if title or number:
            found.append([title, number])
    return found


def _steps(fields: Fields, lines: list[Line]) -> list[list[str | None]]:
    found: list[list[str | None]] = []
    for line in _few(fields, lines, "content"):
        content, responsible = fields.long(line, "content"), fields.line(line, "responsible")
        start, end = fields.day(line, "start_on"), fields.day(line, "end_on")
        if not (content or start or end or responsible):
            continue
        if not content:
            fields.refuse(line, "content", N_("这一步没有内容，请填写或删除这一行。"))
        fields.order(line, start, end, "end_on")
        found.append([content, start, end, responsible])
    return found


def _funds(fields: Fields, draft: Draft) -> dict[str, str]:
    """Return yuan by source; the sum must be the year's total where the form states one."""
    amounts: dict[str, Decimal] = {}
    whole: Decimal | None = None
    for source, where, name in draft.funds or ():
        amount = fields.amount(where, name, draft.wan)
        if amount is None:
            continue
        if source == "fiscal":
            whole = amount
        else:
            amounts[source] = amounts.get(source, Decimal(0)) + amount
    _share_out(fields, draft, amounts, whole)
    _compare_total(fields, draft, amounts)
    return {source: plain(amount) for source, amount in amounts.items() if amount}


def _share_out(fields: Fields, draft: Draft, amounts: dict[str, Decimal], whole: Decimal | None) -> None:
    """Take what the form only calls 财政拨款 as general public budget, unless it is broken down further."""
    if whole is None:
        return
    parts = [amounts[source] for source in FISCAL if source in amounts]
    if not parts:
        amounts["general_public"] = whole
    elif sum(parts, Decimal(0)) != whole:
        where, name = next((where, name) for source, where, name in draft.funds or () if source == "fiscal")
        sentence = N_("财政拨款 %(whole)s 元与各项预算合计 %(sum)s 元不一致，请核对。")
        fields.refuse(where, name, sentence, whole=plain(whole), sum=plain(sum(parts, Decimal(0))))


def _compare_total(fields: Fields, draft: Draft, amounts: dict[str, Decimal]) -> None:
    head = draft.head
    total = fields.amount(head, "annual", draft.wan, "annual") if head.has("annual") else None
    if total is None:
        return
    added = sum(amounts.values(), Decimal(0))
    if not amounts and total:
        amounts["general_public"] = total
        sentence = N_("只填了年度资金总额，没有分资金来源，将全部按“一般公共预算”导入。")
        fields.refuse(head, "annual", sentence, level=WARNING)
    elif added != total:
        sentence = N_("年度资金总额 %(total)s 元与各来源合计 %(sum)s 元不一致，请核对。")
        fields.refuse(head, "annual", sentence, total=plain(total), sum=plain(added), code="Q18")


def blocking(findings: list[Finding]) -> bool:
    """Tell whether a project with these findings is refused."""
    return any(finding.level == ERROR for finding in findings)


def label_of(name: str) -> Term:
    """Return the name of a field, to be translated where it is shown."""
    return Term(LABELS[name])

"""Says which document this is: budget or accounts, of which year, of which department."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perfmgr.documents.published.outline import PART, Outline
from perfmgr.documents.published.text import Fact, Flow

_CHINESE_DIGITS = "〇一二三四五六七八九"
_STATED = re.compile(
    "(?:(?<![0-9])((?:19|20)[0-9]{2}|[一二][〇○零九一二三四五六七八]{3})年度?)?"
    "([^,。;:0-9]{0,12}?)(?:部门|单位)(预算|决算)"
)
_HEADING = re.compile(
    "[^,。;:]{0,60}(?:部门|单位)(?:预算|决算)(?:公开)?(?:编制|情况|公开){0,2}(?:说明|报告)?(?:\\(公开版?\\))?"
)
_PARTS = (
    ("职责", "职能", "机构设置", "单位构成", "概况"),
    ("收入", "支出", "收支", "总体说明", "总体情况", "预算编制说明"),
    ("三公",),
    ("名词解释",),
    ("绩效",),
    ("采购", "机关运行经费", "国有资产"),
    ("项目经费", "项目概述", "立项依据"),
)
_NAMED = re.compile("(?:预算主管部门|编制部门|部门名称|编制单位|公开部门):")
_ORGAN_ENDS = (
    *"部局委办厅院署处室队所校学台馆站社组园司府镇乡会团宫厂场",
    *("街道", "中心", "集团", "银行", "机关", "本级", "基地", "行政单位", "事业单位"),
)
_NAME = re.compile("[\u4e00-\u9fff“”（）()、·]{3,60}")
_PLACEHOLDER = re.compile("[Xx]{2}|×|[*_]{2}|某|…|\\.{3}|。。")
_NO_NAMES = {"部门基本", "单位基本", "部门单位", "本部门", "本单位"}
_KINDS = {"预算": "budget", "决算": "accounts"}
_TITLE_ROWS = 6


@dataclass(frozen=True, slots=True)
class _Statement:
    """One place that speaks of a 部门预算 or 部门决算."""

    kind: str
    year: int | None
    start: int
    kind_start: int
    prefix: str
    is_heading: bool


def kind_and_year(outline: Outline) -> tuple[Fact | None, Fact | None]:
    """Return the facts ``budget``/``accounts`` and year; headings decide, else all statements must agree."""
    statements = _statements(outline)
    headings = [statement for statement in statements if statement.is_heading]
    kinds = [statement.kind for statement in headings[:1]] or list({statement.kind for statement in statements})
    if len(kinds) != 1:
        return None, None
    ours = [statement for statement in statements if statement.kind == kinds[0]]
    year = _year(outline, [one for one in ours if one.is_heading and one.year] or [one for one in ours if one.year])
    first = next((one for one in ours if one.year == year), ours[0])
    flow = outline.flow
    return (
        flow.valued(_KINDS[kinds[0]], first.kind_start),
        flow.valued(year, first.start) if year and first.year == year else None,
    )


def _year(outline: Outline, dated: Sequence[_Statement]) -> int | None:
    """Return the year of the title page, or the one year that all statements name."""
    on_title = [one.year for one in dated if outline.flow.row_at(one.start) < _TITLE_ROWS]
    years = {*on_title[:1]} or {one.year for one in dated}
    return years.pop() if len(years) == 1 else None


def _statements(outline: Outline) -> list[_Statement]:
    flow, found = outline.flow, []
    for match in _STATED.finditer(flow.key):
        row = flow.rows[flow.row_at(match.start(3))]
        is_heading = len(row.key) <= 60 and bool(_HEADING.fullmatch(row.key))
        found.append(_Statement(match[3], _year_number(match[1]), match.start(), match.start(3), match[2], is_heading))
    return found


def _year_number(text: str | None) -> int | None:
    """Return the year written in digits or as 二〇二五, or None."""
    digits = "".join(
        str(_CHINESE_DIGITS.index(sign)) if sign in _CHINESE_DIGITS else sign
        for sign in (text or "").replace("○", "〇").replace("零", "〇")
    )
    return int(digits) if digits and 1900 <= int(digits) < 2100 else None


def is_disclosure(outline: Outline) -> bool:
    """Return whether the headings show at least three of the parts that published documents have."""
    titles = " ".join(outline.titles)
    return sum(any(word in titles for word in words) for words in _PARTS) >= 3


def department(outline: Outline) -> Fact | None:
    """Return the department's name: stated as such, on the title page, or in the heading 第一部分 …概况."""
    return _stated_name(outline) or _title_name(outline) or _overview_name(outline)


def has_placeholder(text: str) -> bool:
    """Return whether a form's filler such as ``XX`` or ``某`` still stands in the text."""
    return bool(_PLACEHOLDER.search(text))


def is_name(text: str) -> bool:
    """Return whether the text can be the name of an organisation and holds no placeholder."""
    return bool(_NAME.fullmatch(text)) and not has_placeholder(text) and text not in _NO_NAMES


def is_organ(text: str) -> bool:
    """Return whether the text is a name that ends as names of organs and institutions do: 局, 中心, （本级）."""
    return is_name(text) and text.rstrip(")）").endswith(_ORGAN_ENDS)


def organ_at(flow: Flow, start: int, end: int) -> Fact | None:
    """Return the organ whose name begins at ``start`` and ends with one of the span's lines.

    None when the name of a full line could as well go on in the next one.
    """
    ends = [at for at in flow.starts[flow.row_at(start) + 1 : flow.row_at(end - 1) + 1] if at > start]
    facts = [fact for stop in (*ends, end) if (fact := flow.fact(start, stop)) and is_organ(fact["value"])]
    return facts[0] if len(facts) == 1 else None


def _stated_name(outline: Outline) -> Fact | None:
    flow = outline.flow
    for match in _NAMED.finditer(flow.key):
        if flow.begins_row(match.start()):
            limit = min(outline.next_start(outline.at(match.end())), match.end() + 61)
            fact = organ_at(flow, match.end(), flow.paragraph_end(match.end(), limit))
            if fact:
                return fact
    return None


def _title_name(outline: Outline) -> Fact | None:
    """Return what stands on the title page before ``2025年部门预算``, on the same line or the lines above."""
    flow = outline.flow
    first = next((one for one in _statements(outline) if one.year), None)
    if not first or first.prefix or flow.row_at(first.start) >= _TITLE_ROWS:
        return None
    start = next((at for at in flow.starts if not flow.key.startswith("附件", at)), 0)
    fact = flow.fact(start, first.start)
    name = fact["value"].replace("\n", "") if fact else ""
    if fact and is_organ(name):
        return {"value": name, "line": fact["line"]}
    return None


def _overview_name(outline: Outline) -> Fact | None:
    """Return the department in a heading such as ``第一部分 高新区党群工作部概况``."""
    flow = outline.flow
    for index, marker in enumerate(outline.markers):
        title = outline.titles[index]
        length = title.find("概况")
        if marker.level == PART and length > 0 and flow.begins_row(marker.body + length + len("概况")):
            fact = flow.fact(marker.body, marker.body + length)
            if fact and is_name(fact["value"]):
                return fact
    return None

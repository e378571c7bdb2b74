"""Reads the projects a budget discloses in full, part by part."""

import re
from dataclasses import dataclass
from typing import Any

from perfmgr.documents.published.bases import legal_bases
from perfmgr.documents.published.figures import Reading
from perfmgr.documents.published.identity import has_placeholder
from perfmgr.documents.published.outline import CHAPTER, Outline
from perfmgr.documents.published.plan import goals, steps
from perfmgr.documents.published.project_facts import budget, fund_source, implementing_body, period
from perfmgr.documents.published.text import Fact

Span = tuple[int, int]

_TITLES = {
    "overview": ("项目概述", "项目概况", "项目简介", "项目基本情况"),
    "bases": ("立项依据", "政策依据", "项目依据"),
    "body": ("实施主体", "实施单位", "项目实施主体", "项目实施单位"),
    "plan": ("实施方案", "项目实施方案", "实施计划", "实施内容"),
    "period": ("实施周期", "项目周期", "实施期限", "项目期限", "起止时间", "项目实施周期"),
    "money": ("年度预算安排", "预算安排", "年度预算安排情况", "资金安排", "年度资金安排"),
    "targets": ("绩效目标", "项目绩效目标", "年度绩效目标"),
}
_PART_OF = {title: part for part, titles in _TITLES.items() for title in titles}
_PART_TITLE = re.compile("|".join(sorted(_PART_OF, key=len, reverse=True)))
_SUFFIX = re.compile("(?:使用|安排|实施|支出|绩效|预算){0,2}情况的?(?:说明|介绍)?$")
_PREFIX = re.compile("^(?:重点)?项目(?:[一二三四五六七八九十]{1,2}|[0-9]{1,2}|名称)?[:：]")
_GENERIC = re.compile(
    "(?:部门|单位)?(?:重点|其他|主要|专项)?(?:项目|经费|资金|专项资金|专项经费|项目经费|项目资金|重要事项|相关|事项|部门|单位)?"
    "(?:预算|绩效|支出|目标){0,2}"
)
_NAME_LABEL = "项目名称"
_OTHER_LABEL = re.compile("项目|主管|实施|单位|计划|资金|年度|[(（]")
_NAME_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Project:
    """One project: the index of its first heading, the span of each part's text, and where it all ends."""

    first: int
    parts: dict[str, Span]
    end: int


def projects(reading: Reading) -> list[dict[str, Any]] | None:
    """Return the projects described part by part, or None when the document describes none."""
    return [_facts(reading, project) for project in _grouped(reading.outline)] or None


def _grouped(outline: Outline) -> list[_Project]:
    """Return the runs of known part headings that can only be the description of one project each."""
    runs: list[list[tuple[int, str]]] = []
    for index in range(len(outline.markers)):
        part = _part(outline, index)
        if part and runs and _continues(outline, runs[-1], index, part):
            runs[-1].append((index, part))
        elif part:
            runs.append([(index, part)])
    runs = [run for run in runs if len(run) > 1 and {"overview", "bases"} & {part for _, part in run}]
    ends = [outline.markers[run[0][0]].start for run in runs[1:]] + [len(outline.flow.text)]
    return [_project(outline, run, end) for run, end in zip(runs, ends, strict=False)]


def _part(outline: Outline, index: int) -> str | None:
    """Return which part of a project the heading opens, or None."""
    flow = outline.flow
    match = _PART_TITLE.match(flow.key, outline.markers[index].body)
    if match and (flow.begins_word(match.end()) or flow.key[match.end()] in ":。"):
        return _PART_OF[match[0]]
    return None


def _continues(outline: Outline, run: list[tuple[int, str]], index: int, part: str) -> bool:
    """Return whether the part belongs to the project of the run: numbered on, not repeated, no chapter between."""
    last, marker = outline.markers[run[-1][0]], outline.markers[index]
    between = outline.markers[run[-1][0] + 1 : index]
    return (
        marker.level == last.level
        and marker.number > last.number
        and part not in {known for _, known in run}
        and not any(one.level <= CHAPTER and one.level < marker.level for one in between)
    )


def _project(outline: Outline, run: list[tuple[int, str]], end: int) -> _Project:
    limits = [outline.markers[index].start for index, _ in run[1:]] + [end]
    parts = {
        part: (_text_start(outline, index), _text_end(outline, index, limit))
        for (index, part), limit in zip(run, limits, strict=True)
    }
    return _Project(run[0][0], parts, end)


def _text_end(outline: Outline, index: int, limit: int) -> int:
    """Return where a part ends: at the next heading of its row, known or not; its own lists do not end it."""
    own = outline.markers[index]
    listed = outline.list_from(_text_start(outline, index))
    for later in outline.within(own.body + 1, limit):
        marker = outline.markers[later]
        goes_on = marker.level == own.level and marker.number == own.number + 1
        if marker.level <= min(own.level - 1, CHAPTER) or (goes_on and later not in listed):
            return marker.start
    return limit


def _text_start(outline: Outline, index: int) -> int:
    """Return where the text under a part heading begins."""
    match = _PART_TITLE.match(outline.flow.key, outline.markers[index].body)
    end = match.end() if match else outline.markers[index].body
    return end + 1 if outline.flow.key[end : end + 1] in {":", "。"} else end


def _facts(reading: Reading, project: _Project) -> dict[str, Any]:
    parts = project.parts
    start_on, end_on = period(reading, parts["period"]) if "period" in parts else (None, None)
    return {
        "name": _heading_name(reading.outline, project.first) or _labelled_name(reading, project),
        "legal_bases": legal_bases(reading, *parts["bases"]) if "bases" in parts else None,
        "body": implementing_body(reading, parts["body"]) if "body" in parts else None,
        "goals": _goals(reading, parts),
        "steps": steps(reading, *parts["plan"]) if "plan" in parts else None,
        "start_on": start_on,
        "end_on": end_on,
        "budget_wan": budget(reading, parts["money"]) if "money" in parts else None,
        "fund_source": fund_source(reading, parts["money"]) if "money" in parts else None,
    }


def _goals(reading: Reading, parts: dict[str, Span]) -> Fact | None:
    """Return the labelled goals of the plan, or of the part 绩效目标."""
    found = [goals(reading, *parts[part]) for part in ("plan", "targets") if part in parts]
    return next((fact for fact in found if fact), None)


def _heading_name(outline: Outline, first: int) -> Fact | None:
    """Return the name in the heading above the first part, such as 八、社区…经费使用情况."""
    above = outline.markers[first].parent
    if above < 0 or above != first - 1:
        return None
    start, end = outline.title_span(above)
    # A heading with words of its own below it is about something else, of which the project is a part.
    between = outline.flow.key[end : outline.markers[first].start].strip(" :。")
    return None if between or end - start >= _NAME_LONGEST else _name(outline.flow.fact(start, end))


def _labelled_name(reading: Reading, project: _Project) -> Fact | None:
    """Return what a form within the project prints beside 项目名称."""
    flow = reading.flow
    offset = flow.key.find(_NAME_LABEL, reading.outline.markers[project.first].start, project.end)
    if offset < 0 or not flow.begins_row(offset):
        return None
    start = offset + len(_NAME_LABEL) + flow.key.startswith(":", offset + len(_NAME_LABEL))
    row = flow.row_at(start)
    end = flow.starts[row + 1] if row + 1 < len(flow.starts) else len(flow.text)
    words = [flow.starts[row] + word for word in flow.rows[row].words if flow.starts[row] + word > start]
    fact = flow.fact(start, min([*words, end]))
    return None if fact and _OTHER_LABEL.match(fact["value"]) else _name(fact)


def _name(fact: Fact | None) -> Fact | None:
    """Return the name without words such as 使用情况, or None when no proper name is left."""
    if not fact:
        return None
    name = _SUFFIX.sub("", _PREFIX.sub("", fact["value"].replace("\n", ""))).strip(" “”")
    if _GENERIC.fullmatch(name) or has_placeholder(name):
        return None
    return {"value": name, "line": fact["line"]}

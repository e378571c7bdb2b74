"""Reads a project's goals and steps from the description of how it is carried out."""

import re
from typing import Any

from perfmgr.documents.published.figures import Reading
from perfmgr.documents.published.text import Fact

_GOALS = re.compile("(?:项目|绩效|年度|总体|主要|工作|预期){0,3}目标:")
_STEPS = re.compile(
    "(?:实施|工作|具体|主要)?(?:步骤|计划|进度)(?:(?:和|与|及|、)(?:计划|步骤|安排|进度))?(?:安排)?:"
    "|(?:进度|时间|资金|组织|工作)安排:|(?:保障|组织|具体|主要)(?:保障)?措施:"
)
_STEPS_PROPER = re.compile("[^:]{0,4}(?:步骤|计划|进度)")
_SENTENCE = re.compile("[。;,]")
_TITLE_LONGEST = 40
_ENUMERATED = re.compile("一是|首先|第一|一方面|1[.、]|①")


def goals(reading: Reading, start: int, end: int) -> Fact | None:
    """Return the text after the label 主要目标： up to the next label; None without such a label."""
    labels = _labels(reading, _GOALS, start, end)
    if len(labels) != 1:
        return None
    begin = labels[0].end()
    later = [label.start() for label in _labels(reading, _STEPS, begin, end)]
    return reading.flow.fact(begin, min([*later, end]))


def steps(reading: Reading, start: int, end: int) -> list[dict[str, Any]] | None:
    """Return the numbered steps, each with title, line and content; None where nothing is numbered.

    With a label 步骤和计划： only what follows it counts; the points of the goals are no steps.
    """
    labels = [one for one in _labels(reading, _STEPS, start, end) if _STEPS_PROPER.match(one[0])]
    goal_labels = _labels(reading, _GOALS, start, end)
    if not labels and goal_labels:
        return None
    begin = labels[-1].end() if labels else start
    if reading.flow.key[begin:end].strip(" 。") == "无":
        return []
    inside = list(reading.outline.within(begin, end))
    if not inside:
        return None
    items = reading.outline.list_from(reading.outline.markers[inside[0]].start)
    items = [index for index in items if index in inside]
    if not items:
        return None
    bounds = [reading.outline.markers[index].start for index in items[1:]] + [end]
    return [_step(reading, index, bound) for index, bound in zip(items, bounds, strict=True)]


def _labels(reading: Reading, words: re.Pattern[str], start: int, end: int) -> list[re.Match[str]]:
    """Return the labels in the span that stand at the beginning of a source line."""
    found = words.finditer(reading.flow.key, start, end)
    return [match for match in found if reading.flow.begins_row(match.start())]


def _step(reading: Reading, index: int, bound: int) -> dict[str, Any]:
    body = reading.outline.markers[index].body
    cut = _title_end(reading, body, bound)
    title = reading.flow.fact(body, cut)
    content_from = cut + 1 if reading.flow.key[cut : cut + 1] in {"。", ":"} and cut < bound else cut
    content = reading.flow.fact(content_from, bound)
    return {
        "value": title["value"] if title else "",
        "line": reading.flow.line(body),
        "content": content["value"] if content else "",
    }


def _title_end(reading: Reading, body: int, bound: int) -> int:
    """Return where the step's title ends; a step that is all one sentence is its own title."""
    flow = reading.flow
    paragraph = flow.paragraph_end(body, bound)
    colon = flow.key.find(":", body, min(paragraph, body + _TITLE_LONGEST))
    stop = _SENTENCE.search(flow.key, body, paragraph)
    if colon >= 0 and not (stop and stop.start() < colon):
        return colon
    if not stop and paragraph - body <= _TITLE_LONGEST:
        return paragraph
    if stop and stop[0] == "。" and stop.start() - body <= _TITLE_LONGEST and stop.end() < bound:
        return stop.start()
    row_end = next((at for at in _row_starts(reading, body) if at > body), bound)
    if row_end < bound and not _SENTENCE.search(flow.key, body, row_end) and _ENUMERATED.match(flow.key, row_end):
        return row_end
    return bound


def _row_starts(reading: Reading, offset: int) -> list[int]:
    index = reading.flow.row_at(offset)
    return list(reading.flow.starts[index : index + 2])

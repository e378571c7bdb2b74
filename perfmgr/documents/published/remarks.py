"""Reads the problems that a self-evaluation found and the measures announced against them."""

import re
from collections.abc import Iterator

from perfmgr.documents.published.figures import Reading, sentence_start
from perfmgr.documents.published.outline import Outline
from perfmgr.documents.published.text import Fact

_PROBLEMS = re.compile("(?:发现|存在)[^。:;]{0,30}问题[^。:;,]{0,8}:")
_MEASURES = re.compile("(?:下一步|今后|针对)[^。:;]{0,40}(?:措施|改进|整改|打算)[^。:;,]{0,10}:|(?:改进|整改)措施:")
_PROBLEMS_TITLE = re.compile("(?:发现|存在)的?(?:主要)?问题(?:及原因|及其原因|和原因)?")
_MEASURES_TITLE = re.compile(
    "(?:下一步|今后)?的?(?:工作)?(?:改进|整改)(?:工作)?(?:措施|意见|方向|打算)|下一步(?:工作)?打算"
)
_NEXT_STEP = re.compile("(?<=[。;])(?:下一步|今后)[^。;:]{0,20}?[,将]")
_NEXT_TOPIC = re.compile("(?:部门决算中)?(?:部门|项目)?(?:支出)?绩效(?:自评|评价)(?:结果|情况|报告)|名词解释")
_TOPIC = re.compile("绩效|自评")
_LONGEST = 6000

Label = tuple[int, int]  # where the words that announce a text begin, and where the text itself begins


def remarks(reading: Reading) -> tuple[Fact | None, Fact | None]:
    """Return the texts on problems and on measures; None for a text that nothing announces."""
    outline = reading.outline
    problems = next(_labels(reading, _PROBLEMS, _PROBLEMS_TITLE, 0), None)
    measures = next(_labels(reading, _MEASURES, _MEASURES_TITLE, problems[1] if problems else 0), None)
    if not problems:
        return None, measures and reading.flow.fact(measures[1], _end(outline, measures[1]))
    end = _end(outline, problems[1])
    if not measures or measures[0] > end + _LONGEST:
        measures = _announced(reading, problems[1], end)
    if not measures:
        return reading.flow.fact(problems[1], end), None
    planned = reading.flow.fact(measures[1], _end(outline, measures[1]))
    return reading.flow.fact(problems[1], min(end, measures[0])), planned


def _announced(reading: Reading, start: int, end: int) -> Label | None:
    """Return the sentence 下一步，… that follows the problems without a label of its own."""
    match = _NEXT_STEP.search(reading.flow.key, start, end)
    return (match.start(), match.start()) if match else None


def _labels(reading: Reading, words: re.Pattern[str], title: re.Pattern[str], after: int) -> Iterator[Label]:
    """Yield the labels at or after ``after``: words that end in a colon, or a heading of its own."""
    outline, found = reading.outline, []
    for match in words.finditer(reading.flow.key, after):
        context = reading.flow.key[sentence_start(reading, match.start()) : match.end()]
        if _TOPIC.search(context) or _about_performance(outline, match.start()):
            found.append((_label_start(outline, match.start()), match.end()))
    for index in outline.within(after, len(reading.flow.key)):
        start, end = outline.title_span(index)
        if title.fullmatch(outline.titles[index]) and _about_performance(outline, start):
            found.append((outline.markers[index].start, _after_stop(reading.flow.key, end)))
    yield from sorted(found)


def _about_performance(outline: Outline, offset: int) -> bool:
    return any(_TOPIC.search(outline.titles[index]) for index in outline.path(offset))


def _label_start(outline: Outline, offset: int) -> int:
    """Return where the label begins, its list number included."""
    marker = outline.at(offset)
    at_once = marker >= 0 and outline.markers[marker].body == offset
    return outline.markers[marker].start if at_once else offset


def _after_stop(key: str, offset: int) -> int:
    return offset + 1 if key[offset : offset + 1] in {"。", ":"} else offset


def _end(outline: Outline, start: int) -> int:
    """Return where the text from ``start`` ends: at the next heading that is no item of a list in the text."""
    limit = min(len(outline.flow.text), start + _LONGEST)
    items = set(outline.list_from(start))
    enclosing = outline.at(start - 1)
    level = outline.markers[enclosing].level if enclosing >= 0 else 0
    listed = min((outline.markers[index].level for index in items), default=99)
    for index in outline.within(start, limit):
        marker = outline.markers[index]
        inside = index in items or marker.level > min(level, listed)
        if not inside or _NEXT_TOPIC.match(outline.titles[index]):
            return marker.start
    return limit

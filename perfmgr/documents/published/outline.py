"""Finds the numbered headings and list items of a published document and how they enclose each other."""

import bisect
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfmgr.documents.published.rows import Row, rows_of
from perfmgr.documents.published.text import Flow, flow_of

# Levels in the order official documents use them: 第一部分 > 一、 > （一） > 1. > （1） > ①
PART, CHAPTER, SECTION, ITEM, POINT, SUBPOINT = range(6)
_CHINESE = "一二三四五六七八九十"
_MARKERS = tuple(
    (level, re.compile(pattern))
    for level, pattern in (
        (PART, rf"第([{_CHINESE}]{{1,3}})(?:部分|章)"),
        (CHAPTER, rf"([{_CHINESE}]{{1,3}})、"),
        (SECTION, rf"\(([{_CHINESE}]{{1,3}})\)[、.]?"),
        (ITEM, r"([0-9]{1,2})(?:[.、](?![0-9])|\. )"),
        (POINT, r"\(?([0-9]{1,2})\)"),
        (SUBPOINT, "([①-⑳])"),
    )
)
_FIRST_SIGNS = frozenset(f"第{_CHINESE}(0123456789①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_UNNUMBERED = re.compile(
    r"目录|名词解释|机构设置|[^,。:;、]{0,40}(?:"
    r"机构设置|(?:部门|单位)(?:预算|决算)(?:编制)?(?:情况)?说明|项目经费情况说明|其他相关情况说明|"
    r"(?:预算|决算)(?:总)?表|绩效目标申报表|绩效自评表|(?:部门|单位)概况)"
)
_TITLE_END = re.compile("[。:;,]")
_TITLE_LONGEST = 60


def chinese_number(text: str) -> int | None:
    """Return the number written as 一 … 九十九 (两 counts as 二) or in digits, or None when it is none."""
    if re.fullmatch("[0-9]{1,6}", text):
        return int(text)
    match = re.fullmatch("([一二三四五六七八九])?(十)?([一二三四五六七八九])?", text.replace("两", "二"))
    if not text or not match or (match[1] and match[3] and not match[2]):
        return 0 if text == "零" else None
    tens, ten, ones = match.groups()
    if not ten:
        return _CHINESE.index(tens or ones) + 1
    return (_CHINESE.index(tens) + 1 if tens else 1) * 10 + (_CHINESE.index(ones) + 1 if ones else 0)


@dataclass(frozen=True, slots=True)
class Marker:
    """The sign that opens a heading or list item: it stands at ``start``, its words begin at ``body``."""

    level: int
    number: int
    start: int
    body: int
    parent: int  # index of the enclosing marker, -1 for none


@dataclass(frozen=True)
class Outline:
    """All markers of a document in order."""

    flow: Flow
    markers: Sequence[Marker]

    def end(self, index: int) -> int:
        """Return where the item ends: at the next marker of its level or a higher one."""
        level = self.markers[index].level
        for later in range(index + 1, len(self.markers)):
            if self.markers[later].level <= level:
                return self.markers[later].start
        return len(self.flow.text)

    def next_start(self, index: int) -> int:
        """Return where the next marker of any level stands."""
        return self.markers[index + 1].start if index + 1 < len(self.markers) else len(self.flow.text)

    def title_span(self, index: int) -> tuple[int, int]:
        """Return the span of the item's first words: to the first stop, paragraph end or inner marker."""
        return self._title_spans[index]

    @functools.cached_property
    def titles(self) -> Sequence[str]:
        """The first words of every item, with half-width signs."""
        return [self.flow.key[start:end].strip() for start, end in self._title_spans]

    @functools.cached_property
    def _title_spans(self) -> Sequence[tuple[int, int]]:
        return [self._title_of(index, marker.body) for index, marker in enumerate(self.markers)]

    def _title_of(self, index: int, body: int) -> tuple[int, int]:
        limit = min(self.next_start(index), body + _TITLE_LONGEST)
        stop = _TITLE_END.search(self.flow.key, body, limit)
        return body, self.flow.paragraph_end(body, stop.start() if stop else limit)

    def at(self, offset: int) -> int:
        """Return the index of the last marker at or before ``offset``, -1 when there is none."""
        return bisect.bisect_right(self.markers, offset, key=lambda marker: marker.start) - 1

    def path(self, offset: int) -> Iterator[int]:
        """Yield the indexes of the markers that enclose ``offset``, innermost first."""
        index = self.at(offset)
        while index >= 0:
            yield index
            index = self.markers[index].parent

    def within(self, start: int, end: int) -> range:
        """Return the indexes of the markers that stand in the span."""
        first = bisect.bisect_left(self.markers, start, key=lambda marker: marker.start)
        return range(first, bisect.bisect_left(self.markers, end, key=lambda marker: marker.start))

    def list_from(self, offset: int) -> list[int]:
        """Return the indexes of the list that begins exactly at ``offset``: same level, numbers 1, 2, 3 …"""
        first = self.at(offset)
        if first < 0 or self.markers[first].start != offset:
            return []
        found: list[int] = []
        for index in range(first, len(self.markers)):
            marker = self.markers[index]
            if marker.level < self.markers[first].level:
                break
            if marker.level == self.markers[first].level:
                if marker.number != len(found) + 1:
                    break
                found.append(index)
        return found


def outline_of(lines: Sequence[str]) -> Outline:
    """Return the outline, with the joined text, of a document's source lines."""
    flow = flow_of(rows_of(lines))
    markers: list[Marker] = []
    enclosing: list[int] = []
    for index, row in enumerate(flow.rows):
        found = _marker(row, flow.rows[index - 1] if index else None)
        if not found:
            continue
        level, number, length = found
        while enclosing and markers[enclosing[-1]].level >= level:
            enclosing.pop()
        start = flow.starts[index]
        markers.append(Marker(level, number, start, start + length, enclosing[-1] if enclosing else -1))
        enclosing.append(len(markers) - 1)
    return Outline(flow, markers)


def _marker(row: Row, before: Row | None) -> tuple[int, int, int] | None:
    """Return level, number and length of the marker the row begins with, or None."""
    for level, pattern in _MARKERS if row.key[0] in _FIRST_SIGNS else ():
        match = pattern.match(row.key)
        if match and not (level == CHAPTER and _splits_a_word(match[1], before)):
            sign = match[1]
            number = ord(sign) - ord("①") + 1 if level == SUBPOINT else chinese_number(sign)
            return level, number or 0, match.end()
    if len(row.key) <= _TITLE_LONGEST and _UNNUMBERED.fullmatch(row.key):
        return PART, 0, 0
    return None


def _splits_a_word(sign: str, before: Row | None) -> bool:
    """Return whether ``一、`` is rather the end of 统一、 that a forced wrap left at the line's beginning."""
    return sign == "一" and before is not None and before.full and before.key[-1] not in "。:;!?”)"

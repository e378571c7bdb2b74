"""Joins the hard-wrapped lines of a published document into one text in which each place knows its line."""

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from perfmgr.documents.published.rows import NEEDS_BLANK, Row
from perfmgr.rules.texts import half_width

Fact = dict[str, Any]

_HAN = re.compile("[\u4e00-\u9fff]")
_TAIL = re.compile(r"[0-9][0-9,.]*$")
_HEAD = re.compile(r"([0-9]{1,9}(?:,[0-9]{3})*(?:\.[0-9]{1,8})?)(?![0-9A-Za-z.、 ]|,[0-9]|$)")
# A figure, its unit or a number and what leads to it, cut by a line end: nothing forced the wrap, so something is lost.
_FIGURE_BEGUN = re.compile(r"(?:[0-9][.,]?|[0-9][亿万])$")
_FIGURE_CONTINUED = re.compile(r"[.,]?[0-9]|[亿万]?元|[%个项分]")
_FIGURE_NAMED = re.compile(r"[为是到达计共数出入分:]$")
_FIGURE_WHOLE = re.compile(r"[.,]?[0-9][0-9,.]*(?:[亿万]?元|[%个项分])")
_WHOLE_NUMBER = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,8})?")
_ENDING = "。;:.!?”)"
_STOP = re.compile("[。,;]")
_CLOSING = "。；：，、！？.;:,!?”）)"


@dataclass(frozen=True, slots=True)
class Flow:
    """The whole text: ``text`` as printed, ``key`` for matching, of equal length; rows begin at ``starts``."""

    rows: Sequence[Row]
    text: str
    key: str
    starts: Sequence[int]

    def row_at(self, offset: int) -> int:
        """Return the index of the row in which the character at ``offset`` stands."""
        return bisect.bisect_right(self.starts, offset) - 1

    def line(self, offset: int) -> int:
        """Return the 1-based source line of the character at ``offset``."""
        return self.rows[self.row_at(offset)].number

    def begins_row(self, offset: int) -> bool:
        """Return whether a source line begins at ``offset``, or the text ends there."""
        return offset >= len(self.text) or self.starts[self.row_at(offset)] == offset

    def begins_word(self, offset: int) -> bool:
        """Return whether a line end or a blank stands before ``offset`` in the source."""
        index = self.row_at(offset)
        return self.begins_row(offset) or offset - self.starts[index] in self.rows[index].words

    def begins_paragraph(self, index: int) -> bool:
        """Return whether row ``index`` begins a paragraph: nothing forced the wrap before it, and words ended there."""
        if index == 0:
            return True
        before, row = self.rows[index - 1], self.rows[index]
        if row.indent > before.indent:
            return True
        return not before.full and (before.key[-1] in _ENDING or self._stands_alone(index - 1))

    def _stands_alone(self, index: int) -> bool:
        """Return whether the row ends words without any stop, such as a heading of up to three lines or a cell.

        A short line alone proves nothing: it may be a sentence in which a name was replaced.
        """
        for at in range(index, max(index - 3, -1), -1):
            if _STOP.search(self.rows[at].key):
                return False
            if at == 0 or not self.rows[at - 1].full or self.rows[at - 1].key[-1] in _ENDING:
                return True
        return False

    def paragraph_end(self, offset: int, limit: int) -> int:
        """Return where the paragraph around ``offset`` ends, at most ``limit``."""
        for index in range(self.row_at(offset) + 1, len(self.rows)):
            if self.starts[index] >= limit:
                break
            if self.begins_paragraph(index):
                return self.starts[index]
        return limit

    def trimmed(self, start: int, end: int) -> tuple[int, int]:
        """Return the span without blanks at both ends."""
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        return start, end

    def passage(self, start: int, end: int) -> str:
        """Return the text of the span; a line break stays only after a line that reads like a heading."""
        start, end = self.trimmed(start, end)
        pieces, at = [], start
        for index in range(self.row_at(start) + 1, len(self.rows)):
            cut = self.starts[index]
            if cut >= end:
                break
            if self.begins_paragraph(index) and self.text[cut - 1] not in _CLOSING:
                pieces.append(self.text[at:cut].strip())
                at = cut
        return "\n".join([*pieces, self.text[at:end].strip()])

    def fact(self, start: int, end: int) -> Fact | None:
        """Return the text of the span with the line it begins in, or None for an empty span."""
        start, end = self.trimmed(start, end)
        return {"value": self.passage(start, end), "line": self.line(start)} if start < end else None

    def valued(self, value: Any, offset: int) -> Fact:
        """Return a fact whose value was printed at ``offset``."""
        return {"value": value, "line": self.line(offset)}


def flow_of(rows: Sequence[Row]) -> Flow:
    """Return the rows as one text."""
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for index, row in enumerate(rows):
        piece = row.text + (_joint(row, rows[index + 1]) if index + 1 < len(rows) else "")
        starts.append(length)
        pieces.append(piece)
        length += len(piece)
    text = "".join(pieces)
    return Flow(rows, text, half_width(text), starts)


def _joint(before: Row, after: Row) -> str:
    """Return what separates two rows: nothing, or a blank where two words or figures would run together.

    A figure that a short line tears apart is kept torn: it may be what is left of another one.
    """
    if not before.full and _torn(before.key, after.key):
        return " "
    if not NEEDS_BLANK.match(before.key[-1] + after.key[0]):
        return ""
    return "" if before.full and _split_number(before.key, after.key) else " "


def _split_number(before: str, after: str) -> bool:
    """Return whether a line of prose was wrapped inside a number, as in ``9358.`` / ``59万元``."""
    tail, head = _TAIL.search(before[-24:]), _HEAD.match(after)
    return bool(tail and head and _HAN.search(before) and _WHOLE_NUMBER.fullmatch(tail.group() + head.group(1)))


def _torn(before: str, after: str) -> bool:
    """Return whether a line end stands inside a figure and its unit, or between it and the words that name it."""
    if _FIGURE_BEGUN.search(before[-3:]):
        return bool(_FIGURE_CONTINUED.match(after))
    return bool(_FIGURE_NAMED.search(before) and _FIGURE_WHOLE.match(after))

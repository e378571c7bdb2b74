"""Cleans the lines of a published document and tells which of them were wrapped only for want of width."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from perfmgr.rules.texts import clean, half_width

_FULL_DIGITS = "０１２３４５６７８９．％"
_FULL_LETTERS = "".join(chr(code) for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))
# PDF fonts often map common characters to look-alike radicals and compatibility ideographs.
_LOOK_ALIKES = {
    code: plain
    for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00))
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1
}
_SHOWN = _LOOK_ALIKES | {ord(sign): half_width(sign) for sign in _FULL_DIGITS + _FULL_LETTERS}
NEEDS_BLANK = re.compile("[0-9A-Za-z.,%][0-9A-Za-z]")
_PAGE_NUMBER = re.compile(r"[-—–·]+ ?[0-9]{1,4} ?[-—–·]+|第 ?[0-9]{1,4} ?页(?: ?[,/]? ?共 ?[0-9]{1,4} ?页)?")
_PAGE_NUMBER_LONGEST = 20
# Characters by which a wrapped line may fall short of the widest: an indent of two, one that may
# not begin a line, one of the next word.
_SLACK = 4


@dataclass(slots=True)
class Row:
    """One line that is not blank: ``text`` without idle blanks, ``key`` the same with half-width signs.

    ``words`` are the offsets in the text at which a word begins that a blank preceded; ``length``
    and ``width`` (in columns, a Chinese character counting two) are those of the printed line.
    """

    number: int
    text: str
    key: str
    indent: int
    words: Sequence[int]
    length: int
    width: int
    full: bool = False


def rows_of(lines: Sequence[str]) -> list[Row]:
    """Return the lines that carry text, each knowing whether its width may have forced the wrap after it."""
    shown = _cleaned(lines)
    keys = half_width("\n".join(shown)).split("\n")
    found = (_row(number, *texts) for number, texts in enumerate(zip(lines, shown, keys, strict=True), 1))
    rows = [row for row in found if row]
    longest, widest = _typical([row.length for row in rows]), _typical([row.width for row in rows])
    if _is_cut(rows, longest):
        for row in rows:
            row.full = row.length >= longest - 1  # one blank may have been lost at the cut
        return rows
    for row in rows:
        row.full = row.length >= _least(longest, _SLACK) or row.width >= _least(widest, 2 * _SLACK)
    return rows


def _cleaned(lines: Sequence[str]) -> list[str]:
    """Return the lines without odd characters and without blanks at both ends."""
    # Almost every line is clean already, and to ask is faster than to clean; so is one look-up for all.
    plain = (line if line.isprintable() else clean(line).replace("\n", " ").replace("\u3000", " ") for line in lines)
    return "\n".join(map(str.strip, plain)).translate(_SHOWN).split("\n")


def _typical(sizes: list[int]) -> int:
    """Return the size of a full line; a few over-long lines such as table rows do not count."""
    return sorted(sizes)[int(len(sizes) * 0.97)] if sizes else 0


def _least(full: int, slack: int) -> float:
    return max(full - slack, 0.7 * full)


def _is_cut(rows: Sequence[Row], longest: int) -> bool:
    """Return whether a program cut the lines at a fixed count of characters, so that full ones are equally long."""
    long = [row.length for row in rows if row.length > 0.7 * longest]
    return bool(rows) and max(long) == longest and 2 * long.count(longest) >= len(long) and long.count(longest) > 5


def _row(number: int, line: str, shown: str, key: str) -> Row | None:
    if not shown or (len(key) <= _PAGE_NUMBER_LONGEST and _PAGE_NUMBER.fullmatch(key)):
        return None
    text, words = _without_idle_blanks(shown.split())
    indent = len(line) - len(line.lstrip())
    key = key if len(key) == len(text) else half_width(text)
    width = 2 * len(shown) - len(shown.encode("ascii", "ignore"))
    return Row(number, text, key, indent + line[:indent].count("\u3000"), words, len(shown), width)


def _without_idle_blanks(words: list[str]) -> tuple[str, list[int]]:
    """Join words; a blank stays only between two figures or Latin words, as Chinese needs none."""
    if len(words) == 1:
        return words[0], []
    pieces, offsets, length = words[:1], [], len(words[0])
    for before, word in itertools.pairwise(words):
        if NEEDS_BLANK.match(before[-1] + word[0]):
            pieces.append(" ")
            length += 1
        offsets.append(length)
        pieces.append(word)
        length += len(word)
    return "".join(pieces), offsets

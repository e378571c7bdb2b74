"""Reads the legal bases of a project: the titles in 《》 with the document numbers printed after them."""

import re

from perfmgr.documents.published.figures import Reading
from perfmgr.documents.published.identity import has_placeholder
from perfmgr.documents.published.text import Fact

_OFFICIAL = "[\u4e00-\u9fff]{1,16}(?:字)?[〔\\[(【][0-9]{4}[〕\\])】]第?[0-9]{1,5}(?:-[0-9]{1,3})?号"
# In parentheses with perhaps a date behind, or bare right after the title.
_NUMBER = re.compile(f"\\(({_OFFICIAL})[,;、)]|({_OFFICIAL})")
_LONGEST = 200


def legal_bases(reading: Reading, start: int, end: int) -> list[dict[str, Fact | None]] | None:
    """Return title and number of each basis in the span, [] for 无, None where no title is printed."""
    flow, found = reading.flow, []
    for opening, closing in _titles(flow.key, start, end):
        title = flow.fact(opening + 1, closing)
        if not title or has_placeholder(title["value"]):
            continue
        match = _NUMBER.match(flow.key, closing + 1, end)
        group = 1 if match and match[1] else 2
        number = flow.fact(match.start(group), match.end(group)) if match else None
        found.append({"title": title, "number": number})
    if not found and flow.key[start:end].strip(" 。") == "无":
        return []
    return found or None


def _titles(key: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the places of the outermost 《 and 》 of each title; a title may quote another one."""
    found, depth, opening = [], 0, start
    for offset in range(start, end):
        if key[offset] == "《":
            opening = offset if depth == 0 else opening
            depth += 1
        elif key[offset] == "》" and depth:
            depth -= 1
            if depth == 0 and offset - opening <= _LONGEST:
                found.append((opening, offset))
    return found

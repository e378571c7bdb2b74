"""Reads expenditure by function, ``…（类）…（款）…（项）``: name, amount and share of the budget spent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perfmgr.documents.published.figures import AMOUNT, PERCENT, Reading, amount, share
from perfmgr.documents.published.text import Fact

_WORDS = "(?:[^()。;,:]|\\([^()类款项]{1,6}\\)){1,40}?"
_FUNCTION = re.compile(rf"\(类\)(?:{_WORDS}\(款\))?({_WORDS})\(项\)")
_AT_ONCE = re.compile(rf"[,。:]?(?:支出决算数?为?|决算数?为?|支出)?{AMOUNT}")
_PLANNED = re.compile(rf"[,。:]?(?:[0-9]{{4}}年度?)?(?:支出)?预算数?(?:为|安排)?{AMOUNT}")
_SPENT = re.compile(rf"(?<!年初)支出决算数?为{AMOUNT}")
_COMPLETED = re.compile(rf"完成(?:年初|全年|调整)?预算数?的{PERCENT}")
_PARENT_SPENT = re.compile(rf"支出决算数?为{AMOUNT}")
_PARENT_TOTAL = re.compile(rf"支出{AMOUNT}")
_DEFINED = re.compile("[,:]?(?:反映|是?指)")
_REACH = 800


@dataclass(frozen=True, slots=True)
class Function:
    """One function with its place in the text."""

    offset: int
    name: Fact
    amount: Fact | None
    completion: Fact | None

    def as_dict(self) -> dict[str, Fact | None]:
        """Return the facts under the names of the published object."""
        return {"name": self.name, "amount_wan": self.amount, "completion_percent": self.completion}


def functions(reading: Reading) -> list[Function]:
    """Return the functions the text reports on, with or without figures; definitions of terms are none."""
    key = reading.flow.key
    matches = list(_FUNCTION.finditer(key))
    found = []
    for index, match in enumerate(matches):
        limit = min(match.end() + _REACH, _item_end(reading, match.start()))
        if index + 1 < len(matches):
            limit = min(limit, matches[index + 1].start())
        function = _function(reading, match, limit)
        if function and not _is_definition(reading, match):
            found.append(function)
    return found


def stated(found: Sequence[Function]) -> list[dict[str, Fact | None]] | None:
    """Return the functions as facts, or None when not one figure of theirs is stated."""
    if not any(function.amount or function.completion for function in found):
        return None
    return [function.as_dict() for function in found]


def _is_definition(reading: Reading, match: re.Match[str]) -> bool:
    outline = reading.outline
    in_glossary = any("名词解释" in outline.titles[index] for index in outline.path(match.start()))
    return in_glossary or bool(_DEFINED.match(reading.flow.key, match.end()))


def _item_end(reading: Reading, offset: int) -> int:
    marker = reading.outline.at(offset)
    return reading.outline.next_start(marker) if marker >= 0 else len(reading.flow.key)


def _function(reading: Reading, match: re.Match[str], limit: int) -> Function | None:
    flow = reading.flow
    name = flow.fact(*match.span(1))
    if not name:
        return None
    stated = _AT_ONCE.match(flow.key, match.end(), limit)
    if not stated and reading.kind == "budget":
        stated = _PLANNED.match(flow.key, match.end(), limit)
    if not stated and reading.kind == "accounts":
        stated = _SPENT.search(flow.key, match.end(), limit)
    done = _COMPLETED.search(flow.key, match.end(), limit)
    return Function(match.start(), name, stated and amount(flow, stated), done and share(flow, done))


def groups(reading: Reading, found: Sequence[Function]) -> list[tuple[Fact, list[Function]]]:
    """Return the functions listed under a stated total, each group with that total."""
    by_parent: dict[int, list[Function]] = {}
    for function in found:
        path = list(reading.outline.path(function.offset))
        if len(path) > 1:
            by_parent.setdefault(path[1], []).append(function)
    result = []
    for parent, members in by_parent.items():
        head = (reading.outline.markers[parent].body, reading.outline.next_start(parent))
        for pattern in (_PARENT_SPENT, _PARENT_TOTAL):
            totals = list(pattern.finditer(reading.flow.key, *head))
            if totals:
                break
        if len(totals) == 1:
            result.append((amount(reading.flow, totals[0]), members))
    return result

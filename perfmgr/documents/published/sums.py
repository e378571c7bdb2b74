"""Adds up what a published document lists as the parts of a total, and says where the total differs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.documents.published.figures import AMOUNT, LINK, NUMBER, Reading, in_wan, subject
from perfmgr.documents.published.functions import Function, groups
from perfmgr.documents.published.outline import Outline
from perfmgr.rules.findings import WARNING, Finding
from perfmgr.rules.numbers import grouped
from perfmgr.rules.texts import N_

_LISTED = re.compile(
    rf"{AMOUNT}(?:\([^()]{{0,200}}\))?(?:[,。;]按[^,。;0-9]{{0,20}}|,主要[^。;0-9]{{0,60}})?"
    r"[,。;]?(?:其中包括|具体包括|其中|包括|主要用于以下方面):?"
)
_TOTAL_NAME = re.compile(
    f"(?:(?:收入|支出|收支)(?:总预算|总决算|预算|决算|总计|合计){{1,2}}|财政拨款支出|基本支出|项目支出|公共服务支出|"
    f"预算数?(?P<sign>增加|减少)){LINK}$"
)
_FUNDS = re.compile("一般公共预算|公共预算财政|政府性基金|国有资本经营预算")
_NEXT_TOTAL = re.compile("[^,。;]{0,40}?(?:收入|支出)(?:总预算|总决算|预算|决算|总计|合计)")
_PART = re.compile(
    rf"(?P<name>[^0-9]{{2,60}}?)(?P<sign>增加|减少)?(?:为|:)?(?P<number>{NUMBER})(?P<unit>亿元|万元|元|$)(?:\([^()]*\))?"
)
_NO_PART = re.compile("^(?:比|较|与|占|同比|完成)")
_UNREAD = re.compile("[0-9](?:[亿万]?元|$)")
_BRACKETS = re.compile(r"\([^()]{0,200}\)")
_CHILDREN_OF = re.compile(rf"(?:收入|支出)(?:总计|合计|预算|决算){{1,2}}{LINK}{AMOUNT}[^0-9]{{0,12}}$")
_CHILD = re.compile(rf"[^0-9,。;]{{2,60}}?(?:为|:)?{AMOUNT}")
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class Part:
    """One listed part: its signed amount in 万元, whether its unit is printed, and what it is."""

    value: Decimal
    has_unit: bool = True
    name: str = ""


def sum_findings(reading: Reading, functions: Sequence[Function]) -> list[Finding]:
    """Return a finding for each total that differs from the parts listed for it."""
    return [
        *_lists(reading),
        *_children(reading),
        *_functions(reading, functions),
    ]


def _lists(reading: Reading) -> Iterator[Finding]:
    """Check running lists: ``收入预算9358.59万元，其中包括甲8407.98万元，乙950.61万元``."""
    key = reading.flow.key
    matches = list(_LISTED.finditer(key))
    for index, match in enumerate(matches):
        name = subject(reading, match.start()) or ""
        head = _TOTAL_NAME.search(name)
        following = matches[index + 1].start() if index + 1 < len(matches) else len(key)
        segment = _segment(reading, match.end(), following) if head else None
        if head and segment:
            parts = _parts(segment, head["sign"])
            yield from _compared(reading.flow.line(match.start(1)), name, _value(match, head["sign"]), parts)


def _segment(reading: Reading, start: int, following: int) -> str | None:
    """Return the list that begins at ``start`` without brackets, or None when a list within it blurs its end."""
    key, marker = reading.flow.key, reading.outline.at(start - 1)
    limit = reading.outline.next_start(marker) if marker >= 0 else len(key)
    stop = key.find("。", start, min(limit, start + _LONGEST))
    stop = limit if stop < 0 and limit - start <= _LONGEST else stop
    if stop < 0:
        return None
    if following < stop:
        cut = key.rfind(";", start, following)
        if cut < 0 or not _NEXT_TOTAL.match(key, cut + 1):
            return None
        stop = cut
    segment = _BRACKETS.sub("", key[start:stop])
    return None if "其中" in segment else segment


def _parts(segment: str, total_sign: str | None) -> list[Part]:
    """Return the parts in a list, none when one of them cannot be read.

    With a signed total only parts that say 增加 or 减少 count, else only those that do not.
    """
    parts = []
    for piece in re.split("[,;、]", _joined_groups(segment)):
        match = _PART.fullmatch(piece.strip())
        if not match and _UNREAD.search(piece) and not _NO_PART.match(piece):
            return []
        if not match or _NO_PART.match(piece) or bool(match["sign"]) != bool(total_sign):
            continue
        value = Decimal(in_wan(match["number"], match["unit"] or "万元"))
        parts.append(Part(-value if match["sign"] == "减少" else value, bool(match["unit"]), match["name"]))
    return [] if _overlap(parts) else parts


def _overlap(parts: Sequence[Part]) -> bool:
    """Return whether the list names both 财政拨款 and the budgets it comes from, so that it counts money twice."""
    appropriated = [part for part in parts if "财政拨款" in part.name and not _FUNDS.search(part.name)]
    return bool(appropriated) and any(_FUNDS.search(part.name) for part in parts)


def _joined_groups(segment: str) -> str:
    """Return the segment without thousands commas, so that commas only separate."""
    return re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", segment)


def _children(reading: Reading) -> Iterator[Finding]:
    """Check totals whose parts follow as numbered items: ``（一）收入总计为…万元，包括：1.… 2.…``."""
    outline = reading.outline
    for index, marker in enumerate(outline.markers):
        head = _CHILDREN_OF.search(reading.flow.key, marker.body, min(outline.next_start(index), marker.body + 200))
        if not head or head.end() != outline.next_start(index):
            continue
        items = _items(outline, index)
        matches = [_CHILD.match(reading.flow.key, outline.markers[item].body) for item in items]
        parts = [Part(_value(match, None)) for match in matches if match]
        if len(parts) == len(items):
            name = subject(reading, head.start(1)) or ""
            yield from _compared(reading.flow.line(head.start(1)), name, _value(head, None), parts)


def _items(outline: Outline, index: int) -> list[int]:
    if index + 1 >= len(outline.markers) or outline.markers[index + 1].level <= outline.markers[index].level:
        return []
    return outline.list_from(outline.markers[index + 1].start)


def _functions(reading: Reading, found: Sequence[Function]) -> Iterator[Finding]:
    for stated, members in groups(reading, found):
        parts = [Part(Decimal(member.amount["value"])) for member in members if member.amount]
        if len(parts) == len(members):
            yield from _compared(stated["line"], "支出", Decimal(stated["value"]), parts, N_("各功能科目"))


def _value(match: re.Match[str], sign: str | None) -> Decimal:
    value = Decimal(in_wan(match[1], match[2]))
    return -value if sign == "减少" else value


def _compared(
    line: int, name: str, stated: Decimal, parts: Sequence[Part], what: str = N_("列出的各项")
) -> Iterator[Finding]:
    """Yield a finding when at least two parts add up to something else than rounding explains."""
    added = sum((part.value for part in parts), Decimal(0))
    # Each printed part and the total may be rounded to 100 yuan, which is 0.005 万元 at most.
    rounding = Decimal("0.005") * (1 + sum(1 for part in parts if part.value))
    if len(parts) < 2 or abs(added - stated) <= rounding or not all(part.has_unit for part in parts):
        return
    yield Finding(
        "SUM",
        N_("第%(line)s行%(name)s%(stated)s万元，%(what)s合计却是%(added)s万元，相差%(gap)s万元。"),
        level=WARNING,
        params={
            "line": line,
            "name": name.strip(),
            "what": what,
            "stated": grouped(abs(stated)),
            "added": grouped(added if stated >= 0 else -added),
            "gap": grouped(abs(added - stated)),
        },
    )

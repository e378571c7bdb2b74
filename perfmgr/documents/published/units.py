"""Reads which units a department's budget or accounts cover, and of which kind each is when that is certain."""

import itertools
import re
from typing import Any

from perfmgr.documents.published.figures import COUNT, Reading, count
from perfmgr.documents.published.identity import is_organ, organ_at
from perfmgr.documents.published.text import Fact

_ANCHOR = re.compile(
    "(?:具体包括(?:以下|下列)?(?:单位)?|(?:二级)?预算单位(?:具体)?(?:包括|有|为)|编制范围的[^。:;]{0,20}单位[^。:;]{0,10}?(?:包括|有|为)):"
)
_KIND = re.compile(
    "((?:参照公务员法管理的?|参公|财政全额补助|财政差额补助|全额拨款|差额拨款|自收自支|公益一类|公益二类)?"
    f"(?:行政单位|事业单位|行政执法机构)){COUNT}[家个]"
)
_KIND_IN_NAME = re.compile("\\(((?:参公)?(?:行政|事业)单位)\\)$")
_CENTRAL = re.compile("\\(?(?:本级|本部|机关)\\)?$")
# The head office of these is itself no administrative unit.
_INSTITUTIONS = ("中心", "学院", "学校", "大学", "医院", "研究院", "馆", "站", "园", "社", "公司", "集团")
_ROW = re.compile("([0-9]{1,2}) ?([^0-9 ].*)")
_REACH = 2000
_GAP = 4  # signs between two counts of one statement
_ANCHORS = 20  # places that can announce the list; more are no document but an attack


def units(reading: Reading) -> list[dict[str, Fact | None]] | None:
    """Return the listed units, [] where the document says there are none, None where it does not say."""
    for match in itertools.islice(_ANCHOR.finditer(reading.flow.key), _ANCHORS):
        if "单位" not in reading.flow.key[max(0, match.start() - 60) : match.end()]:
            continue
        names = _names(reading, match.end())
        if names is not None:
            kinds = _counts(reading, match.start())
            return _with_kinds(names, kinds) if _fits(names, kinds) else None
    return None


def _names(reading: Reading, start: int) -> list[Fact] | None:
    """Return the names that follow the words 包括：, or None when they are not plainly names."""
    flow, outline = reading.flow, reading.outline
    marker = outline.at(start)
    limit = min(start + _REACH, outline.next_start(marker) if marker >= 0 else len(flow.key))
    found: list[Fact | None] | None
    if outline.list_from(start):
        found = [organ_at(flow, *_item(reading, index)) for index in outline.list_from(start)]
    elif flow.begins_row(start):
        found = _table(reading, start) or _inline(reading, start, limit)
    else:
        found = _inline(reading, start, limit)
    if found is None or not all(fact and is_organ(_bare(fact["value"])) for fact in found):
        return None
    return [fact for fact in found if fact]


def _item(reading: Reading, index: int) -> tuple[int, int]:
    start, end = reading.outline.title_span(index)
    return start, end - (reading.flow.key[end - 1 : end] == "、")


def _bare(name: str) -> str:
    return name.rstrip("。；;，,")


def _inline(reading: Reading, start: int, limit: int) -> list[Fact | None] | None:
    """Return the names of a running list ``甲（本级）、乙、丙。``"""
    flow = reading.flow
    end = flow.key.find("。", start, limit)
    if end < 0:
        end = flow.paragraph_end(start, limit)
    if flow.key[start:end].strip() in {"无", "没有"}:
        return []
    found, depth, begin = [], 0, start
    for offset in range(start, end + 1):
        sign = flow.key[offset] if offset < end else "、"
        depth += (sign == "(") - (sign == ")")
        if offset == end or (depth == 0 and sign in "、,;"):
            found.append(flow.fact(begin, offset))
            begin = offset + 1
    return found or None


def _table(reading: Reading, start: int) -> list[Fact | None] | None:
    """Return the names of a printed table whose rows begin 1, 2, 3 …; words after the name are remarks."""
    flow = reading.flow
    found: list[Fact | None] = []
    for index in range(flow.row_at(start), len(flow.rows)):
        match = _ROW.fullmatch(flow.rows[index].key)
        if match and int(match[1]) == len(found) + 1:
            begin, words = flow.starts[index], [*flow.rows[index].words, len(match[0])]
            name_end = next(word for word in words if word > match.start(2))
            found.append(flow.fact(begin + match.start(2), begin + name_end))
        elif found or flow.rows[index].key != "序号单位名称备注":
            break
    return found or None


def _counts(reading: Reading, before: int) -> dict[str, tuple[int, Fact]]:
    """Return how many units of each kind the last statement in the section counts, with the kind as a fact."""
    flow, marker = reading.flow, reading.outline.at(before)
    counts: dict[str, tuple[int, Fact]] = {}
    low = max(0, before - 200, reading.outline.markers[marker].body if marker >= 0 else 0)
    follows = None
    for match in reversed(list(_KIND.finditer(flow.key, low, before))):
        if follows is not None and follows - match.end() > _GAP:
            break
        follows = match.start()
        number = count(flow, match, 2)
        if number:
            counts[match[1]] = (number["value"], flow.valued(match[1], match.start(1)))
    return counts


def _fits(names: list[Fact], counts: dict[str, tuple[int, Fact]]) -> bool:
    return not counts or sum(number for number, _ in counts.values()) == len(names)


def _with_kinds(names: list[Fact], counts: dict[str, tuple[int, Fact]]) -> list[dict[str, Any]]:
    """Give each unit the kind its name states or the counts leave no doubt about.

    They leave none when only one kind occurs, or when there is exactly one 行政单位, exactly
    one head office (本级) and a single other kind: the head office of an organ is administrative.
    """
    present = {kind: fact for kind, (number, fact) in counts.items() if number}
    central = [name for name in names if _is_head_office(_bare(name["value"]))]
    result = []
    for name in names:
        kind = next(iter(present.values())) if len(present) == 1 else None
        if len(present) == 2 and len(central) == 1 and counts.get("行政单位", (0,))[0] == 1:
            other = next(fact for word, fact in present.items() if word != "行政单位")
            kind = present["行政单位"] if name is central[0] else other
        result.append(_unit(name, kind))
    return result


def _is_head_office(name: str) -> bool:
    head = _CENTRAL.sub("", name.replace("（", "(").replace("）", ")"))
    return head != name.replace("（", "(").replace("）", ")") and not head.endswith(_INSTITUTIONS)


def _unit(name: Fact, kind: Fact | None) -> dict[str, Fact | None]:
    shown = _bare(name["value"])
    stated = _KIND_IN_NAME.search(shown.replace("（", "(").replace("）", ")"))
    if stated:
        return {
            "name": {"value": shown[: stated.start()], "line": name["line"]},
            "kind": {"value": stated[1], "line": name["line"]},
        }
    return {"name": {"value": shown, "line": name["line"]}, "kind": kind}

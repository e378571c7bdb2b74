"""Reads amounts, shares and counts as published documents print them, and says whose figure each one is."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfmgr.documents.published.outline import Outline, chinese_number
from perfmgr.documents.published.text import Fact, Flow
from perfmgr.rules.numbers import decimals, plain

# Every quantifier is bounded and no two neighbours match the same sign: matching stays linear.
_FREE = r"(?<![0-9])(?<![0-9][.,])(?<![-−Xx×])"
NUMBER = rf"{_FREE}(?:[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,4}}|[0-9]{{1,12}})(?:\.[0-9]{{1,8}})?(?![0-9]|[.,][0-9])"
AMOUNT = rf"({NUMBER})(亿元|万元|元)"
PERCENT = rf"({NUMBER})%"
COUNT = rf"({_FREE}[0-9]{{1,6}}|[一二三四五六七八九十两零]{{1,3}})"
# What may stand between the name of a figure and the figure itself.
LINK = "(?:总额|总数|总计|合计|共计|数)?(?:分别)?(?:为|是|达到|达|共计|合计|共)?:?"

_IN_WAN = {"亿元": Decimal(10_000), "万元": Decimal(1), "元": Decimal("0.0001")}
_SUBJECT_LONGEST = 60
_SUBJECT_STOP = re.compile("[,。;:、(“”!?]")
_YEAR = re.compile("([0-9]{4})年度?")
_GENERIC = re.compile(
    "其中|包括|含|即|安排|全年|当年|本年度?|本级部门|本部门|我部门|本单位|我单位|我局|我部|我委|本局|本部|"
    "部门|单位|综合|预计|拟|总(?!工会)|年度|各项"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A document being read, with what is already known of it."""

    outline: Outline
    kind: str = ""
    year: int | None = None
    department: str | None = None

    @property
    def flow(self) -> Flow:
        """The document's joined text."""
        return self.outline.flow


def in_wan(number: str, unit: str) -> str:
    """Return an amount in 万元 with the decimals it was printed with, at least two: ``570.00``."""
    printed = Decimal(number.replace(",", ""))
    value = printed * _IN_WAN[unit]
    shown = format(value, "f") if unit == "万元" else plain(value)
    places = len(shown.partition(".")[2]) if unit == "万元" else decimals(value)
    return shown if places >= 2 else format(value, ".2f")


def amount(flow: Flow, match: re.Match[str], group: int = 1) -> Fact:
    """Return the amount whose number and unit are ``group`` and the next one, in 万元."""
    return flow.valued(in_wan(match[group], match[group + 1]), match.start(group))


def share(flow: Flow, match: re.Match[str], group: int = 1) -> Fact:
    """Return the number in ``group`` as printed, without thousands commas."""
    return flow.valued(match[group].replace(",", ""), match.start(group))


def count(flow: Flow, match: re.Match[str], group: int = 1) -> Fact | None:
    """Return the whole number in ``group``, written in digits or Chinese, or None when it is none."""
    number = chinese_number(match[group])
    return None if number is None else flow.valued(number, match.start(group))


def agreed(facts: Iterable[Fact | None], same: Callable[[Any], Any] = str) -> Fact | None:
    """Return the first fact when all of them state the same value, else None: then nothing is plain."""
    stated = [fact for fact in facts if fact]
    return stated[0] if len({same(fact["value"]) for fact in stated}) == 1 else None


def subject(reading: Reading, offset: int) -> str | None:
    """Return the words that lead to ``offset`` since the last stop, half-width; None when there are too many."""
    flow, outline = reading.flow, reading.outline
    marker = outline.at(offset)
    begin = outline.markers[marker].body if marker >= 0 and outline.markers[marker].body <= offset else 0
    for index in range(flow.row_at(offset), -1, -1):
        if flow.starts[index] <= max(begin, offset - _SUBJECT_LONGEST):
            break
        if flow.begins_paragraph(index):
            begin = flow.starts[index]
            break
    words = _SUBJECT_STOP.split(flow.key[max(begin, offset - _SUBJECT_LONGEST) : offset])
    if len(words) == 1 and begin < offset - _SUBJECT_LONGEST:
        return None
    return words[-1].strip()


def speaks_of_department(reading: Reading, words: str | None) -> bool:
    """Return whether the words before a figure's name leave it a figure of the whole department this year.

    ``2026年``, ``本部门`` and the department's own or short name do; ``财政拨款``, another
    year or the name of a subordinate unit do not.
    """
    if words is None:
        return False
    if any(reading.year is not None and int(year) != reading.year for year in _YEAR.findall(words)):
        return False
    rest = _YEAR.sub("", words)
    return not _GENERIC.sub("", rest).strip() or _names(reading.department, rest.strip())


def _names(department: str | None, words: str) -> bool:
    """Return whether ``words`` shorten the department's name: its signs in order, with the same end."""
    if not department or len(words) < 3 or words[-2:] != department[-2:]:
        return False
    signs = iter(department)
    return all(sign in signs for sign in words)


def sentence_start(reading: Reading, offset: int, stops: str = "。;", reach: int = 300) -> int:
    """Return where the sentence around ``offset`` begins, at most ``reach`` characters earlier."""
    marker = reading.outline.at(offset)
    low = max(0, offset - reach)
    if marker >= 0 and reading.outline.markers[marker].body <= offset:
        low = max(low, reading.outline.markers[marker].body)
    return max(low, *(reading.flow.key.rfind(stop, low, offset) + 1 for stop in stops))


def sentences(reading: Reading, word: str, stops: str = "。;", longest: int = 600) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences that contain ``word``, none twice and none across a heading."""
    key, outline, done = reading.flow.key, reading.outline, 0
    while (found := key.find(word, done)) >= 0:
        marker = outline.at(found)
        limit = min(found + longest, outline.next_start(marker) if marker >= 0 else len(key))
        ends = [end for stop in stops if (end := key.find(stop, found, limit)) >= 0]
        end = min([*ends, limit])
        yield sentence_start(reading, found, stops), end
        done = max(end, found + 1)

"""Suggesting indicators for a project: an inverted index over the library, and ranking with reasons."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from perfmgr.rules.findings import Finding
from perfmgr.rules.library import GROUPS, MEANINGS, known_near, pairs_of, place
from perfmgr.rules.library_fields import FIELDS, GENERAL, fields_of
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.texts import N_, Named, Term, same_name

MOST = 12
# How many of a group are proposed: fewer of one the sheet has already; one question for satisfaction is enough.
MOST_OF_GROUP, MOST_OF_PRESENT = 3, 2
ONE_IS_ENOUGH = "satisfaction"
# Words that stand in every second project and say nothing about it.
_SAY_NOTHING = frozenset(
    [
        "项目",
        "经费",
        "资金",
        "预算",
        "成本",
        "费用",
        "标准",
        "服务",
        "工作",
        "计划",
        "管理",
        "人员",
        "满意",
        "制度",
        "报告",
    ]
)
_LONGEST_TEXT = 4000
_IN_NAME, _IN_TEXT = 6.0, 1.5
_OF_FIELD, _OF_FUNCTION, _GENERAL, _USED = 4.0, 2.0, 0.4, 0.3


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the library as far as ranking looks at it; ``owner`` is the unit of an own one."""

    id: int
    name: str
    field: str
    meaning: str
    words: tuple[str, ...]
    uses: int = 0
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """All entries, and where each key word stands."""

    entries: Sequence[Entry]
    postings: Mapping[str, Sequence[int]]
    rarity: Mapping[str, float]
    lengths: Sequence[int]
    of_field: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A project as the suggestions see it: its texts by what they are called, the indicators it has."""

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    function: str = ""
    names: Sequence[str] = ()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One entry that fits, and why."""

    entry: Entry
    score: float
    reasons: tuple[Finding, ...]


def build_index(entries: Iterable[Entry]) -> Index:
    """Return the index over these entries."""
    kept = list(entries)
    postings: dict[str, list[int]] = defaultdict(list)
    of_field: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(kept):
        of_field[entry.field].append(number)
        for word in {same_name(word) for word in entry.words} - {""} - _SAY_NOTHING:
            postings[word].append(number)
    whole = math.log1p(len(kept)) or 1.0
    rarity = {word: math.log1p(len(kept) / len(found)) / whole for word, found in postings.items()}
    return Index(kept, dict(postings), rarity, sorted({len(word) for word in postings}), dict(of_field))


def _words_in(text: str, index: Index) -> set[str]:
    """Return the key words of the library that stand in a text."""
    text = same_name(text[:_LONGEST_TEXT])
    postings = index.postings
    return {
        word
        for length in index.lengths
        for start in range(len(text) - length + 1)
        if (word := text[start : start + length]) in postings
    }


class _Scores:
    """Scores and reasons while they are collected, by the number of the entry."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.scores: dict[int, float] = defaultdict(float)
        self.reasons: dict[int, tuple[float, Finding]] = {}

    def add(self, numbers: Iterable[int], score: float, reason: Finding) -> None:
        """Count this for these entries; the weightiest reason is the one that is told."""
        scores, reasons = self.scores, self.reasons
        for number in numbers:
            scores[number] += score
            told = reasons.get(number)
            if told is None or told[0] < score:
                reasons[number] = (score, reason)


def _scored(index: Index, asked: Asked) -> _Scores:
    found = _Scores(index)
    in_name = _words_in(asked.name, index)
    for word in in_name:
        reason = Finding("", N_("项目名称含“%(word)s”，同类项目常用"), params={"word": word})
        found.add(index.postings[word], _IN_NAME * index.rarity[word], reason)
    for title, text in asked.texts.items():
        for word in _words_in(text, index) - in_name:
            reason = Finding("", N_("“%(part)s”里写到“%(word)s”"), params={"part": Term(title), "word": word})
            found.add(index.postings[word], _IN_TEXT * index.rarity[word], reason)
    for code, word in fields_of(asked.name, asked.function).items():
        if word:
            reason = Finding("", N_("项目名称含“%(word)s”，同类项目常用"), params={"word": word})
        else:
            reason = Finding("", N_("功能分类属于“%(field)s”"), params={"field": Term(FIELDS[code].name)})
        found.add(index.of_field.get(code, ()), _OF_FIELD if word else _OF_FUNCTION, reason)
    found.add(index.of_field.get(GENERAL, ()), _GENERAL, Finding("", N_("各类项目通用")))
    return found


def suggest(
    index: Index, asked: Asked, scheme: Scheme, allowed: Callable[[Entry], bool] = lambda entry: True, most: int = MOST
) -> list[Suggestion]:
    """Return at most ``most`` entries for a project, those that complete its sheet first, each with its reasons.

    What the project has already, or nearly, is not proposed, and no two that say nearly the same.
    ``allowed`` tells which entries whoever asks may use.
    """
    found = _scored(index, asked)
    entries = index.entries
    for number in found.scores:
        found.scores[number] += _USED * math.log1p(entries[number].uses)
    ranked = sorted(found.scores, key=lambda number: (-found.scores[number], entries[number].id))
    places = {meaning: place(scheme, meaning) for meaning in MEANINGS}
    taken = [pairs_of(name) for name in asked.names]
    by_group: dict[str, list[int]] = defaultdict(list)
    room = {code: _room(code, asked.groups) for code in GROUPS}
    for number in ranked:
        entry = entries[number]
        code = MEANINGS[entry.meaning].group
        group = by_group[code]
        if len(group) >= room[code] or places[entry.meaning] is None or not allowed(entry):
            continue
        pairs = pairs_of(entry.name)
        if known_near(pairs, taken):
            continue
        taken.append(pairs)
        group.append(number)
        if all(len(by_group[code]) >= room[code] for code in GROUPS):
            break
    missing = [group for group in GROUPS if group not in asked.groups]
    first = [by_group[group][0] for group in missing if by_group.get(group)]
    others = sorted(
        (number for group in by_group.values() for number in group if number not in first),
        key=lambda number: -found.scores[number],
    )
    return [
        _suggestion(found, number, scheme, missing if number in first else ()) for number in [*first, *others][:most]
    ]


def _room(group: str, present: frozenset[str]) -> int:
    if group == ONE_IS_ENOUGH:
        return 0 if group in present else 1
    return MOST_OF_PRESENT if group in present else MOST_OF_GROUP


def _suggestion(found: _Scores, number: int, scheme: Scheme, missing: Sequence[str]) -> Suggestion:
    entry = found.index.entries[number]
    reasons = [found.reasons[number][1]]
    group = MEANINGS[entry.meaning].group
    if group in missing:
        at = place(scheme, entry.meaning)
        category = scheme.category(at[0]) if at else None
        if category is not None:
            reasons.append(
                Finding(
                    "",
                    N_("“%(category)s”还没有%(group)s"),
                    params={"category": Named(category.name, category.name_en), "group": Term(GROUPS[group])},
                )
            )
    if entry.uses:
        reasons.append(Finding("", N_("已用于 %(count)s 个项目"), params={"count": entry.uses}))
    return Suggestion(entry, found.scores[number], tuple(reasons))

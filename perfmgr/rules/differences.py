"""What differs between two texts or two lists of rows, small enough to be read.

Texts are compared by sentences first, then by tokens: a Chinese character, a number, a Latin word.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, DELETED, INSERTED = "same", "del", "ins"
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[A-Za-z]+|\s|.", re.DOTALL)
_SENTENCE = re.compile(r"[^\n。；！？]*[\n。；！？]|[^\n。；！？]+")
_LARGEST = 4_000_000  # cells of one comparison: beyond it two pieces count as quite different
_ISLAND = 1  # tokens in common between two changes that are read as part of them
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text that stayed (``same``), was taken out (``del``) or put in (``ins``)."""

    op: str
    text: str


def text_parts(old: str, new: str) -> list[Part]:
    """Return the pieces of both texts in reading order.

    ``same`` and ``del`` together are the old text, ``same`` and ``ins`` the new one.
    """
    parts: list[Part] = []
    before, after = _SENTENCE.findall(old), _SENTENCE.findall(new)
    for op, i, j, k, m in _opcodes(before, after):
        if op == "equal":
            parts.append(Part(SAME, "".join(before[i:j])))
        else:
            parts += _tokens("".join(before[i:j]), "".join(after[k:m]))
    return _joined(parts)


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _tokens(old: str, new: str) -> Iterator[Part]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(before) * len(after) > _LARGEST:
        yield Part(DELETED, old)
        yield Part(INSERTED, new)
        return
    codes = _opcodes(before, after)
    last = len(codes) - 1
    for n, (op, i, j, k, m) in enumerate(codes):
        island = op == "equal" and 0 < n < last and j - i <= _ISLAND
        if op == "equal" and not island:
            yield Part(SAME, "".join(before[i:j]))
        else:
            yield Part(DELETED, "".join(before[i:j]))
            yield Part(INSERTED, "".join(after[k:m]))


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Put pieces of one kind together: between two unchanged pieces at most one goes and one comes."""
    joined: list[Part] = []
    pending = {DELETED: "", INSERTED: ""}

    def flush() -> None:
        joined.extend(Part(op, text) for op, text in pending.items() if text)
        pending.update({DELETED: "", INSERTED: ""})

    for part in parts:
        if part.op != SAME:
            pending[part.op] += part.text
        elif part.text:
            flush()
            if joined and joined[-1].op == SAME:
                joined[-1] = Part(SAME, joined[-1].text + part.text)
            else:
                joined.append(part)
    flush()
    return joined


@dataclass(frozen=True, slots=True)
class Pair:
    """Places of one row in the old and the new list; None where it is missing. ``moved``: among the others."""

    old: int | None
    new: int | None
    moved: bool = False


def pair_rows(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return which row of the new list is which of the old one, by their names.

    Rows of the same name belong together, then rows with names that are much alike; the rest
    was removed or added. The order is that of the new list, removed rows where they were.
    """
    matched = _same(old, new)
    matched |= _alike(old, new, matched)
    staying = _in_order(sorted(matched.items()))
    pairs = [Pair(i, k, moved=i not in staying) for i, k in matched.items()]
    pairs += [Pair(None, k) for k in range(len(new)) if k not in set(matched.values())]
    removed = [i for i in range(len(old)) if i not in matched]
    ordered = sorted(pairs, key=lambda pair: pair.new or 0)
    for i in removed:
        before = max((n for n, pair in enumerate(ordered) if pair.old is not None and pair.old < i), default=-1)
        ordered.insert(before + 1, Pair(i, None))
    return ordered


def _same(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    waiting: dict[str, list[int]] = defaultdict(list)
    for k, name in enumerate(new):
        waiting[name].append(k)
    return {i: waiting[name].pop(0) for i, name in enumerate(old) if waiting[name]}


def _alike(old: Sequence[str], new: Sequence[str], matched: dict[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    left = [k for k in range(len(new)) if k not in set(matched.values())]
    for i in (i for i in range(len(old)) if i not in matched):
        best = max(left, key=_closeness(old[i], new), default=None)
        if best is not None and _closeness(old[i], new)(best) >= _ALIKE:
            found[i] = best
            left.remove(best)
    return found


def _closeness(name: str, names: Sequence[str]) -> Callable[[int], float]:
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(name)

    def ratio(k: int) -> float:
        matcher.set_seq1(names[k])
        # The quick upper bounds spare the comparison of names that cannot be alike.
        if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
            return 0.0
        return matcher.ratio()

    return ratio


def _in_order(pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Return the old places of as many rows as possible that kept their order: the others moved."""
    tails: list[int] = []
    chain: list[tuple[int, int]] = []  # row of pairs, its predecessor in the longest chain
    ends: list[int] = []
    for n, (_i, k) in enumerate(pairs):
        at = bisect_left(tails, k)
        chain.append((n, ends[at - 1] if at else -1))
        tails[at : at + 1], ends[at : at + 1] = [k], [n]
    kept, n = set(), ends[-1] if ends else -1
    while n >= 0:
        kept.add(pairs[n][0])
        n = chain[n][1]
    return kept

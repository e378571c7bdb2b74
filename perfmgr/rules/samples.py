"""Samples for spot checks: a draw that anybody can repeat, sharing the sheets out, and checking a stored draw.

How a sample is drawn (``ALGORITHM``): for each sheet, SHA-256 of seed, line feed and id gives a whole number h;
u = (h + 1) / 2**256 lies above 0 and at most at 1; its place is -ln(u) / weight, computed with 50 significant digits.
The sheets with the smallest places are drawn, the smaller id first among equals. This is weighted sampling without
replacement (Efraimidis and Spirakis 2006): in every single draw a sheet of weight 2 is twice as likely as one
of weight 1. ``Decimal.ln`` is correctly rounded by its specification, so no machine and no version of Python
comes to another result, and the order of the population does not matter.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from hashlib import sha256
from heapq import merge
from itertools import islice
from math import ceil

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import decimals
from perfmgr.rules.texts import N_

ALGORITHM = "sha256-exponential-1"
RISKY = "red"
LONGEST_SEED = 40
MOST_FACTOR = Decimal(100)
_RANGE = Decimal(2**256)
_EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sheet that may be drawn, with the light the watch on inflated scores gave it ("" when it never looked)."""

    id: int
    light: str


@dataclass(frozen=True, slots=True)
class Draw:
    """The parameters of a draw: ``share`` of the sheets (0–1), ``factor`` as weight of one with a red light."""

    seed: str
    share: Decimal
    factor: Decimal


def size(count: int, share: Decimal) -> int:
    """Return how many of ``count`` sheets are drawn: the share of them, rounded up."""
    return min(count, ceil(count * share))


def _hash(candidate: Candidate, seed: str) -> int:
    return int.from_bytes(sha256(f"{seed}\n{candidate.id}".encode()).digest())


def _queue(candidates: Iterable[Candidate], seed: str, weight: Decimal) -> Iterator[tuple[Decimal, int, Candidate]]:
    """Yield sheets of one weight with their places, the smallest place first.

    Among them the largest hash has the smallest place, so that only what is asked for needs a logarithm: that is
    what costs the time of a draw among a hundred thousand.
    """
    for number, id_, candidate in sorted(
        ((-_hash(one, seed), one.id, one) for one in candidates), key=lambda row: row[:2]
    ):
        part = _EXACT.divide(Decimal(1 - number), _RANGE)
        yield _EXACT.divide(-_EXACT.ln(part), weight), id_, candidate


def drawn(population: Collection[Candidate], draw: Draw) -> list[Candidate]:
    """Return the sample, what was drawn first at the top."""
    risky = _queue((one for one in population if one.light == RISKY), draw.seed, draw.factor)
    others = _queue((one for one in population if one.light != RISKY), draw.seed, Decimal(1))
    queue = merge(risky, others, key=lambda row: row[:2])
    return [candidate for _place, _id, candidate in islice(queue, size(len(population), draw.share))]


def check(draw: Draw) -> list[Finding]:
    """Return what is wrong with the parameters of a draw."""
    found = []
    if not 0 < draw.share <= 1 or decimals(draw.share) > 4:
        message = N_("“抽查比例”应大于 0%%、不超过 100%%，最多两位小数，请修改。")
        found.append(Finding("SAMPLE", message, "share"))
    if not 1 <= draw.factor <= MOST_FACTOR or decimals(draw.factor) > 2:
        message = N_("“红灯自评的权重”应在 1 到 %(most)s 之间，最多两位小数，请修改。")
        found.append(Finding("SAMPLE", message, "factor", params={"most": MOST_FACTOR}))
    if not 0 < len(draw.seed) <= LONGEST_SEED:
        message = N_("“种子”最多 %(most)s 个字，请缩短。")
        found.append(Finding("SAMPLE", message, "seed", params={"most": LONGEST_SEED}))
    return found


@dataclass(frozen=True, slots=True)
class Differences:
    """What a stored sample lacks, has beyond the repeated draw, and whether only the order is another."""

    missing: tuple[int, ...]
    extra: tuple[int, ...]
    reordered: bool

    @property
    def equal(self) -> bool:
        """Whether the repeated draw gives the stored sample, in its order."""
        return not (self.missing or self.extra or self.reordered)


def differences(population: Collection[Candidate], draw: Draw, stored: Sequence[int]) -> Differences:
    """Repeat a draw and compare it with the ids that are stored in their order."""
    again = [candidate.id for candidate in drawn(population, draw)]
    known, expected = set(stored), set(again)
    missing = tuple(id_ for id_ in again if id_ not in known)
    extra = tuple(id_ for id_ in stored if id_ not in expected)
    return Differences(missing, extra, not missing and not extra and again != list(stored))


def shared_out(sheets: Iterable[tuple[int, Collection[int]]], load: Mapping[int, int]) -> dict[int, int]:
    """Return who checks which sheet: each goes to whoever has fewest by then, among those who may check it.

    ``sheets`` are (id, people who may check it), ``load`` counts what people have already. A sheet nobody may
    check is left out. Among equals the smaller id comes first, so that the result can be foretold.
    """
    counts = dict(load)
    result = {}
    for sheet, people in sheets:
        if not people:
            continue
        person = min(people, key=lambda id_: (counts.get(id_, 0), id_))
        result[sheet] = person
        counts[person] = counts.get(person, 0) + 1
    return result

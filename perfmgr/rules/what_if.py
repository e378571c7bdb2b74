"""What it would take: which lines cost marks, which value earns them, and how far the total depends on judgement.

Nothing here has formulas of its own. A value is found by asking the scoring engine, on the
numbers in which the line is counted, for the least demanding one that earns the marks; between
what was reached and what earns most, every rule only rises, so halving finds it exactly.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.formulas import LineScore
from perfmgr.rules.indicators import EQUAL, QUALITATIVE, REVERSE
from perfmgr.rules.numbers import CENT, decimals
from perfmgr.rules.schemes import Execution, Scheme, Tier
from perfmgr.rules.scoring import ONE, ZERO, Row, SheetScore, score_execution, score_line

EXECUTION = -1  # the place of budget execution, before the first line
_FINEST_SHARE = Decimal("0.000001")  # as fine as a share is stored
_WHOLE_PERCENT = 2  # decimals of a share that is a whole percentage


@dataclass(frozen=True, slots=True)
class Reach:
    """A value that earns ``marks``: at least (``ge``), at most (``le``) or exactly (``eq``) this one.

    ``value`` is in the line's own unit, 万元 for budget execution, and a share of the marks between
    0 and 1 for a qualitative line, whose ``tier`` it then lies in.
    """

    relation: str
    value: Decimal
    marks: Decimal
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """The marks one line lost. ``full`` earns all of them, ``step`` just enough for the next grade.

    Either is None where no value of this line does it, or where a reviewer gave other marks than the formula.
    """

    index: int
    lost: Decimal
    full: Reach | None
    step: Reach | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would change the result of a sheet.

    ``losses`` begin with the most expensive line. ``next_grade`` and the ``gap`` to it are None at the
    top, and while the sheet has no total. ``lowest`` and ``highest`` are the totals with every
    qualitative line at either end of its tier.
    """

    losses: tuple[Loss, ...]
    next_grade: str | None
    gap: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None

    @property
    def alone(self) -> tuple[Loss, ...]:
        """The lines of which a single one would reach the next grade."""
        return tuple(loss for loss in self.losses if loss.step)


# --- a single line ----------------------------------------------------------------------------


def full_marks(scheme: Scheme, row: Row, weight: Decimal) -> Reach | None:
    """Return the value that earns the most this line can: its target, its best band, its best tier.

    None when the line does not apply, has no target, or already reached it. Check ``marks`` against the
    weight: not every set of bands has one for all marks.
    """
    if row.not_applicable:
        return None
    if row.sign == QUALITATIVE:
        return _best_share(scheme, row, weight)
    goal = _goal(scheme, row)
    if goal is None:
        return None
    relation, value = goal
    reach = Reach(relation, value, _marks_at(scheme, row, weight)(value))
    step = _grain(row)
    if reach.marks < weight and relation != "eq":  # a strict sign that the target itself does not satisfy
        beyond = value + (step if relation == "ge" else -step)
        marks = _marks_at(scheme, row, weight)(beyond)
        if marks > reach.marks:
            reach = Reach(relation, beyond, marks)
    return None if row.actual is not None and _reached(reach, row.actual) else reach


def _reached(reach: Reach, actual: Decimal) -> bool:
    return {"ge": actual >= reach.value, "le": actual <= reach.value, "eq": actual == reach.value}[reach.relation]


def _goal(scheme: Scheme, row: Row) -> tuple[str, Decimal] | None:
    """Return relation and value of what this line aims at."""
    relation = "le" if row.sign in REVERSE else "ge"
    rule = row.rule
    if rule is not None and rule.type == "bands":
        return _best_band(row, relation)
    if rule is not None and rule.type == "steps" and rule.start is not None:
        return relation, rule.start
    if row.target is None:
        return None
    if row.sign != EQUAL or (rule is not None and rule.type == "steps"):
        return relation, row.target
    if rule is None and scheme.equal == "forward" and row.target >= ZERO:
        return "ge" if row.target > ZERO else "le", row.target
    return "eq", row.target


def _best_band(row: Row, relation: str) -> tuple[str, Decimal] | None:
    rule = row.rule
    bands = rule.bands if rule else ()
    if rule and rule.absolute:  # bands of the distance from zero, which is never negative
        bands = tuple(band for band in bands if relation == "ge" or band.bound >= ZERO)
    if not bands:
        return None
    best = max(band.share for band in bands)
    bounds = [band.bound for band in bands if band.share == best]
    bound = max(bounds) if relation == "le" else min(bounds)
    if rule and rule.absolute:
        bound = max(bound, ZERO)
        if row.actual is not None and row.actual < ZERO:
            return "ge" if relation == "le" else "le", -bound
    return relation, bound


def _best_share(scheme: Scheme, row: Row, weight: Decimal) -> Reach | None:
    top = max(scheme.tiers, key=lambda tier: tier.high, default=None)
    if top is None or not top.holds(ONE):
        return None
    scored = score_line(scheme, row, weight)
    reached = scored.score == weight and "short" not in scored.flags
    return None if reached else Reach("ge", ONE, weight.quantize(CENT), top)


def _marks_at(scheme: Scheme, row: Row, weight: Decimal) -> Callable[[Decimal], Decimal]:
    """Return the engine's marks as a function of the actual value (of the share for a qualitative line)."""

    def marks(value: Decimal) -> Decimal:
        if row.sign == QUALITATIVE:  # the share itself says which tier it lies in
            tried = dataclasses.replace(row, share=value, tier="")
        else:
            tried = dataclasses.replace(row, actual=value)
        return score_line(scheme, tried, weight).score or ZERO

    return marks


def _grain(row: Row) -> Decimal:
    """Return the smallest difference in which this line is counted: 1 for people, 0.1 for a rate given as 92.5."""
    if row.sign == QUALITATIVE:
        return ONE.scaleb(-max(_WHOLE_PERCENT, decimals(row.share or ZERO)))
    known = [row.target, row.actual]
    if row.rule is not None:
        known += [row.rule.start, row.rule.step, *(band.bound for band in row.rule.bands)]
    return ONE.scaleb(-max(decimals(value) for value in known if value is not None))


def least(
    marks: Callable[[Decimal], Decimal], wanted: Decimal, begin: Decimal, end: Decimal, grain: Decimal
) -> Decimal | None:
    """Return the value nearest to ``begin`` that earns ``wanted``, on the way to ``end``; None when not even that does.

    ``marks`` must not fall on the way. The value is ``end`` or a whole number of grains before it.
    """
    if marks(end) < wanted:
        return None
    towards = grain if begin <= end else -grain
    # How many grains before the end it still is enough; halved between none and all of the way.
    enough, too_many = 0, int(abs(end - begin) / grain) + 1
    while too_many - enough > 1:
        middle = (enough + too_many) // 2
        if marks(end - towards * middle) >= wanted:
            enough = middle
        else:
            too_many = middle
    return end - towards * enough


# --- the whole sheet --------------------------------------------------------------------------


def outlook(
    scheme: Scheme, rows: Sequence[Row], score: SheetScore, given: Sequence[Decimal | None] | None = None
) -> Outlook:
    """Return what would change the result of a scored sheet.

    ``given`` are the marks in force where a reviewer has changed some. Source: §1.4 and §1.5 of the
    field's rules, read backwards.
    """
    marks = [line.score for line in score.lines] if given is None else list(given)
    total = score.total
    if total is not None and given is not None:
        total = (score.execution.score or ZERO) + sum((m for m in marks if m is not None), ZERO)
    above = None if total is None else _grade_above(scheme, total)
    gap = above[1] - total if above and total is not None else None
    losses = _execution_loss(scheme, score.execution, gap)
    for n, (row, line, mark) in enumerate(zip(rows, score.lines, marks, strict=True)):
        if mark is not None and mark < line.weight and not row.not_applicable:
            losses.append(_loss(scheme, n, row, line, mark, gap))
    losses.sort(key=lambda loss: (-loss.lost, loss.index))
    lowest, highest = (None, None) if total is None else _range(scheme, rows, score.lines, marks, total)
    return Outlook(tuple(losses), above[0] if above else None, gap, lowest, highest)


def _grade_above(scheme: Scheme, total: Decimal) -> tuple[str, Decimal] | None:
    higher = [(grade.low, grade.name) for grade in scheme.grades if grade.low > total]
    return (min(higher)[1], min(higher)[0]) if higher else None


def _loss(scheme: Scheme, n: int, row: Row, line: LineScore, mark: Decimal, gap: Decimal | None) -> Loss:
    weight = line.weight
    if mark != line.score:
        return Loss(n, weight - mark, None, None)
    best = full_marks(scheme, row, weight)
    full = best if best and best.marks >= weight else None
    step = _step(scheme, row, weight, best, mark + gap) if best and gap is not None else None
    return Loss(n, weight - mark, full, step)


def _step(scheme: Scheme, row: Row, weight: Decimal, best: Reach, wanted: Decimal) -> Reach | None:
    """Return the least demanding value of this line that earns ``wanted`` marks."""
    marks = _marks_at(scheme, row, weight)
    if row.sign == QUALITATIVE:
        tier = scheme.tier(row.tier) if row.tier else None
        begin = row.share if row.share is not None else tier.default if tier and tier.default is not None else ZERO
        begin = min(begin, ONE)
    else:
        begin = best.value if row.actual is None else row.actual
    if best.relation == "eq":
        return best if best.marks >= wanted else None
    value = least(marks, wanted, begin, best.value, _grain(row))
    if value is None:
        return None
    held = next((t for t in scheme.tiers if t.holds(value)), None) if row.sign == QUALITATIVE else None
    return Reach(best.relation, value, marks(value), held)


def _execution_loss(scheme: Scheme, line: LineScore, gap: Decimal | None) -> list[Loss]:
    adjusted, executed = line.row
    if line.score is None or line.score >= line.weight or not adjusted or adjusted < ZERO:
        return []

    def marks(value: Decimal) -> Decimal:
        return score_execution(scheme, adjusted, value, line.weight).score or ZERO

    end = adjusted * _best_rate(scheme.execution)
    grain = ONE.scaleb(-max(2, decimals(adjusted), decimals(executed), decimals(end)))
    full = Reach("ge", end, marks(end)) if marks(end) >= line.weight else None
    value = None if gap is None else least(marks, line.score + gap, executed, end, grain)
    step = None if value is None else Reach("ge", value, marks(value))
    return [Loss(EXECUTION, line.weight - line.score, full, step)]


def _best_rate(rule: Execution) -> Decimal:
    """Return the lowest rate of execution that earns the most."""
    if rule.mode != "band":
        return ONE
    best = max(share for _rate, share in rule.bands)
    return min(rate for rate, share in rule.bands if share == best)


def _range(
    scheme: Scheme,
    rows: Sequence[Row],
    lines: Sequence[LineScore],
    marks: Sequence[Decimal | None],
    total: Decimal,
) -> tuple[Decimal, Decimal]:
    """Return the totals with every qualitative line at the bottom and at the top of its tier."""
    lowest = highest = total
    for row, line, mark in zip(rows, lines, marks, strict=True):
        if row.sign != QUALITATIVE or row.not_applicable or mark is None:
            continue
        tier = _tier_of(scheme, row)
        if tier is None:
            continue
        at = _marks_at(scheme, row, line.weight)
        top = tier.high if tier.high == ONE else tier.high - _FINEST_SHARE
        lowest += min(ZERO, at(tier.low) - mark)
        highest += max(ZERO, at(top) - mark)
    return lowest, highest


def _tier_of(scheme: Scheme, row: Row) -> Tier | None:
    if row.tier:
        return scheme.tier(row.tier)
    return next((tier for tier in scheme.tiers if row.share is not None and tier.holds(row.share)), None)

"""Trying a scheme on sheets that were scored by an earlier version of it: before, after, and what stands in the way.

A sheet's lines carry the marks its filler gave them inside each category. Where the tried scheme gives a
category other marks, the lines of the category are scaled in proportion, to hundredths whose sum is exact.
"""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import CENT, half_up, plain
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.scoring import Row, SheetScore, score_sheet
from perfmgr.rules.texts import N_, Named

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a stored sheet: where it belongs, what it is called, and what the scoring engine needs.

    ``rechecked`` are the marks of the last tier where they differ from the filler's.
    """

    category: str
    name: str
    row: Row
    rechecked: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A stored sheet as far as a trial needs it; money in 万元.

    ``total`` and ``grade`` are those in force: of the last ``tier`` that re-checked, of the filler when it is 0.
    """

    id: int
    scheme_id: int
    lines: tuple[SheetLine, ...]
    adjusted: Decimal | None
    executed: Decimal | None
    total: Decimal | None
    grade: str | None
    tier: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What one sheet gets under the tried scheme; ``obstacle`` says why it gets nothing.

    ``tier`` says whose the score before is: that of a tier of re-check, or the filler's (0).
    """

    sheet_id: int
    before: Decimal | None
    grade_before: str | None
    after: Decimal | None
    grade_after: str | None
    obstacle: Finding | None = None
    tier: int = 0

    @property
    def change(self) -> Decimal | None:
        """After minus before, or None when one of them is missing."""
        return None if self.after is None or self.before is None else self.after - self.before


def scaled(weights: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Return the weights scaled in proportion to a new total, in hundredths that add up to it exactly.

    Remainders of a hundredth go to the weights that lost most by rounding down, the first one first.
    """
    old = sum(weights, ZERO)
    if old == total or not old:
        return list(weights)
    exact = [weight * total / old for weight in weights]
    parts = [value.quantize(CENT, ROUND_DOWN) for value in exact]
    lost = int((total - sum(parts, ZERO)) / CENT)
    for n in sorted(range(len(exact)), key=lambda n: parts[n] - exact[n])[:lost]:
        parts[n] += CENT
    return parts


def _obstacle(message: str, **params: Any) -> Finding:
    return Finding("TRIAL", message, params=params)


def _missing_category(lines: Sequence[SheetLine], base: Scheme, tried: Scheme) -> Finding | None:
    """Return why the lines do not fit the categories of the tried scheme, or None."""
    used = {line.category for line in lines}
    for code in dict.fromkeys(line.category for line in lines):
        if tried.category(code) is None:
            known = base.category(code)
            name = Named(known.name, known.name_en) if known else code
            return _obstacle(N_("试算的方案没有“%(name)s”这一类，而本表有这一类的指标。"), name=name)
    before = base.expected_weights(used)
    for code, marks in tried.expected_weights(used).items():
        category = tried.category(code)
        if category and marks and code not in used and before.get(code) != marks:
            name = Named(category.name, category.name_en)
            return _obstacle(
                N_("试算的方案要求“%(name)s”占 %(marks)s 分，本表没有这一类的指标。"), name=name, marks=plain(marks)
            )
    return None


def refitted(lines: Sequence[SheetLine], base: Scheme, tried: Scheme) -> list[Row]:
    """Return the lines' rows with their marks scaled to what the tried scheme gives each category.

    A category whose marks both schemes agree on keeps its lines as they are, also when these do not
    add up to them; otherwise they are scaled by the ratio of the two.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for n, line in enumerate(lines):
        places[line.category].append(n)
    before, after = base.expected_weights(places.keys()), tried.expected_weights(places.keys())
    rows = [line.row for line in lines]
    for code, numbers in places.items():
        old, new = before.get(code, ZERO), after.get(code, ZERO)
        if old == new:
            continue
        weights = [rows[n].weight for n in numbers]
        total = half_up(sum(weights, ZERO) * new / old) if old else new
        for n, weight in zip(numbers, scaled(weights, total), strict=True):
            rows[n] = dataclasses.replace(rows[n], weight=weight)
    return rows


def _unscored(sheet: Sheet, score: SheetScore, tried: Scheme) -> Finding:
    """Return why a sheet that fits has no total all the same."""
    for line, scored in zip(sheet.lines, score.lines, strict=True):
        if scored.score is not None or line.row.not_applicable:
            continue
        if "tier_share" in scored.flags:
            return _obstacle(N_("指标“%(name)s”的档次在试算的方案里没有默认比例，本表也没有填写比例。"), name=line.name)
        if line.row.tier and tried.tier(line.row.tier) is None:
            return _obstacle(N_("指标“%(name)s”所选的档次在试算的方案里没有。"), name=line.name)
        return _obstacle(N_("指标“%(name)s”没有目标值或实际完成值。"), name=line.name)
    if score.execution.score is None and "missing" in score.execution.flags:
        return _obstacle(N_("本表没有预算数或执行数。"))
    return _obstacle(N_("本表没有可以计分的内容。"))


def _rechecked(sheet: Sheet, base: Scheme, score: SheetScore) -> Decimal:
    """Return by how much the marks of the last tier change the total a sheet gets by its data alone.

    A line that was corrected keeps the share of its marks that the tier gave it.
    """
    if all(line.rechecked is None for line in sheet.lines):
        return ZERO
    before = score_sheet(base, [line.row for line in sheet.lines], sheet.adjusted, sheet.executed)
    change = ZERO
    for line, old, new in zip(sheet.lines, before.lines, score.lines, strict=True):
        if line.rechecked is not None and new.score is not None and old.weight:
            change += min(half_up(line.rechecked * new.weight / old.weight), new.weight) - new.score
    return change


def tried(sheet: Sheet, base: Scheme, scheme: Scheme) -> Trial:
    """Score a stored sheet by another scheme than its own (``base``), without changing anything."""
    obstacle = _missing_category(sheet.lines, base, scheme)
    if obstacle is None:
        score = score_sheet(scheme, refitted(sheet.lines, base, scheme), sheet.adjusted, sheet.executed)
        if score.total is not None:
            total = score.total + _rechecked(sheet, base, score)
            return Trial(sheet.id, sheet.total, sheet.grade, total, scheme.grade(total), tier=sheet.tier)
        obstacle = _unscored(sheet, score, scheme)
    return Trial(sheet.id, sheet.total, sheet.grade, None, None, obstacle, sheet.tier)


# --- many sheets ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """What a trial did to all sheets; ``moves`` counts sheets by grade before and after (None: not scored)."""

    sheets: int
    scored: int
    moves: Mapping[tuple[str | None, str | None], int]
    mean_before: Decimal | None
    mean_after: Decimal | None
    other_grade: int
    notable: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def unscored(self) -> int:
        """Sheets that cannot be scored by the tried scheme."""
        return self.sheets - self.scored

    @property
    def mean_change(self) -> Decimal | None:
        """The mean of all changes, over the sheets that have both totals."""
        if self.mean_before is None or self.mean_after is None:
            return None
        return self.mean_after - self.mean_before


def summary(trials: Sequence[Trial], scheme: Scheme, notable: Decimal) -> Summary:
    """Return the counts and means; a change of at least ``notable`` marks is counted apart.

    Grades stand in the order of the scheme, those only stored sheets have behind them.
    """
    both = [t for t in trials if t.after is not None and t.before is not None]
    moves = Counter((t.grade_before, t.grade_after) for t in trials)
    names = tuple(grade.name for grade in scheme.grades)
    stored = tuple(dict.fromkeys(t.grade_before for t in trials if t.grade_before and t.grade_before not in names))
    return Summary(
        sheets=len(trials),
        scored=sum(t.after is not None for t in trials),
        moves=moves,
        mean_before=_mean([t.before for t in both if t.before is not None]),
        mean_after=_mean([t.after for t in both if t.after is not None]),
        other_grade=sum(t.grade_before != t.grade_after for t in both),
        notable=sum(abs(t.change) >= notable for t in both if t.change is not None),
        rows=(*names, *stored),
        columns=names,
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return half_up(sum(values, ZERO) / len(values)) if values else None


def by_size(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials as a page lists them: what cannot be scored first, then the largest change first."""
    return sorted(trials, key=lambda t: (t.obstacle is None, -abs(t.change or ZERO), t.sheet_id))

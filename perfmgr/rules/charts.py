"""Geometry of the small charts: where bars, bands and dots stand, in units of a drawing 320 wide; no drawing here.

Every chart also works with nothing, with one value and with many, and its numbers stand in the table beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.scoring import SheetScore

WIDTH = 320
ROW = 40  # of a bar with its label above
_BAR_TOP, BAR = 18, 14
ZERO = Decimal(0)


def _round(value: float | Decimal) -> float:
    return round(float(value), 1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar: what it is, its value, and where it stands."""

    kind: str
    value: Decimal
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its label; ``y`` is the base of the label, ``top`` the upper edge of the bar."""

    label: str
    total: Decimal
    segments: tuple[Segment, ...]
    y: int
    top: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars one below the other, all on the same scale."""

    bars: tuple[Bar, ...]
    height: int
    width: int = WIDTH
    thick: int = BAR


def stacked(rows: Sequence[tuple[str, Sequence[tuple[str, Decimal]]]]) -> Bars:
    """Return one bar for each (label, [(kind, value)]); the longest fills the width, empty pieces are left out."""
    totals = [sum((max(value, ZERO) for _kind, value in parts), ZERO) for _label, parts in rows]
    most = max(totals, default=ZERO)
    bars = []
    for n, ((label, parts), total) in enumerate(zip(rows, totals, strict=True)):
        segments, at = [], ZERO
        for kind, value in parts:
            if value <= 0:
                continue
            segments.append(Segment(kind, value, _round(at * WIDTH / most), _round(value * WIDTH / most)))
            at += value
        bars.append(Bar(label, total, tuple(segments), n * ROW + 12, n * ROW + _BAR_TOP))
    return Bars(tuple(bars), len(rows) * ROW)


# --- composition of a score -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """The marks of one category (code None: budget execution).

    ``full`` is what can be earned here after marks were shared out, ``own`` what was meant before;
    ``full`` = ``earned`` + ``lost`` + ``open``.
    """

    code: str | None
    own: Decimal
    full: Decimal
    earned: Decimal
    open: Decimal

    @property
    def lost(self) -> Decimal:
        """Marks that were not earned."""
        return self.full - self.earned - self.open

    @property
    def moved(self) -> Decimal:
        """Marks received from lines that do not apply (positive) or handed on to others (negative)."""
        return self.full - self.own

    @property
    def pieces(self) -> tuple[tuple[str, Decimal], ...]:
        """The pieces of its bar."""
        return ("earned", self.earned), ("lost", self.lost), ("open", self.open), ("moved", -self.moved)


def composition(
    score: SheetScore, categories: Sequence[str], weights: Sequence[Decimal], execution_weight: Decimal
) -> list[Part]:
    """Return where the marks of a sheet are: budget execution first, then its categories as they come.

    ``categories`` and ``weights`` (the marks as set) belong to the lines one by one. Marks of lines
    that do not apply, and of an execution without budget, count as handed on.
    """
    execution = score.execution
    idle = execution.score is None and "zero_denominator" in execution.flags
    parts = [_part(None, [(execution_weight, ZERO if idle else execution.weight, execution.score, idle)])]
    for code in dict.fromkeys(categories):
        lines = [
            (
                weight,
                ZERO if "not_applicable" in line.flags else line.weight,
                line.score,
                "not_applicable" in line.flags,
            )
            for own, weight, line in zip(categories, weights, score.lines, strict=True)
            if own == code
        ]
        parts.append(_part(code, lines))
    return parts


def _part(code: str | None, lines: Sequence[tuple[Decimal, Decimal, Decimal | None, bool]]) -> Part:
    return Part(
        code=code,
        own=sum((own for own, _full, _score, _idle in lines), ZERO),
        full=sum((full for _own, full, _score, _idle in lines), ZERO),
        earned=sum((score for _own, _full, score, _idle in lines if score is not None), ZERO),
        open=sum((full for _own, full, score, idle in lines if score is None and not idle), ZERO),
    )


# --- flow: counts before and after ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stack:
    """One group on a side of the flow, with its label and count."""

    name: str | None
    count: int
    y: float
    height: float

    @property
    def middle(self) -> float:
        """Where the label stands."""
        return _round(self.y + self.height / 2 + 4)


@dataclass(frozen=True, slots=True)
class Band:
    """A band from a group on the left to one on the right; ``kind`` is same, up, down or out."""

    kind: str
    count: int
    points: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Two sides and the bands between them."""

    left: tuple[Stack, ...]
    right: tuple[Stack, ...]
    bands: tuple[Band, ...]
    height: float
    width: int = WIDTH


FLOW_LEFT, FLOW_RIGHT = 96, 224
_FLOW_HEIGHT, _GAP = 180, 16


def flow(
    moves: Mapping[tuple[str | None, str | None], int], left: Sequence[str | None], right: Sequence[str | None]
) -> Flow:
    """Return the bands of ``moves`` (counts by group before and after); groups without any are left out.

    The order of ``right`` runs from best to worst and decides what is up and what is down.
    """
    total = sum(moves.values())
    scale = _FLOW_HEIGHT / total if total else 0
    before = _stacks(left, {name: sum(n for (a, _b), n in moves.items() if a == name) for name in left}, scale)
    after = _stacks(right, {name: sum(n for (_a, b), n in moves.items() if b == name) for name in right}, scale)
    from_y, to_y = {s.name: s.y for s in before}, {s.name: s.y for s in after}
    bands = []
    for a in before:
        for b in after:
            count = moves.get((a.name, b.name), 0)
            if count:
                thick, y1, y2 = count * scale, from_y[a.name], to_y[b.name]
                bands.append(Band(_direction(a.name, b.name, right), count, _band(y1, y2, thick)))
                from_y[a.name], to_y[b.name] = y1 + thick, y2 + thick
    return Flow(before, after, tuple(bands), max((s.y + s.height for s in (*before, *after)), default=0.0) + 4)


def _stacks(names: Sequence[str | None], counts: Mapping[str | None, int], scale: float) -> tuple[Stack, ...]:
    found, y = [], 4.0
    for name in names:
        if counts[name]:
            height = counts[name] * scale
            found.append(Stack(name, counts[name], _round(y), _round(height)))
            y += max(height, 2) + _GAP
    return tuple(found)


def _direction(before: str | None, after: str | None, order: Sequence[str | None]) -> str:
    if after is None:
        return "out"
    if before == after:
        return "same"
    if before not in order:
        return "other"
    return "up" if order.index(after) < order.index(before) else "down"


def _band(y1: float, y2: float, thick: float) -> str:
    corners = ((FLOW_LEFT, y1), (FLOW_RIGHT, y2), (FLOW_RIGHT, y2 + thick), (FLOW_LEFT, y1 + thick))
    return " ".join(f"{x},{_round(y)}" for x, y in corners)


# --- spread of several values -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dot:
    """One value; dots that would cover each other are raised by ``y``."""

    value: Decimal
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """The values of one row: dots, mean, and the line from the lowest to the highest."""

    label: str
    dots: tuple[Dot, ...]
    mean: Decimal | None
    mean_x: float
    low: Decimal | None
    high: Decimal | None
    low_x: float
    high_x: float
    y: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Rows of dots on one scale from 0 to ``most``."""

    rows: tuple[SpreadRow, ...]
    most: Decimal
    height: int
    width: int = WIDTH


_EDGE = 6  # room for half a dot at both ends
_DOT = 8


def spread(rows: Sequence[tuple[str, Sequence[Decimal]]], most: Decimal | None = None) -> Spread:
    """Return dots for each (label, values); the scale ends at ``most``, or at the largest value."""
    top = max([most or ZERO, *(value for _label, values in rows for value in values)], default=ZERO)
    return Spread(
        tuple(_spread_row(n, label, values, top) for n, (label, values) in enumerate(rows)), top, len(rows) * 48
    )


def _spread_row(n: int, label: str, values: Sequence[Decimal], top: Decimal) -> SpreadRow:
    def place(value: Decimal) -> float:
        return _round(_EDGE + (value * (WIDTH - 2 * _EDGE) / top if top else ZERO))

    y = n * 48 + 34
    dots: list[Dot] = []
    for value in sorted(values):
        x = place(value)
        near = [dot for dot in dots if abs(dot.x - x) < _DOT]
        dots.append(Dot(value, x, y - 5.0 * (len(near) % 3)))
    mean = sum(values, ZERO) / len(values) if values else None
    low, high = min(values, default=None), max(values, default=None)
    return SpreadRow(
        label=label,
        dots=tuple(dots),
        mean=mean,
        mean_x=place(mean) if mean is not None else 0.0,
        low=low,
        high=high,
        low_x=place(low) if low is not None else 0.0,
        high_x=place(high) if high is not None else 0.0,
        y=y,
    )

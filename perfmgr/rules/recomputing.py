"""Recomputing stored scores: what a sheet's own scheme version gives today, compared with what was stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.schemes import Scheme
from perfmgr.rules.scoring import Row, SheetScore, score_sheet
from perfmgr.rules.texts import N_

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One line as stored: what the engine needs, the marks it gave, and the reviewer's where he gave others."""

    row: Row
    self_score: Decimal | None
    review_score: Decimal | None


@dataclass(frozen=True, slots=True)
class StoredSheet:
    """One sheet as stored; money in 万元. ``total`` and ``grade`` are in force, the others the filler's own."""

    id: int
    year: int
    scheme_id: int
    lines: tuple[StoredLine, ...]
    adjusted: Decimal | None
    executed: Decimal | None
    self_total: Decimal | None
    self_grade: str | None
    total: Decimal | None
    grade: str | None
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One number or grade that does not come out as it is stored; ``line`` counts from 1, 0 is the whole sheet."""

    sheet_id: int
    year: int
    what: str
    line: int
    stored: str
    computed: str


def _text(value: Decimal | str | None) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else value or "—"


def differences(sheet: StoredSheet, scheme: Scheme) -> list[Difference]:
    """Score the sheet by its own scheme version and return whatever differs from what is stored.

    A reviewed total is the execution marks plus, line by line, the reviewer's marks or else the filler's.
    """
    score = score_sheet(scheme, [line.row for line in sheet.lines], sheet.adjusted, sheet.executed)
    return [
        Difference(sheet.id, sheet.year, what, line, _text(stored), _text(computed))
        for what, line, stored, computed in _pairs(sheet, score, scheme)
        if stored != computed
    ]


_Pair = tuple[str, int, Decimal | str | None, Decimal | str | None]


def _pairs(sheet: StoredSheet, score: SheetScore, scheme: Scheme) -> Iterator[_Pair]:
    for n, (line, scored) in enumerate(zip(sheet.lines, score.lines, strict=True), 1):
        yield N_("自评得分"), n, line.self_score, scored.score
    yield N_("自评总分"), 0, sheet.self_total, score.total
    yield N_("自评等级"), 0, sheet.self_grade, score.grade
    total = _reviewed(sheet.lines, score) if sheet.reviewed else score.total
    yield N_("总分"), 0, sheet.total, total
    yield N_("等级"), 0, sheet.grade, None if total is None else scheme.grade(total)


def _reviewed(lines: Sequence[StoredLine], score: SheetScore) -> Decimal:
    marks = [
        scored.score if line.review_score is None else line.review_score
        for line, scored in zip(lines, score.lines, strict=True)
        if scored.score is not None
    ]
    return (score.execution.score or ZERO) + sum((mark for mark in marks if mark is not None), ZERO)

"""The re-checks below the official self-evaluation form: every tier's marks beside the filler's."""

from collections.abc import Iterator, Sequence

from perfmgr.documents.form_cells import NO_MARKS, Cell, marks
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.review import Review
from perfmgr.rules.numbers import plain
from perfmgr.rules.reminder_times import BEIJING
from perfmgr.rules.reviews import CONCLUSIONS, TIER_NAMES
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.scoring import SheetScore


def review_rows(
    evaluation: Evaluation, scheme: Scheme, score: SheetScore, tiers: Sequence[Review]
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of the table: heads, execution, every indicator, totals, and each tier's opinion.

    The second tier, where there is one, takes the column before the reasons.
    """
    names = [TIER_NAMES[(evaluation.kind, review.tier)] for review in tiers]
    yield tuple(_row("复核情况", ["分值", "自评得分", *names, "差异原因和意见"], "label"))
    execution = marks(score.execution.score)
    yield tuple(_row("预算执行", [plain(score.execution.weight), execution, *[execution for _ in tiers], ""]))
    for line, scored in zip(evaluation.lines, score.lines, strict=True):
        own = NO_MARKS if line.not_applicable else marks(line.self_score)
        given = [NO_MARKS if line.not_applicable else marks(review.marks(line)) for review in tiers]
        weight = NO_MARKS if line.not_applicable else plain(scored.weight)
        yield tuple(_row(line.name, [weight, own, *given, _why(scheme, line, tiers, names)]))
    totals = [f"{marks(review.total)} {review.grade or ''}".strip() for review in tiers]
    yield tuple(
        _row("总分", ["100", f"{marks(evaluation.self_total)} {evaluation.self_grade or ''}".strip(), *totals, ""])
    )
    for review, name in zip(tiers, names, strict=True):
        yield Cell(f"{name}意见", 0, 2, kind="label"), Cell(_opinion(review), 2, 7)


def _row(name: str, values: list[str], kind: str = "") -> Iterator[Cell]:
    """Yield one row; the last value takes what the others leave of the nine columns."""
    yield Cell(name, 0, 3, kind=kind or "text")
    for n, value in enumerate(values[:-1]):
        yield Cell(value, 3 + n, kind=kind or ("number" if " " not in value else "centre"))
    taken = 3 + len(values) - 1
    yield Cell(values[-1], taken, 9 - taken, kind=kind or "text")


def _why(scheme: Scheme, line: EvaluationLine, tiers: Sequence[Review], names: Sequence[str]) -> str:
    found = []
    for review, name in zip(tiers, names, strict=True):
        row = review.line(line)
        parts = [scheme.review.code_name(row.reason_code) if row.reason_code else "", row.reason] if row else []
        if any(parts):
            found.append(
                f"{name}：{' '.join(filter(None, parts))}" if len(tiers) > 1 else " ".join(filter(None, parts))
            )
    return "\n".join(found)


def _opinion(review: Review) -> str:
    """Return conclusion, opinion, who and when."""
    signed = " ".join(
        filter(
            None,
            (
                review.by.name if review.by else "",
                f"{review.submitted_at.astimezone(BEIJING):%Y-%m-%d}" if review.submitted_at else "",
            ),
        )
    )
    conclusion = CONCLUSIONS[review.conclusion] if review.conclusion else ""
    return "\n".join(text for text in (conclusion, review.opinion, signed) if text)

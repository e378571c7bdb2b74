"""The quality of a sheet of targets in marks, by the four heads of the review, and what would raise it most.

Heads and points are data of the rule book; source: 审核内容 of 财预〔2015〕88号 (完整性, 相关性, 适当性, 可行性).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import plain
from perfmgr.rules.quality_book import HEADS, RuleBook
from perfmgr.rules.quality_texts import COPIED, TITLES
from perfmgr.rules.texts import N_, Term

HEAD_NAMES = {
    "completeness": N_("完整性"),
    "relevance": N_("相关性"),
    "adequacy": N_("适当性"),
    "feasibility": N_("可行性"),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """The marks that the findings of one rule cost."""

    code: str
    count: int
    points: Decimal

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the loss in words: ``指标值笼统（Q03）2 处，扣 6 分``."""
        words = {
            "title": translate(TITLES[self.code]),
            "code": self.code,
            "count": self.count,
            "points": plain(self.points),
        }
        if self.code == COPIED:  # a code that no rule of the field has
            return translate(N_("%(title)s %(count)s 处，扣 %(points)s 分")) % words
        return translate(N_("%(title)s（%(code)s）%(count)s 处，扣 %(points)s 分")) % words


@dataclass(frozen=True, slots=True)
class HeadScore:
    """One head: marks kept of the marks there are, and where the others went."""

    head: str
    full: Decimal
    marks: Decimal
    losses: tuple[Loss, ...]

    @property
    def name(self) -> Term:
        """The head's name, to be translated where it is shown."""
        return Term(HEAD_NAMES[self.head])


@dataclass(frozen=True, slots=True)
class Change:
    """The single change that raises the score most: putting right these findings at one place."""

    field: str
    findings: tuple[Finding, ...]
    gain: Decimal


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of a sheet, 0 to 100."""

    total: Decimal
    heads: tuple[HeadScore, ...]
    best_change: Change | None


def score_quality(findings: Sequence[Finding], book: RuleBook) -> Quality:
    """Return the quality score that these findings leave, with explanation and best change."""
    counts: dict[str, int] = defaultdict(int)
    for finding in findings:
        if finding.code in book.rules:
            counts[finding.code] += 1
    heads = tuple(_head(head, counts, book) for head in HEADS)
    total = sum((head.marks for head in heads), Decimal(0))
    return Quality(total, heads, _best_change(findings, counts, total, book))


def _head(head: str, counts: dict[str, int], book: RuleBook) -> HeadScore:
    losses = tuple(
        Loss(code, count, min(book.rules[code].points * count, book.rules[code].most))
        for code, count in sorted(counts.items())
        if count and book.rules[code].head == head and book.rules[code].points
    )
    full = book.heads[head]
    return HeadScore(head, full, max(Decimal(0), full - sum((loss.points for loss in losses), Decimal(0))), losses)


def _best_change(findings: Sequence[Finding], counts: dict[str, int], total: Decimal, book: RuleBook) -> Change | None:
    """Return the place that gains most when everything found there is put right; the first of equals.

    Where no single place gains anything, because a rule costs no more than its limit, all findings of one
    rule count as one change.
    """
    by_place: dict[str, list[Finding]] = defaultdict(list)
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.code in book.rules:
            by_place[finding.field].append(finding)
            by_code[finding.code].append(finding)
    for groups in (by_place, by_code):
        changes = [
            Change(mended[0].field, tuple(mended), _without(mended, counts, book) - total) for mended in groups.values()
        ]
        best = max(changes, key=lambda change: change.gain, default=None)
        if best and best.gain > 0:
            return best
    return None


def _without(mended: Sequence[Finding], counts: dict[str, int], book: RuleBook) -> Decimal:
    left = dict(counts)
    for finding in mended:
        left[finding.code] -= 1
    return sum((_head(head, left, book).marks for head in HEADS), Decimal(0))

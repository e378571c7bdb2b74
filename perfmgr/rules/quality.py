"""The checker of targets and self-evaluations: the rules together, and what a whole sheet answers.

Codes follow the list Q01–Q38 of the field's rules (§9.2). The rules stand in ``quality_*.py`` by what they
look at; levels, limits and words are data (``quality_book``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from perfmgr.rules.copying import check_copied
from perfmgr.rules.findings import Finding, errors
from perfmgr.rules.quality_book import RuleBook
from perfmgr.rules.quality_case import Case, Outcome, Undetermined
from perfmgr.rules.quality_copies import check_copies, check_duplicates
from perfmgr.rules.quality_evaluations import EvaluatedLine, check_evaluation
from perfmgr.rules.quality_form import (
    check_all_weights,
    check_counts,
    check_heaviest,
    check_lines,
    check_period,
    check_required,
    check_share_of_qualitative,
    check_weights,
)
from perfmgr.rules.quality_goals import check_background, check_results, check_terms
from perfmgr.rules.quality_money import check_amounts, check_costs, check_narratives
from perfmgr.rules.quality_places import check_places, check_satisfaction
from perfmgr.rules.quality_values import check_absolute, check_easy, check_units, check_vague
from perfmgr.rules.quality_wording import check_lengths, check_placeholders, check_single
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.targets import Alike, LastYear, TargetLine, TargetSheet

__all__ = [
    "Alike",
    "EvaluatedLine",
    "LastYear",
    "Report",
    "TargetLine",
    "TargetSheet",
    "Undetermined",
    "check_evaluation",
    "check_targets",
    "check_weights",
    "examine",
    "require",
]

_BY_THE_BOOK = (
    check_placeholders,
    check_lengths,
    check_results,
    check_terms,
    check_narratives,
    check_background,
    check_vague,
    check_units,
    check_easy,
    check_absolute,
    check_single,
    check_places,
    check_satisfaction,
    check_duplicates,
    check_copies,
    check_costs,
    check_share_of_qualitative,
    check_heaviest,
    check_counts,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules say about one sheet: findings in the order of the form, and what they could not tell."""

    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]


def examine(sheet: TargetSheet, scheme: Scheme | None, book: RuleBook | None = None) -> Report:
    """Apply every rule to a sheet. Without a scheme weights, without a rule book all wording stays undetermined."""
    outcomes = list(_outcomes(sheet, scheme, book))
    return Report(
        findings=tuple(outcome for outcome in outcomes if isinstance(outcome, Finding)),
        undetermined=tuple(dict.fromkeys(outcome for outcome in outcomes if isinstance(outcome, Undetermined))),
    )


def _outcomes(sheet: TargetSheet, scheme: Scheme | None, book: RuleBook | None) -> Outcome:
    yield from check_required(sheet)
    yield from check_period(sheet)
    yield from check_amounts(sheet)
    yield from check_copied(sheet.to_check)
    yield from check_lines(sheet.lines, scheme)
    yield from check_all_weights(sheet, scheme)
    if book is not None:
        case = Case(sheet, scheme, book)
        for rule in _BY_THE_BOOK:
            yield from rule(case)


def check_targets(sheet: TargetSheet, scheme: Scheme | None, book: RuleBook | None = None) -> list[Finding]:
    """Return every finding on a declaration, errors and warnings; see :func:`examine` for what was not determined."""
    return list(examine(sheet, scheme, book).findings)


def require(findings: Sequence[Finding]) -> None:
    """Raise Invalid with all blocking findings when there is one."""
    blocking = errors(findings)
    if blocking:
        raise Invalid(blocking)

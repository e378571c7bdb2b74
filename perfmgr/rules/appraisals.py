"""Evaluation by experts (部门评价、财政评价): who may see whose marks when, what is wanted, and what comes out.

Source: §1.1 and §1.6 of the field's rules. That experts mark independently of each other, and that nobody
sees marks before they are all in, is our reading of 独立评价; it holds for every kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfmgr.rules.findings import Finding
from perfmgr.rules.numbers import half_up, plain
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.roles import DEPARTMENT_REVIEWER, FINANCE_REVIEWER
from perfmgr.rules.rubrics import Group, Item, Rubric, Spread, score_expert, spread_of
from perfmgr.rules.texts import N_

# The same words as the kinds of rectifications.
KINDS = {"department_evaluation": N_("部门评价"), "finance_evaluation": N_("财政评价")}
ORGANISERS = {"department_evaluation": DEPARTMENT_REVIEWER, "finance_evaluation": FINANCE_REVIEWER}
SUBJECTS = {"department_evaluation": "department_appraisal", "finance_evaluation": "finance_appraisal"}
RUNNING = ("marking", "consolidating")
# Experts whose marks may still come.
EXPECTED = ("invited", "marking")

ORGANISER, EXPERT, OTHER = "organiser", "expert", "other"
HUNDRED, ZERO = Decimal(100), Decimal(0)


def sees_all_marks(state: str, who: str) -> bool:
    """Tell whether marks of experts (other than one's own) are open to an organiser, expert or anybody else."""
    return state == "concluded" or (state == "consolidating" and who == ORGANISER)


def all_in(states: Sequence[str], least: int) -> bool:
    """Tell whether nobody's marks are missing any more, and enough have submitted.

    One expert who steps back does not end marking: the organiser may want another in the place.
    """
    return not any(state in EXPECTED for state in states) and states.count("submitted") >= least


# --- one expert -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MarkDraft:
    """One expert's marks for one item, None while there are none, and why marks are taken off."""

    marks: Decimal | None
    reason: str = ""


def check_marks(rubric: Rubric, drafts: Sequence[MarkDraft], *, whole: bool) -> list[Finding]:
    """Return what is wrong with one expert's sheet, rows in the order of the rubric.

    A draft may have gaps; ``whole`` asks for every item, and a reason wherever marks are taken off.
    """
    findings: list[Finding] = []
    for n, (item, draft) in enumerate(zip(rubric.items, drafts, strict=True)):
        if draft.marks is None:
            if whole:
                message = N_("“%(name)s”还没有评分。")
                findings.append(Finding("PANEL", message, f"lines.{n}.marks", params={"name": item.name}))
            continue
        try:
            score_expert(rubric, {item.code: draft.marks})
        except Invalid as refusal:
            findings += [Finding(f.code, f.message, f"lines.{n}.marks", params=f.params) for f in refusal.findings]
            continue
        if whole and draft.marks < item.marks and not draft.reason:
            message = N_("“%(name)s”扣了 %(lost)s 分，请写明扣分理由。")
            lost = plain(item.marks - draft.marks)
            findings.append(Finding("PANEL", message, f"lines.{n}.reason", params={"name": item.name, "lost": lost}))
    return findings


# --- several experts --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One item over all experts: the printed mean, the spread, and whether they differ too far."""

    item: Item
    values: tuple[Decimal, ...]  # from the lowest to the highest: whose they are is nobody's business
    spread: Spread
    differs: bool

    @property
    def rates(self) -> list[Decimal]:
        """The values in percent of the item's marks, to hundredths."""
        return [half_up(value * HUNDRED / self.item.marks) for value in self.values]


@dataclass(frozen=True, slots=True)
class Part:
    """A first-level heading with its lines; ``mean`` is the sum of their printed means."""

    group: Group
    lines: tuple[Line, ...]
    mean: Decimal


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What a panel says. ``total`` is the sum of the printed lines, ``totals`` the spread of the experts' totals."""

    parts: tuple[Part, ...]
    total: Decimal
    totals: Spread
    values: tuple[Decimal, ...]
    grade: str

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines in the order of the rubric."""
        return tuple(line for part in self.parts for line in part.lines)

    @property
    def differing(self) -> list[Line]:
        """The lines that want a sentence from the organiser."""
        return [line for line in self.lines if line.differs]


def consolidate(rubric: Rubric, experts: Sequence[Mapping[str, Decimal]]) -> Consolidation | None:
    """Return mean and spread of complete sheets of marks by item code; None when there is no sheet.

    Each mean is rounded once (half up, hundredths) and the total is the sum of what is printed. The
    order of the experts does not matter. Raises Invalid as ``score_expert`` does.
    """
    scores = [score_expert(rubric, answers) for answers in experts]
    totals = [score.total for score in scores if score.total is not None]
    whole = spread_of(totals)
    complete = [answers for answers, score in zip(experts, scores, strict=True) if score.total is not None]
    if whole is None:
        return None
    parts = tuple(_part(rubric, group, complete) for group in rubric.groups)
    total = sum((part.mean for part in parts), ZERO)
    return Consolidation(parts, total, whole, tuple(sorted(totals)), rubric.grade(total))


def _part(rubric: Rubric, group: Group, experts: Sequence[Mapping[str, Decimal]]) -> Part:
    lines = tuple(_line(rubric, item, [answers[item.code] for answers in experts]) for item in group.items)
    return Part(group, lines, sum((line.spread.mean for line in lines), ZERO))


def _line(rubric: Rubric, item: Item, values: Sequence[Decimal]) -> Line:
    spread = spread_of(values)
    if spread is None:
        raise ValueError("an item without marks")
    return Line(item, tuple(sorted(values)), spread, spread.width > item.marks * rubric.panel.differ_above)


def check_report(
    consolidation: Consolidation, notes: Mapping[str, str], problems: str, suggestions: str
) -> list[Finding]:
    """Return what is missing before the report can be concluded; ``notes`` are the sentences by item code."""
    findings = []
    for line in consolidation.differing:
        if not notes.get(line.item.code):
            message = N_("“%(name)s”专家评分相差 %(width)s 分，请写明如何看待这一分歧。")
            params = {"name": line.item.name, "width": plain(line.spread.width)}
            findings.append(Finding("PANEL", message, f"note-{line.item.code}", params=params))
    if not problems:
        findings.append(Finding("PANEL", N_("“发现的问题”不能为空；没有问题的，请写明“未发现问题”。"), "problems"))
    if not suggestions:
        findings.append(Finding("PANEL", N_("“改进建议”不能为空，请写明建议。"), "suggestions"))
    return findings


def as_data(consolidation: Consolidation) -> dict[str, Any]:
    """Return what is stored with a concluded report: every printed number as text."""
    return {
        "total": f"{consolidation.total:.2f}",
        "grade": consolidation.grade,
        "totals": _spread_data(consolidation.totals, consolidation.values),
        "lines": [
            {"code": line.item.code, "differs": line.differs, **_spread_data(line.spread, line.values)}
            for line in consolidation.lines
        ],
    }


def _spread_data(spread: Spread, values: Sequence[Decimal]) -> dict[str, Any]:
    return {
        "mean": f"{spread.mean:.2f}",
        "width": f"{spread.width:.2f}",
        "deviation": f"{spread.deviation:.2f}",
        "values": [f"{value:.2f}" for value in values],
    }

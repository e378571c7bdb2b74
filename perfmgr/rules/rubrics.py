"""Rubrics of expert evaluation (部门评价、财政评价): points as data, one expert's marks, mean and spread over experts.

Source: §1.6 of the field's rules (财预〔2020〕10号, annex 2). The text gives no points, only that outputs
and benefits should in principle make up at least 60 percent.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from perfmgr.rules.findings import WARNING, Finding
from perfmgr.rules.numbers import decimals, half_up, parse_number, plain
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.schemes import Grade
from perfmgr.rules.texts import N_

FULL_MARKS = Decimal(100)
USUAL_FLOOR = "0.6"
ZERO = Decimal(0)
MOST_EXPERTS = 30
LONGEST_GRADE = 10
KIND = "rubric"


@dataclass(frozen=True, slots=True)
class Item:
    """One question an expert marks; ``level`` is its second-level heading."""

    code: str
    level: str
    name: str
    marks: Decimal
    question: str


@dataclass(frozen=True, slots=True)
class Group:
    """A first-level heading; ``results`` tells whether it counts as outputs and benefits."""

    code: str
    name: str
    name_en: str
    results: bool
    items: tuple[Item, ...]

    @property
    def marks(self) -> Decimal:
        """The marks of all its items."""
        return sum((item.marks for item in self.items), ZERO)


@dataclass(frozen=True, slots=True)
class PanelRules:
    """What a panel must be like: experts who have to submit, and when they differ so far that it is explained.

    ``differ_above`` is a share of an item's marks: highest less lowest above it wants a sentence.
    Both are our proposal; the field's rules name no number.
    """

    least: int = 2
    differ_above: Decimal = Decimal("0.3")


@dataclass(frozen=True, slots=True)
class Rubric:
    """Everything experts are asked, with marks that add up to 100.

    ``grades`` may be empty: then those of the scoring scheme of the self-evaluation hold.
    """

    code: str
    name: str
    name_en: str
    basis: str
    results_at_least: Decimal
    groups: tuple[Group, ...]
    panel: PanelRules = PanelRules()
    grades: tuple[Grade, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in the order of the form."""
        return tuple(item for group in self.groups for item in group.items)

    def grade(self, total: Decimal) -> str:
        """Return the grade of a total by the rubric's own bounds; empty when it has none."""
        return next((grade.name for grade in self.grades if total >= grade.low), "")

    def warnings(self) -> list[Finding]:
        """Return what should in principle be otherwise: too few marks for outputs and benefits."""
        results = sum((group.marks for group in self.groups if group.results), ZERO)
        floor = self.results_at_least * FULL_MARKS
        if results >= floor:
            return []
        message = N_("产出和效益合计 %(marks)s 分，原则上不低于 %(floor)s 分。")
        return [Finding("RUBRIC", message, "groups", WARNING, params={"marks": plain(results), "floor": plain(floor)})]


# --- reading ----------------------------------------------------------------------------------


def parse_rubric(data: Mapping[str, Any]) -> Rubric:
    """Return the rubric described by plain data; raises Invalid with every finding when it makes none."""
    findings: list[Finding] = []
    rows = _rows(data, "groups", "groups", findings)
    groups = tuple(_group(row, f"groups.{n}", findings) for n, row in enumerate(rows))
    floor = parse_number(str(data.get("results_at_least", USUAL_FLOOR)))
    if floor is None or not 0 <= floor <= 1:
        findings.append(_finding(N_("“%(field)s”应在 0 到 1 之间。"), "results_at_least"))
        floor = ZERO
    name = _text(data, "name", "name", findings)
    rubric = Rubric(
        code=_text(data, "code", "code", findings),
        name=name,
        name_en=str(data.get("name_en") or name),
        basis=str(data.get("basis") or ""),
        results_at_least=floor,
        groups=groups,
        panel=_panel(data.get("panel"), findings),
        grades=_grades(data.get("grades"), findings),
    )
    findings += _as_a_whole(rubric)
    if findings:
        raise Invalid(findings)
    return rubric


def _finding(message: str, field: str, **params: Any) -> Finding:
    return Finding("RUBRIC", message, field, params={"field": field, **params})


def _rows(data: Mapping[str, Any], key: str, path: str, findings: list[Finding]) -> list[Mapping[str, Any]]:
    rows = data.get(key)
    if isinstance(rows, list) and rows and all(isinstance(row, Mapping) for row in rows):
        return rows
    findings.append(_finding(N_("“%(field)s”至少要有一行，每行写明代码、名称和分值。"), path))
    return []


def _text(data: Mapping[str, Any], key: str, path: str, findings: list[Finding]) -> str:
    value = str(data.get(key) or "").strip()
    if not value:
        findings.append(_finding(N_("“%(field)s”不能为空。"), path))
    return value


def _group(data: Mapping[str, Any], path: str, findings: list[Finding]) -> Group:
    name = _text(data, "name", f"{path}.name", findings)
    rows = _rows(data, "items", f"{path}.items", findings)
    return Group(
        code=_text(data, "code", f"{path}.code", findings),
        name=name,
        name_en=str(data.get("name_en") or name),
        results=bool(data.get("results", False)),
        items=tuple(_item(row, f"{path}.items.{n}", findings) for n, row in enumerate(rows)),
    )


def _item(data: Mapping[str, Any], path: str, findings: list[Finding]) -> Item:
    marks = parse_number(str(data.get("marks", "")))
    if marks is None or not 0 < marks <= FULL_MARKS or decimals(marks) > 2:
        findings.append(_finding(N_("“%(field)s”应为大于 0、不超过 100 的数字，最多两位小数。"), f"{path}.marks"))
        marks = ZERO
    return Item(
        code=_text(data, "code", f"{path}.code", findings),
        level=str(data.get("level") or ""),
        name=_text(data, "name", f"{path}.name", findings),
        marks=marks,
        question=str(data.get("question") or ""),
    )


def _panel(data: Any, findings: list[Finding]) -> PanelRules:
    """Return the block ``panel``; a rubric without it has the defaults."""
    rows = data if isinstance(data, Mapping) else {}
    usual = PanelRules()
    least = parse_number(str(rows.get("least", usual.least)))
    if least is None or not 1 <= least <= MOST_EXPERTS or decimals(least):
        findings.append(_finding(N_("“%(field)s”应为 1 到 %(most)s 的整数。"), "panel.least", most=MOST_EXPERTS))
        least = Decimal(usual.least)
    share = parse_number(str(rows.get("differ_above", usual.differ_above)))
    if share is None or not 0 <= share <= 1:
        findings.append(_finding(N_("“%(field)s”应在 0 到 1 之间。"), "panel.differ_above"))
        share = usual.differ_above
    return PanelRules(int(least), share)


def _grades(data: Any, findings: list[Finding]) -> tuple[Grade, ...]:
    if not data:
        return ()
    rows = data if isinstance(data, list) and all(isinstance(row, Mapping) for row in data) else []
    read = [(str(row.get("name") or "").strip(), parse_number(str(row.get("low", "")))) for row in rows]
    grades = tuple(Grade(name, low) for name, low in read if name and low is not None and len(name) <= LONGEST_GRADE)
    bounds = [grade.low for grade in grades]
    if len(grades) != len(data) or not bounds or bounds[-1] != 0 or any(a <= b for a, b in pairwise(bounds)):
        message = N_("等级要有名称，下限从高到低排列，最后一级从 0 开始，否则有的得分没有等级。")
        findings.append(_finding(message, "grades"))
        return ()
    return grades


def _as_a_whole(rubric: Rubric) -> list[Finding]:
    found = []
    total = sum((item.marks for item in rubric.items), ZERO)
    if total != FULL_MARKS:
        found.append(_finding(N_("各项分值合计应为 100 分，现在是 %(total)s 分。"), "groups", total=plain(total)))
    for codes in ([group.code for group in rubric.groups], [item.code for item in rubric.items]):
        twice = [code for code, count in Counter(codes).items() if code and count > 1]
        if twice:
            found.append(_finding(N_("代码不能重复：%(codes)s。"), "groups", codes="、".join(twice)))
    return found


# --- one expert -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExpertScore:
    """One expert's marks; ``total`` is None while an item (``missing``, by code) has none."""

    total: Decimal | None
    earned: Decimal
    by_group: Mapping[str, Decimal]
    missing: tuple[str, ...]


def score_expert(rubric: Rubric, answers: Mapping[str, Decimal]) -> ExpertScore:
    """Return the sums of one expert's marks, given by item code.

    Raises Invalid when marks are below 0, above those of the item, finer than a hundredth, or of no item.
    """
    items = {item.code: item for item in rubric.items}
    findings = [finding for code, marks in answers.items() if (finding := _wrong_marks(items.get(code), code, marks))]
    if findings:
        raise Invalid(findings)
    sums = {g.code: sum((answers.get(item.code, ZERO) for item in g.items), ZERO) for g in rubric.groups}
    missing = tuple(code for code in items if code not in answers)
    earned = sum(sums.values(), ZERO)
    return ExpertScore(None if missing else earned, earned, sums, missing)


def _wrong_marks(item: Item | None, code: str, marks: Decimal) -> Finding | None:
    if item is None:
        return _finding(N_("评分表里没有代码为“%(code)s”的指标。"), code, code=code)
    if not 0 <= marks <= item.marks or decimals(marks) > 2:
        message = N_("“%(name)s”的得分应在 0 到 %(most)s 之间，最多两位小数。")
        return _finding(message, code, name=item.name, most=plain(item.marks))
    return None


# --- several experts --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """Several values: mean and standard deviation (of these values, not of a sample) to hundredths, lowest, highest."""

    count: int
    mean: Decimal
    low: Decimal
    high: Decimal
    deviation: Decimal

    @property
    def width(self) -> Decimal:
        """Highest minus lowest."""
        return self.high - self.low


def spread_of(values: Sequence[Decimal]) -> Spread | None:
    """Return mean and spread of values, None when there are none."""
    if not values:
        return None
    mean = sum(values, ZERO) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), ZERO) / len(values)
    return Spread(len(values), half_up(mean), min(values), max(values), half_up(variance.sqrt()))


@dataclass(frozen=True, slots=True)
class Panel:
    """What a group of experts says: the total and every item (by code), over the complete answers only."""

    total: Spread | None
    items: Mapping[str, Spread]
    incomplete: int


def panel(rubric: Rubric, experts: Sequence[Mapping[str, Decimal]]) -> Panel:
    """Return mean and spread over experts; raises Invalid as ``score_expert`` does.

    Answers that are not complete are counted and left out, so that the means of the items add up to the total.
    """
    scores = [(answers, score_expert(rubric, answers)) for answers in experts]
    complete = [answers for answers, score in scores if score.total is not None]
    items = {item.code: spread_of([answers[item.code] for answers in complete]) for item in rubric.items}
    return Panel(
        total=spread_of([score.total for _answers, score in scores if score.total is not None]),
        items={code: spread for code, spread in items.items() if spread},
        incomplete=len(scores) - len(complete),
    )

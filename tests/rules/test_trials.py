"""Trials: scaling of marks, what stands in the way, the counts; and recomputing what is stored."""

import dataclasses
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents.schemes import by_code, parsed
from perfmgr.rules.recomputing import StoredLine, StoredSheet, differences
from perfmgr.rules.schemes import Scheme
from perfmgr.rules.scoring import Row, score_sheet
from perfmgr.rules.trials import Sheet, SheetLine, by_size, refitted, scaled, summary, tried

BASE = by_code("10-50-30-10")
HUNDRED = Decimal(100)


def line(category: str, weight: str, actual: str | None = "80", **more: Any) -> SheetLine:
    """Return a line with target 100; in words when a tier is given."""
    row = Row("ge", HUNDRED, None if actual is None else Decimal(actual), Decimal(weight))
    return SheetLine(category, f"{category}指标", dataclasses.replace(row, **more))


FULL = (line("output", "30"), line("output", "20", "100"), line("benefit", "30"), line("satisfaction", "10", "90"))


def sheet(lines: tuple[SheetLine, ...] = FULL, number: int = 1) -> Sheet:
    """Return a stored sheet with the score its own scheme gives it."""
    score = score_sheet(BASE, [one.row for one in lines], HUNDRED, Decimal(95))
    return Sheet(number, 1, lines, HUNDRED, Decimal(95), score.total, score.grade)


def weighted(**weights: str) -> Scheme:
    """Return the scheme with other marks for some categories (execution included)."""
    execution = dataclasses.replace(BASE.execution, weight=Decimal(weights.pop("execution", "10")))
    categories = tuple(
        dataclasses.replace(c, weight=Decimal(weights.get(c.code, str(c.weight))), unused_to=())
        for c in BASE.categories
    )
    return dataclasses.replace(BASE, execution=execution, categories=categories)


def test_the_own_scheme_changes_nothing() -> None:
    trial = tried(sheet(), BASE, BASE)
    assert (trial.before, trial.grade_before, trial.after, trial.grade_after, trial.change) == (
        *(Decimal("86.50"), "良", Decimal("86.50"), "良"),
        0,
    )


def test_marks_of_a_category_are_scaled_to_what_the_tried_scheme_gives_it() -> None:
    other = weighted(output="40", execution="20")
    rows = refitted(FULL, BASE, other)
    assert [row.weight for row in rows] == [Decimal("24.00"), Decimal("16.00"), Decimal("30"), Decimal("10")]
    # 20 × 0.95 + 24 × 0.8 + 16 + 30 × 0.8 + 10 × 0.9
    assert tried(sheet(), BASE, other).after == Decimal("87.20")


def test_marks_of_the_last_tier_keep_their_share_and_stand_before() -> None:
    lines = (dataclasses.replace(FULL[0], rechecked=Decimal(15)), *FULL[1:])
    stored = dataclasses.replace(sheet(lines), total=Decimal("77.50"), grade="中", tier=1)
    same = tried(stored, BASE, BASE)
    assert (same.tier, same.before, same.after, same.grade_after) == (1, Decimal("77.50"), Decimal("77.50"), "中")
    # 24 × 15 / 30 = 12 instead of 24 × 0.8 = 19.2
    assert tried(stored, BASE, weighted(output="40", execution="20")).after == Decimal("80.00")


def test_other_grades_alone_move_the_grade_and_not_the_total() -> None:
    grades = tuple(dataclasses.replace(g, low=Decimal(85) if g.name == "优" else g.low) for g in BASE.grades)
    trial = tried(sheet(), BASE, dataclasses.replace(BASE, grades=grades))
    assert (trial.change, trial.grade_before, trial.grade_after) == (0, "良", "优")


def obstacle(lines: tuple[SheetLine, ...], scheme: Scheme) -> str:
    """Return why the sheet cannot be scored by the scheme."""
    trial = tried(sheet(lines), BASE, scheme)
    assert (trial.after, trial.grade_after, trial.change) == (None, None, None)
    assert trial.obstacle is not None
    return trial.obstacle.sentence()


def test_what_cannot_be_scored_says_why() -> None:
    def words(**more: Any) -> tuple[SheetLine, ...]:
        return (*FULL[:3], line("satisfaction", "10", None, sign="qualitative", **more))

    renamed = dataclasses.replace(BASE.categories[2], code="opinion", name="意见", name_en="Opinion")
    without = dataclasses.replace(BASE, categories=(*BASE.categories[:2], renamed))
    cost = dataclasses.replace(BASE.categories[2], code="cost", name="成本指标", weight=Decimal(5), unused_to=())
    with_cost = dataclasses.replace(weighted(output="45"), categories=(*weighted(output="45").categories, cost))
    tiers = dataclasses.replace(BASE, tiers=tuple(dataclasses.replace(t, default=None) for t in BASE.tiers))
    none = dataclasses.replace(BASE, tiers=BASE.tiers[1:])
    assert obstacle(FULL, without) == "试算的方案没有“满意度指标”这一类，而本表有这一类的指标。"
    assert obstacle(FULL, with_cost) == "试算的方案要求“成本指标”占 5 分，本表没有这一类的指标。"
    assert obstacle(words(tier="achieved"), tiers) == (
        "指标“satisfaction指标”的档次在试算的方案里没有默认比例，本表也没有填写比例。"
    )
    assert obstacle(words(tier="achieved"), none) == "指标“satisfaction指标”所选的档次在试算的方案里没有。"
    assert obstacle((*FULL[:3], line("satisfaction", "10", None)), weighted()) == (
        "指标“satisfaction指标”没有目标值或实际完成值。"
    )
    unknown = dataclasses.replace(sheet(), executed=None)
    found = tried(unknown, BASE, BASE).obstacle
    assert found is not None
    assert found.sentence() == "本表没有预算数或执行数。"


def test_a_sheet_without_satisfaction_keeps_what_its_scheme_moved() -> None:
    lines = (*FULL[:2], line("benefit", "40"))
    assert tried(sheet(lines), BASE, BASE).change == 0
    # The tried scheme does not hand these marks on any more.
    assert "满意度指标" in obstacle(lines, weighted())


def test_counts_means_and_order() -> None:
    low = dataclasses.replace(FULL[0], row=dataclasses.replace(FULL[0].row, actual=Decimal(0)))
    other = weighted(output="40", execution="20")
    without = dataclasses.replace(FULL[3], category="cost")
    trials = [
        tried(one, BASE, other)
        for one in (sheet(number=1), sheet((low, *FULL[1:]), 2), dataclasses.replace(sheet((*FULL[:3], without), 3)))
    ]
    found = summary(trials, other, Decimal(5))
    assert (found.sheets, found.scored, found.unscored, found.notable, found.other_grade) == (3, 2, 1, 1, 0)
    assert found.moves == {("良", "良"): 1, ("中", "中"): 1, ("良", None): 1}
    assert (found.mean_before, found.mean_after, found.mean_change) == (
        Decimal("74.50"),
        Decimal("77.60"),
        Decimal("3.10"),
    )
    assert [t.sheet_id for t in by_size(trials)] == [3, 2, 1]
    empty = summary([], other, Decimal(5))
    assert (empty.sheets, empty.mean_change, empty.rows) == (0, None, ("优", "良", "中", "差"))


MARKS = st.decimals(min_value=0, max_value=100, places=2)


@given(st.lists(MARKS, min_size=1, max_size=12), MARKS)
def test_scaled_marks_add_up_and_keep_their_order(weights: list[Decimal], total: Decimal) -> None:
    found = scaled(weights, total)
    if not sum(weights):
        assert found == weights
        return
    assert sum(found) == total
    for before, after in zip(weights, found, strict=True):
        assert abs(after - before * total / sum(weights)) < Decimal("0.01")


@given(st.lists(st.integers(0, 150), min_size=4, max_size=4), st.sampled_from(sorted(parsed())))
def test_a_trial_with_the_own_scheme_is_the_stored_score(actuals: list[int], code: str) -> None:
    scheme = parsed()[code]
    lines = tuple(
        line(category.code, str(category.weight), str(actuals[n % 4])) for n, category in enumerate(scheme.categories)
    )
    score = score_sheet(scheme, [one.row for one in lines], HUNDRED, Decimal(actuals[0]))
    stored = Sheet(1, 1, lines, HUNDRED, Decimal(actuals[0]), score.total, score.grade)
    trial = tried(stored, scheme, scheme)
    assert (trial.after, trial.grade_after) == (score.total, score.grade)


def test_recomputing_names_every_number_that_is_not_as_stored() -> None:
    score = score_sheet(BASE, [one.row for one in FULL], HUNDRED, Decimal(95))
    lines = tuple(StoredLine(one.row, scored.score, None) for one, scored in zip(FULL, score.lines, strict=True))
    good = StoredSheet(
        7, 2025, 1, lines, HUNDRED, Decimal(95), score.total, score.grade, score.total, score.grade, reviewed=False
    )
    assert differences(good, BASE) == []
    reviewed = dataclasses.replace(
        good,
        lines=(dataclasses.replace(lines[0], review_score=Decimal(10)), *lines[1:]),
        total=Decimal("72.50"),
        grade="中",
        reviewed=True,
    )
    assert differences(reviewed, BASE) == []
    bad = dataclasses.replace(
        good, lines=(dataclasses.replace(lines[0], self_score=Decimal(25)), *lines[1:]), self_grade="优"
    )
    assert [(d.what, d.line, d.stored, d.computed) for d in differences(bad, BASE)] == [
        ("自评得分", 1, "25.00", "24.00"),
        ("自评等级", 0, "优", "良"),
    ]

"""Panels of experts: who sees marks when, what one sheet must have, and what several make together."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents.rubrics import built_in
from perfmgr.rules.appraisals import (
    KINDS,
    ORGANISERS,
    SUBJECTS,
    MarkDraft,
    all_in,
    as_data,
    check_marks,
    check_report,
    consolidate,
    sees_all_marks,
)
from perfmgr.rules.numbers import half_up
from perfmgr.rules.rectifications import TYPES
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.rubrics import parse_rubric
from perfmgr.rules.workflow import MOVES, STATES
from tests.rules.test_rubrics import DATA, FULL

RUBRIC = built_in()["project-20-20-30-30"]
GRADED = parse_rubric(
    {**DATA, "grades": [{"name": "优", "low": 90}, {"name": "良", "low": "80"}, {"name": "差", "low": 0}]}
)

SHEET = st.fixed_dictionaries(
    {item.code: st.decimals(min_value=0, max_value=item.marks, places=2) for item in RUBRIC.items}
)
PANEL = st.lists(SHEET, min_size=1, max_size=7)


@given(PANEL)
def test_a_panel_is_the_mean_of_its_experts(sheets: list[dict[str, Decimal]]) -> None:
    found = consolidate(GRADED, sheets)
    assert found is not None
    for line in found.lines:
        values = [sheet[line.item.code] for sheet in sheets]
        assert line.spread.mean == half_up(sum(values, Decimal(0)) / len(values))
        assert 0 <= line.spread.low <= line.spread.mean <= line.spread.high <= line.item.marks
        assert 0 <= line.spread.deviation <= line.spread.width
        assert line.values == tuple(sorted(values))
    # What is printed adds up, and is as near to the mean of the totals as rounding allows.
    assert found.total == sum((line.spread.mean for line in found.lines), Decimal(0))
    assert found.total == sum((part.mean for part in found.parts), Decimal(0))
    assert abs(found.total - found.totals.mean) <= Decimal("0.005") * (len(RUBRIC.items) + 1)
    assert found.grade == ("优" if found.total >= 90 else "良" if found.total >= 80 else "差")


@given(PANEL, st.randoms())
def test_the_order_of_the_experts_does_not_matter(sheets: list[dict[str, Decimal]], chance: random.Random) -> None:
    before = consolidate(RUBRIC, sheets)
    chance.shuffle(sheets)
    assert consolidate(RUBRIC, sheets) == before


@given(SHEET, st.integers(min_value=1, max_value=6))
def test_experts_who_agree_do_not_spread(sheet: dict[str, Decimal], count: int) -> None:
    found = consolidate(RUBRIC, [sheet] * count)
    assert found is not None
    assert (found.totals.width, found.totals.deviation, found.differing) == (0, 0, [])
    assert found.total == sum(sheet.values())


def test_a_sheet_with_gaps_does_not_count_and_nothing_makes_nothing() -> None:
    assert consolidate(RUBRIC, []) is None
    assert consolidate(RUBRIC, [{"basis": Decimal(5)}]) is None
    found = consolidate(RUBRIC, [FULL, {"basis": Decimal(0)}])
    assert found is not None
    assert (found.total, found.totals.count) == (100, 1)
    with pytest.raises(Invalid):
        consolidate(RUBRIC, [{**FULL, "basis": Decimal("5.01")}])


def test_experts_differ_when_the_range_is_above_the_share_of_the_marks() -> None:
    low = {**FULL, "quantity": Decimal(7), "effect": Decimal("13.99")}
    found = consolidate(RUBRIC, [FULL, low])
    assert found is not None
    # 3 of 10 is just 30 %, 6.01 of 20 is more.
    assert [line.item.code for line in found.differing] == ["effect"]
    strict = parse_rubric({**DATA, "panel": {"differ_above": "0"}})
    again = consolidate(strict, [FULL, low])
    assert again is not None
    assert [line.item.code for line in again.differing] == ["quantity", "effect"]
    missing = check_report(again, {"quantity": "以验收单为准"}, "", "建议")
    assert [(finding.field, finding.sentence()) for finding in missing] == [
        ("note-effect", "“实施效益”专家评分相差 6.01 分，请写明如何看待这一分歧。"),
        ("problems", "“发现的问题”不能为空；没有问题的，请写明“未发现问题”。"),
    ]
    assert check_report(again, {"quantity": "a", "effect": "b"}, "c", "d") == []


def test_what_is_stored_is_what_is_printed() -> None:
    found = consolidate(GRADED, [FULL, {**FULL, "basis": Decimal(2)}])
    assert found is not None
    data = as_data(found)
    assert (data["total"], data["grade"], data["totals"]["values"]) == ("98.50", "优", ["97.00", "100.00"])
    assert data["lines"][0] == {
        "code": "basis",
        "differs": True,
        "mean": "3.50",
        "width": "3.00",
        "deviation": "1.50",
        "values": ["2.00", "5.00"],
    }


def test_marks_open_to_the_organiser_when_all_are_in_and_to_others_with_the_report() -> None:
    table = {
        (state, who)
        for state in STATES["appraisal"]
        for who in ("organiser", "expert", "other")
        if sees_all_marks(state, who)
    }
    assert table == {("consolidating", "organiser"), *(("concluded", who) for who in ("organiser", "expert", "other"))}


@pytest.mark.parametrize(
    ("states", "least", "ended"),
    [
        ("submitted submitted", 2, True),
        ("submitted excluded", 2, False),
        ("submitted excluded", 1, True),
        ("submitted submitted invited", 2, False),
        ("submitted submitted marking", 1, False),
        ("excluded excluded", 1, False),
        ("", 1, False),
    ],
)
def test_marking_ends_when_nobody_is_missing_and_enough_are_there(states: str, least: int, ended: bool) -> None:
    assert all_in(states.split(), least) is ended


def test_a_draft_may_have_gaps_and_a_whole_sheet_explains_every_loss() -> None:
    empty = [MarkDraft(None)] * len(RUBRIC.items)
    assert check_marks(RUBRIC, empty, whole=False) == []
    assert len(check_marks(RUBRIC, empty, whole=True)) == len(RUBRIC.items)
    drafts = [MarkDraft(item.marks) for item in RUBRIC.items]
    drafts[0], drafts[1], drafts[2] = MarkDraft(Decimal(4)), MarkDraft(Decimal("2.5"), "缺附件"), MarkDraft(Decimal(-1))
    found = check_marks(RUBRIC, drafts, whole=True)
    assert [(finding.field, finding.sentence()) for finding in found] == [
        ("lines.0.reason", "“立项依据充分性”扣了 1 分，请写明扣分理由。"),
        ("lines.2.marks", "“绩效目标合理性”的得分应在 0 到 3 之间，最多两位小数。"),
    ]


def test_kinds_have_an_organiser_a_workflow_and_the_name_their_rectifications_have() -> None:
    assert set(KINDS) == set(ORGANISERS) == set(SUBJECTS)
    assert {kind: TYPES[kind] for kind in KINDS} == KINDS
    for kind, subject in SUBJECTS.items():
        assert {move.by for move in MOVES[subject].values()} == {frozenset({ORGANISERS[kind]})}

"""Rubrics: the built-in one, what is refused, one expert's marks, mean and spread over experts."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents.rubrics import FOLDER, built_in
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.rubrics import panel, parse_rubric, score_expert, spread_of

RUBRIC = built_in()["project-20-20-30-30"]
DATA = yaml.safe_load((FOLDER / "project.yaml").read_text(encoding="utf-8"))
FULL = {item.code: item.marks for item in RUBRIC.items}


def test_the_built_in_rubric_has_the_four_headings_of_the_text() -> None:
    assert [(g.name, g.marks, g.results) for g in RUBRIC.groups] == [
        ("决策", 20, False),
        ("过程", 20, False),
        ("产出", 30, True),
        ("效益", 30, True),
    ]
    assert (len(RUBRIC.items), RUBRIC.warnings()) == (17, [])


def changed(change: Callable[[dict[str, Any]], Any]) -> list[str]:
    """Return every sentence about the rubric after a change."""
    data = copy.deepcopy(DATA)
    change(data)
    try:
        return [finding.sentence() for finding in parse_rubric(data).warnings()]
    except Invalid as refusal:
        return [finding.sentence() for finding in refusal.findings]


def test_few_marks_for_results_are_a_warning() -> None:
    def shift(data: dict[str, Any]) -> None:
        data["groups"][3]["items"][0]["marks"] = 10
        data["groups"][0]["items"][0]["marks"] = 15

    assert changed(shift) == ["产出和效益合计 50 分，原则上不低于 60 分。"]


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        (lambda d: d["groups"][0]["items"][0].update(marks=6), ["各项分值合计应为 100 分，现在是 101 分。"]),
        (lambda d: d["groups"][1].update(code="decision"), ["代码不能重复：decision。"]),
        (lambda d: d["groups"][1]["items"][0].update(code="basis"), ["代码不能重复：basis。"]),
        (lambda d: d.update(results_at_least="60"), ["“results_at_least”应在 0 到 1 之间。"]),
        (lambda d: d["groups"][0]["items"][0].update(name=" "), ["“groups.0.items.0.name”不能为空。"]),
        (
            lambda d: d["groups"][0]["items"][0].update(marks="五"),
            [
                "“groups.0.items.0.marks”应为大于 0、不超过 100 的数字，最多两位小数。",
                "各项分值合计应为 100 分，现在是 95 分。",
            ],
        ),
        (lambda d: d.update(panel={"least": "0"}), ["“panel.least”应为 1 到 30 的整数。"]),
        (
            lambda d: d.update(panel={"least": "2.5", "differ_above": "1.1"}),
            ["“panel.least”应为 1 到 30 的整数。", "“panel.differ_above”应在 0 到 1 之间。"],
        ),
        *(
            (
                lambda d, rows=rows: d.update(grades=rows),
                ["等级要有名称，下限从高到低排列，最后一级从 0 开始，否则有的得分没有等级。"],
            )
            for rows in (
                [{"name": "优", "low": 90}],
                [{"name": "差", "low": 0}, {"name": "优", "low": 90}],
                [{"name": "", "low": 0}],
                "优",
            )
        ),
        (
            lambda d: d.update(groups="x"),
            [
                "“groups”至少要有一行，每行写明代码、名称和分值。",
                "各项分值合计应为 100 分，现在是 0 分。",
            ],
        ),
    ],
)
def test_what_makes_no_rubric_is_refused(change: Callable[[dict[str, Any]], Any], sentences: list[str]) -> None:
    assert changed(change) == sentences


def test_one_expert_and_what_is_missing() -> None:
    score = score_expert(RUBRIC, FULL)
    assert (score.total, score.by_group["decision"], score.missing) == (100, 20, ())
    part = score_expert(RUBRIC, {"basis": Decimal("4.5")})
    assert (part.total, part.earned, len(part.missing)) == (None, Decimal("4.5"), 16)
    with pytest.raises(Invalid) as refused:
        score_expert(RUBRIC, {"basis": Decimal("5.01"), "goals": Decimal("-1"), "x": Decimal(1)})
    assert [finding.sentence() for finding in refused.value.findings] == [
        "“立项依据充分性”的得分应在 0 到 5 之间，最多两位小数。",
        "“绩效目标合理性”的得分应在 0 到 3 之间，最多两位小数。",
        "评分表里没有代码为“x”的指标。",
    ]


def test_a_panel_takes_the_mean_of_complete_answers() -> None:
    second = {**FULL, "basis": Decimal(2), "effect": Decimal(15)}
    found = panel(RUBRIC, [FULL, second, {"basis": Decimal(0)}])
    assert found.total is not None
    assert (found.incomplete, found.total.count, found.total.mean, found.total.width) == (1, 2, 96, 8)
    assert (found.items["basis"].mean, found.items["basis"].low, found.items["basis"].deviation) == (
        Decimal("3.50"),
        2,
        Decimal("1.50"),
    )
    empty = panel(RUBRIC, [])
    assert (empty.total, empty.items, empty.incomplete) == (None, {}, 0)


@given(st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=1, max_size=9))
def test_a_mean_lies_between_lowest_and_highest(values: list[Decimal]) -> None:
    found = spread_of(values)
    assert found is not None
    assert found.low <= found.mean <= found.high
    assert found.deviation <= found.width
    assert found.width or not found.deviation

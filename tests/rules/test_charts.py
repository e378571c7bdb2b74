"""Charts: geometry with nothing, one value and many; a composition adds up to the score."""

import dataclasses
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents.schemes import by_code
from perfmgr.rules.charts import WIDTH, composition, flow, spread, stacked
from perfmgr.rules.scoring import Row, score_sheet

SCHEME = by_code("10-50-30-10")
TEN = Decimal(10)
COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["优", "良", "中", "差"]), st.sampled_from(["优", "良", "中", "差", None])),
    st.integers(1, 10_000),
)


def test_bars_share_one_scale_and_leave_out_what_is_nothing() -> None:
    assert stacked([]).height == 0
    chart = stacked([("甲", [("earned", TEN), ("lost", TEN)]), ("乙", [("earned", Decimal(0)), ("lost", Decimal(5))])])
    assert [[(s.kind, s.x, s.width) for s in bar.segments] for bar in chart.bars] == [
        [("earned", 0.0, 160.0), ("lost", 160.0, 160.0)],
        [("lost", 0.0, 80.0)],
    ]
    assert stacked([("甲", [("red", Decimal(0))])]).bars[0].segments == ()


def test_a_composition_shows_what_was_earned_lost_open_and_moved() -> None:
    row = Row("ge", Decimal(100), Decimal(80), Decimal(50))
    rows = [
        dataclasses.replace(row),
        dataclasses.replace(row, weight=Decimal(30), actual=None),
        dataclasses.replace(row, weight=TEN, not_applicable=True),
    ]
    score = score_sheet(SCHEME, rows, Decimal(100), Decimal(100))
    parts = composition(
        score, ["output", "benefit", "satisfaction"], [row.weight for row in rows], SCHEME.execution.weight
    )
    assert [(p.code, p.own, p.full, p.earned, p.lost, p.open, p.moved) for p in parts] == [
        (None, TEN, Decimal("11.11"), Decimal("11.11"), 0, 0, Decimal("1.11")),
        ("output", 50, Decimal("55.56"), Decimal("44.45"), Decimal("11.11"), 0, Decimal("5.56")),
        ("benefit", 30, Decimal("33.33"), 0, 0, Decimal("33.33"), Decimal("3.33")),
        ("satisfaction", TEN, 0, 0, 0, 0, -TEN),
    ]
    assert sum(p.full for p in parts) == 100
    assert sum(p.earned for p in parts) == score.earned
    assert sum(p.open for p in parts) == score.open_marks
    assert dict(parts[3].pieces)["moved"] == TEN


def test_an_execution_without_budget_hands_its_marks_on() -> None:
    score = score_sheet(SCHEME, [Row("ge", TEN, TEN, Decimal(90))], Decimal(0), Decimal(0))
    parts = composition(score, ["output"], [Decimal(90)], SCHEME.execution.weight)
    assert [(p.full, p.earned, p.moved) for p in parts] == [(0, 0, -TEN), (100, 100, TEN)]


def test_a_flow_of_nothing_and_of_one() -> None:
    grades = ("优", "良")
    assert flow({}, grades, grades).bands == ()
    chart = flow({("良", "优"): 1}, grades, (*grades, None))
    assert [(s.name, s.count, s.y, s.height) for s in (*chart.left, *chart.right)] == [
        ("良", 1, 4.0, 180.0),
        ("优", 1, 4.0, 180.0),
    ]
    assert [(b.kind, b.count, b.points) for b in chart.bands] == [
        ("up", 1, "96,4.0 224,4.0 224,184.0 96,184.0"),
    ]


@given(COUNTS)
def test_a_flow_shows_every_count_once_and_within_the_drawing(moves: dict[tuple[str | None, str | None], int]) -> None:
    grades = ("优", "良", "中", "差")
    chart = flow(moves, grades, (*grades, None))
    assert sorted(b.count for b in chart.bands) == sorted(moves.values())
    for a, b in moves:
        order = -1 if b is None else grades.index(b) - grades.index(str(a))
        wanted = "out" if b is None else "same" if not order else "down" if order > 0 else "up"
        assert wanted in {band.kind for band in chart.bands}
    for side in (chart.left, chart.right):
        assert sum(stack.count for stack in side) == sum(moves.values())
        assert all(stack.y >= 0 and stack.y + stack.height <= chart.height for stack in side)


def test_a_spread_of_nothing_one_and_many() -> None:
    assert spread([]).rows == ()
    none, one = spread([("甲", []), ("乙", [Decimal(5)])], TEN).rows
    assert (none.dots, none.mean, none.low) == ((), None, None)
    assert (one.mean, one.low_x, one.high_x, one.mean_x) == (5, 160.0, 160.0, 160.0)
    zero = spread([("甲", [Decimal(0)])])
    assert (zero.most, zero.rows[0].dots[0].x) == (0, 6.0)


@given(st.lists(st.decimals(min_value=0, max_value=20, places=1), min_size=1, max_size=30))
def test_dots_stay_in_the_drawing_with_the_mean_between_lowest_and_highest(values: list[Decimal]) -> None:
    row = spread([("甲", values)], Decimal(20)).rows[0]
    assert sorted(dot.value for dot in row.dots) == sorted(values)
    assert all(0 < dot.x < WIDTH for dot in row.dots)
    assert row.low_x <= row.mean_x <= row.high_x

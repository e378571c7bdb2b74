"""Two versions of a section: every difference is found, the side that alone changed is known, nothing is lost."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.conflicts import MINE, THEIRS, Side, Table, of_rows, of_value
from tests.rules.sheets import steady


def side(text: str) -> Side:
    """Return a row whose mark is its text and whose name is what stands before a colon."""
    return Side(text, text, text.split(":")[0] if ":" in text else "")


def aligned(base: Sequence[str] | None, mine: Sequence[str], theirs: Sequence[str]) -> Table:
    """Align two tables given as texts."""
    marks = None if base is None else list(base)
    return of_rows("steps", marks, [side(row) for row in mine], [side(row) for row in theirs])


def seen(table: Table) -> list[tuple[str | None, str | None, str]]:
    """Return the differences as (mine, theirs, usual side)."""
    return [
        (d.mine.mark if d.mine else None, d.theirs.mark if d.theirs else None, d.usual)
        for d in table.differences().values()
    ]


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "usual"),
    [
        ("旧", "新", "旧", MINE),
        ("旧", "旧", "新", THEIRS),
        ("旧", "甲", "乙", ""),
        (None, "甲", "乙", ""),
    ],
)
def test_who_alone_changed_a_value(base: str | None, mine: str, theirs: str, usual: str) -> None:
    found = of_value("plan", base, side(mine), side(theirs))
    assert found is not None
    assert (found.key, found.usual) == ("plan", usual)


def test_equal_values_are_no_difference() -> None:
    assert of_value("plan", "旧", side("新"), side("新")) is None


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [
        # Only I changed a row; only they did; both did.
        (["a", "b"], ["a", "b2"], ["a", "b"], [("b2", "b", MINE)]),
        (["a", "b"], ["a", "b"], ["a", "b2"], [("b", "b2", THEIRS)]),
        (["a", "b"], ["a", "b1"], ["a", "b2"], [("b1", "b2", "")]),
        # A row was added or deleted by one side.
        (["a"], ["a", "new"], ["a"], [("new", None, MINE)]),
        (["a"], ["a"], ["a", "new"], [(None, "new", THEIRS)]),
        (["a", "b"], ["a", "b"], ["a"], [("b", None, THEIRS)]),
        (["a", "b"], ["a"], ["a", "b"], [(None, "b", MINE)]),
        # Rows of the same name belong together, wherever they stand.
        (["x:1", "y:1"], ["y:2", "x:1"], ["x:1", "y:3"], [("y:2", "y:3", "")]),
        # Nobody knows what both started from.
        (None, ["a", "b1"], ["a", "b2"], [("b1", "b2", "")]),
        (None, ["a"], ["a", "b"], [(None, "b", "")]),
        # The same rows in another order are no difference.
        (["a", "b"], ["b", "a"], ["a", "b"], []),
    ],
)
def test_what_differs_in_a_table(
    base: list[str] | None, mine: list[str], theirs: list[str], expected: list[tuple[str | None, str | None, str]]
) -> None:
    assert seen(aligned(base, mine, theirs)) == expected


def test_the_order_is_that_of_whoever_moved_rows() -> None:
    assert aligned(["a", "b", "c"], ["c", "a", "b"], ["a", "b", "c"]).merged({}) == ["c", "a", "b"]
    assert aligned(["a", "b", "c"], ["a", "b", "c"], ["c", "a", "b"]).merged({}) == ["c", "a", "b"]


def test_what_only_they_have_stands_where_it_stood_with_them() -> None:
    table = aligned(["a", "b"], ["a", "b", "mine"], ["first", "a", "between", "b"])
    chosen = {n: d.usual for n, d in table.differences().items()}
    assert table.merged(chosen) == ["first", "a", "between", "b", "mine"]


ROWS = st.lists(st.sampled_from(["a", "b", "c", "x:1", "x:2", "y:1", "y:2"]), max_size=8)


@steady
@given(st.one_of(st.none(), ROWS), ROWS, ROWS)
def test_each_side_can_be_chosen_whole_and_no_row_is_lost(
    base: list[str] | None, mine: list[str], theirs: list[str]
) -> None:
    table = aligned(base, mine, theirs)
    for chosen, rows in ((MINE, mine), (THEIRS, theirs)):
        kept = table.merged(dict.fromkeys(table.differences(), chosen))
        assert Counter(kept) == Counter(rows)
    shown = Counter(s.mark for pair in table.pairs for s in pair if s is not None)
    assert shown == Counter(mine) + Counter(theirs)

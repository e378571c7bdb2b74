"""The timetable of a year: relative days, last days that move off holidays, and mistakes in the file."""

import datetime as dt
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents import years as file
from perfmgr.rules.cycles import WINDOWS, Span, check_windows
from perfmgr.rules.workdays import Workdays
from perfmgr.rules.years import USUAL, RelativeDay, RelativeWindow, TemplateError, read_template, usual_windows


def test_the_file_holds_the_usual_timetable() -> None:
    shipped = file.timetable()
    assert {kind: (row.opens, row.closes) for kind, row in shipped.items()} == {
        kind: (row.opens, row.closes) for kind, row in USUAL.items()
    }
    assert [kind for kind, row in shipped.items() if not row.moves] == ["declaration"]


@given(st.integers(2001, 2099))
def test_every_year_gets_every_window_in_order(year: int) -> None:
    windows = usual_windows(year, file.timetable(), Workdays())
    assert (list(windows), check_windows(windows)) == (list(WINDOWS), [])
    moved = [span.closes_on for kind, span in windows.items() if kind != "declaration"]
    assert [day for day in moved if day.weekday() > 4] == []


def test_a_last_day_off_work_moves_and_29_february_is_met_halfway() -> None:
    leap = RelativeWindow(RelativeDay(0, 2, 29), RelativeDay(1, 10, 1), moves=True)
    off = frozenset({dt.date(2029, 10, 1), dt.date(2029, 10, 2)})
    known = Workdays(off, years=frozenset({2029}))
    assert usual_windows(2028, {"review": leap}, known)["review"] == Span(dt.date(2028, 2, 29), dt.date(2029, 10, 3))
    assert usual_windows(2027, {"review": leap})["review"] == Span(dt.date(2027, 2, 28), dt.date(2028, 10, 1))


def test_a_window_can_be_left_out_and_others_stay_as_usual() -> None:
    template = read_template(
        {"windows": {"disclosure": None, "monitoring": {"opens": [0, 4, 1], "closes": [0, 4, 30]}}}
    )
    windows = usual_windows(2026, template)
    assert "disclosure" not in windows
    assert windows["monitoring"] == Span(dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert windows["declaration"] == usual_windows(2026)["declaration"]


@pytest.mark.parametrize(
    ("windows", "told"),
    [
        (None, "缺少 windows"),
        ({"lunch": None}, "windows 里没有“lunch”这一项"),
        ({"review": 3}, "review：应写 opens 和 closes"),
        ({"review": {"opens": [2, 1, 1], "closes": [1, 1, 1]}}, "review.opens：应写成"),
        ({"review": {"opens": [0, 13, 1], "closes": [1, 1, 1]}}, "review.opens：应写成"),
        ({"review": {"opens": [0, 2, 30], "closes": [1, 1, 1]}}, "review.opens：2 月没有 30 日"),
        ({"review": {"opens": [0, True, 1], "closes": [1, 1, 1]}}, "review.opens：应写成"),
        ({"review": {"opens": [1, 2, 1], "closes": [1, 1, 1]}}, "review：截止早于开始"),
        ({"review": {"opens": [0, 1, 1], "closes": [1, 1, 1], "moves": 1}}, "review.moves：应为"),
    ],
)
def test_a_timetable_that_cannot_be_used_is_named(windows: Any, told: str) -> None:
    with pytest.raises(TemplateError, match=told):
        read_template({"windows": windows})


def test_the_file_named_in_the_message(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tmp_path / "year.yaml"
    wrong.write_text(yaml.safe_dump({"windows": {"review": 1}}), encoding="utf-8")
    monkeypatch.setattr(file, "FILE", wrong)
    file.timetable.cache_clear()
    with pytest.raises(TemplateError, match=r"^year\.yaml：review"):
        file.timetable()
    file.timetable.cache_clear()

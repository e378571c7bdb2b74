"""The year at a glance: bars lie where their days lie, inside the year."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.cycles import Span
from perfmgr.rules.strips import LEFT, WIDTH, strip

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))


@given(st.lists(st.tuples(DAYS, DAYS).map(sorted), max_size=6), st.integers(2024, 2030), DAYS)
def test_bars_stay_inside_and_are_there_for_every_span_that_touches_the_year(
    days: list[list[dt.date]], year: int, today: dt.date
) -> None:
    spans = [Span(*pair) for pair in days]
    drawn = strip(year, spans, today)
    touching = [n for n, span in enumerate(spans) if span.opens_on.year <= year <= span.closes_on.year]
    assert [bar.index for bar in drawn.bars] == touching
    for bar in drawn.bars:
        assert LEFT <= bar.x < bar.x + bar.width <= WIDTH + 0.1
        assert (bar.before, bar.after) == (
            spans[bar.index].opens_on.year < year,
            spans[bar.index].closes_on.year > year,
        )
    assert (drawn.today is None) == (today.year != year)


def test_a_whole_year_and_a_leap_day() -> None:
    year = strip(2028, [Span(dt.date(2028, 1, 1), dt.date(2028, 12, 31))], dt.date(2028, 2, 29))
    assert (year.bars[0].x, year.bars[0].width, year.months[0]) == (LEFT, WIDTH - LEFT, LEFT)
    assert year.today == round(LEFT + (WIDTH - LEFT) * 59 / 366, 1)

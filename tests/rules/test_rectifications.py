"""Deadlines of rectifications."""

import datetime as dt

from perfmgr.rules.rectifications import due_after, overdue

DAY = dt.date(2026, 5, 31)


def test_a_rectification_is_overdue_after_its_last_day_until_it_is_finished():
    after = DAY + dt.timedelta(days=1)
    found = [overdue(DAY, state, day) for state in ("open", "answered", "returned", "accepted") for day in (DAY, after)]
    assert found == [False, True, False, True, False, True, False, False]


def test_a_deadline_counts_days():
    assert due_after(dt.date(2026, 2, 1), 60) == dt.date(2026, 4, 2)

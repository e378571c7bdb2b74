"""Reminder rules: reading them, and when they remind of a duty."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents.reminder_rules import built_in
from perfmgr.rules.reminder_settings import SUPERIORS, read
from perfmgr.rules.reminder_times import BEIJING, due_day, is_late, is_quiet, occurrences
from perfmgr.rules.reminders import DUTIES, Settings
from perfmgr.rules.workdays import Workdays

# Spring festival 2026 as an example of days off and a worked Saturday.
TABLE = Workdays(
    off=frozenset(dt.date(2026, 2, day) for day in range(16, 24)),
    worked=frozenset({dt.date(2026, 2, 14), dt.date(2026, 2, 28)}),
    years=frozenset({2026}),
)
DAY = dt.date.fromisoformat


def times(settings: Settings, since: str, due_on: str | None) -> list[tuple[str, str, bool]]:
    """Return key, wall clock and lateness of every occurrence."""
    found = occurrences(settings, DAY(since), DAY(due_on) if due_on else None, TABLE)
    return [(o.key, f"{o.at:%Y-%m-%d %H:%M}", o.late) for o in found]


def test_before_on_and_after_the_last_day() -> None:
    settings = Settings(at_start=True, before=(7, 1), on_day=True, after=(2,), weekdays=(1, 5), until=9, grace=1)
    assert times(settings, "2026-05-01", "2026-05-31") == [
        ("start", "2026-05-01 09:00", False),
        ("before-7", "2026-05-24 09:00", False),
        ("before-1", "2026-05-30 09:00", False),
        ("due", "2026-05-31 09:00", False),
        ("after-1", "2026-06-01 09:00", False),  # a Monday within the grace
        ("after-2", "2026-06-02 09:00", True),
        ("after-5", "2026-06-05 09:00", True),
        ("after-8", "2026-06-08 09:00", True),
    ]


def test_nothing_lies_before_the_duty_began() -> None:
    assert times(Settings(before=(30, 7, 1)), "2026-05-20", "2026-05-31") == [
        ("before-7", "2026-05-24 09:00", False),
        ("before-1", "2026-05-30 09:00", False),
    ]


def test_working_days_pass_over_holidays_and_count_moved_days() -> None:
    # Handed in on Thursday 12 February: 13 (Fri), 14 (worked Saturday), then the festival until the 23rd, 24, 25, 26.
    settings = Settings(wait=5, before=(2,), before_workdays=True, on_day=True, only_workdays=True)
    assert times(settings, "2026-02-12", "2026-12-31") == [
        ("before-2", "2026-02-24 09:00", False),
        ("due", "2026-02-26 09:00", False),
    ]


def test_holidays_and_quiet_hours_move_to_the_next_opening_and_meet_there_once() -> None:
    settings = Settings(before=(9, 8, 5), on_day=True, hour=dt.time(21), only_workdays=True)
    assert times(settings, "2026-02-01", "2026-02-24") == [
        ("before-5", "2026-02-24 08:00", False),  # 15, 16 and 19 February all wait for the 24th
        ("due", "2026-02-25 08:00", True),
    ]


def test_the_superior_is_told_after_working_days_again_and_not_for_ever() -> None:
    settings = Settings(escalate_after=2, escalate_every=3, escalate_times=3, escalate_to="administrator")
    found = occurrences(settings, DAY("2026-03-01"), DAY("2026-03-06"), TABLE)
    assert [(o.key, o.at.date().isoformat(), o.late, o.escalated_to) for o in found] == [
        ("escalate-1", "2026-03-10", True, "administrator"),
        ("escalate-2", "2026-03-13", True, "administrator"),
        ("escalate-3", "2026-03-18", True, "administrator"),
    ]
    assert (
        len(occurrences(Settings(escalate_after=2, escalate_times=3), DAY("2026-03-01"), DAY("2026-03-06"), TABLE)) == 1
    )


def test_a_duty_without_last_day_is_reminded_of_only_when_it_begins() -> None:
    settings = Settings(at_start=True, before=(3,), on_day=True, escalate_after=2)
    assert times(settings, "2026-03-01", None) == [("start", "2026-03-01 09:00", False)]
    assert due_day(settings, DAY("2026-03-01"), None, TABLE) is None


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        ("2026-12-31", ["2026-12-30", "2026-12-31", "2027-01-01"]),
        ("2028-02-29", ["2028-02-28", "2028-02-29", "2028-03-01"]),
        ("2028-03-01", ["2028-02-29", "2028-03-01", "2028-03-02"]),
        ("2027-03-01", ["2027-02-28", "2027-03-01", "2027-03-02"]),
    ],
)
def test_the_turn_of_the_year_and_leap_days(due_on: str, expected: list[str]) -> None:
    found = occurrences(Settings(before=(1,), on_day=True, after=(1,)), DAY("2020-01-01"), DAY(due_on), TABLE)
    assert [(o.at.date().isoformat(), o.late) for o in found] == list(zip(expected, (False, False, True), strict=True))


def test_without_a_table_of_holidays_it_still_reminds_and_says_that_it_guessed() -> None:
    settings = Settings(wait=2, on_day=True)
    known = occurrences(settings, DAY("2026-12-28"), None, TABLE)
    guessed = occurrences(settings, DAY("2026-12-30"), None, TABLE)
    assert [(o.at.date().isoformat(), o.certain) for o in known + guessed] == [
        ("2026-12-30", True),
        ("2027-01-01", False),
    ]
    assert occurrences(Settings(on_day=True), DAY("2027-01-01"), DAY("2027-02-01"), TABLE)[0].certain


def test_the_limits_are_included() -> None:
    settings = Settings(before=(3, 2, 1))
    first, last = (dt.datetime(2026, 5, day, 9, tzinfo=BEIJING) for day in (29, 30))
    found = occurrences(settings, DAY("2026-05-01"), DAY("2026-05-31"), TABLE, first, last)
    assert [o.key for o in found] == ["before-2", "before-1"]


def test_another_last_day_makes_another_occurrence_but_the_beginning_stays() -> None:
    settings = Settings(at_start=True, before=(1,))
    names = [
        [o.name for o in occurrences(settings, DAY("2026-05-01"), DAY(due_on), TABLE)]
        for due_on in ("2026-05-31", "2026-06-30")
    ]
    assert names == [["start@2026-05-01", "before-1@2026-05-31"], ["start@2026-05-01", "before-1@2026-06-30"]]


@pytest.mark.parametrize(
    ("instant", "quiet"),
    [
        ("2026-03-02T07:59:59+08:00", True),
        ("2026-03-02T08:00:00+08:00", False),
        ("2026-03-02T11:59:00+00:00", False),  # 19:59 in Beijing
        ("2026-03-02T12:00:00+00:00", True),
        ("2026-02-28T10:00:00+08:00", False),  # a worked Saturday
        ("2026-03-01T10:00:00+08:00", True),  # a Sunday
    ],
)
def test_quiet_hours_are_beijings(instant: str, quiet: bool) -> None:
    assert is_quiet(Settings(only_workdays=True), dt.datetime.fromisoformat(instant), TABLE) is quiet


def test_late_begins_after_the_grace() -> None:
    days = [DAY(f"2026-06-0{n}") for n in (1, 2, 3)]
    assert [is_late(Settings(grace=1), DAY("2026-06-01"), day) for day in days] == [False, False, True]


# --- reading ----------------------------------------------------------------------------------


def test_the_built_in_rules_are_sound_and_there_is_one_for_every_duty() -> None:
    rules = built_in()
    assert {code: read(duty, data)[1] for code, duty, data in rules} == {code: [] for code, _duty, _data in rules}
    assert {duty for _code, duty, _data in rules} == set(DUTIES)
    assert all(data["name"] and data["name_en"] for _code, _duty, data in rules)


def test_what_is_left_out_is_as_usual_and_null_quiet_hours_mean_none() -> None:
    settings, findings = read("evaluating", {"before": [1, 7, 1], "hour": "08:30", "quiet_from": None, "quiet_to": ""})
    assert findings == []
    assert settings == Settings(before=(7, 1), hour=dt.time(8, 30), quiet_from=None, quiet_to=None)


@pytest.mark.parametrize(
    ("duty", "data", "field"),
    [
        ("evaluating", {"before": [0]}, "before"),
        ("evaluating", {"before": "7"}, "before"),
        ("evaluating", {"before": [True]}, "before"),
        ("evaluating", {"after": list(range(1, 20))}, "after"),
        ("evaluating", {"weekdays": [8]}, "weekdays"),
        ("evaluating", {"on_day": "yes"}, "on_day"),
        ("evaluating", {"on_day": True, "hour": "9:00"}, "hour"),
        ("evaluating", {"on_day": True, "hour": 900}, "hour"),
        ("evaluating", {"on_day": True, "until": 10**9}, "until"),
        ("evaluating", {"on_day": True, "quiet_from": None}, "quiet_from"),
        ("evaluating", {"on_day": True, "quiet_to": "20:00"}, "quiet_to"),
        ("evaluating", {"escalate_after": 3}, "escalate_to"),
        ("evaluating", {"escalate_after": 3, "escalate_to": "filler"}, "escalate_to"),
        ("evaluating", {}, "before"),
        ("evaluating", {"on_day": True, "colour": "red"}, "colour"),
        ("reviewing", {"on_day": True}, "wait"),
        ("sleeping", {"on_day": True}, "duty"),
    ],
)
def test_what_cannot_be_meant_is_named_at_its_field(duty: str, data: dict[str, object], field: str) -> None:
    assert [finding.field for finding in read(duty, data)[1]] == [field]
    assert read(duty, data)[1][0].sentence()


# --- whatever the settings --------------------------------------------------------------------

SETTINGS = st.builds(
    Settings,
    at_start=st.booleans(),
    before=st.lists(st.integers(1, 60), max_size=5, unique=True).map(tuple),
    before_workdays=st.booleans(),
    on_day=st.booleans(),
    after=st.lists(st.integers(1, 60), max_size=5, unique=True).map(tuple),
    weekdays=st.lists(st.integers(1, 7), max_size=7, unique=True).map(tuple),
    until=st.integers(1, 40),
    wait=st.integers(0, 20),
    hour=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    quiet_from=st.just(dt.time(20)) | st.just(dt.time(1)),
    quiet_to=st.just(dt.time(8)) | st.just(dt.time(5)),
    only_workdays=st.booleans(),
    grace=st.integers(0, 5),
    escalate_after=st.integers(0, 10),
    escalate_every=st.integers(0, 10),
    escalate_times=st.integers(1, 4),
    escalate_to=st.sampled_from(SUPERIORS),
)
DAYS = st.dates(dt.date(2025, 12, 1), dt.date(2026, 12, 31))


@given(SETTINGS, DAYS, DAYS | st.none())
def test_whatever_the_rule_its_occurrences_are_in_order_unique_and_in_bounds(
    settings: Settings, since: dt.date, due_on: dt.date | None
) -> None:
    found = occurrences(settings, since, due_on, TABLE)
    assert [o.at for o in found] == sorted(o.at for o in found)
    assert len({o.name for o in found}) == len(found)
    assert len({(o.at, bool(o.escalated_to)) for o in found}) == len(found)
    assert all(o.at.date() >= since and len(o.name) <= 40 for o in found)
    assert not any(is_quiet(settings, o.at, TABLE) for o in found)
    due = due_day(settings, since, due_on, TABLE)
    if due is None:
        assert {o.key for o in found} <= {"start"}
        return
    days = max(settings.until, 60) + 15  # the last one, moved over a night and a festival
    assert all(o.at.date() <= max(since, due.day) + dt.timedelta(days) for o in found)
    assert all(o.late == is_late(settings, due.day, o.at.date()) for o in found)


@given(SETTINGS, DAYS, DAYS, st.integers(0, 450 * 24))
def test_any_window_of_time_shows_just_its_part(
    settings: Settings, since: dt.date, due_on: dt.date, hours: int
) -> None:
    at = dt.datetime(2025, 12, 1, tzinfo=BEIJING) + dt.timedelta(hours=hours)
    whole = occurrences(settings, since, due_on, TABLE)
    past = occurrences(settings, since, due_on, TABLE, last=at)
    rest = occurrences(settings, since, due_on, TABLE, first=at + dt.timedelta(microseconds=1))
    assert past + rest == whole

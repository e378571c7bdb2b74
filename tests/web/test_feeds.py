"""The calendar as a subscription: opened by its secret alone, read back by another library, silent about everything else."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
import vobject
from flask import Flask

from perfmgr.actions import feeds as actions
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.feed import CalendarFeed
from perfmgr.models.person import Person
from perfmgr.web.views import feeds as views
from tests import cast as make
from tests.browser import Visitor
from tests.cast import ADMIN, FILLER, FILLER_2, REVIEWER, Cast

Visit = Callable[[str | None], Visitor]
TODAY = "2026-03-02 09:00+08:00"


def subscribe(visitor: Visitor) -> str:
    """Make a subscription on the page and return the path of its address."""
    page = visitor.post("/calendar/subscription").get_data(as_text=True)
    found = re.search(r'<code id="feed-address">(.*?)</code>', page)
    assert found, page[:500]
    return urlsplit(found[1]).path


@pytest.fixture
def evaluated(app: Flask, cast: Cast) -> int:
    """The id of a self-evaluation that waits for the filler."""
    with app.app_context(), time_machine.travel(TODAY, tick=False):
        make.budgeted(cast)
        return make.opened(cast)["社区服务经费"]


def events(data: bytes) -> dict[str, Any]:
    """Return the events of a calendar file by UID, as vobject (which perfmgr does not use) reads them."""
    calendar = vobject.readOne(data.decode())
    found = {event.uid.value: event for event in calendar.contents.get("vevent", [])}
    assert len(found) == len(calendar.contents.get("vevent", []))
    return found


def test_windows_and_duties_are_read_back_as_whole_days_and_beijing_time(
    app: Flask, cast: Cast, visit: Visit, evaluated: int
) -> None:
    with time_machine.travel(TODAY, tick=False):
        address = subscribe(visit(FILLER))
        answer = Visitor(app).get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    data = answer.get_data()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    found = events(data)
    duty = found[f"evaluation-{evaluated}-2025@localhost"]
    # ALWAYS ends on 31 December 2099; the end of whole days is the day after.
    assert (duty.dtstart.value, duty.dtend.value) == (dt.date(2099, 12, 31), dt.date(2100, 1, 1))
    assert duty.summary.value == "截止：社区服务经费"
    assert duty.url.value == f"http://localhost/evaluations/{evaluated}"
    window = found[f"window-{cast.cycle}-review-0@localhost"]
    assert (window.dtstart.value, window.dtend.value) == (dt.date(2001, 1, 1), dt.date(2100, 1, 1))
    deadline = found[f"deadline-window-{cast.cycle}-review-0@localhost"]
    assert b"DTSTART;TZID=Asia/Shanghai:20991231T230000" in data
    start, end = deadline.dtstart.value, deadline.dtend.value
    assert (start.utcoffset(), end - start) == (dt.timedelta(hours=8), dt.timedelta(hours=1))
    assert start.astimezone(dt.UTC) == dt.datetime(2099, 12, 31, 15, tzinfo=dt.UTC)
    assert end.astimezone(ZoneInfo("America/New_York")).isoformat() == "2099-12-31T11:00:00-05:00"
    assert {event.name for event in vobject.readOne(data.decode()).components()} == {"VEVENT", "VTIMEZONE"}
    assert b"VALARM" not in data


def test_finished_duties_go_and_changed_windows_count_up(app: Flask, cast: Cast, visit: Visit, evaluated: int) -> None:
    with time_machine.travel(TODAY, tick=False):
        address, reader = subscribe(visit(FILLER)), Visitor(app)
        first = reader.get(address)
        tag = first.headers["ETag"]
        again = reader.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", tag)
        assert first.headers["Cache-Control"] == "private, no-cache"
        with app.app_context():
            cycle = db.session.get_one(Cycle, cast.cycle)
            schemes = (cycle.project_scheme_id, cycle.department_scheme_id)
            moved = {**make.ALWAYS, "self_evaluation": make.Span(dt.date(2026, 1, 1), dt.date(2026, 5, 29))}
            make.cycles.update(cycle, *schemes, moved, cast.viewer(ADMIN))
        second = reader.get(address, headers={"If-None-Match": tag})
    assert second.status_code == 200
    uid, window = f"evaluation-{evaluated}-2025@localhost", f"window-{cast.cycle}-self_evaluation-0@localhost"
    before, after = events(first.get_data()), events(second.get_data())
    assert before.keys() == after.keys()
    for name in (uid, window):
        assert int(after[name].sequence.value) > int(before[name].sequence.value)
        assert after[name].dtend.value == dt.date(2026, 5, 30)
    with app.app_context():
        db.session.get_one(make.Evaluation, evaluated).state = "submitted"
        db.session.commit()
    done = events(Visitor(app).get(address).get_data())
    assert uid not in done
    assert window in done


def test_the_secret_is_shown_once_renewed_and_taken_back(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor, reader = visit(REVIEWER), Visitor(app)
    first = subscribe(visitor)
    secret = first.split("/")[-1].removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in visitor.get("/calendar/subscription").get_data(as_text=True)
    with app.app_context():
        stored = db.session.query(CalendarFeed).one()
        assert secret not in " ".join(str(value) for value in vars(stored).values())
    second = subscribe(visitor)
    assert [reader.get(path).status_code for path in (first, second)] == [404, 200]
    visitor.post("/calendar/subscription/removal")
    assert reader.get(second).status_code == 404


def test_whoever_may_not_sign_in_gets_the_answer_of_a_wrong_secret(app: Flask, cast: Cast, visit: Visit) -> None:
    address, reader = subscribe(visit(FILLER_2)), Visitor(app)
    wrong = reader.get("/calendar/feed/wrong.ics")
    with app.app_context():
        person = db.session.get_one(Person, cast.people[FILLER_2])
        person.active = False
        db.session.commit()
    answer = reader.get(address)
    body = answer.get_data(as_text=True).replace(address, "ADDRESS")
    assert body == wrong.get_data(as_text=True).replace("/calendar/feed/wrong.ics", "ADDRESS")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (wrong.status_code, "no-store") == (404, "no-store")


@pytest.mark.parametrize("secret", ["x", "%FF%FE", "%00", "é", "a" * 3000, "..%2F..%2Fetc"])
def test_an_odd_secret_is_a_wrong_one(app: Flask, cast: Cast, secret: str) -> None:
    assert Visitor(app).get(f"/calendar/feed/{secret}.ics").status_code == 404


def test_whose_browser_it_is_does_not_matter(app: Flask, cast: Cast, visit: Visit) -> None:
    address = subscribe(visit(FILLER))
    with app.app_context():
        db.session.get_one(Person, cast.people[REVIEWER]).must_change_password = True
        db.session.commit()
    answers = [visitor.get(address).get_data() for visitor in (Visitor(app), visit(ADMIN), visit(REVIEWER))]
    assert answers[0] == answers[1] == answers[2]


def test_the_secret_is_never_logged(
    another_app: Callable[..., Flask], cast: Cast, visit: Visit, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = subscribe(visit(FILLER))
    secret = address.split("/")[-1].removesuffix(".ics")

    def fails(*_rest: Any) -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr(views, "ical", fails)
    other = another_app(TESTING=False)
    answer = Visitor(other).get(address)
    logged = "".join(capsys.readouterr())
    assert (answer.status_code, "/calendar/feed/<secret>.ics" in logged, secret in logged) == (500, True, False)


def test_it_speaks_the_language_it_was_made_in(app: Flask, cast: Cast) -> None:
    with app.app_context():
        chinese = actions.renew(cast.viewer(FILLER), "zh")
        english = actions.renew(cast.viewer(FILLER_2), "en")
    reader = Visitor(app)
    reader.post("/language", {"language": "en", "next": "/"})
    names = [reader.get(f"/calendar/feed/{secret}.ics").get_data(as_text=True) for secret in (chinese, english)]
    assert "2025 年度 目标申报" in names[0]
    assert "目标申报" not in names[1]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_the_zone_of_the_process_changes_no_day(
    app: Flask, cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    import time

    address = subscribe(visit(FILLER))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        # 00:30 on 1 January in Beijing is still 31 December elsewhere.
        with time_machine.travel(dt.datetime(2026, 12, 31, 16, 30, tzinfo=dt.UTC), tick=False):
            page = visit(FILLER).get("/calendar").get_data(as_text=True)
            data = Visitor(app).get(address).get_data()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert '<time datetime="2027-01-01" aria-current="date">' in page
    assert b"DTSTART;VALUE=DATE:20010101" in data
    assert b"DTEND;VALUE=DATE:21000101" in data

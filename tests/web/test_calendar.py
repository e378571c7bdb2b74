"""The calendar, the work-day tables and what is to be declared once more, as pages."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import cycles, workdays
from perfmgr.extensions import db
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries import workdays as days
from perfmgr.rules.cycles import Span
from perfmgr.rules.holidays import OFF, Special
from perfmgr.rules.refusals import Conflict, NotAllowed
from perfmgr.rules.years import usual_windows
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast
from tests.rules.test_holidays import NOTICE

Visit = Callable[[str | None], Visitor]
TODAY = "2026-10-08 09:00+08:00"
NOTICE_2027 = """一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月13日（周六）上班。"""


@pytest.fixture
def usual(app: Flask, cast: Cast) -> None:
    """The cast's year with the usual windows."""
    with app.app_context():
        cycle = db.session.get_one(Cycle, cast.cycle)
        schemes = (cycle.project_scheme_id, cycle.department_scheme_id)
        cycles.update(cycle, *schemes, usual_windows(YEAR), cast.viewer(ADMIN))


def next_year(cast: Cast, year: int, window: Span) -> None:
    """Open a year with this window for declarations. Needs an application context."""
    ids = {row.code: row.id for row in db.session.execute(select(SchemeVersion.code, SchemeVersion.id))}
    area = db.session.get_one(Unit, cast.area)
    windows = {**usual_windows(year), "declaration": window}
    cycles.create(area, year, ids["10-50-30-10"], ids["department-six"], windows, cast.viewer(ADMIN))


@pytest.mark.parametrize("username", [FILLER, REVIEWER, FINANCE, ADMIN, OUTSIDER])
def test_everybody_sees_windows_holidays_and_moved_days_in_words(
    app: Flask, visit: Visit, usual: None, username: str
) -> None:
    with time_machine.travel(TODAY, tick=False):
        visitor = visit(username)
        month, listed = visitor.get("/calendar"), text(visitor.get("/calendar?month=2026-10&view=list"))
        sep = text(visitor.get("/calendar?month=2026-09&view=list"))
    body = month.get_data(as_text=True)
    assert '<time datetime="2026-10-08" aria-current="date">8</time>' in body
    assert [text(month).count(word) for word in ("2026年10月", "国庆节")] >= [1, 2]
    assert body.count("day-kind-off") == 7 + 1  # 1 to 7 October, and the legend
    assert 'rel="prev"' in body
    assert "放假 国庆节 至 2026年10月7日" in listed
    assert "上班 国庆节调休" in listed
    assert "截止 2025 年度 复核评审" in sep
    assert "上班 国庆节调休" in sep  # 20 September


def test_a_month_without_anything_says_so_and_an_odd_one_is_not_found(visit: Visit, usual: None) -> None:
    visitor = visit(FILLER)
    assert "这个月没有安排" in text(visitor.get("/calendar?month=2023-03&view=list"))
    assert "没有开始或截止的时间安排" in text(visitor.get("/calendar?month=2023-03"))
    answers = [
        visitor.get(f"/calendar?month={month}").status_code for month in ("2000-01", "2100-12", "2026-13", "1999-12")
    ]
    assert answers == [200, 200, 404, 404]
    assert 'rel="prev"' not in visitor.get("/calendar?month=2000-01").get_data(as_text=True)


def test_duties_stand_on_their_day_and_many_are_counted(
    app: Flask, cast: Cast, visit: Visit, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def statements() -> int:
        visitor.get("/calendar?month=2099-12")
        with count_queries() as counted:
            visitor.get("/calendar?month=2099-12")
        return len(counted)

    with app.app_context():
        make.declare(cast, "第一个项目", complete=False)
    visitor = visit(FILLER)
    assert "待办 绩效目标 · 填写并送审" in text(visitor.get("/calendar?month=2099-12"))
    one = statements()
    with app.app_context():
        for n in range(4):
            make.declare(cast, f"又一个项目 {n}", complete=False)
    page = text(visitor.get("/calendar?month=2099-12"))
    assert "待办 绩效目标 · 填写并送审 5 项" in page
    listed = text(visitor.get("/calendar?month=2099-12&view=list"))
    assert listed.count("又一个项目") == 4
    assert "第一个项目" not in text(visit(OUTSIDER).get("/calendar?month=2099-12&view=list"))
    assert statements() == one <= 14


def test_a_missing_table_is_told_wherever_it_matters_until_it_is_entered(app: Flask, visit: Visit, cast: Cast) -> None:
    told = "2027 年还没有放假安排"
    with time_machine.travel("2026-11-24 09:00+08:00", tick=False):
        admin, filler = visit(ADMIN), visit(FILLER)
        pages = {
            path: text(admin.get(path)) for path in ("/", "/workdays", "/workdays/2027", "/calendar?month=2027-01")
        }
        assert [told in pages[path] for path in ("/", "/workdays", "/workdays/2027")] == [True] * 3
        assert "2027 年的放假安排尚未录入" in pages["/calendar?month=2027-01"]
        assert "放假安排尚未录入" in text(admin.get("/cycles/new"))
        assert "放假安排尚未录入" not in text(filler.get("/calendar?month=2026-11"))
        assert told not in text(filler.get("/"))
        wrong = admin.post("/workdays/2027", {"days": NOTICE_2027.replace("周五", "周一"), "version": "0"})
        assert (wrong.status_code, len(problems(wrong))) == (422, 2)
        assert "春节：2月5日（周一）" in text(wrong)
        saved = admin.post("/workdays/2027", {"days": NOTICE_2027, "source": "试验〔2026〕1号", "version": "0"})
        assert saved.status_code == 303
        assert told not in text(admin.get("/"))
        shown = text(filler.get("/calendar?month=2027-02&view=list"))
        assert "放假 春节 至 2027年2月11日" in shown
        # Somebody with an older page does not overwrite it.
        stale = admin.post("/workdays/2027", {"days": "2027-01-01 休 元旦", "version": "0"})
        assert (stale.status_code, "刚由他人录入" in text(stale)) == (409, True)
        kept = admin.post("/workdays/2027/removal", {"version": "0"})
        assert (kept.status_code, "刚由他人录入" in text(kept)) == (409, True)
        assert told not in text(admin.get("/"))
        admin.post("/workdays/2027/removal", {"version": "1"})
        assert told in text(admin.get("/"))
        gone = admin.post("/workdays/2027", {"days": "2027-01-01 休 元旦", "version": "1"})
        assert (gone.status_code, "2027-01-01 休 元旦" in text(gone)) == (409, True)
        page = text(admin.get("/workdays/2027"))
        assert [page.count(step) for step in ("录入放假安排", "何管理 ·", "试验〔2026〕1号，共")] == [1, 2, 2]
        assert [admin.get(f"/workdays/{year}").status_code for year in (1999, 2101, 2100)] == [404, 404, 200]


def test_only_an_administrator_over_everything_changes_the_table(app: Flask, visit: Visit, cast: Cast) -> None:
    with app.app_context():
        db.session.add(Appointment(person_id=cast.people[REVIEWER], unit_id=cast.department, role="administrator"))
        db.session.commit()
        with pytest.raises(NotAllowed, match="最上级"):
            workdays.save(2027, [], "", cast.viewer(REVIEWER), 0)
        with pytest.raises(NotAllowed, match="最上级"):
            workdays.remove(2027, cast.viewer(REVIEWER))
    with time_machine.travel("2026-11-24 09:00+08:00", tick=False):
        below, above = visit(REVIEWER), visit(ADMIN)
        refused = below.post("/workdays/2027", {"days": NOTICE_2027, "version": "0"})
        assert (refused.status_code, below.post("/workdays/2027/removal", {"version": "0"}).status_code) == (403, 403)
        above.post("/workdays/2027", {"days": NOTICE_2027, "version": "0"})
        page = below.get("/workdays/2027")
        assert ("由最上级的系统管理员维护" in text(page), "元旦" in text(page)) == (True, True)
        assert "<textarea" not in page.get_data(as_text=True)
        assert "/removal" not in page.get_data(as_text=True)


def test_where_nobody_administers_what_is_above_the_highest_administrator_changes_the_table(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    with app.app_context():
        db.session.get_one(Person, cast.people[ADMIN]).active = False
        db.session.add(Appointment(person_id=cast.people[REVIEWER], unit_id=cast.department, role="administrator"))
        db.session.add(Appointment(person_id=cast.people[FILLER], unit_id=cast.unit, role="administrator"))
        db.session.commit()
    with time_machine.travel("2026-11-24 09:00+08:00", tick=False):
        highest, below = visit(REVIEWER), visit(FILLER)
        told = "2027 年还没有放假安排"
        assert (told in text(highest.get("/")), told in text(below.get("/"))) == (True, False)
        given = {"days": NOTICE_2027, "version": "0"}
        assert below.post("/workdays/2027", given).status_code == 403
        assert highest.post("/workdays/2027", given).status_code == 303


def test_what_was_entered_goes_before_the_library(app: Flask, cast: Cast) -> None:
    with app.app_context():
        known = days.known().workdays
        assert not known.is_workday(dt.date(2026, 2, 16))
        assert (min(known.years), max(known.years) >= 2026) == (2004, True)
        table = workdays.save(2026, [Special(dt.date(2026, 1, 1), OFF, "元旦")], "试验", cast.viewer(ADMIN))
        assert days.known().workdays.is_workday(dt.date(2026, 2, 16))
        workdays.save(2026, [Special(dt.date(2026, 1, 1), OFF, "元旦")], "再试", cast.viewer(ADMIN), table.version)
        with pytest.raises(Conflict):
            workdays.save(2026, [], "", cast.viewer(ADMIN), 0)
        with pytest.raises(NotAllowed):
            workdays.save(2026, [], "", cast.viewer(FINANCE))
        workdays.remove(2026, cast.viewer(ADMIN))
        assert not days.known().workdays.is_workday(dt.date(2026, 2, 16))


def test_the_library_agrees_with_the_published_notice(app: Flask) -> None:
    from perfmgr.rules.holidays import read_days

    published, _findings = read_days(NOTICE, 2026)
    assert [(d.day, d.kind, d.name) for d in published] == [(d.day, d.kind, d.name) for d in days.built_in()[2026]]


def test_continuing_projects_wait_to_be_declared_while_the_window_is_open(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        for name, end in (("长期项目", None), ("到期项目", dt.date(2025, 12, 31)), ("多年项目", dt.date(2027, 12, 31))):
            declaration_id = make.declare(cast, name)
            make.take(declaration_id, cast, *make.APPROVED)
            db.session.get_one(Declaration, declaration_id).project.end_on = end
            db.session.commit()
        make.declare(cast, "草稿项目")
        next_year(cast, 2026, Span(dt.date(2025, 8, 1), dt.date(2025, 12, 31)))
        ids = dict(db.session.execute(select(Project.name, Project.id)).all())

    def waiting(username: str, now: str) -> set[str]:
        with time_machine.travel(f"{now} 09:00+08:00", tick=False):
            page = visit(username).get("/").get_data(as_text=True)
        return {name for name, id_ in ids.items() if f'action="/projects/{id_}/declarations"' in page}

    assert waiting(FILLER, "2025-07-31") == set()
    assert waiting(FILLER, "2025-08-01") == waiting(FILLER, "2025-12-31") == {"长期项目", "多年项目"}
    assert waiting(FILLER, "2026-01-01") == waiting(REVIEWER, "2025-08-01") == waiting(OUTSIDER, "2025-08-01") == set()
    with time_machine.travel("2025-08-02 09:00+08:00", tick=False):
        visitor = visit(FILLER)
        begun = visitor.post(f"/projects/{ids['长期项目']}/declarations", {"year": "2026"})
        assert begun.status_code == 303
        assert "沿用" in text(visitor.get(begun.headers["Location"]))
    assert waiting(FILLER, "2025-08-03") == {"多年项目"}


def test_exceptions_are_given_and_taken_back_on_their_page(app: Flask, cast: Cast, visit: Visit, usual: None) -> None:
    visitor = visit(ADMIN)
    address = f"/cycles/{cast.cycle}/exceptions"
    wanted = {"unit_id": str(cast.unit_2), "kind": "review", "opens_on": "2026-1-1", "closes_on": "2026-12-1"}
    refused = visitor.post(address, wanted)
    assert (refused.status_code, problems(refused)) == (422, ["“原因”不能为空，请填写。"])
    assert 'value="2026-1-1"' in refused.get_data(as_text=True)
    assert visitor.post(address, {**wanted, "unit_id": "999"}).status_code == 422
    assert visitor.post(address, {**wanted, "reason": "搬迁"}).status_code == 303
    page = visitor.get(address)
    assert "甲部门服务中心 复核评审 2026-01-01 – 2026-12-01" in text(page)
    assert "另行安排时间" in text(page)
    listed = text(visit(FILLER).get("/calendar?month=2026-12&view=list"))
    assert "截止 2025 年度 复核评审 甲部门服务中心 搬迁" in listed


def test_a_year_s_form_offers_the_windows_an_old_cycle_does_not_have(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit(ADMIN)
    page = visitor.get(f"/cycles/{cast.cycle}").get_data(as_text=True)
    assert page.count("按模板填入，保存后生效") == 3
    assert 'name="rectification_closes_on" value="2026-11-30"' in page
    with app.app_context():
        cycle = db.session.get_one(Cycle, cast.cycle)
        common = {
            "project_scheme_id": str(cycle.project_scheme_id),
            "department_scheme_id": str(cycle.department_scheme_id),
            "cut_offs": "7",
        }
    half = visitor.post(f"/cycles/{cast.cycle}", {**common, "disclosure_opens_on": "2026-07-01"})
    assert problems(half) == ["请填写“信息公开截止”，或把这一项的两个日期都清空。"]
    span = {"disclosure_opens_on": "2026-07-01", "disclosure_closes_on": "2026-09-30"}
    assert visitor.post(f"/cycles/{cast.cycle}", {**common, **span}).status_code == 303
    with app.app_context():
        cycle = db.session.get_one(Cycle, cast.cycle)
        assert cycle.usual_span("disclosure") == Span(dt.date(2026, 7, 1), dt.date(2026, 9, 30))
        assert (cycle.usual_span("approval"), cycle.usual_span("review")) == (None, make.ALWAYS["review"])
    empty = {"disclosure_opens_on": "", "disclosure_closes_on": ""}
    assert visitor.post(f"/cycles/{cast.cycle}", {**common, **empty}).status_code == 303
    with app.app_context():
        assert db.session.get_one(Cycle, cast.cycle).usual_span("disclosure") is None

"""The pages of monitoring: filling with live lights, what is refused where, the documents, problems, and the self-evaluation."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import monitorings_due
from perfmgr.documents.workbooks import read_rows
from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.models.monitoring import Monitoring, MonitoringItem
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast

Visit = Callable[[str | None], Visitor]
AUGUST = dt.datetime(YEAR, 8, 4, 1, tzinfo=dt.UTC)
ACTUALS = ("120", "95", "300", "1000", "88")


@pytest.fixture
def sheet(app: Flask, cast: Cast) -> int:
    """The sheet of one project for January to July."""
    with app.app_context():
        make.budgeted(cast)
        monitorings_due.open_due(AUGUST)
        return int(db.session.scalars(select(Monitoring.id)).one())


def form(**changes: str) -> dict[str, str]:
    """Return the form of a complete sheet; the fourth indicator is red."""
    data = {
        "executed": "300",
        "forecast": "570",
        "general_executed": "300",
        "general_forecast": "570",
        "goal_progress": "已完成大半。",
        "budget-0-explanation": "",
    }
    for n, value in enumerate(ACTUALS):
        data |= {f"lines-{n}-actual": value, f"lines-{n}-forecast": value, f"lines-{n}-likelihood": "sure"}
    return data | {f"lines-3-{name}": value for name, value in RED.items()} | changes


RED = {
    "likelihood": "maybe",
    "cause_staff": "y",
    "explanation": "人手不足",
    "measure": "增派人员",
    "owner": "林填报",
    "due_on": "2025-09-30",
}


def state(app: Flask, sheet: int) -> tuple[str, str]:
    """Return state and light as stored."""
    with app.app_context():
        found = db.session.get_one(Monitoring, sheet)
        return found.state, found.light


def test_lights_are_judged_live_and_nothing_is_saved(app: Flask, visit: Visit, sheet: int) -> None:
    answer = visit(FILLER).post(f"/monitorings/{sheet}/preview", form(executed="100"))
    assert answer.json is not None
    assert (answer.status_code, answer.json["light"], answer.json["name"]) == (200, "red", "红灯")
    assert answer.json["budget"] == {
        "light": "red",
        "name": "红灯",
        "why": "执行率 17.54%，时间进度 58.33%，相当于应达进度的 30.08%。",
    }
    assert [line["light"] for line in answer.json["lines"]] == ["green", "green", "green", "red", "green"]
    assert state(app, sheet) == ("open", "none")


def test_a_red_line_without_measure_is_refused_at_its_field_and_nothing_typed_is_lost(
    app: Flask, visit: Visit, sheet: int
) -> None:
    answer = visit(FILLER).post(
        f"/monitorings/{sheet}/submission", form(**{"lines-3-measure": "", "lines-3-owner": ""})
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert problems(answer) == [
        "第 4 项“惠及居民人次”为红灯，请写明整改措施。",
        "第 4 项“惠及居民人次”为红灯，请写明责任人。",
    ]
    assert 'href="#lines-3-measure"' in page
    assert 'value="已完成大半。"' in page or "已完成大半。" in page
    assert state(app, sheet) == ("open", "red")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"executed": "很多"}, "“执行数（万元）”填的“很多”不是数字"),
        ({"executed": "600"}, "“全年预计执行数”不能少于已经执行的金额"),
        ({"lines-0-actual": "许多"}, "第 1 行：“完成情况”填的“许多”不是数字"),
        ({"lines-0-likelihood": "perhaps"}, "请从“完成目标可能性”的列表中选择"),
        ({"lines-3-due_on": "2025-02-30"}, "“完成时限”填的“2025-02-30”不是真实存在的日期"),
        ({"lines-9-actual": "1"}, "监控表的指标已有变化"),
        ({"version": "99"}, "已被他人修改"),
    ],
)
def test_bad_input_is_answered_in_words_and_saves_nothing(
    app: Flask, visit: Visit, sheet: int, changes: dict[str, str], sentence: str
) -> None:
    answer = visit(FILLER).post(f"/monitorings/{sheet}/edit", form(**changes))
    assert answer.status_code in (409, 422)
    assert sentence in text(answer)
    assert "增派人员" in answer.get_data(as_text=True)
    assert state(app, sheet) == ("open", "none")


def test_a_sheet_from_filling_to_its_closed_problem(app: Flask, visit: Visit, sheet: int) -> None:
    filler, reviewer = visit(FILLER), visit(REVIEWER)
    assert "运行监控" in filler.get("/").get_data(as_text=True)
    assert filler.post(f"/monitorings/{sheet}/edit", form()).status_code == 303
    assert "增派人员" in filler.get(f"/monitorings/{sheet}/edit").get_data(as_text=True)
    assert filler.post(f"/monitorings/{sheet}/submission").status_code == 303
    assert reviewer.post(f"/monitorings/{sheet}/return", {"comment": ""}).status_code == 422
    assert reviewer.post(f"/monitorings/{sheet}/return", {"comment": "请核对人次"}).status_code == 303
    assert filler.post(f"/monitorings/{sheet}/submission", form()).status_code == 303
    assert reviewer.post(f"/monitorings/{sheet}/approval").status_code == 303
    assert state(app, sheet) == ("confirmed", "red")
    page = text(reviewer.get(f"/monitorings/{sheet}"))
    assert "已逾期" in page
    assert "截至目前为 300万元，符合 ≤570万元。" in page
    with app.app_context():
        item = db.session.scalars(select(MonitoringItem.id)).one()
    assert "已逾期" in text(filler.get(f"/monitorings/items?year={YEAR}"))
    long = filler.post(f"/monitorings/items/{item}/closing", {"note": "长" * 2001})
    assert (long.status_code, "长" * 2001 in long.get_data(as_text=True)) == (422, True)
    refused = filler.post(f"/monitorings/items/{item}/closing", {"note": " "})
    assert (refused.status_code, "“完成情况说明”不能为空" in refused.get_data(as_text=True)) == (422, True)
    assert filler.post(f"/monitorings/items/{item}/closing", {"note": "已补足人员"}).status_code == 303
    assert "已补足人员" in reviewer.get(f"/monitorings/items?year={YEAR}&state=closed").get_data(as_text=True)
    with app.app_context():
        steps = db.session.scalars(
            select(Event.step).where(Event.subject_kind == "monitoring").order_by(Event.id)
        ).all()
    assert steps == ["start", "submit", "return", "submit", "approve", "resolve"]


def test_the_self_evaluation_shows_what_monitoring_found(app: Flask, cast: Cast, visit: Visit, sheet: int) -> None:
    filler = visit(FILLER)
    with app.app_context():
        evaluation = make.opened(cast)["社区服务经费"]
    assert "运行监控情况" not in filler.get(f"/evaluations/{evaluation}").get_data(as_text=True)
    filler.post(f"/monitorings/{sheet}/submission", form())
    for page in (f"/evaluations/{evaluation}", f"/evaluations/{evaluation}/edit"):
        shown = text(filler.get(page))
        assert "还有 1 个问题没有完成整改" in shown
        assert "增派人员" in shown


def test_the_official_form_and_the_list_are_workbooks(visit: Visit, sheet: int) -> None:
    visit(FILLER).post(f"/monitorings/{sheet}/submission", form())
    answer = visit(FINANCE).get(f"/monitorings/{sheet}/form.xlsx")
    cells = [[cell for cell in row if cell] for row in read_rows(answer.data, "监控表.xlsx")]
    assert cells[0] == ["项目支出绩效目标执行监控表"]
    assert cells[1] == [f"（{YEAR}年度）"]
    assert cells[2] == ["项目名称", "社区服务经费"]
    assert cells[3] == ["主管部门及代码", "甲部门 219", "实施单位", "甲部门（本级）"]
    assert cells[4] == ["项目资金（万元）", "年初预算数", "1-7月执行数", "1-7月执行率", "全年预计执行数"]
    assert cells[5] == ["年度资金总额", "570", "300", "52.63%", "570"]
    assert cells[7][0] == "其他资金"
    assert cells[10][:6] == ["一级指标", "二级指标", "三级指标", "年度指标值", "1-7月执行情况", "全年预计完成情况"]
    assert cells[11] == [
        *("经费保障", "制度保障", "人员保障", "硬件条件保障", "其他", "原因说明"),
        *("确定能", "有可能", "完全不可能"),
    ]
    explanation = "人手不足\n整改措施：增派人员（林填报 2025-09-30）"
    assert cells[15][1:] == [
        "社会效益指标",
        "惠及居民人次",
        "≥60,000人次",
        "1,000人次",
        "1,000人次",
        "√",
        explanation,
        "√",
    ]
    rows = read_rows(visit(FINANCE).get(f"/monitorings/export.xlsx?year={YEAR}").data, "列表.xlsx")
    assert rows[1][1:] == [
        *("社区服务经费", "甲部门（本级）", "1-7月", "570", "300", "52.63", "570", "绿灯", "红灯", "1", "待审核"),
        "2099-12-31",
    ]


def test_lists_show_only_what_one_may_see(visit: Visit, sheet: int) -> None:
    for path in (f"/monitorings?year={YEAR}", f"/monitorings/items?year={YEAR}"):
        assert "社区服务经费" not in visit(OUTSIDER).get(path).get_data(as_text=True)
    assert "社区服务经费" in visit(FINANCE).get(f"/monitorings?year={YEAR}&category=none").get_data(as_text=True)
    assert "社区服务经费" not in visit(FINANCE).get(f"/monitorings?year={YEAR}&category=red").get_data(as_text=True)


def test_the_administrator_sets_the_months_and_makes_the_sheets_at_once(
    app: Flask, cast: Cast, visit: Visit, sheet: int
) -> None:
    visitor = visit(ADMIN)
    page = visitor.get(f"/cycles/{cast.cycle}").get_data(as_text=True)
    assert 'name="cut_offs" value="7"' in page
    refused = visitor.post(f"/cycles/{cast.cycle}", {"cut_offs": "13"})
    assert (refused.status_code, "“监控截止月份”请填 1 到 12" in refused.get_data(as_text=True)) == (422, True)
    assert visitor.post(f"/cycles/{cast.cycle}", {"cut_offs": "4、7"}).status_code == 303
    assert visitor.post(f"/cycles/{cast.cycle}/monitorings").status_code == 303
    with app.app_context():
        assert sorted(db.session.scalars(select(Monitoring.cut_off))) == [4, 7]


def test_a_list_of_many_takes_as_many_statements_as_one_of_one(
    app: Flask, cast: Cast, visit: Visit, sheet: int, count_queries: Callable[..., Any]
) -> None:
    filler, counted = visit(FILLER), []
    filler.post(f"/monitorings/{sheet}/submission", form())
    for n in range(2):
        for path in (f"/monitorings?year={YEAR}", f"/monitorings/items?year={YEAR}"):
            filler.get(path)
            with count_queries() as statements:
                filler.get(path)
            counted.append(len(statements))
        with app.app_context():
            make.budgeted(cast, f"又一个 {n}")
            make.budgeted(cast, f"再一个 {n}")
            monitorings_due.open_due(AUGUST)
    assert counted[:2] == counted[2:]

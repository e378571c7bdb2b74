"""The pages of reminders: ledger, rules in words, what is to come, and what one is told oneself."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from perfmgr import times
from perfmgr.actions import reminder_rules
from perfmgr.actions._action import action
from perfmgr.documents.workbooks import read_rows
from perfmgr.extensions import db
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.models.unit import Unit
from perfmgr.queries import _area_rules
from tests import cast as make
from tests.browser import Visitor, problems, text
from tests.cast import ADMIN, FILLER, FILLER_2, Cast
from tests.reminders import NOON, line, rule

Visit = Callable[[str | None], Visitor]
Counting = Callable[[], AbstractContextManager[list[str]]]
NOW = "2026-03-02 14:00+08:00"


@pytest.fixture
def lines(app: Flask, cast: Cast) -> dict[str, int]:
    """Lines of the ledger by state, all due today at noon."""
    with app.app_context():
        of = rule(cast.area)
        more = {
            "sent": {"sent_at": NOON},
            "failed": {"failed_at": NOON, "reason": "error", "note": "SMTPRecipientsRefused"},
            "skipped": {"reason": "done"},
            "pending": {},
        }
        return {
            state: line(of, cast.people[FILLER], cast.unit, state=state, subject_id=n, **values)
            for n, (state, values) in enumerate(more.items(), 1)
        }


def test_the_ledger_says_what_was_sent_and_why_the_rest_was_not(
    app: Flask, cast: Cast, lines: dict[str, int], visit: Visit
) -> None:
    with time_machine.travel(NOW, tick=False):
        admin = visit(ADMIN)
        page = text(admin.get("/reminders"))
        assert "今天应发 4，已发 1，失败 1，未发 2。" in page
        assert "事项已办结，不再提醒。" in page
        assert "发送时出错。 （原因：SMTPRecipientsRefused）" in page.replace("。（", "。 （")
        assert "截止前 7 天" in page
        assert "已过应发时间" in page
        assert "第 1–1 项，共 1 项" in text(admin.get("/reminders?state=failed&q=林填&since=2026-3-2&until=20260302"))
        assert "没有符合条件的提醒" in text(admin.get("/reminders?until=2026-03-01"))
        wrong = admin.get("/reminders?since=2026-02-30")
        assert wrong.status_code == 422
        assert problems(wrong) == ["“应发日期从”填的“2026-02-30”不是真实存在的日期，请按 2025-01-31 的样子填写。"]
        assert 'value="2026-02-30"' in wrong.get_data(as_text=True)
        book = list(read_rows(admin.get("/reminders/export.xlsx?state=skipped").data, "a.xlsx"))
        assert [row[8:10] for row in book[1:]] == [["未发送", "否"]]
        assert book[1][13] == "事项已办结，不再提醒。"


def test_a_line_is_repeated_only_when_that_was_confirmed(
    app: Flask, cast: Cast, lines: dict[str, int], visit: Visit
) -> None:
    admin, base = visit(ADMIN), f"/reminders/{lines['sent']}"
    refused = admin.post(f"{base}/resending", {"note": "没有收到"})
    assert refused.status_code == 422
    assert "请先勾选“确认再次发送”" in text(refused)
    assert 'value="没有收到"' in refused.get_data(as_text=True)
    done = admin.post(f"{base}/resending", {"note": "没有收到", "sure": "y"})
    assert done.status_code == 303
    shown = text(admin.get(done.headers["Location"]))
    assert "第 2 次发送" in shown
    assert "没有收到" in shown
    assert "何管理" in shown
    again = admin.post(f"{base}/resending", {"sure": "y"})
    assert again.status_code == 409
    assert "不再重复建立" in text(again)
    paused = admin.post(f"{done.headers['Location']}/pausing", {"note": "已电话通知"})
    assert paused.status_code == 303
    assert "管理员已暂停这一条。（原因：已电话通知）" in text(admin.get(paused.headers["Location"]))
    assert admin.post(f"{done.headers['Location']}/resuming").status_code == 303
    assert admin.post(f"{base}/acknowledgement", {"note": "电话确认"}).status_code == 303
    assert "登记知悉" in text(admin.get(base))


def test_a_person_on_leave_is_left_in_peace_until_a_day(
    app: Flask, cast: Cast, lines: dict[str, int], visit: Visit
) -> None:
    base = f"/reminders/people/{cast.people[FILLER]}"
    with time_machine.travel(NOW, tick=False):
        admin = visit(ADMIN)
        wrong = admin.post(f"{base}/pausing", {"until": "明天", "note": ""})
        assert problems(wrong) == [
            "“暂停到”填的“明天”不是真实存在的日期，请按 2025-01-31 的样子填写。",
            "“原因”不能为空，请填写。",
        ]
        early = admin.post(f"{base}/pausing", {"until": "2026-03-01", "note": "休假"})
        assert problems(early) == ["“暂停到”应在今天到 2026-08-29 之间，请重新填写日期。"]
        assert admin.post(f"{base}/pausing", {"until": "2026年3月9日", "note": "休假"}).status_code == 303
        shown = text(admin.get(base))
        assert "已暂停到 2026-03-09，1 条待发送的提醒届时补发。" in shown
        assert "收件人暂停接收，恢复后补发。" in shown
        assert "到 2026-03-09 为止" in text(visit(FILLER).get("/notices/reminders"))
        assert "已恢复，1 条提醒几分钟内发出" in text(admin.post(f"{base}/resuming", follow_redirects=True))


# --- rules ------------------------------------------------------------------------------------

EVALUATING = {
    "at_start": "y",
    "before": "30、7，3 1",
    "on_day": "y",
    "after": "1",
    "weekday_1": "y",
    "weekday_5": "y",
    "until": "60",
    "hour": "9",
    "quiet_from": "２０：００",
    "quiet_to": "08:00",
    "digest": "y",
    "escalate_after": "5个",
    "escalate_to": "department_reviewer",
    "escalate_every": "0",
    "escalate_times": "1",
}
SAID = (
    "事项开始当天、截止前 30、7、3、1 天、截止当天 09:00 提醒填报人；逾期第 1 天再提醒；以后每周一、周五提醒，到逾期第 60 天为止；"
    "逾期 5 个工作日告知部门审核人；同时到期的合并为一条；20:00 至次日 08:00 不发。"
)


def own_rule(app: Flask, cast: Cast, code: str) -> ReminderRule | None:
    """Return the area's own version of a rule, detached."""
    with app.app_context():
        found = db.session.scalar(
            select(ReminderRule).where(ReminderRule.unit_id == cast.area, ReminderRule.code == code)
        )
        if found:
            db.session.expunge(found)
        return found


def test_an_area_sets_a_rule_of_its_own_and_goes_back(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        usual = db.session.scalars(select(ReminderRule.id).where(ReminderRule.code == "evaluating")).one()
        told = line(usual, cast.people[FILLER], cast.unit, state="sent", sent_at=NOON)
        elsewhere = line(usual, cast.people[FILLER], cast.other_unit, subject_id=2)
    admin, base = visit(ADMIN), f"/reminder-rules/{cast.area}/evaluating"
    assert "提醒填报人；逾期第 1 天再提醒；以后每周一、周三、周五提醒" in text(admin.get("/reminder-rules"))
    assert admin.post(f"{base}/wording", EVALUATING).get_json() == {"words": SAID}
    assert own_rule(app, cast, "evaluating") is None
    assert admin.post(base, EVALUATING).status_code == 303
    mine = own_rule(app, cast, "evaluating")
    assert mine
    assert mine.settings["before"] == [30, 7, 3, 1]
    assert mine.settings["by_law"] is True
    with app.app_context():  # what was told belongs to the area's rule now, so that it is not told again
        rules = {n: db.session.get_one(Reminder, n).rule_id for n in (told, elsewhere)}
    assert rules == {told: mine.id, elsewhere: mine.id}
    shown = text(admin.get(base))
    assert SAID in shown
    assert "本范围自定" in shown
    assert "修改规则" in shown
    assert "现在：" + SAID in shown
    stale = admin.post(base, {**EVALUATING, "version": "99"})
    assert (stale.status_code, "已被他人修改" in text(stale)) == (409, True)
    assert "已恢复通用规则" in text(
        admin.post(f"{base}/restoration", {"version": str(mine.version)}, follow_redirects=True)
    )
    assert own_rule(app, cast, "evaluating") is None
    with app.app_context():
        assert db.session.get_one(Reminder, told).rule_id == usual
        steps = db.session.scalars(select(Event.step).where(Event.subject_kind == "reminder_rule").order_by(Event.id))
        assert list(steps) == ["change", "restore"]
    assert "没有要恢复的" in text(admin.post(f"{base}/restoration", follow_redirects=True))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"before": "三十"}, "“截止前提醒”应为 1 到 366 之间的整数，多个用逗号分开。"),
        ({"before": "7,0"}, "“截止前提醒”应为 1 到 366 之间的整数，多个用逗号分开。"),
        ({"hour": "25:00"}, "“提醒时间”应写成 09:00 的样子。"),
        ({"until": "1e3"}, "“逾期后提醒天数上限”应为 1 到 180 之间的整数。"),
        ({"quiet_to": ""}, "免打扰时段的开始和结束应同时填写，或同时留空。"),
        ({"escalate_to": ""}, "请选择逾期后告知哪个上级岗位。"),
        (
            {"before": "", "on_day": ""},
            "法定事项至少要在截止前或截止当天提醒一次，请填写“截止前提醒”或勾选“截止当日提醒”。",
        ),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_in_one_sentence(
    app: Flask, cast: Cast, visit: Visit, wrong: dict[str, str], sentence: str
) -> None:
    admin, base = visit(ADMIN), f"/reminder-rules/{cast.area}/evaluating"
    answer = admin.post(base, {**EVALUATING, **wrong})
    assert (answer.status_code, problems(answer)) == (422, [sentence])
    assert admin.post(f"{base}/wording", {**EVALUATING, **wrong}).get_json() == {"wrong": sentence}
    assert problems(admin.post(f"{base}/trial", {**EVALUATING, **wrong})) == [sentence]
    _name, value = next(iter(wrong.items()))
    if value:
        assert f'value="{value}"' in answer.get_data(as_text=True)
    assert own_rule(app, cast, "evaluating") is None


def test_a_rule_is_switched_off_when_confirmed_and_never_against_the_law(app: Flask, cast: Cast, visit: Visit) -> None:
    admin, base = visit(ADMIN), f"/reminder-rules/{cast.area}/reviewing"
    assert "请先勾选“确认停用”" in text(admin.post(f"{base}/switching-off", {}))
    assert admin.post(f"{base}/switching-off", {"sure": "y", "note": "试用期"}).status_code == 303
    assert "已停用" in text(admin.get("/reminder-rules"))
    assert "试用期" in text(admin.get(base))
    mine = own_rule(app, cast, "reviewing")
    assert mine is not None
    assert not mine.active
    assert "“材料待审核”已启用。" in text(admin.post(f"{base}/switching-on", follow_redirects=True))
    law = admin.post(f"/reminder-rules/{cast.area}/evaluating/switching-off", {"sure": "y"})
    assert law.status_code == 422
    assert "这是法定事项的提醒，不能停用" in text(law)
    with app.app_context():  # an area of the administrator's, not a unit; and no rule that is not there
        assert _area_rules.area(cast.unit, cast.viewer(ADMIN)) is None
    assert admin.get(f"/reminder-rules/{cast.unit}/reviewing").status_code == 404
    assert admin.get(f"/reminder-rules/{cast.area}/nothing").status_code == 404


def test_a_department_below_an_area_with_its_own_rule_goes_back_to_that(app: Flask, cast: Cast) -> None:
    with app.app_context():
        admin = cast.viewer(ADMIN)
        area, department = (db.session.get_one(Unit, n) for n in (cast.area, cast.department))
        one = _area_rules.find("reviewing", area)
        assert one is not None
        settings = {**one.rule.settings, "wait": 8}
        of_area = reminder_rules.change(area, one, settings, admin)
        below = _area_rules.find("reviewing", department)
        assert below is not None
        assert (below.rule.id, below.own) == (of_area.id, False)
        told = line(of_area.id, cast.people[FILLER], cast.unit)
        own = reminder_rules.change(department, below, {**settings, "wait": 3}, admin)
        assert db.session.get_one(Reminder, told, populate_existing=True).rule_id == own.id
        now = _area_rules.find("reviewing", department)
        assert now is not None
        assert now.own
        assert now.usual is not None
        assert reminder_rules.restore(department, now, admin).id == of_area.id
        assert db.session.get_one(Reminder, told, populate_existing=True).rule_id == of_area.id


# --- what is to come --------------------------------------------------------------------------


def test_what_is_to_come_is_shown_by_day_and_person_and_a_change_can_be_tried(
    app: Flask, cast: Cast, visit: Visit, count_queries: Counting
) -> None:
    with app.app_context():
        waiting = make.declare(cast, "待审项目")
        make.take(waiting, cast, (FILLER, "submit"))
    admin = visit(ADMIN)
    admin.get("/reminders/preview")
    with count_queries() as statements:
        page = admin.get("/reminders/preview")
    few = len(statements)
    shown = text(page)
    assert "周审核" in shown
    assert "审核材料" in shown
    assert "没有要发的提醒" in text(admin.get("/reminders/preview?duty=declaring"))
    assert "何管理" in text(admin.get("/reminders/preview?to=superior"))
    book = list(read_rows(admin.get("/reminders/preview.xlsx?to=reviewer").data, "a.xlsx"))
    assert {(row[1], row[2], row[3]) for row in book[1:]} == {("周审核", "审核人", "审核材料")}
    with app.app_context():
        for n in range(3):
            make.take(make.declare(cast, f"又一个 {n}"), cast, (FILLER, "submit"))
    with count_queries() as statements:
        admin.get("/reminders/preview")
    assert len(statements) == few <= 40
    base = f"/reminder-rules/{cast.area}/reviewing"
    asked = {
        "wait": "5",
        "before": "1",
        "before_workdays": "y",
        "hour": "10:30",
        "digest": "y",
        "quiet_from": "",
        "quiet_to": "",
    }
    tried = admin.post(f"{base}/trial", asked)
    body = tried.get_data(as_text=True)
    assert tried.status_code == 200
    assert "照这样改，未来 60 天的变化" in body
    assert 'value="10:30"' in body
    assert own_rule(app, cast, "reviewing") is None
    totals = text(tried).split("合计（件）")[1].split()[:2]
    assert int(totals[0]) > int(totals[1]) == 4


# --- for oneself ------------------------------------------------------------------------------


@action
def notify(person_id: int, kind: str, at: dt.datetime, **params: str) -> int:
    """Add a notice; returns its id."""
    made = Notice(
        person_id=person_id,
        kind=kind,
        subject_kind="declaration",
        subject_id=1,
        occurrence=f"{at:%Y%m%d}",
        params={"title": "社区服务经费", "year": 2025, "by": "周审核", **params},
        created_at=at,
    )
    db.session.add(made)
    db.session.flush()
    return made.id


def test_notices_are_grouped_by_day_filtered_and_read_in_place(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        filler = cast.people[FILLER]
        first = notify(filler, "declaration_return", NOON, comment="请修改")
        notify(filler, "declaration_submit", NOON - dt.timedelta(days=1))
        notify(filler, "evaluations_due", NOON - dt.timedelta(days=9), count="3", due_on="2026-05-31")
    with time_machine.travel(NOW, tick=False):
        visitor = visit(FILLER)
        page = text(visitor.get("/notices"))
        assert "今天 · 2026年3月2日" in page
        assert "昨天 · 2026年3月1日" in page
        assert "2026年2月21日 · 周六" in page
        assert "未读 3" in page
        assert "到期提醒 1 等我审核 1 办理结果 1" in page
        assert "您有 3 份待填写" in text(visitor.get("/notices?group=reminders"))
        assert "您有 3 份" not in text(visitor.get("/notices?group=results"))
        back = visitor.post(f"/notices/{first}/reading", {"stay": "y", "show": "unread", "group": "results"})
        assert back.headers["Location"] == f"/notices?show=unread&group=results#notice-{first}"
        assert "没有未读的通知" in text(visitor.get("/notices?show=unread&group=results"))
        assert visitor.post(f"/notices/{first}/reading", {"stay": "y", "script": "y"}).status_code == 204
        assert visitor.post(f"/notices/{first}/reading").headers["Location"] == "/declarations/1"


def test_everybody_sees_why_they_are_reminded_and_says_that_they_know(
    app: Flask, cast: Cast, lines: dict[str, int], visit: Visit
) -> None:
    with time_machine.travel(NOW, tick=False):
        filler = visit(FILLER)
        page = text(filler.get("/notices/reminders"))
        assert "社区服务经费" in page
        assert "截止前 7 天" in page
        assert "绩效自评到期" in page
        assert "第 1–3 项，共 3 项" in page  # not what was left out because it is done
        assert "现在没有要提醒您的" in text(visit(FILLER_2).get("/notices/reminders"))
        address = f"/notices/reminders/{lines['sent']}/acknowledgement"
        assert visit(FILLER_2).post(address).status_code == 404
        assert "已登记您知道这件事" in text(filler.post(address, follow_redirects=True))
        waiting = filler.post(f"/notices/reminders/{lines['pending']}/acknowledgement", follow_redirects=True)
        assert "当前为“待发送”" in text(waiting)
    with app.app_context():
        assert times.day(db.session.get_one(Reminder, lines["sent"]).acknowledged_at) == dt.date(2026, 3, 2)

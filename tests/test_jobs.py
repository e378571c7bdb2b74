"""The schedule: what runs when, that every job may run twice, and that one failure stops nothing."""

import datetime as dt

import pytest
import structlog
from flask import Flask

from perfmgr import clock, jobs
from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.notice import Notice
from tests import cast as make
from tests import records
from tests.cast import NOON, Cast


@pytest.fixture
def year(app: Flask, cast: Cast) -> None:
    """One project whose self-evaluation is due."""
    with app.app_context():
        make.budgeted(cast)


def test_the_whole_schedule() -> None:
    assert {name: (job.run.__name__, job.at) for name, job in jobs.CLOCK.items()} == {
        "open_evaluations": ("open_evaluations", None),
        "open_monitorings": ("open_monitorings", None),
        "plan_reminders": ("plan_reminders", None),
        "end_absences": ("end_absences", None),
        "issue_reminders": ("issue_reminders", None),
        "check_targets": ("check_targets", None),
        "scan_attachments": ("scan_attachments", None),
        "send_messages": ("send_messages", None),
        "send_webhooks": ("send_webhooks", None),
        "forget_sessions": ("forget_sessions", "03:30"),
        "sweep_attachments": ("sweep_attachments", "03:40"),
        "count_library": ("count_library", "02:30"),
        "forget_drafts": ("forget_drafts", "03:40"),
        "continue_imports": ("continue_imports", None),
        "forget_imports": ("forget_imports", "03:40"),
        "forget_messages": ("forget_messages", "03:50"),
    }


def test_every_job_says_what_it_did(app: Flask, year: None) -> None:
    with app.app_context():
        outcomes = [job.run(NOON) for job in jobs.CLOCK.values()]
    assert [(o.name, o.done, o.text) for o in outcomes] == [
        ("open_evaluations", 2, "建立自评 2 份"),
        ("open_monitorings", 1, "建立运行监控表 1 份"),
        ("plan_reminders", 3, "排定提醒 3 条，改期 0 条，取消或暂停 0 条"),
        ("end_absences", 0, "恢复接收提醒 0 人"),
        ("issue_reminders", 3, "发出提醒 3 条"),
        ("check_targets", 1, "检查绩效目标 1 份"),
        ("scan_attachments", 0, "扫描附件 0 个"),
        ("send_messages", 0, "发送邮件 0 封"),
        ("send_webhooks", 0, "发送群机器人和 Webhook 消息 0 条"),
        ("forget_sessions", 0, "清理过期登录 0 条"),
        ("sweep_attachments", 0, "清理无主文件 0 个"),
        ("count_library", 1, "更新指标使用情况 1 项"),
        ("forget_drafts", 0, "清理未保存的草稿 0 份"),
        ("continue_imports", 0, "继续导入 0 项"),
        ("forget_imports", 0, "清理导入记录 0 份"),
        ("forget_messages", 0, "清理已发送的消息 0 条"),
    ]


@pytest.mark.parametrize("name", list(jobs.CLOCK))
def test_a_job_run_twice_changes_nothing_the_second_time(app: Flask, year: None, name: str) -> None:
    with app.app_context():
        jobs.open_evaluations(NOON)
        jobs.plan_reminders(NOON)
        jobs.CLOCK[name].run(NOON)
    before = records.snapshot(app)
    with app.app_context():
        assert jobs.CLOCK[name].run(NOON).done == 0
    assert records.snapshot(app) == before


@pytest.mark.parametrize("name", list(jobs.CLOCK))
def test_a_dry_run_of_a_job_changes_nothing(app: Flask, year: None, name: str) -> None:
    before = records.snapshot(app)
    with app.app_context():
        jobs.CLOCK[name].run(NOON, dry_run=True)
    assert records.snapshot(app) == before


def test_sign_ins_are_forgotten_after_thirty_days(app: Flask, cast: Cast) -> None:
    from perfmgr.actions.sessions import _open_session

    with app.app_context():
        _open_session(cast.people["filler"], NOON - dt.timedelta(days=30, seconds=1))
        _open_session(cast.people["filler"], NOON - dt.timedelta(days=29))
        assert jobs.forget_sessions(NOON).done == 1


def test_a_job_that_fails_is_logged_and_stops_nothing(app: Flask, year: None) -> None:
    def broken(now: dt.datetime) -> jobs.Outcome:
        raise RuntimeError("kaputt")

    with structlog.testing.capture_logs() as log:
        clock.run_job(app, "broken", jobs.Job(broken))
        clock.run_job(app, "open_evaluations", jobs.CLOCK["open_evaluations"])
    assert [(entry["event"], entry["name"]) for entry in log] == [
        ("job failed", "broken"),
        ("job", "open_evaluations"),
    ]
    with app.app_context():
        assert db.session.query(Evaluation).count() == 2


def test_a_job_that_had_nothing_to_do_is_not_logged(app: Flask, cast: Cast) -> None:
    with structlog.testing.capture_logs() as log:
        clock.run_job(app, "issue_reminders", jobs.CLOCK["issue_reminders"])
    assert log == []


def test_a_job_that_broke_off_half_way_is_finished_by_the_next_run(app: Flask, year: None) -> None:
    with app.app_context():
        jobs.open_evaluations(NOON)
        jobs.plan_reminders(NOON)
        db.session.query(Notice).delete()
        db.session.query(Evaluation).filter_by(kind="department").delete()
        db.session.commit()
        # The line of the sheet that is gone was planned and is not told; that of the new one is.
        assert jobs.open_evaluations(NOON).done == 1
        jobs.plan_reminders(NOON)
        assert jobs.issue_reminders(NOON).done == 2
        assert db.session.query(Notice).filter(Notice.kind.startswith("reminder")).one().params["count"] == 2

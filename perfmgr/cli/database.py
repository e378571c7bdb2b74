"""Commands about the database: migrate, and running a scheduled job by hand."""

import argparse
import datetime as dt

from perfmgr import migrations, times
from perfmgr.actions import functions as function_actions
from perfmgr.actions import library as library_actions
from perfmgr.actions import reminders_due
from perfmgr.actions import schemes as scheme_actions
from perfmgr.app import create_app
from perfmgr.documents import functions, library, reminder_rules, rubrics, schemes
from perfmgr.extensions import db
from perfmgr.jobs import CLOCK
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``migrate`` and ``run``."""
    migrate = commands.add_parser(
        "migrate", help="建立或更新数据库结构，并装入内置的评分方案、功能分类、指标库和提醒规则"
    )
    migrate.add_argument("--to", default="head", help="目标版本（默认最新；base 为清空）")
    migrate.set_defaults(run=_migrate)
    run = commands.add_parser("run", help="立即运行一项定时任务")
    run.add_argument("job", help="、".join(CLOCK))
    run.add_argument("--now", help="以这个北京时间运行，例如 2026-03-01T09:00")
    run.add_argument("--dry-run", action="store_true", help="只统计，不写入")
    run.set_defaults(run=_run)


def _migrate(chosen: argparse.Namespace) -> None:
    app = create_app()
    with app.app_context():
        migrations.migrate(db.engine, chosen.to)
        if chosen.to == "head":
            take_in_built_ins()
    print(f"数据库结构已是 {chosen.to if chosen.to != 'head' else migrations.head()}。")


def take_in_built_ins() -> None:
    """Store the built-in schemes, rubrics, function codes, indicators and reminder rules that are missing."""
    scheme_actions.take_in([*schemes.built_in(), *rubrics.built_in_data()])
    function_actions.take_in(functions.built_in())
    library_actions.take_in(library.built_in())
    reminders_due.take_in(reminder_rules.built_in())


def _instant(text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
        return instant if instant.tzinfo else instant.replace(tzinfo=times.BEIJING)
    except ValueError as error:
        raise Refused(N_("“%(text)s”不是时间，请写成 2026-03-01T09:00 的样子。"), text=text) from error


def _run(chosen: argparse.Namespace) -> None:
    if chosen.job not in CLOCK:
        raise Refused(N_("没有名为“%(job)s”的定时任务；可用的有：%(jobs)s。"), job=chosen.job, jobs="、".join(CLOCK))
    now = _instant(chosen.now) if chosen.now else times.now()
    app = create_app()
    with app.app_context():
        migrations.require_current(db.engine)
        outcome = CLOCK[chosen.job].run(now, dry_run=chosen.dry_run)
    print(f"{outcome.name}：{outcome.text}" + ("（试运行，未写入）" if chosen.dry_run else ""))

"""Scheduled work: CLOCK is the whole schedule; every job can also be run by hand, and twice."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from perfmgr.actions import (
    _library_counts,
    attachments,
    drafts,
    evaluations_due,
    imports,
    messages_due,
    monitorings_due,
    quality,
    reminders,
    reminders_due,
    sessions,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job did (or, in a dry run, would do)."""

    name: str
    done: int
    text: str


def open_evaluations(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Create the self-evaluations that are due."""
    made = evaluations_due.open_due(now, dry_run)
    return Outcome("open_evaluations", made, f"建立自评 {made} 份")


def open_monitorings(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Create the monitoring sheets of the months that are over."""
    made = monitorings_due.open_due(now, dry_run)
    return Outcome("open_monitorings", made, f"建立运行监控表 {made} 份")


def plan_reminders(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Bring the ledger of reminders up to date with the duties that are open."""
    planned = reminders_due.plan_due(now, dry_run)
    text = f"排定提醒 {planned.made} 条，改期 {planned.moved} 条，取消或暂停 {planned.dropped} 条"
    return Outcome("plan_reminders", planned.total, text)


def end_absences(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Let the reminders of people go out whose pause is over."""
    count = reminders.end_absences(now, dry_run)
    return Outcome("end_absences", count, f"恢复接收提醒 {count} 人")


def issue_reminders(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Tell people of what is due by now."""
    told = reminders_due.issue_due(now, dry_run)
    return Outcome("issue_reminders", told, f"发出提醒 {told} 条")


def check_targets(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Check the targets that changed since their last check."""
    checked = quality.check_due(now, dry_run)
    return Outcome("check_targets", checked, f"检查绩效目标 {checked} 份")


def forget_sessions(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Delete sign-ins that began more than 30 days ago."""
    count = sessions.forget(now - dt.timedelta(days=30), dry_run)
    return Outcome("forget_sessions", count, f"清理过期登录 {count} 条")


def scan_attachments(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Scan the files that came while the virus scanner did not answer."""
    count = attachments.scan_waiting(dry_run)
    return Outcome("scan_attachments", count, f"扫描附件 {count} 个")


def sweep_attachments(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Delete stored bytes that no attachment refers to."""
    count, missing = attachments.sweep(dry_run)
    lost = f"，另有 {missing} 个附件的文件不在了，请从备份恢复" if missing else ""
    return Outcome("sweep_attachments", count, f"清理无主文件 {count} 个{lost}")


def count_library(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Count anew how often the entries of the indicator library are used, and their last results."""
    count = _library_counts.count_uses(dry_run)
    return Outcome("count_library", count, f"更新指标使用情况 {count} 项")


def forget_drafts(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Delete what was typed and not saved for more than 90 days."""
    count = drafts.forget(now - dt.timedelta(days=90), dry_run)
    return Outcome("forget_drafts", count, f"清理未保存的草稿 {count} 份")


def continue_imports(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Go on with confirmed imports whose page was closed."""
    count = imports.continue_left(now, dry_run)
    return Outcome("continue_imports", count, f"继续导入 {count} 项")


def forget_imports(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Delete imports that are some days old, with the workbooks kept for them."""
    count = imports.forget(now, dry_run)
    return Outcome("forget_imports", count, f"清理导入记录 {count} 份")


def send_messages(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Send the e-mails that are due."""
    sent = messages_due.send_due(now, only=messages_due.EMAIL, dry_run=dry_run)
    return Outcome("send_messages", sent, f"发送邮件 {sent} 封")


def send_webhooks(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Send what is due to group robots and webhooks; apart from e-mail, so that neither waits for the other."""
    sent = messages_due.send_due(now, only=messages_due.ROBOTS, dry_run=dry_run)
    return Outcome("send_webhooks", sent, f"发送群机器人和 Webhook 消息 {sent} 条")


def forget_messages(now: dt.datetime, dry_run: bool = False) -> Outcome:
    """Delete messages that were sent or withdrawn long ago."""
    count = messages_due.forget(now, dry_run)
    return Outcome("forget_messages", count, f"清理已发送的消息 {count} 条")


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the schedule: the function, and when it runs (None: every CLOCK_MINUTES)."""

    run: Callable[..., Outcome]
    at: str | None = None  # hour and minute in Beijing
    seconds: int | None = None  # or every so many seconds


CLOCK: dict[str, Job] = {
    "open_evaluations": Job(open_evaluations),
    "open_monitorings": Job(open_monitorings),
    "plan_reminders": Job(plan_reminders),
    "end_absences": Job(end_absences),
    "issue_reminders": Job(issue_reminders),
    "check_targets": Job(check_targets),
    "scan_attachments": Job(scan_attachments),
    "send_messages": Job(send_messages, seconds=30),
    "send_webhooks": Job(send_webhooks, seconds=30),
    "forget_sessions": Job(forget_sessions, "03:30"),
    "sweep_attachments": Job(sweep_attachments, "03:40"),
    "count_library": Job(count_library, "02:30"),
    "forget_drafts": Job(forget_drafts, "03:40"),
    "continue_imports": Job(continue_imports),
    "forget_imports": Job(forget_imports, "03:40"),
    "forget_messages": Job(forget_messages, "03:50"),
}

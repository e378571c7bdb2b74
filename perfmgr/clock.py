"""The clock process: APScheduler runs the jobs of ``jobs.CLOCK`` at their times."""

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from perfmgr import times
from perfmgr.extensions import db
from perfmgr.jobs import CLOCK, Job

log = structlog.get_logger()


def run_job(app: Flask, name: str, job: Job) -> None:
    """Run one job; whatever goes wrong is logged and does not stop the clock."""
    try:
        with app.app_context():
            outcome = job.run(times.now())
            db.session.rollback()
        if outcome.done:
            log.info("job", name=name, done=outcome.done)
    except Exception:
        log.exception("job failed", name=name)


def run_clock(app: Flask, minutes: int) -> None:
    """Run until a signal comes. Jobs without an hour run at once and then at their interval, usually ``minutes``."""
    scheduler = BlockingScheduler(timezone=times.BEIJING)
    for name, job in CLOCK.items():
        options = {"args": (app, name, job), "id": name, "coalesce": True, "max_instances": 1}
        if job.at:
            hour, minute = (int(part) for part in job.at.split(":"))
            trigger = CronTrigger(hour=hour, minute=minute, timezone=times.BEIJING)
            scheduler.add_job(run_job, trigger, misfire_grace_time=None, **options)
        else:
            trigger = IntervalTrigger(seconds=job.seconds or minutes * 60, timezone=times.BEIJING)
            scheduler.add_job(run_job, trigger, next_run_time=times.now(), misfire_grace_time=None, **options)
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=False)

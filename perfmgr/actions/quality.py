"""Checks of targets: keeping what was found, for lists, and marking submitted texts so that copies are found."""

import datetime as dt
from collections import Counter

from sqlalchemy import delete, insert

from perfmgr import times
from perfmgr.actions._action import action
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.quality import QualityCheck, QualityFinding, TextMark
from perfmgr.queries import quality
from perfmgr.queries._quality_facts import marks_of
from perfmgr.rules.findings import ERROR, WARNING
from perfmgr.rules.quality import Report
from perfmgr.rules.quality_score import score_quality

AT_ONCE = 200
PER_RUN = 2000


def keep(declaration: Declaration, report: Report, now: dt.datetime) -> None:
    """Keep the result of a check for the lists, inside the caller's transaction."""
    levels = Counter(finding.level for finding in report.findings)
    codes = Counter((finding.code, finding.level) for finding in report.findings)
    check = db.session.get(QualityCheck, declaration.id) or QualityCheck(declaration_id=declaration.id)
    check.score = score_quality(report.findings, quality.rule_book()).total
    check.errors, check.warnings = levels[ERROR], levels[WARNING]
    check.checked_at = max(now, declaration.updated_at)  # a job may be run for an hour that has passed
    found: dict[str, QualityFinding] = {}
    for (code, level), count in sorted(codes.items()):
        # A rule may speak at two levels; the graver one names the row.
        found.setdefault(code, QualityFinding(code=code, level=level, count=0)).count += count
    check.found = []
    db.session.add(check)
    db.session.flush()
    check.found = list(found.values())


def mark_texts(declaration: Declaration) -> None:
    """Mark sentences and indicators of a submitted declaration, so that whoever copies them is told."""
    db.session.execute(delete(TextMark).where(TextMark.declaration_id == declaration.id))
    rows = [{"mark": mark, "declaration_id": declaration.id} for mark in sorted(marks_of(declaration))]
    if rows:
        db.session.execute(insert(TextMark), rows)


@action
def _check_some(now: dt.datetime, limit: int) -> int:
    waiting = quality.unchecked(limit)
    for declaration in waiting:
        keep(declaration, quality.examined(declaration, times.day(now)), now)
    return len(waiting)


def check_due(now: dt.datetime, dry_run: bool = False) -> int:
    """Check declarations of running years that changed since their last check; returns how many.

    At most ``PER_RUN`` at a run and ``AT_ONCE`` in a transaction: others must be able to write in between.
    """
    if dry_run:
        return len(quality.unchecked(PER_RUN))
    done = 0
    while done < PER_RUN:
        checked = _check_some(now, AT_ONCE)
        db.session.expunge_all()
        done += checked
        if checked < AT_ONCE:
            break
    return done

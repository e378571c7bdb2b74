"""Quality: the rule book of the target checker, and sheets with what other records know about their project."""

import dataclasses
from functools import lru_cache
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.rules.quality_book import RuleBook, parse_book
from perfmgr.rules.targets import LastYear, TargetSheet
from perfmgr.rules.texts import same_name

FILE = Path(__file__).resolve().parent.parent / "data" / "quality.yaml"


@lru_cache(maxsize=1)
def rule_book() -> RuleBook:
    """Return the built-in rule book. Raises Invalid when the file is no usable one."""
    return parse_book(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def sheet(declaration: Declaration) -> TargetSheet:
    """Return a declaration as the rules see it, with results and grade of the last self-evaluation and the budget's state.

    The last one is the latest that was submitted for an earlier year: targets for the next year are set
    before this year is evaluated. Two queries more than ``Declaration.as_sheet`` needs.
    """
    last = db.session.scalar(
        select(Evaluation)
        .where(
            Evaluation.project_id == declaration.project_id,
            Evaluation.year < declaration.year,
            Evaluation.state.in_(("submitted", "confirmed")),
        )
        .order_by(Evaluation.year.desc())
        .limit(1)
        .options(selectinload(Evaluation.lines))
    )
    budget = db.session.scalar(
        select(BudgetLine.state).where(
            BudgetLine.project_id == declaration.project_id, BudgetLine.year == declaration.year
        )
    )
    return dataclasses.replace(
        declaration.as_sheet(),
        last=_results(last) if last else None,
        last_grade=last.grade if last else None,
        budgeted=budget == "approved",
        approved=declaration.state == "approved",
    )


def _results(evaluation: Evaluation) -> dict[str, LastYear]:
    return {
        same_name(line.name): LastYear(line.target_value, line.actual_value, line.unit)
        for line in evaluation.lines
        if not line.not_applicable
    }

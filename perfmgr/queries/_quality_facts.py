"""What the rules need to know beside the declaration itself: last year's results, budget, copied texts."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.project import Project
from perfmgr.models.quality import TextMark
from perfmgr.rules import copies
from perfmgr.rules.targets import Alike, LastYear
from perfmgr.rules.texts import N_, Term, same_name
from perfmgr.rules.workflow import DONE_EVALUATIONS

COMPARED = ("overview", "goals", "plan")
ENOUGH = Decimal("0.6")  # of a text's characters; less is boilerplate that every sheet may share
MOST_SUSPECTS = 5
ELSEWHERE = N_("其他部门的一个项目")


def facts(declaration: Declaration) -> dict[str, Any]:
    """Return the facts by field of ``TargetSheet``; five queries at most, whatever the size of the installation."""
    return {**_last_year(declaration), "alike": alike(declaration), "budgeted": _budgeted(declaration)}


def _budgeted(declaration: Declaration) -> bool:
    return bool(
        db.session.scalar(
            select(func.count()).where(
                BudgetLine.project_id == declaration.project_id,
                BudgetLine.year == declaration.year,
                BudgetLine.state == "approved",
            )
        )
    )


def _last_year(declaration: Declaration) -> dict[str, Any]:
    """Return last year's grade and the figures of its indicators; nothing for a project that is new."""
    rows = db.session.execute(
        select(
            Evaluation.state,
            Evaluation.grade,
            EvaluationLine.name,
            EvaluationLine.target_value,
            EvaluationLine.actual_value,
            EvaluationLine.unit,
        )
        .join(EvaluationLine, EvaluationLine.evaluation_id == Evaluation.id, isouter=True)
        .where(
            Evaluation.kind == "project",
            Evaluation.project_id == declaration.project_id,
            Evaluation.year == declaration.year - 1,
        )
    ).all()
    if not rows:
        return {}
    return {
        "last": {same_name(row.name): LastYear(row.target_value, row.actual_value, row.unit) for row in rows if row.name},
        "last_grade": rows[0].grade,
        "last_evaluated": rows[0].state in DONE_EVALUATIONS,
    }


def alike(declaration: Declaration) -> list[Alike]:
    """Return the texts that stand, for the greater part, in a submitted declaration of another project."""
    texts = {name: getattr(declaration, name) for name in COMPARED}
    own = copies.marks(texts.values())
    if not own:
        return []
    suspects = _sharing(own, declaration.project_id)
    found = []
    for name, text in texts.items():
        shares = [(copies.copied_share(text, shared), other) for other, shared in suspects.items()]
        share, other = max(shares, key=lambda pair: pair[0], default=(Decimal(0), None))
        if other is not None and share >= ENOUGH:
            found.append((name, share, other))
    names = _names({other for _name, _share, other in found}, declaration.department_id)
    return [Alike(name, names[other], share) for name, share, other in found]


def _sharing(marks: Iterable[int], project_id: int) -> dict[int, set[int]]:
    """Return, for the declarations that share most of these marks, which marks those are."""
    mine = sorted(marks)[:900]  # SQLite takes a limited number of values
    others = (
        select(TextMark.declaration_id)
        .join(Declaration, Declaration.id == TextMark.declaration_id)
        .where(TextMark.mark.in_(mine), Declaration.project_id != project_id)
        .group_by(TextMark.declaration_id)
        .order_by(func.count().desc(), TextMark.declaration_id)
        .limit(MOST_SUSPECTS)
    )
    shared: dict[int, set[int]] = {}
    chosen = list(db.session.scalars(others))
    if chosen:
        rows = db.session.execute(
            select(TextMark.declaration_id, TextMark.mark).where(
                TextMark.declaration_id.in_(chosen), TextMark.mark.in_(mine)
            )
        )
        for declaration_id, mark in rows:
            shared.setdefault(declaration_id, set()).add(mark)
    return shared


def _names(ids: set[int], department_id: int) -> dict[int, str]:
    """Return how each declaration is called: by its project's name only inside the same department."""
    if not ids:
        return {}
    rows = db.session.execute(
        select(Declaration.id, Project.name, Declaration.department_id)
        .join(Declaration.project)
        .where(Declaration.id.in_(ids))
    )
    return {row.id: row.name if row.department_id == department_id else Term(ELSEWHERE) for row in rows}


"""What the rules need to know beside the declaration itself: last year's results, budget, copied texts."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select

from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.project import Project
from perfmgr.models.quality import TextMark
from perfmgr.models.unit import Unit
from perfmgr.queries.evaluations import still_owed
from perfmgr.rules import copies, likeness
from perfmgr.rules.targets import Alike, LastYear
from perfmgr.rules.texts import N_, Term, same_name
from perfmgr.rules.units import duty_lines
from perfmgr.rules.workflow import DONE_EVALUATIONS, FILLER_STATES

COMPARED = ("overview", "goals", "plan")
PARTS = frozenset((*COMPARED, "indicators", "funds", "name"))  # what there are facts for
ENOUGH = Decimal("0.6")  # of a text's characters; less is boilerplate that every sheet may share
ENOUGH_LINES = Decimal("0.8")  # of the indicators
FEWEST_LINES = 4  # so that two small sheets are not alike by chance
MOST_SUSPECTS = 5
ELSEWHERE = N_("其他部门的一个项目")


def facts(declaration: Declaration, today: dt.date, parts: Collection[str] = PARTS) -> dict[str, Any]:
    """Return the facts by field of ``TargetSheet`` that the rules need for these parts.

    Ten queries at most, whatever the size of the installation; none for parts that no fact belongs to.
    """
    # An adjustment changes what was approved before.
    known: dict[str, Any] = {"approved": declaration.state == "approved" or declaration.adjusts_id is not None}
    if "indicators" in parts or "funds" in parts:
        known |= _of_last_year(declaration, today)
    if "funds" in parts:
        known["budgeted"] = _budget_state(declaration) == "approved"
    if "name" in parts:
        known["duties"] = _duties(declaration)
    known["alike"] = alike(declaration, parts)
    return known


def _duties(declaration: Declaration) -> list[str]:
    """Return what the unit and its department are there for; empty when nobody wrote it down."""
    department = db.session.get(Unit, declaration.unit.department_id or 0)
    units = dict.fromkeys(unit for unit in (declaration.unit, department) if unit)
    return duty_lines("\n".join(text for unit in units for text in (unit.duties, unit.key_tasks)))


def _of_last_year(declaration: Declaration, today: dt.date) -> dict[str, Any]:
    earlier = _earlier_evaluations(declaration, today)
    last = next((evaluation for evaluation in earlier if evaluation.state in DONE_EVALUATIONS), None)
    return {
        "last": _results(last) if last else None,
        "last_grade": last.grade if last else None,
        "last_evaluated": earlier[0] is last if earlier else None,
    }


def _earlier_evaluations(declaration: Declaration, today: dt.date) -> Sequence[Evaluation]:
    """Return the self-evaluations of earlier years that were submitted, or are owed and overdue; the latest first.

    Targets for the next year are set before this year is evaluated: a sheet whose day has not come says nothing.
    """
    overdue = and_(Evaluation.state.in_(FILLER_STATES), Evaluation.due_on < today, still_owed())
    return db.session.scalars(
        select(Evaluation)
        .join(Evaluation.project)
        .where(
            Evaluation.project_id == declaration.project_id,
            Evaluation.year < declaration.year,
            Evaluation.state.in_(DONE_EVALUATIONS) | overdue,
        )
        .order_by(Evaluation.year.desc())
    ).all()


def _results(evaluation: Evaluation) -> dict[str, LastYear]:
    return {
        same_name(line.name): LastYear(line.target_value, line.actual_value, line.unit)
        for line in evaluation.lines
        if not line.not_applicable
    }


def _budget_state(declaration: Declaration) -> str | None:
    return db.session.scalar(
        select(BudgetLine.state).where(
            BudgetLine.project_id == declaration.project_id, BudgetLine.year == declaration.year
        )
    )


def marks_of(declaration: Declaration) -> set[int]:
    """Return the numbers by which this declaration's sentences and indicators are found."""
    return _sentence_marks(declaration) | _indicator_marks(declaration)


def _sentence_marks(declaration: Declaration) -> set[int]:
    return copies.marks(getattr(declaration, name) for name in COMPARED)


def _indicator_marks(declaration: Declaration) -> set[int]:
    return {mark for indicator in declaration.indicators for mark in likeness.marks(indicator.name)}


def alike(declaration: Declaration, parts: Collection[str] = PARTS) -> list[Alike]:
    """Return which of these parts stand, for the greater part, in a submitted declaration of another project.

    ``indicators`` stands for the whole table: nearly the same indicators with the same targets.
    """
    found = [*_copied_texts(declaration)] if any(name in parts for name in COMPARED) else []
    if "indicators" in parts:
        found += _copied_indicators(declaration)
    names = _names({other for _name, _share, other in found}, declaration.department_id)
    return [Alike(name, names[other], share) for name, share, other in found]


def _copied_texts(declaration: Declaration) -> Iterable[tuple[str, Decimal, int]]:
    suspects = _sharing(_sentence_marks(declaration), declaration.project_id)
    for name in COMPARED:
        text = getattr(declaration, name)
        shares = [(copies.copied_share(text, shared), other) for other, shared in suspects.items()]
        share, other = max(shares, default=(Decimal(0), 0))
        if share >= ENOUGH:
            yield name, share, other


def _copied_indicators(declaration: Declaration) -> Iterable[tuple[str, Decimal, int]]:
    own = declaration.indicators
    if len(own) < FEWEST_LINES:
        return
    suspects = list(_sharing(_indicator_marks(declaration), declaration.project_id))
    others: dict[int, list[Any]] = {}
    columns = (Indicator.name, Indicator.sign, Indicator.target_value, Indicator.target_text, Indicator.unit)
    for row in db.session.execute(
        select(Indicator.declaration_id, *columns).where(Indicator.declaration_id.in_(suspects))
    ):
        others.setdefault(row.declaration_id, []).append(row)
    shares = [(Decimal(sum(_stands_in(line, rows) for line in own)) / len(own), key) for key, rows in others.items()]
    share, other = max(shares, default=(Decimal(0), 0))
    if share >= ENOUGH_LINES:
        yield "indicators", share, other


def _stands_in(line: Indicator, rows: Iterable[Any]) -> bool:
    """Tell whether one of these rows has the same target under a name that is alike."""
    target = (line.sign, line.target_value, line.target_text, line.unit)
    return any(
        target == (row.sign, row.target_value, row.target_text, row.unit)
        and likeness.likeness(line.name, row.name) >= likeness.THRESHOLD
        for row in rows
    )


def _sharing(marks: Iterable[int], project_id: int) -> dict[int, set[int]]:
    """Return, for the declarations that share most of these marks, which marks those are."""
    mine = sorted(marks)[:900]  # SQLite takes a limited number of values
    if not mine:
        return {}
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

"""The rule book is read once; a sheet knows last year's results and grade, and whether money came before the goals."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from perfmgr.actions._sections import INDICATOR_FIELDS
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.evaluation import Evaluation
from perfmgr.queries import quality, schemes
from perfmgr.queries.people import Viewer
from perfmgr.rules.quality import examine
from perfmgr.rules.texts import same_name
from tests import cast as make
from tests.cast import YEAR, Cast

PAST, TODAY, FUTURE = dt.date(2026, 3, 31), dt.date(2026, 11, 1), dt.date(2027, 3, 31)


def codes(declaration: Declaration) -> set[str]:
    """Return the codes of all findings, with what the database knows."""
    report = examine(quality.sheet(declaration, TODAY), schemes.by_id(declaration.scheme_id), quality.rule_book())
    return {finding.code for finding in report.findings}


def grade_said(declaration: Declaration) -> list[str] | None:
    """Return what Q36 says of last year's evaluation, or None when it was not determined."""
    report = examine(quality.sheet(declaration, TODAY), schemes.by_id(declaration.scheme_id), quality.rule_book())
    if any(unknown.code == "Q36" for unknown in report.undetermined):
        return None
    return [finding.sentence() for finding in report.findings if finding.code == "Q36"]


def test_the_rule_book_is_read_once() -> None:
    assert quality.rule_book() is quality.rule_book()


def test_a_first_year_knows_no_results_and_money_waits_for_the_goals(cast: Cast, by: Viewer) -> None:
    declaration = db.session.get_one(Declaration, make.declare(cast))
    sheet = quality.sheet(declaration, TODAY)
    assert (sheet.last, sheet.last_grade, sheet.budgeted, sheet.approved) == (None, None, False, False)
    assert codes(declaration) & {"Q15", "Q36", "Q37"} == set()


def _evaluation(cast: Cast) -> Evaluation:
    """Return the open self-evaluation of a project with approved targets and budget."""
    make.budgeted(cast)
    (evaluation_id,) = [n for title, n in make.opened(cast).items() if title == "社区服务经费"]
    return db.session.get_one(Evaluation, evaluation_id)


def _following(evaluation: Evaluation) -> tuple[Declaration, Declaration]:
    """Return the project's declaration, and one like it for the next year that is not stored."""
    declaration = db.session.scalars(select(Declaration).where(Declaration.project_id == evaluation.project_id)).one()
    following = Declaration(
        **{
            name: getattr(declaration, name)
            for name in ("project_id", "scheme_id", "overview", "body", "plan", "goals")
        },
        year=YEAR + 1,
        state="draft",
        annual_amount=declaration.annual_amount,
        rationale="",
    )
    following.project, following.unit = declaration.project, declaration.unit
    following.indicators = [
        Indicator(**{name: getattr(i, name) for name in INDICATOR_FIELDS}) for i in declaration.indicators
    ]
    return declaration, following


def test_the_next_year_is_compared_with_what_was_reached(cast: Cast, by: Viewer) -> None:
    evaluation = _evaluation(cast)
    line = next(line for line in evaluation.lines if line.target_value and line.sign == "ge")
    line.actual_value = Decimal(line.target_value or 0) * 2
    evaluation.state, evaluation.grade = "submitted", "差"
    db.session.flush()
    declaration, following = _following(evaluation)
    with db.session.no_autoflush:
        assert (quality.sheet(following, TODAY).last or {})[same_name(line.name)].actual == line.actual_value
        assert codes(following) & {"Q15", "Q36"} == {"Q15", "Q36"}
        assert codes(declaration) & {"Q15", "Q36"} == set()
    evaluation.state = "open"
    db.session.flush()
    with db.session.no_autoflush:
        assert quality.sheet(following, TODAY).last is None


@pytest.mark.parametrize(
    ("state", "grade", "due", "said"),
    [
        ("confirmed", "优", PAST, []),
        ("submitted", "中", PAST, ["项目上年评价等级为“中”，需要先整改。"]),
        ("open", None, PAST, ["项目上年没有完成绩效自评，不能直接申请本年资金。"]),
        ("returned", "中", PAST, ["项目上年没有完成绩效自评，不能直接申请本年资金。"]),
        ("open", None, FUTURE, None),
    ],
)
def test_last_years_evaluation_speaks_once_it_is_done_or_overdue(
    cast: Cast, by: Viewer, state: str, grade: str | None, due: dt.date, said: list[str] | None
) -> None:
    evaluation = _evaluation(cast)
    evaluation.state, evaluation.grade, evaluation.due_on = state, grade, due
    db.session.flush()
    declaration, following = _following(evaluation)
    with db.session.no_autoflush:
        assert grade_said(following) == said
        assert grade_said(declaration) is None


def test_an_evaluation_that_is_owed_no_more_says_nothing(cast: Cast, by: Viewer) -> None:
    evaluation = _evaluation(cast)
    evaluation.due_on = PAST
    assert evaluation.project
    evaluation.project.exempt_reason = "财政已免予编报"
    db.session.flush()
    with db.session.no_autoflush:
        assert grade_said(_following(evaluation)[1]) is None


def test_an_earlier_result_stays_known_beside_an_overdue_sheet(cast: Cast, by: Viewer) -> None:
    evaluation = _evaluation(cast)
    evaluation.state, evaluation.grade = "confirmed", "良"
    overdue = Evaluation(
        **{name: getattr(evaluation, name) for name in ("kind", "cycle_id", "scheme_id", "unit_id", "department_id")},
        project_id=evaluation.project_id,
        adjusted=evaluation.adjusted,
        updated_at=evaluation.updated_at,
        year=YEAR + 1,
        state="open",
        due_on=PAST,
    )
    db.session.add(overdue)
    db.session.flush()
    following = _following(evaluation)[1]
    following.year = YEAR + 2
    with db.session.no_autoflush:
        assert grade_said(following) == ["项目上年没有完成绩效自评，不能直接申请本年资金。"]
        assert quality.sheet(following, TODAY).last

"""The rule book is read once; a sheet knows last year's results and grade, and whether money came before the goals."""

from decimal import Decimal

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


def codes(declaration: Declaration) -> set[str]:
    """Return the codes of all findings, with what the database knows."""
    report = examine(quality.sheet(declaration), schemes.by_id(declaration.scheme_id), quality.rule_book())
    return {finding.code for finding in report.findings}


def test_the_rule_book_is_read_once() -> None:
    assert quality.rule_book() is quality.rule_book()


def test_a_first_year_knows_no_results_and_money_waits_for_the_goals(cast: Cast, by: Viewer) -> None:
    declaration = db.session.get_one(Declaration, make.declare(cast))
    sheet = quality.sheet(declaration)
    assert (sheet.last, sheet.last_grade, sheet.budgeted, sheet.approved) == (None, None, False, False)
    assert codes(declaration) & {"Q15", "Q36", "Q37"} == set()


def test_the_next_year_is_compared_with_what_was_reached(cast: Cast, by: Viewer) -> None:
    make.budgeted(cast)
    (evaluation_id,) = [n for title, n in make.opened(cast).items() if title == "社区服务经费"]
    evaluation = db.session.get_one(Evaluation, evaluation_id)
    declaration = db.session.scalars(select(Declaration).where(Declaration.project_id == evaluation.project_id)).one()
    line = next(line for line in evaluation.lines if line.target_value and line.sign == "ge")
    line.actual_value = Decimal(line.target_value or 0) * 2
    evaluation.state, evaluation.grade = "submitted", "差"
    db.session.flush()
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
    with db.session.no_autoflush:
        assert (quality.sheet(following).last or {})[same_name(line.name)].actual == line.actual_value
        assert codes(following) & {"Q15", "Q36"} == {"Q15", "Q36"}
        assert codes(declaration) & {"Q15", "Q36"} == set()
    evaluation.state = "open"
    db.session.flush()
    with db.session.no_autoflush:
        assert quality.sheet(following).last is None

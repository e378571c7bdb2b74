"""Coverage: every figure with numerator and denominator, exact to the fen, and the list behind it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from perfmgr.actions import budgets, declarations, projects
from perfmgr.actions._action import action
from perfmgr.actions.projects import ProjectDraft, add_project
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.unit import Unit
from perfmgr.queries import coverage
from perfmgr.queries.coverage import Behind
from perfmgr.queries.people import Viewer
from perfmgr.rules.coverage import Share
from tests import cast as make
from tests.cast import ADMIN, APPROVED, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, WAN, YEAR, Cast

By = Callable[[str], Viewer]
NOTHING = Share(Decimal(0), Decimal(0))


def share(part: str | int, whole: str | int) -> Share:
    """Return a share of two numbers."""
    return Share(Decimal(part), Decimal(whole))


def wan(part: str, whole: str) -> Share:
    """Return a share of two amounts in 万元."""
    return Share(Decimal(part) * WAN, Decimal(whole) * WAN)


@pytest.fixture
def year(cast: Cast, by: By) -> None:
    """Approved, waiting, undeclared, exempt and staff projects in two units of 甲部门, and one in 乙部门."""
    for name, amount, until in (("批复的", "570", 3), ("待审的", "33.34", 1), ("草稿", "0.000001", 0)):
        declaration_id = make.declare(cast, name, amount)
        make.take(declaration_id, cast, *APPROVED[:until])
    other = make.declare(cast, "另一单位的", "100", unit=cast.unit_2)
    make.take(other, cast, *APPROVED)
    foreign = make.declare(cast, "乙部门的", "50", by=OUTSIDER, unit=cast.other_unit)
    assert foreign
    for name, category, amount in (
        ("未申报的", "other_operation", "20"),
        ("豁免的", "specific", "5"),
        ("人员", "staff", "800"),
    ):
        unit = db.session.get_one(Unit, cast.unit)
        project = action(add_project)(unit, ProjectDraft("", name, category), YEAR, by(FILLER))
        if name == "豁免的":
            projects.set_exemption(project, "资金由上级下达", by(ADMIN))
        budgets.propose(project, YEAR, Decimal(amount) * WAN, by(FINANCE))


def test_targets_are_counted_by_department_unit_project_and_money(cast: Cast, by: By, year: None) -> None:
    found = coverage.by_department("targets", by(FINANCE), YEAR)
    assert [(t.department_id, t.name, t.units, t.projects, t.money, t.departments) for t in found] == [
        (cast.department, "甲部门", share(1, 2), share(2, 5), wan("670", "723.340001"), NOTHING),
        (cast.other_department, "乙部门", share(0, 1), share(0, 1), wan("0", "50"), NOTHING),
    ]
    total = coverage.total(found)
    assert (total.units, total.projects, total.money) == (share(1, 3), share(2, 6), wan("670", "773.340001"))
    assert (total.projects.percent, total.money.percent) == (Decimal("33.33"), Decimal("86.64"))


def test_each_person_counts_what_they_see(cast: Cast, by: By, year: None) -> None:
    found = {
        person: coverage.total(coverage.by_department("targets", by(person), YEAR)).projects
        for person in (FILLER, FILLER_2, REVIEWER, FINANCE, OUTSIDER)
    }
    assert found == {
        FILLER: share(2, 5),
        FILLER_2: share(1, 1),
        REVIEWER: share(2, 5),
        FINANCE: share(2, 6),
        OUTSIDER: share(0, 1),
    }


def test_the_sheet_of_the_department_counts_for_those_who_may_open_it(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    make.budgeted(cast, "中心的", unit=cast.unit_2)
    make.opened(cast)
    found = {}
    for person in (FILLER, FILLER_2, FINANCE):
        total = coverage.total(coverage.by_department("self_evaluation", by(person), YEAR))
        rows = coverage.departments_behind(by(person), Behind("self_evaluation", "missing", YEAR))
        found[person] = (total.departments, total.projects.whole, [(row.name, row.state) for row in rows])
    sheet = [("甲部门", "open")]
    assert found == {
        FILLER: (share(0, 1), 2, sheet),
        FILLER_2: (NOTHING, 1, []),
        FINANCE: (share(0, 1), 2, sheet),
    }


@pytest.mark.parametrize("stage", ["targets", "self_evaluation"])
def test_where_nothing_is_owed_there_is_no_percentage(by: By, stage: str) -> None:
    total = coverage.total(coverage.by_department(stage, by(FINANCE), YEAR))
    bases = (total.units, total.projects, total.money, total.departments)
    assert ([basis.percent for basis in bases], bases) == ([None] * 4, (NOTHING,) * 4)


@pytest.mark.parametrize("person", [FILLER, FILLER_2, FINANCE, OUTSIDER])
@pytest.mark.parametrize("part", ["all", "done", "missing"])
def test_the_list_behind_a_figure_is_as_long_as_the_figure(by: By, year: None, person: str, part: str) -> None:
    for stage in ("targets", "self_evaluation"):
        total = coverage.total(coverage.by_department(stage, by(person), YEAR))
        wanted = Behind(stage, part, YEAR)
        figure = {"all": lambda s: s.whole, "done": lambda s: s.part, "missing": lambda s: s.whole - s.part}[part]
        page, money = coverage.projects_behind(by(person), wanted)
        assert (page.total, len(page.rows)) == (figure(total.projects), figure(total.projects))
        assert len(coverage.units_behind(by(person), wanted)) == figure(total.units)
        assert len(coverage.departments_behind(by(person), wanted)) == figure(total.departments) or stage == "targets"
        assert sum((row.money for row in page.rows), Decimal(0)) == money == figure(total.money)


def test_the_list_names_what_is_missing_largest_first(cast: Cast, by: By, year: None) -> None:
    page, _money = coverage.projects_behind(by(FILLER), Behind("targets", "missing", YEAR))
    assert [(row.name, row.money, row.state) for row in page.rows] == [
        ("待审的", Decimal("33.34") * WAN, "submitted"),
        ("未申报的", 20 * WAN, None),
        ("草稿", Decimal("0.01"), "draft"),
    ]


def test_units_are_listed_with_their_projects_and_money(cast: Cast, by: By, year: None) -> None:
    rows = coverage.units_behind(by(FILLER), Behind("targets", "all", YEAR))
    assert [(r.code, r.projects_done, r.projects, r.money_done, r.money) for r in rows] == [
        ("219001", 1, 4, 570 * WAN, Decimal("623.340001") * WAN),
        ("219002", 1, 1, 100 * WAN, 100 * WAN),
    ]


def test_exempt_projects_are_counted_apart_with_their_reason(cast: Cast, by: By, year: None) -> None:
    assert coverage.exempt(by(FINANCE), YEAR) == (1, 5 * WAN)
    assert [(row.name, row.money, row.exempt_reason) for row in coverage.exempt_behind(by(FINANCE), YEAR)] == [
        ("豁免的", 5 * WAN, "资金由上级下达")
    ]
    assert (coverage.exempt(by(OUTSIDER), YEAR), coverage.exempt(by(FINANCE), YEAR + 1)) == ((0, 0), (0, 0))


def test_other_years_do_not_count(by: By, year: None) -> None:
    assert coverage.by_department("targets", by(FINANCE), YEAR + 1) == []


def test_a_declared_and_budgeted_project_counts_once(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    (tally,) = coverage.by_department("targets", by(FINANCE), YEAR)
    assert (tally.projects, tally.money) == (share(1, 1), wan("570", "570"))


# --- self-evaluation --------------------------------------------------------------------------


def test_self_evaluation_counts_what_was_handed_in_by_money_spent(cast: Cast, by: By) -> None:
    make.budgeted(cast, "甲", "570", "541.8")
    make.budgeted(cast, "乙", "100", "90.25")
    ids = make.opened(cast)
    states = {"甲": "submitted", "乙": "returned", "甲部门": "open"}
    for title, state in states.items():
        db.session.get_one(Evaluation, ids[title]).state = state
    db.session.commit()
    (tally,) = coverage.by_department("self_evaluation", by(FINANCE), YEAR)
    assert (tally.units, tally.projects, tally.money, tally.departments) == (
        share(0, 1),
        share(1, 2),
        wan("541.8", "632.05"),
        share(0, 1),
    )
    for title in ("乙", "甲部门"):
        db.session.get_one(Evaluation, ids[title]).state = "confirmed"
    db.session.commit()
    (tally,) = coverage.by_department("self_evaluation", by(FINANCE), YEAR)
    assert (tally.units, tally.projects, tally.money, tally.departments) == (
        share(1, 1),
        share(2, 2),
        wan("632.05", "632.05"),
        share(1, 1),
    )


def test_without_a_sheet_a_project_is_owed_all_the_same(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    (tally,) = coverage.by_department("self_evaluation", by(FINANCE), YEAR)
    assert (tally.projects, tally.departments) == (share(0, 1), share(0, 1))


def test_a_proposed_budget_owes_no_self_evaluation(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, *APPROVED)
    assert coverage.by_department("self_evaluation", by(FINANCE), YEAR) == []


def test_a_department_with_only_staff_costs_owes_its_whole_evaluation(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    project = action(add_project)(unit, ProjectDraft("", "人员", "staff"), YEAR, by(FILLER))
    line = budgets.propose(project, YEAR, WAN, by(FINANCE))
    budgets.take(line, "approve", by(FINANCE))
    (tally,) = coverage.by_department("self_evaluation", by(FINANCE), YEAR)
    assert (tally.projects, tally.projects.percent, tally.departments) == (NOTHING, None, share(0, 1))


def test_spending_beyond_the_budget_is_counted_as_spent(cast: Cast, by: By) -> None:
    line = db.session.get_one(BudgetLine, make.budgeted(cast))
    budgets.execute(line, Decimal("600.01") * WAN, by(FILLER))
    (tally,) = coverage.by_department("self_evaluation", by(FINANCE), YEAR)
    assert tally.money == wan("0", "600.01")


def test_three_thirds_of_a_sum_stay_exact(cast: Cast, by: By) -> None:
    for n in range(3):
        declaration = db.session.get_one(Declaration, make.declare(cast, f"三分之一 {n}", "1"))
        declarations.save_funds(declaration, {"general_public": Decimal("333333.33")}, by(FILLER))
        make.take(declaration.id, cast, *APPROVED)
    (tally,) = coverage.by_department("targets", by(REVIEWER), YEAR)
    assert tally.money == Share(Decimal("999999.99"), Decimal("999999.99"))

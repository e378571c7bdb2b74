"""Budgets: first targets, then money; amounts, approval, spending, and what self-evaluations see of them."""

import dataclasses
from collections.abc import Callable
from decimal import Decimal

import pytest

from perfmgr.actions import budgets, projects
from perfmgr.actions._action import action
from perfmgr.actions.projects import ProjectDraft, add_project
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from tests import cast as make
from tests.cast import ADMIN, APPROVED, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, WAN, YEAR, Cast

By = Callable[[str], Viewer]


def sentence(refused: pytest.ExceptionInfo[Refused]) -> str:
    """Return the one sentence of a refusal."""
    (finding,) = refused.value.findings
    return finding.sentence()


def undeclared(cast: Cast, by: By, category: str = "specific") -> Project:
    """Create a project that was declared in no year."""
    unit = db.session.get_one(Unit, cast.unit)
    return action(add_project)(unit, ProjectDraft("", "无目标项目", category), YEAR, by(FILLER))


def amounts(line_id: int) -> tuple[Decimal, Decimal, Decimal]:
    """Return initial budget, adjusted budget and spending as stored."""
    db.session.expire_all()
    line = db.session.get_one(BudgetLine, line_id)
    return line.initial, line.adjusted, line.executed


def test_a_project_without_declaration_gets_no_budget(cast: Cast, by: By) -> None:
    line = budgets.propose(undeclared(cast, by), YEAR, 10 * WAN, by(FINANCE))
    with pytest.raises(Refused) as refused:
        budgets.take(line, "approve", by(FINANCE))
    assert sentence(refused) == ("按照“先有绩效，后有预算”，“无目标项目”还没有申报 2025 年度绩效目标，不能批复预算。")
    assert (refused.value.findings[0].code, db.session.get_one(BudgetLine, line.id).state) == ("Q37", "proposed")


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ((), "草稿"),
        ((FILLER,), "待部门审核"),
        ((FILLER, REVIEWER), "待财政审核"),
    ],
)
def test_targets_that_are_not_approved_get_no_budget(cast: Cast, by: By, steps: tuple[str, ...], state: str) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, *APPROVED[: len(steps)])
    project = db.session.get_one(Declaration, declaration_id).project
    line = budgets.propose(project, YEAR, 10 * WAN, by(FINANCE))
    with pytest.raises(Refused) as refused:
        budgets.take(line, "approve", by(ADMIN))
    assert sentence(refused) == (
        f"按照“先有绩效，后有预算”，“社区服务经费”的绩效目标当前为“{state}”，批复后才能批复预算。"
    )


def test_targets_of_another_year_do_not_count(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, *APPROVED)
    project = db.session.get_one(Declaration, declaration_id).project
    line = budgets.propose(project, YEAR + 1, 10 * WAN, by(FINANCE))
    with pytest.raises(Refused, match="还没有申报 2026 年度绩效目标"):
        budgets.take(line, "approve", by(FINANCE))


@pytest.mark.parametrize("category", ["staff", "public"])
def test_staff_and_office_costs_need_no_targets(cast: Cast, by: By, category: str) -> None:
    line = budgets.propose(undeclared(cast, by, category), YEAR, 10 * WAN, by(FINANCE))
    budgets.take(line, "approve", by(FINANCE))
    assert db.session.get_one(BudgetLine, line.id).state == "approved"


def test_an_exempt_project_needs_no_targets(cast: Cast, by: By) -> None:
    project = undeclared(cast, by)
    projects.set_exemption(project, "资金由上级下达", by(ADMIN))
    line = budgets.propose(project, YEAR, 10 * WAN, by(FINANCE))
    budgets.take(line, "approve", by(FINANCE))
    assert db.session.get_one(BudgetLine, line.id).state == "approved"


def test_ending_the_exemption_closes_the_way_again(cast: Cast, by: By) -> None:
    project = undeclared(cast, by)
    projects.set_exemption(project, "资金由上级下达", by(ADMIN))
    line = budgets.propose(project, YEAR, 10 * WAN, by(FINANCE))
    projects.set_exemption(project, "", by(ADMIN))
    with pytest.raises(Refused, match="还没有申报"):
        budgets.take(line, "approve", by(FINANCE))


def test_a_project_has_one_budget_a_year(cast: Cast, by: By) -> None:
    project = undeclared(cast, by)
    budgets.propose(project, YEAR, 10 * WAN, by(FINANCE))
    with pytest.raises(Conflict) as refused:
        budgets.propose(project, YEAR, 20 * WAN, by(ADMIN))
    assert sentence(refused) == "该项目 2025 年度已有预算，请直接修改。"
    budgets.propose(project, YEAR + 1, 20 * WAN, by(ADMIN))
    assert [line.initial for line in db.session.query(BudgetLine).order_by(BudgetLine.year)] == [10 * WAN, 20 * WAN]


@pytest.mark.parametrize("year", [0, 1999, 2101, 20255, 10**17])
def test_a_budget_of_an_impossible_year_is_refused(cast: Cast, by: By, year: int) -> None:
    with pytest.raises(Refused) as refused:
        budgets.propose(undeclared(cast, by), year, WAN, by(FINANCE))
    assert sentence(refused) == "“年度”应在 2000 到 2100 之间。"


@pytest.mark.parametrize("person", [FILLER, FILLER_2, REVIEWER, OUTSIDER])
def test_budgets_are_made_by_finance_and_administrators(cast: Cast, by: By, person: str) -> None:
    line_id = make.budgeted(cast)
    line = db.session.get_one(BudgetLine, line_id)
    with pytest.raises(NotAllowed):
        budgets.propose(line.project, YEAR + 1, WAN, by(person))
    with pytest.raises(NotAllowed):
        budgets.set_amounts(line, by(person), adjusted=WAN)
    assert (amounts(line_id)[1], db.session.query(BudgetLine).count()) == (570 * WAN, 1)


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, OUTSIDER])
def test_spending_is_entered_by_fillers_of_the_unit_and_administrators(cast: Cast, by: By, person: str) -> None:
    line_id = make.budgeted(cast)
    with pytest.raises(NotAllowed):
        budgets.execute(db.session.get_one(BudgetLine, line_id), WAN, by(person))
    assert amounts(line_id)[2] == Decimal("541.8") * WAN


def test_before_approval_the_initial_budget_takes_the_adjusted_one_along(cast: Cast, by: By) -> None:
    line = budgets.propose(undeclared(cast, by), YEAR, 10 * WAN, by(FINANCE))
    budgets.set_amounts(line, by(FINANCE), initial=12 * WAN)
    assert amounts(line.id) == (12 * WAN, 12 * WAN, 0)
    budgets.set_amounts(line, by(FINANCE), adjusted=15 * WAN)
    budgets.set_amounts(line, by(FINANCE), initial=11 * WAN)
    assert amounts(line.id) == (11 * WAN, 15 * WAN, 0)


def test_after_approval_only_the_adjusted_budget_changes(cast: Cast, by: By) -> None:
    line_id = make.budgeted(cast)
    line = db.session.get_one(BudgetLine, line_id)
    with pytest.raises(Refused) as refused:
        budgets.set_amounts(line, by(ADMIN), initial=600 * WAN)
    assert sentence(refused) == "预算已批复，年初预算数不能再改，请调整“全年预算数”。"
    budgets.set_amounts(line, by(ADMIN), initial=570 * WAN, adjusted=600 * WAN)
    assert amounts(line_id) == (570 * WAN, 600 * WAN, Decimal("541.8") * WAN)


def test_nothing_is_spent_from_a_budget_that_is_not_approved(cast: Cast, by: By) -> None:
    line = budgets.propose(undeclared(cast, by), YEAR, 10 * WAN, by(FINANCE))
    with pytest.raises(Refused) as refused:
        budgets.execute(line, WAN, by(FILLER))
    assert sentence(refused) == "“无目标项目”的预算尚未批复，不能录入执行数。"
    assert (amounts(line.id)[2], db.session.get_one(BudgetLine, line.id).executed_at) == (0, None)


def test_every_fen_is_kept(cast: Cast, by: By) -> None:
    line_id = make.budgeted(cast)
    budgets.execute(db.session.get_one(BudgetLine, line_id), Decimal("5418000.01"), by(FILLER))
    assert amounts(line_id)[2] == Decimal("5418000.01")


def test_a_change_of_amounts_is_written_down_from_and_to_in_wan(cast: Cast, by: By) -> None:
    line_id = make.budgeted(cast)
    line = db.session.get_one(BudgetLine, line_id)
    budgets.set_amounts(line, by(FINANCE), adjusted=Decimal("6183.25") * WAN)
    budgets.set_amounts(line, by(FINANCE), adjusted=Decimal("6183.25") * WAN)
    events = db.session.query(Event).filter_by(subject_kind="budget", step="correct").order_by(Event.id).all()
    assert [event.details for event in events] == [
        {"executed": ["0.00", "541.80"]},
        {"adjusted": ["570.00", "6,183.25"]},
    ]


@pytest.mark.parametrize("change", ["amounts", "execution", "revocation"])
def test_a_form_made_from_an_older_version_is_refused(cast: Cast, by: By, change: str) -> None:
    line_id = make.budgeted(cast)
    line = db.session.get_one(BudgetLine, line_id)
    old = line.version - 1
    before = amounts(line_id)
    attempts = {
        "amounts": lambda: budgets.set_amounts(line, by(FINANCE), adjusted=WAN, version=old),
        "execution": lambda: budgets.execute(line, WAN, by(FILLER), old),
        "revocation": lambda: budgets.take(line, "revoke", by(FINANCE), comment="原因", version=old),
    }
    with pytest.raises(Conflict, match="已被他人修改"):
        attempts[change]()
    assert (amounts(line_id), db.session.get_one(BudgetLine, line_id).state) == (before, "approved")


# --- what self-evaluations see ----------------------------------------------------------------


def seen(evaluation_id: int) -> tuple[Decimal | None, ...]:
    """Return the amounts a self-evaluation was made with."""
    db.session.expire_all()
    evaluation = db.session.get_one(Evaluation, evaluation_id)
    return evaluation.initial, evaluation.adjusted, evaluation.executed


def test_open_self_evaluations_follow_the_budget(cast: Cast, by: By) -> None:
    first, second = make.budgeted(cast), make.budgeted(cast, "第二项目", "100", "90")
    ids = make.opened(cast)
    assert seen(ids["甲部门"]) == (670 * WAN, 670 * WAN, Decimal("631.8") * WAN)
    budgets.execute(db.session.get_one(BudgetLine, first), 560 * WAN, by(FILLER))
    budgets.set_amounts(db.session.get_one(BudgetLine, second), by(FINANCE), adjusted=120 * WAN)
    assert {title: seen(id_) for title, id_ in ids.items()} == {
        "社区服务经费": (570 * WAN, 570 * WAN, 560 * WAN),
        "第二项目": (100 * WAN, 120 * WAN, 90 * WAN),
        "甲部门": (670 * WAN, 690 * WAN, 650 * WAN),
    }


@pytest.mark.parametrize("state", ["submitted", "confirmed"])
def test_a_self_evaluation_that_was_handed_in_keeps_its_amounts(cast: Cast, by: By, state: str) -> None:
    line_id = make.budgeted(cast)
    evaluation_id = make.opened(cast)["社区服务经费"]
    db.session.get_one(Evaluation, evaluation_id).state = state
    db.session.commit()
    budgets.execute(db.session.get_one(BudgetLine, line_id), 560 * WAN, by(FILLER))
    assert seen(evaluation_id) == (570 * WAN, 570 * WAN, Decimal("541.8") * WAN)


def test_a_returned_self_evaluation_follows_again(cast: Cast, by: By) -> None:
    line_id = make.budgeted(cast)
    evaluation_id = make.opened(cast)["社区服务经费"]
    db.session.get_one(Evaluation, evaluation_id).state = "returned"
    db.session.commit()
    budgets.execute(db.session.get_one(BudgetLine, line_id), 560 * WAN, by(FILLER))
    assert seen(evaluation_id)[2] == 560 * WAN


def test_a_revoked_budget_leaves_its_open_self_evaluation_without_amounts(cast: Cast, by: By) -> None:
    line_id = make.budgeted(cast)
    ids = make.opened(cast)
    line = db.session.get_one(BudgetLine, line_id)
    budgets.take(line, "revoke", by(FINANCE), comment="调整")
    assert (seen(ids["社区服务经费"]), seen(ids["甲部门"])) == ((None, None, None), (0, 0, 0))
    budgets.take(line, "approve", by(ADMIN))
    assert seen(ids["社区服务经费"]) == (570 * WAN, 570 * WAN, Decimal("541.8") * WAN)


def test_the_budget_of_one_department_does_not_touch_another(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    ids = make.opened(cast)
    unit = db.session.get_one(Unit, cast.other_unit)
    project = action(add_project)(unit, ProjectDraft("", "乙项目", "staff"), YEAR, by(OUTSIDER))
    line = budgets.propose(project, YEAR, 50 * WAN, by(FINANCE))
    budgets.take(line, "approve", by(FINANCE))
    assert seen(ids["甲部门"]) == (570 * WAN, 570 * WAN, Decimal("541.8") * WAN)


def test_a_viewer_without_the_role_over_this_unit_is_refused_even_with_the_role_elsewhere(cast: Cast, by: By) -> None:
    line = db.session.get_one(BudgetLine, make.budgeted(cast))
    finance = by(FINANCE)
    elsewhere = dataclasses.replace(finance, posts=(dataclasses.replace(finance.posts[0], path="/999/"),))
    with pytest.raises(NotAllowed):
        budgets.take(line, "revoke", elsewhere, comment="原因")
    assert db.session.get_one(BudgetLine, line.id).state == "approved"


def test_a_budgeted_project_does_not_become_one_that_owes_no_targets(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    project = db.session.get_one(Project, db.session.get_one(Declaration, declaration_id).project_id)
    budgets.propose(project, YEAR, Decimal(1_000_000), by(FINANCE))
    with pytest.raises(Refused, match="目标已批复或已列预算的项目不能更改"):
        projects.update(project, ProjectDraft("", project.name, "staff"), by(FILLER))
    db.session.expire_all()
    assert project.category == "specific"

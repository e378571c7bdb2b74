"""Adjusting approved targets: what stays in force meanwhile, what the approval changes, and when it is too late."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from perfmgr import times
from perfmgr.actions import adjustments, budgets, cycles, declarations, evaluations_due
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle, Window
from perfmgr.models.declaration import Declaration, Indicator
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.event import Event
from perfmgr.models.notice import Notice
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.models.version import DeclarationVersion
from perfmgr.queries import adjustments as adjustment_queries
from perfmgr.queries import budgets as budget_queries
from perfmgr.queries import coverage, disclosures, notices, projects, versions
from perfmgr.queries import declarations as declaration_queries
from perfmgr.queries.filters import Filters
from perfmgr.queries.people import Viewer
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from tests import cast as make
from tests.actions.declared import stored
from tests.actions.test_races import take, together
from tests.cast import ADMIN, APPROVED, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, WAN, YEAR, Cast
from tests.conftest import shelf

By = Callable[[str], Viewer]
SUMMER = dt.datetime(YEAR, 6, 1, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def summer() -> Any:
    """The middle of the year: targets may be adjusted."""
    with time_machine.travel(SUMMER):
        yield


@pytest.fixture
def line(app: Flask, cast: Cast, by: By) -> BudgetLine:
    """A project with approved targets and budget of 570 万元; its self-evaluation begins with the next year."""
    return db.session.get_one(BudgetLine, shelf(app).made("line_in_summer", lambda: budgeted_in_summer(cast)))


def budgeted_in_summer(cast: Cast) -> int:
    db.session.execute(update(Window).where(Window.kind == "self_evaluation").values(opens_on=dt.date(YEAR + 1, 1, 1)))
    db.session.commit()
    db.session.expire_all()
    return make.budgeted(cast)


@pytest.fixture
def original(line: BudgetLine) -> Declaration:
    """Its approved targets."""
    found = declaration_queries.of_project(line.project_id, YEAR)
    assert found is not None
    return found


def begun(original: Declaration, by: By) -> Declaration:
    """Return a new adjustment of it."""
    return adjustments.start(original, "服务范围扩大", "大财预〔2025〕12号", by(FILLER))


def changed(original: Declaration, by: By, amount: str = "700") -> Declaration:
    """Return an adjustment with more money, a higher target and one indicator renamed."""
    adjustment = begun(original, by)
    declarations.save_funds(adjustment, {"general_public": Decimal(amount) * WAN}, by(FILLER))
    drafts = make.indicator_drafts()
    drafts[0] = declarations.IndicatorDraft(
        "output", drafts[0].name, "ge", Decimal(230), unit="个", weight=Decimal(20), subcategory="数量指标"
    )
    declarations.save_indicators(adjustment, drafts, by(FILLER))
    return stored(adjustment.id)


def approved(adjustment: Declaration, cast: Cast) -> None:
    """Take the adjustment all the way."""
    make.take(adjustment.id, cast, *APPROVED)


def said(declaration: Declaration) -> tuple[Any, ...]:
    """Return what the declaration says, as far as the tests change it."""
    targets = [indicator.target_value for indicator in declaration.indicators]
    return declaration.annual_amount, [fund.amount for fund in declaration.funds], targets


# --- beginning --------------------------------------------------------------------------------


def test_an_adjustment_begins_with_what_is_in_force(cast: Cast, by: By, original: Declaration) -> None:
    adjustment = begun(original, by)
    assert (adjustment.adjusts_id, adjustment.state, adjustment.subject) == (original.id, "draft", "adjustment")
    assert (adjustment.adjust_reason, adjustment.adjust_basis) == ("服务范围扩大", "大财预〔2025〕12号")
    assert said(adjustment) == said(original)
    assert [(b.title, b.number) for b in adjustment.bases] == [("经费管理办法", "大组〔2022〕101号")]
    assert {row.id for row in adjustment.indicators} & {row.id for row in original.indicators} == set()
    assert [(v.number, v.occasion) for v in versions.listed(original)] == [(2, "before"), (1, "submit")]


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER])
def test_only_a_filler_of_the_unit_adjusts(by: By, original: Declaration, person: str) -> None:
    with pytest.raises(NotAllowed):
        adjustments.start(original, "理由", "依据", by(person))
    assert adjustment_queries.open_of(original.id) is None


@pytest.mark.parametrize(("reason", "basis", "fields"), [("", "1号", ["reason"]), (" ", "", ["reason", "basis"])])
def test_reason_and_basis_are_needed(by: By, original: Declaration, reason: str, basis: str, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        adjustments.start(original, reason, basis, by(FILLER))
    assert [finding.field for finding in refused.value.findings] == fields
    assert db.session.query(DeclarationVersion).filter_by(occasion="before").count() == 0


def test_what_is_not_approved_is_not_adjusted(cast: Cast, by: By, original: Declaration) -> None:
    with pytest.raises(Conflict, match="只有已批复的绩效目标可以调整"):
        adjustments.start(stored(make.declare(cast, "另一项目")), "理由", "依据", by(FILLER))
    with pytest.raises(Conflict, match="只有已批复的绩效目标可以调整"):
        adjustments.start(begun(original, by), "理由", "依据", by(FILLER))


def test_one_adjustment_at_a_time(by: By, original: Declaration) -> None:
    begun(original, by)
    with pytest.raises(Conflict, match="已有一份调整正在办理"):
        begun(stored(original.id), by)


def test_the_database_knows_that_too(app: Flask, cast: Cast, by: By, original: Declaration) -> None:
    original_id = original.id
    db.session.rollback()

    def act() -> int:
        return adjustments.start(db.session.get_one(Declaration, original_id), "理由", "依据", cast.viewer(FILLER)).id

    results = together(app, act, act)
    assert sorted(type(result).__name__ for result in results) == ["int", "str"]
    assert results.count("Conflict") == 1


# --- when it is too late ----------------------------------------------------------------------


def test_not_after_the_self_evaluation_has_begun(by: By, original: Declaration) -> None:
    with (
        time_machine.travel(dt.datetime(YEAR + 1, 1, 1, 1, tzinfo=dt.UTC)),
        pytest.raises(Invalid, match="绩效自评已于"),
    ):
        begun(original, by)


@pytest.mark.parametrize("late", ["submit", "approve"])
def test_neither_submitted_nor_approved_then(cast: Cast, by: By, original: Declaration, late: str) -> None:
    adjustment = changed(original, by)
    steps = APPROVED[:2] if late == "approve" else ()
    make.take(adjustment.id, cast, *steps)
    state = stored(adjustment.id).state
    person = FINANCE if late == "approve" else FILLER
    with time_machine.travel(dt.datetime(YEAR + 1, 1, 1, 1, tzinfo=dt.UTC)), pytest.raises(Invalid):
        make.take(adjustment.id, cast, (person, late))
    assert (stored(adjustment.id).state, stored(original.id).annual_amount) == (state, Decimal(5_700_000))


def test_not_in_a_closed_year(cast: Cast, by: By, original: Declaration) -> None:
    adjustment = changed(original, by)
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    with pytest.raises(Refused, match="已经结束"):
        make.take(adjustment.id, cast, (FILLER, "submit"))
    assert stored(adjustment.id).state == "draft"


def test_not_once_there_is_a_sheet(cast: Cast, by: By, original: Declaration) -> None:
    evaluations_due.open_due(make.NOON)
    assert db.session.query(Evaluation).count() > 0
    with pytest.raises(Invalid, match="绩效自评已经建立"):
        begun(stored(original.id), by)


# --- on its way -------------------------------------------------------------------------------


def test_what_was_approved_stays_in_force_everywhere(cast: Cast, by: By, original: Declaration) -> None:
    department = db.session.get_one(Unit, cast.department)

    def seen() -> list[Any]:
        finance, filters = by(FINANCE), Filters(YEAR)
        page, counts = declaration_queries.page(finance, filters)
        return [
            coverage.by_department("targets", finance, YEAR),
            (len(page.rows), page.total, counts),
            [tuple(row) for row in declaration_queries.stream(finance, filters)],
            [tuple(row) for row in budget_queries.page(finance, filters)[0].rows],
            [tuple(row) for row in disclosures.approved_projects(department, YEAR)],
            [tuple(row) for row in projects.years(db.session.get_one(Project, original.project_id))],
            declaration_queries.of_project(original.project_id, YEAR),
            declaration_queries.latest_before(original.project_id, YEAR + 1),
        ]

    before = seen()
    adjustment = changed(original, by)
    assert seen() == before
    assert [row.adjusting for row in declaration_queries.page(by(FINANCE), Filters(YEAR))[0].rows] == [True]
    make.take(adjustment.id, cast, *APPROVED[:2])
    db.session.expire_all()
    assert seen() == before
    assert disclosures.project_text(adjustment.id, department, YEAR) is None


def test_a_sheet_made_meanwhile_holds_what_is_in_force_once(cast: Cast, by: By, original: Declaration) -> None:
    adjustment = changed(original, by)
    make.take(adjustment.id, cast, *APPROVED[:2])
    evaluations_due.open_due(make.NOON)
    sheet = db.session.scalars(select(Evaluation).where(Evaluation.kind == "project")).one()
    assert [line.target_value for line in sheet.lines] == [i.target_value for i in stored(original.id).indicators]


def test_it_waits_on_the_to_do_lists_without_the_window_of_the_declarations(
    cast: Cast, by: By, original: Declaration
) -> None:
    adjustment = changed(original, by)
    rows = [(row.id, row.adjusts_id, row.due_on) for row in notices.waiting(by(FILLER), times.today()).rows]
    assert (adjustment.id, original.id, None) in rows
    make.take(adjustment.id, cast, (FILLER, "submit"))
    assert [row.id for row in notices.waiting(by(REVIEWER), times.today()).rows] == [adjustment.id]


def test_an_adjustment_that_changes_nothing_is_not_submitted(cast: Cast, by: By, original: Declaration) -> None:
    adjustment = begun(original, by)
    with pytest.raises(Refused, match="与批复的目标完全相同"):
        make.take(adjustment.id, cast, (FILLER, "submit"))
    assert stored(adjustment.id).state == "draft"


def test_it_is_told_as_what_it_is(cast: Cast, by: By, original: Declaration) -> None:
    before = db.session.query(Notice).count()
    approved(changed(original, by), cast)
    kinds = [notice.kind for notice in db.session.scalars(select(Notice).order_by(Notice.id))][before:]
    assert kinds == ["adjustment_submit", "adjustment_approve", "adjustment_approve"]


def test_grounds_are_changed_while_it_is_prepared_only(cast: Cast, by: By, original: Declaration) -> None:
    adjustment = changed(original, by)
    adjustments.save_grounds(adjustment, " 新理由 ", "新依据", by(FILLER), adjustment.version)
    assert stored(adjustment.id).adjust_reason == "新理由"
    with pytest.raises(Invalid):
        adjustments.save_grounds(stored(adjustment.id), "", "新依据", by(FILLER))
    make.take(adjustment.id, cast, (FILLER, "submit"))
    for record in (stored(adjustment.id), stored(original.id)):
        with pytest.raises(Conflict):
            adjustments.save_grounds(record, "理由", "依据", by(FILLER))


# --- in force ---------------------------------------------------------------------------------


def test_the_approval_puts_it_in_force_with_the_money(
    cast: Cast, by: By, line: BudgetLine, original: Declaration
) -> None:
    adjustment = changed(original, by)
    approved(adjustment, cast)
    found = stored(original.id)
    assert said(found) == (Decimal(7_000_000), [Decimal(7_000_000)], [230, 95, 570, 60000, 90])
    assert (found.state, found.adjust_reason, stored(adjustment.id).state) == ("approved", "服务范围扩大", "approved")
    budget = db.session.get_one(BudgetLine, line.id)
    amounts = (budget.initial, budget.adjusted, budget.executed, budget.state)
    assert amounts == (Decimal(5_700_000), Decimal(7_000_000), Decimal(5_418_000), "approved")
    event = db.session.scalars(select(Event).where(Event.subject_kind == "budget").order_by(Event.id.desc())).first()
    assert event is not None
    assert (event.step, event.details, event.person_id) == (
        "correct",
        {"adjusted": ["570.00", "700.00"]},
        cast.people[FINANCE],
    )


def test_both_values_are_kept(cast: Cast, by: By, original: Declaration) -> None:
    approved(changed(original, by), cast)
    beside = versions.beside(stored(original.id), (), editable=False)
    assert beside.targets["办理服务项目数"] == "≥190个"
    assert (beside.funds, beside.gone) == ({"general_public": "5700000"}, [])
    rows = [(v.number, v.occasion, v.adjustment_id is not None) for v in versions.listed(original)]
    assert rows == [(4, "adjust", False), (3, "submit", True), (2, "before", False), (1, "submit", False)]


def test_a_second_adjustment_keeps_the_first_values(cast: Cast, by: By, original: Declaration) -> None:
    approved(changed(original, by), cast)
    again = begun(stored(original.id), by)
    assert said(again)[0] == Decimal(7_000_000)
    declarations.save_funds(again, {"general_public": Decimal(800) * WAN}, by(FILLER))
    approved(stored(again.id), cast)
    found = stored(original.id)
    assert found.annual_amount == Decimal(8_000_000)
    assert versions.beside(found, (), editable=False).funds == {"general_public": "5700000"}
    occasions = [v.occasion for v in versions.listed(found)]
    assert occasions == ["adjust", "submit", "adjust", "submit", "before", "submit"]


def test_the_budget_is_left_alone_when_the_money_stays(
    cast: Cast, by: By, line: BudgetLine, original: Declaration
) -> None:
    budgets.set_amounts(line, by(FINANCE), adjusted=Decimal(6_000_000))
    approved(changed(original, by, "570"), cast)
    assert db.session.get_one(BudgetLine, line.id).adjusted == Decimal(6_000_000)


def test_indicators_that_go_are_told_with_their_first_value(cast: Cast, by: By, original: Declaration) -> None:
    adjustment = begun(original, by)
    drafts = make.indicator_drafts()
    drafts[0] = declarations.IndicatorDraft(
        "output", "全新的指标", "ge", Decimal(1), unit="个", weight=Decimal(20), subcategory="数量指标"
    )
    declarations.save_indicators(adjustment, drafts, by(FILLER))
    approved(stored(adjustment.id), cast)
    beside = versions.beside(stored(original.id), (), editable=False)
    assert ([row["name"] for row in beside.gone], beside.gone_targets) == (["办理服务项目数"], ["≥190个"])
    assert db.session.query(Indicator).filter_by(declaration_id=original.id).count() == 5


def test_the_self_evaluation_is_about_the_adjusted_targets(cast: Cast, by: By, original: Declaration) -> None:
    approved(changed(original, by), cast)
    evaluations_due.open_due(make.NOON)
    sheet = db.session.scalars(select(Evaluation).where(Evaluation.kind == "project")).one()
    assert [line.target_value for line in sheet.lines] == [230, 95, 570, 60000, 90]
    assert (sheet.initial, sheet.adjusted) == (Decimal(5_700_000), Decimal(7_000_000))


# --- given up ---------------------------------------------------------------------------------


@pytest.mark.parametrize("returned", [False, True])
def test_given_up_it_leaves_nothing_in_force(cast: Cast, by: By, original: Declaration, returned: bool) -> None:
    before = said(original)
    adjustment = changed(original, by)
    if returned:
        make.take(adjustment.id, cast, (FILLER, "submit"), (REVIEWER, "return"))
    assert adjustments.drop(stored(adjustment.id), by(FILLER)) is True
    found = stored(original.id)
    assert (said(found), found.state, adjustment_queries.open_of(original.id)) == (before, "approved", None)
    beside = versions.beside(found, (), editable=False)
    assert (beside.initial, beside.targets) == (None, {})
    assert [row.id for row in notices.waiting(by(FILLER), times.today()).rows if row.id == adjustment.id] == []
    with pytest.raises(Conflict):
        declarations.save_texts(stored(adjustment.id), {"overview": "改"}, by(FILLER))
    begun(stored(original.id), by)  # another one may follow


def test_a_declaration_is_not_given_up(cast: Cast, by: By, original: Declaration) -> None:
    declaration_id = make.declare(cast, "另一项目")
    with pytest.raises(Conflict, match="不是调整"):
        adjustments.drop(stored(declaration_id), by(FILLER))
    with pytest.raises(NotAllowed):
        adjustments.drop(stored(declaration_id), by(REVIEWER))
    assert stored(declaration_id).state == "draft"


def test_an_adjustment_is_not_discarded_with_its_project(cast: Cast, by: By, original: Declaration) -> None:
    adjustment = begun(original, by)
    with pytest.raises(Conflict):
        declarations.discard(adjustment, by(FILLER))


# --- at the same moment -----------------------------------------------------------------------


def test_two_approvals_put_it_in_force_once(app: Flask, cast: Cast, by: By, original: Declaration) -> None:
    adjustment, original_id = changed(original, by), original.id
    make.take(adjustment.id, cast, *APPROVED[:2])
    act = take(cast, adjustment.id, FINANCE, "approve")
    db.session.rollback()
    assert sorted(together(app, act, act, act)) == [False, False, True]
    assert [v.occasion for v in versions.listed(stored(original_id))].count("adjust") == 1
    assert db.session.query(Event).filter_by(step="adjusted").count() == 1
    assert db.session.query(BudgetLine).one().adjusted == Decimal(7_000_000)


def test_approving_and_returning_at_once_has_one_winner(app: Flask, cast: Cast, by: By, original: Declaration) -> None:
    adjustment, original_id = changed(original, by), original.id
    make.take(adjustment.id, cast, *APPROVED[:2])
    acts = take(cast, adjustment.id, FINANCE, "approve"), take(cast, adjustment.id, FINANCE, "return")
    db.session.rollback()
    results = together(app, *acts)
    assert sorted(map(str, results)) == ["Conflict", "True"]
    amount = Decimal(7_000_000) if results[0] is True else Decimal(5_700_000)
    assert stored(original_id).annual_amount == amount

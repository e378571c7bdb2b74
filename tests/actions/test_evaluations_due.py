"""The clock creates what is due: every sheet once, with all its lines, whoever runs it and how often."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from perfmgr.actions import budgets, cycles, declarations, evaluations, evaluations_due, projects, units
from perfmgr.actions._action import action
from perfmgr.actions._sections import INDICATOR_FIELDS
from perfmgr.actions.declarations import IndicatorDraft
from perfmgr.actions.projects import ProjectDraft, add_project
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.cycles import Span
from tests import cast as make
from tests.cast import ADMIN, ALWAYS, FILLER, FINANCE, NOON, OUTSIDER, WAN, YEAR, Cast

By = Callable[[str], Viewer]


def titles() -> list[str]:
    """Return kind and title of every sheet, oldest first."""
    db.session.rollback()
    return [f"{e.kind} {e.title}" for e in db.session.scalars(select(Evaluation).order_by(Evaluation.id))]


def spend_without_targets(cast: Cast, by: By, unit_id: int, person: str, name: str, category: str = "staff") -> None:
    """Create a project that owes no targets, with an approved budget."""
    unit = db.session.get_one(Unit, unit_id)
    project = action(add_project)(unit, ProjectDraft("", name, category), YEAR, by(person))
    if category == "specific":
        projects.set_exemption(project, "上级下达", by(ADMIN))
    line = budgets.propose(project, YEAR, 10 * WAN, by(FINANCE))
    budgets.take(line, "approve", by(FINANCE))


def set_window(cast: Cast, by: By, opens_on: dt.date, closes_on: dt.date) -> None:
    """Set when self-evaluation is open."""
    cycle = db.session.get_one(Cycle, cast.cycle)
    windows = {**ALWAYS, "self_evaluation": Span(opens_on, closes_on)}
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, windows, by(ADMIN))


def test_every_project_and_every_department_gets_one_sheet(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    make.budgeted(cast, "第二项目", "100", "90")
    assert evaluations_due.open_due(NOON) == 3
    assert titles() == ["project 社区服务经费", "project 第二项目", "department 甲部门"]


def test_running_it_again_creates_nothing(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    assert [evaluations_due.open_due(NOON) for _n in range(3)] == [2, 0, 0]
    make.budgeted(cast, "后来的项目", "100", "90")
    assert [evaluations_due.open_due(NOON) for _n in range(2)] == [1, 0]


def test_a_dry_run_counts_and_writes_nothing(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    assert evaluations_due.open_due(NOON, dry_run=True) == 2
    assert titles() == []
    assert evaluations_due.open_due(NOON) == 2
    assert evaluations_due.open_due(NOON, dry_run=True) == 0


def test_clocks_that_run_at_once_create_everything_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        for n in range(3):
            make.budgeted(cast, f"项目 {n}", "100", "90")

    def run(_n: int) -> int:
        with app.app_context():
            return evaluations_due.open_due(NOON)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(run, range(4)))
    with app.app_context():
        assert (sum(made), sorted(titles())) == (4, ["department 甲部门", *(f"project 项目 {n}" for n in range(3))])
        assert db.session.query(EvaluationLine).count() == 3 * 5
        assert db.session.query(Event).filter_by(subject_kind="evaluation", step="start").count() == 4


def test_a_sheet_holds_every_line_of_the_targets(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    declaration = db.session.get_one(Declaration, declaration_id)
    drafts = make.indicator_drafts()
    drafts[0] = IndicatorDraft(
        "output", "口碑", "qualitative", None, "群众认可", "", Decimal(20), "数量指标", None, "走访记录"
    )
    rule = {"type": "steps", "start": None, "step": "5", "deduct": "1"}
    drafts[1] = IndicatorDraft(
        "output", "合格率", "ge", Decimal("95.5"), "", "%", Decimal(15), "质量指标", rule, "验收单"
    )
    declarations.save_indicators(declaration, drafts, by(FILLER))
    make.take(declaration_id, cast, *make.APPROVED)
    line = db.session.query(BudgetLine).one()
    budgets.take(line, "approve", by(FINANCE))
    sheet = db.session.get_one(Evaluation, make.opened(cast)["社区服务经费"])
    targets = [tuple(getattr(i, name) for name in INDICATOR_FIELDS) for i in declaration.indicators]
    assert [tuple(getattr(line, name) for name in INDICATOR_FIELDS) for line in sheet.lines] == targets
    assert [line.position for line in sheet.lines] == [1, 2, 3, 4, 5]
    given = ("actual_value", "actual_text", "tier", "share", "not_applicable", "reason", "self_score")
    assert {tuple(getattr(line, name) for name in given) for line in sheet.lines} == {
        (None, "", "", None, False, "", None)
    }


def test_a_sheet_knows_its_year_money_goal_scheme_and_last_day(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    ids = make.opened(cast)
    schemes = {row.id: row.code for row in db.session.execute(select(SchemeVersion.id, SchemeVersion.code))}
    names = ("year", "unit_id", "department_id", "state", "initial", "adjusted", "executed", "goal_expected", "due_on")
    found = {title: db.session.get_one(Evaluation, id_) for title, id_ in ids.items()}
    money = (570 * WAN, 570 * WAN, Decimal("541.8") * WAN)
    last = dt.date(2099, 12, 31)
    assert {title: tuple(getattr(sheet, name) for name in names) for title, sheet in found.items()} == {
        "社区服务经费": (YEAR, cast.unit, cast.department, "open", *money, "办成实事。", last),
        "甲部门": (YEAR, cast.department, cast.department, "open", *money, "", last),
    }
    assert {title: schemes[sheet.scheme_id] for title, sheet in found.items()} == {
        "社区服务经费": "10-50-30-10",
        "甲部门": "department-six",
    }


def test_a_project_is_scored_by_the_scheme_its_targets_were_set_under(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    cycle = db.session.get_one(Cycle, cast.cycle)
    other = db.session.scalars(select(SchemeVersion.id).where(SchemeVersion.code == "20-80")).one()
    cycles.update(cycle, other, cycle.department_scheme_id, ALWAYS, by(ADMIN))
    sheet = db.session.get_one(Evaluation, make.opened(cast)["社区服务经费"])
    assert sheet.scheme.code == "10-50-30-10"


def test_what_owes_no_targets_gets_no_sheet_but_counts_for_its_department(cast: Cast, by: By) -> None:
    spend_without_targets(cast, by, cast.unit, FILLER, "在职人员经费")
    spend_without_targets(cast, by, cast.unit, FILLER, "上级专项", "specific")
    evaluations_due.open_due(NOON)
    assert titles() == ["department 甲部门"]
    assert db.session.query(Evaluation).one().adjusted == 20 * WAN


def test_a_budget_that_is_not_approved_owes_nothing_yet(cast: Cast, by: By) -> None:
    line = db.session.get_one(BudgetLine, make.budgeted(cast))
    budgets.take(line, "revoke", by(FINANCE), comment="调整")
    assert (evaluations_due.open_due(NOON), titles()) == (0, [])
    budgets.take(line, "approve", by(FINANCE))
    assert evaluations_due.open_due(NOON) == 2


@pytest.mark.parametrize(
    ("instant", "made"),
    [
        (dt.datetime(2025, 12, 31, 15, 59, 59, tzinfo=dt.UTC), 0),
        (dt.datetime(2025, 12, 31, 16, 0, tzinfo=dt.UTC), 2),
        (dt.datetime(2026, 5, 31, 15, 59, 59, tzinfo=dt.UTC), 2),
        (dt.datetime(2026, 5, 31, 16, 0, tzinfo=dt.UTC), 0),
    ],
)
def test_sheets_are_created_while_the_window_is_open_by_beijing_time(
    cast: Cast, by: By, instant: dt.datetime, made: int
) -> None:
    make.budgeted(cast)
    set_window(cast, by, dt.date(2026, 1, 1), dt.date(2026, 5, 31))
    assert evaluations_due.open_due(instant) == made


def test_a_closed_year_owes_nothing_more(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    assert evaluations_due.open_due(NOON) == 0
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), False, by(ADMIN))
    assert evaluations_due.open_due(NOON) == 2


def test_a_department_with_a_cycle_of_its_own_follows_that_one(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    spend_without_targets(cast, by, cast.other_unit, OUTSIDER, "乙部门人员经费")
    area = db.session.get_one(Cycle, cast.cycle)
    department = db.session.get_one(Unit, cast.other_department)
    shut = {**ALWAYS, "self_evaluation": Span(dt.date(2030, 1, 1), dt.date(2030, 12, 31))}
    own = cycles.create(department, YEAR, area.project_scheme_id, area.department_scheme_id, shut, by(ADMIN))
    evaluations_due.open_due(NOON)
    assert titles() == ["project 社区服务经费", "department 甲部门"]
    cycles.update(own, own.project_scheme_id, own.department_scheme_id, ALWAYS, by(ADMIN))
    evaluations_due.open_due(NOON)
    assert titles()[2:] == ["department 乙部门"]
    assert [e.cycle_id for e in db.session.scalars(select(Evaluation).order_by(Evaluation.id))] == [
        area.id,
        area.id,
        own.id,
    ]


def test_only_the_year_of_the_cycle_is_created(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    line = db.session.query(BudgetLine).one()
    line.year = YEAR + 1
    db.session.commit()
    assert evaluations_due.open_due(NOON) == 0


def test_a_department_starts_with_the_indicators_of_its_last_year_without_values(cast: Cast, by: By) -> None:
    make.budgeted(cast)
    last = db.session.get_one(Evaluation, make.opened(cast)["甲部门"])
    draft = IndicatorDraft("cost", "公用经费控制率", "le", Decimal(100), unit="%", weight=Decimal(10), evidence="报表")
    evaluations.save_lines(last, [draft], by(FILLER))
    evaluations.save(
        last, [evaluations.LineEntry(actual_value=Decimal(98), reason="说明")], {"problems": "无"}, by(FILLER)
    )
    area = db.session.get_one(Unit, cast.area)
    old = db.session.get_one(Cycle, cast.cycle)
    cycles.create(area, YEAR + 1, old.project_scheme_id, old.department_scheme_id, ALWAYS, by(ADMIN))
    line = budgets.propose(db.session.query(Project).one(), YEAR + 1, WAN, by(FINANCE))
    line.state = "approved"
    db.session.commit()
    evaluations_due.open_due(NOON)
    sheet = db.session.scalars(
        select(Evaluation).where(Evaluation.year == YEAR + 1, Evaluation.kind == "department")
    ).one()
    assert [(x.name, x.target_value, x.weight, x.evidence, x.actual_value, x.reason) for x in sheet.lines] == [
        ("公用经费控制率", Decimal(100), Decimal(10), "报表", None, "")
    ]
    assert sheet.problems == ""


def test_units_below_units_belong_to_their_department(cast: Cast, by: By) -> None:
    parent = db.session.get_one(Unit, cast.unit)
    below = units.create(parent, units.tidied("unit", "public_institution", "219001001", "下属中心"), by(ADMIN))
    spend_without_targets(cast, by, below.id, FILLER, "下属人员经费")
    evaluations_due.open_due(NOON)
    assert titles() == ["department 甲部门"]

"""Declaring: starting a year, saving section by section, and what stands between a draft and its submission."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from perfmgr import times
from perfmgr.actions import cycles, declarations, projects
from perfmgr.actions._sections import INDICATOR_FIELDS
from perfmgr.actions.declarations import BasisDraft, IndicatorDraft, Opened, StepDraft
from perfmgr.actions.projects import ProjectDraft
from perfmgr.extensions import db
from perfmgr.models.budget import BudgetLine
from perfmgr.models.cycle import Cycle
from perfmgr.models.declaration import Declaration
from perfmgr.models.event import Event
from perfmgr.models.project import Project
from perfmgr.models.unit import Unit
from perfmgr.queries import projects as project_queries
from perfmgr.queries.people import Viewer
from perfmgr.rules.declarations import Overtaken, base_of
from perfmgr.rules.refusals import Conflict, Invalid, NotAllowed, Refused
from perfmgr.rules.years import usual_windows
from tests import cast as make
from tests.cast import ADMIN, APPROVED, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER, YEAR, Cast

By = Callable[[str], Viewer]


def sentences(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return every sentence of a refusal."""
    return [finding.sentence() for finding in refused.value.findings]


def stored(declaration_id: int) -> Declaration:
    """Return the declaration as the database has it now."""
    db.session.expire_all()
    return db.session.get_one(Declaration, declaration_id)


@pytest.fixture
def declaration(cast: Cast, by: By) -> Declaration:
    """A complete draft."""
    return stored(make.declare(cast))


def test_a_new_project_comes_with_the_first_declaration(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    project, declaration = declarations.create(unit, ProjectDraft("", "新项目", "specific"), YEAR, by(FILLER))
    assert declaration is not None
    assert (project.unit_id, project.department_id, project.owes) == (cast.unit, cast.department, True)
    names = ("year", "state", "cycle_id", "unit_id", "department_id", "filled_by_id", "annual_amount")
    assert [getattr(declaration, name) for name in names] == [
        YEAR,
        "draft",
        cast.cycle,
        cast.unit,
        cast.department,
        cast.people[FILLER],
        Decimal(0),
    ]
    assert project.code == f"21029125T9{project.id:011d}"


@pytest.mark.parametrize(("category", "letter"), [("staff", "R"), ("public", "Y")])
def test_a_project_that_owes_no_targets_comes_without_declaration(
    cast: Cast, by: By, category: str, letter: str
) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    project, declaration = declarations.create(unit, ProjectDraft("", "在职人员经费", category), YEAR, by(FILLER))
    assert (declaration, project.owes, project.code[8]) == (None, False, letter)


def test_two_projects_of_one_name_get_codes_of_their_own(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    made = [declarations.create(unit, ProjectDraft("", "同名", "specific"), YEAR, by(FILLER))[0] for _n in range(3)]
    assert len({project.code for project in made}) == 3


def test_a_code_of_the_budget_platform_is_kept_and_free_only_once(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    draft = ProjectDraft(" 210291 25t ０００００００００００１", "甲", "specific")
    project, _declaration = declarations.create(unit, draft, YEAR, by(FILLER))
    assert project.code == "21029125T000000000001"
    with pytest.raises(Conflict) as refused:
        declarations.create(unit, dataclasses.replace(draft, name="乙"), YEAR, by(FILLER))
    assert sentences(refused) == ["项目代码“21029125T000000000001”已被使用，请核对。"]
    assert db.session.query(Project).count() == 1


@pytest.mark.parametrize("place", ["area", "department", "closed unit"])
def test_a_project_belongs_to_an_active_budget_unit(cast: Cast, by: By, place: str) -> None:
    ids = {"area": cast.area, "department": cast.department, "closed unit": cast.unit}
    unit = db.session.get_one(Unit, ids[place])
    unit.active = place != "closed unit"
    db.session.commit()
    filler = dataclasses.replace(by(FILLER), posts=(dataclasses.replace(by(FILLER).posts[0], path="/"),))
    with pytest.raises(Refused) as refused:
        declarations.create(unit, ProjectDraft("", "新项目", "specific"), YEAR, filler)
    assert sentences(refused) == ["项目应由部门下的预算单位申报，请重新选择单位。"]


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER])
def test_nobody_but_a_filler_of_the_unit_declares(cast: Cast, by: By, person: str) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    with pytest.raises(NotAllowed):
        declarations.create(unit, ProjectDraft("", "新项目", "specific"), YEAR, by(person))
    assert db.session.query(Project).count() == 0


def test_everything_wrong_with_a_project_is_said_at_once(cast: Cast, by: By) -> None:
    draft = ProjectDraft(
        "123", " ", "specific", "x", "9999999", dt.date(2025, 12, 31), dt.date(2025, 1, 1), Decimal(1), ""
    )
    with pytest.raises(Invalid) as refused:
        declarations.create(db.session.get_one(Unit, cast.unit), draft, YEAR, by(FILLER))
    assert [finding.field for finding in refused.value.findings] == [
        "name",
        "code",
        "attribute",
        "function_code",
        "end_on",
    ]


def test_a_year_without_cycle_cannot_be_declared(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    with pytest.raises(Refused) as refused:
        declarations.create(unit, ProjectDraft("", "新项目", "specific"), 2031, by(FILLER))
    assert sentences(refused) == ["2031 年度的周期尚未建立，请联系系统管理员。"]
    assert db.session.query(Project).count() == 0


def test_a_closed_year_cannot_be_declared(cast: Cast, by: By) -> None:
    cycles.set_closed(db.session.get_one(Cycle, cast.cycle), True, by(ADMIN))
    with pytest.raises(Refused) as refused:
        make.declare(cast)
    assert sentences(refused) == ["2025 年度已经结束，不能再申报。"]


def test_a_year_is_declared_once(declaration: Declaration, by: By) -> None:
    with pytest.raises(Conflict) as refused:
        declarations.start(declaration.project, YEAR, by(FILLER))
    assert sentences(refused) == ["该项目 2025 年度的申报已经建立，请直接打开。"]


# --- the next year ----------------------------------------------------------------------------


def next_cycle(cast: Cast, by: By, scheme: str = "10-50-30-10") -> None:
    """Open the next year for the cast's area."""
    from perfmgr.models.scheme import SchemeVersion

    ids = {row.code: row.id for row in db.session.execute(select(SchemeVersion.code, SchemeVersion.id))}
    area = db.session.get_one(Unit, cast.area)
    cycles.create(area, YEAR + 1, ids[scheme], ids["department-six"], make.ALWAYS, by(ADMIN))


def test_the_next_year_takes_over_texts_and_indicators(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    texts = ("overview", "rationale", "body", "plan", "goals")
    assert [getattr(following, name) for name in texts] == [getattr(declaration, name) for name in texts]
    assert [(b.title, b.number) for b in following.bases] == [("经费管理办法", "大组〔2022〕101号")]
    assert [(s.content, s.responsible, s.start_on, s.end_on) for s in following.steps] == [
        ("制定计划", "科室", dt.date(YEAR + 1, 1, 1), dt.date(YEAR + 1, 12, 31))
    ]
    names = INDICATOR_FIELDS
    rows = [[tuple(getattr(i, name) for name in names) for i in d.indicators] for d in (following, declaration)]
    assert rows[0] == rows[1]


def test_the_next_year_takes_over_dates_and_amounts_to_be_looked_at(
    cast: Cast, by: By, declaration: Declaration
) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    assert (following.start_on, following.end_on) == (dt.date(YEAR + 1, 1, 1), dt.date(YEAR + 1, 12, 31))
    assert [(fund.source, fund.amount) for fund in following.funds] == [("general_public", Decimal(5_700_000))]
    assert (following.annual_amount, following.state) == (Decimal(5_700_000), "draft")
    # 成本 570 万元 is an amount among the targets.
    assert following.to_check == ["start_on", "step_spans", "funds", "indicators"]
    assert following.project.attribute == "continuing"


def test_changing_the_next_year_leaves_the_last_one_alone(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    declarations.save_texts(following, {"overview": "改写"}, by(FILLER))
    declarations.save_indicators(following, [], by(FILLER))
    last = stored(declaration.id)
    assert (last.overview, len(last.indicators), last.annual_amount) == ("为居民办实事。", 5, Decimal(5_700_000))


def test_indicators_of_categories_the_new_scheme_does_not_know_stay_behind(
    cast: Cast, by: By, declaration: Declaration
) -> None:
    next_cycle(cast, by, "20-80")
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    known = {category["code"] for category in following.scheme.data["categories"]}
    assert [i.name for i in following.indicators] == [i.name for i in declaration.indicators if i.category in known]


# --- saving -----------------------------------------------------------------------------------


def test_the_years_amount_is_the_sum_of_the_funds(declaration: Declaration, by: By) -> None:
    amounts = {"general_public": Decimal("333340.01"), "carry_over": Decimal("0.99"), "other": None}
    declarations.save_funds(declaration, amounts, by(FILLER))
    found = stored(declaration.id)
    assert found.annual_amount == Decimal("333341.00")
    assert {fund.source: fund.amount for fund in found.funds} == {
        "general_public": Decimal("333340.01"),
        "carry_over": Decimal("0.99"),
    }


def test_a_source_emptied_is_gone(declaration: Declaration, by: By) -> None:
    declarations.save_funds(declaration, {"other": Decimal(100)}, by(FILLER))
    assert [(fund.source, fund.amount) for fund in stored(declaration.id).funds] == [("other", Decimal(100))]


def test_saving_one_text_leaves_the_others(declaration: Declaration, by: By) -> None:
    declarations.save_texts(declaration, {"overview": "第一段\x0b第二段\x00 "}, by(FILLER))
    found = stored(declaration.id)
    assert (found.overview, found.body, found.goals) == ("第一段\n第二段", "甲部门", "办成实事。")


def test_a_text_nobody_knows_is_a_mistake_of_ours(declaration: Declaration, by: By) -> None:
    with pytest.raises(KeyError):
        declarations.save_texts(declaration, {"state": "approved"}, by(FILLER))
    assert stored(declaration.id).state == "draft"


def test_empty_rows_are_not_saved_and_the_order_is_kept(declaration: Declaration, by: By) -> None:
    rows = [BasisDraft("《乙》", "二号"), BasisDraft("", ""), BasisDraft("甲", "")]
    declarations.save_bases(declaration, rows, "理由", by(FILLER))
    steps = [StepDraft("乙"), StepDraft(""), StepDraft("甲", responsible="科")]
    declarations.save_plan(declaration, "方案", "目标", steps, by(FILLER))
    found = stored(declaration.id)
    assert [(b.position, b.title, b.number) for b in found.bases] == [(1, "乙", "二号"), (2, "甲", "")]
    assert [(s.position, s.content, s.responsible) for s in found.steps] == [(1, "乙", ""), (2, "甲", "科")]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([BasisDraft("", "大组〔2022〕101号")], "有的立项依据只填了文号，请补充文件名称。"),
        ([BasisDraft(f"依据{n}") for n in range(201)], "一次最多保存 200 行，请分开填写。"),
    ],
)
def test_bases_that_cannot_stand_are_refused(
    declaration: Declaration, by: By, rows: list[BasisDraft], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        declarations.save_bases(declaration, rows, "", by(FILLER))
    assert sentences(refused) == [sentence]
    assert [b.title for b in stored(declaration.id).bases] == ["经费管理办法"]


DAY = dt.date(2025, 6, 1)


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (StepDraft("", DAY), "步骤 1 没有内容，请填写或删除这一行。"),
        (StepDraft("做", DAY, dt.date(2025, 5, 31)), "步骤 1 的结束日期早于开始日期，请调整其中一个。"),
    ],
)
def test_steps_that_cannot_stand_are_refused(declaration: Declaration, by: By, step: StepDraft, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        declarations.save_plan(declaration, "", "", [step], by(FILLER))
    assert sentences(refused) == [sentence]
    assert stored(declaration.id).plan == "分季度实施。"


def test_a_period_that_ends_before_it_starts_names_both_days(declaration: Declaration, by: By) -> None:
    with pytest.raises(Refused) as refused:
        declarations.save_period(declaration, DAY, dt.date(2025, 5, 31), by(FILLER))
    assert sentences(refused) == ["“实施周期”的结束日期 2025-05-31 早于开始日期 2025-06-01，请调整其中一个。"]


def test_indicators_are_exactly_the_ones_saved(declaration: Declaration, by: By) -> None:
    drafts = [*make.indicator_drafts()[:2], IndicatorDraft("benefit", "口碑", "qualitative", target_text="群众认可")]
    declarations.save_indicators(declaration, drafts, by(FILLER))
    assert [(i.position, i.name, i.target_value, i.target_text) for i in stored(declaration.id).indicators] == [
        (1, "办理服务项目数", Decimal(190), ""),
        (2, "验收合格率", Decimal(95), ""),
        (3, "口碑", None, "群众认可"),
    ]


def test_an_indicator_without_sign_is_refused(declaration: Declaration, by: By) -> None:
    with pytest.raises(Refused) as refused:
        declarations.save_indicators(declaration, [IndicatorDraft("output", "次数", "")], by(FILLER))
    assert sentences(refused) == ["第 1 项指标没有选择符号。"]
    assert len(stored(declaration.id).indicators) == 5


@pytest.mark.parametrize("state", ["submitted", "department_approved", "approved"])
def test_nothing_can_be_saved_while_others_have_it(declaration: Declaration, by: By, state: str) -> None:
    declaration.state = state
    db.session.commit()
    with pytest.raises(Conflict, match="不能修改；如需修改请先撤回或由审核人退回。"):
        declarations.save_texts(declaration, {"overview": "改"}, by(FILLER))
    assert stored(declaration.id).overview == "为居民办实事。"


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, ADMIN, OUTSIDER])
def test_nobody_but_a_filler_of_the_unit_saves(declaration: Declaration, by: By, person: str) -> None:
    with pytest.raises(NotAllowed):
        declarations.save_funds(declaration, {"other": Decimal(1)}, by(person))
    assert stored(declaration.id).annual_amount == Decimal(5_700_000)


def test_a_section_that_others_saved_meanwhile_is_refused_and_changes_nothing(declaration: Declaration, by: By) -> None:
    version, opened = declaration.version, Opened(base_of("overview", declaration))
    declarations.save_texts(declaration, {"overview": "甲写的"}, by(FILLER), opened)
    with pytest.raises(Overtaken, match="这一节在您打开之后已被他人保存。"):
        declarations.save_texts(stored(declaration.id), {"overview": "乙写的"}, by(FILLER), opened)
    assert (stored(declaration.id).overview, stored(declaration.id).version) == ("甲写的", version + 1)


def test_what_others_saved_in_another_section_is_no_conflict(declaration: Declaration, by: By) -> None:
    opened = Opened(base_of("overview", declaration))
    declarations.save_funds(declaration, {"other": Decimal(100)}, by(FILLER))
    declarations.save_texts(declaration, {"overview": "乙写的"}, by(FILLER), opened)
    assert (stored(declaration.id).overview, stored(declaration.id).annual_amount) == ("乙写的", Decimal(100))


def test_who_saved_a_section_last_is_noted(declaration: Declaration, by: By) -> None:
    declarations.save_funds(declaration, {"other": Decimal(100)}, by(FILLER), Opened(tab="t1"))
    saved = stored(declaration.id).saves["funds"]
    assert {**saved, "at": ""} == {"by": "林填报", "person": by(FILLER).id, "tab": "t1", "at": ""}


def test_nothing_is_saved_in_a_year_that_is_over(declaration: Declaration, by: By) -> None:
    declaration.cycle.closed_at = times.now()
    db.session.commit()
    with pytest.raises(Refused, match="年度已经结束，不能再办理"):
        declarations.save_texts(declaration, {"overview": "改"}, by(FILLER))


# --- submitting -------------------------------------------------------------------------------


def test_an_empty_draft_is_told_everything_that_is_missing(cast: Cast, by: By) -> None:
    declaration = stored(make.declare(cast, complete=False))
    with pytest.raises(Invalid) as refused:
        declarations.take(declaration, "submit", by(FILLER))
    assert [(f.code, f.field) for f in refused.value.findings] == [
        ("Q01", "overview"),
        ("Q01", "bases"),
        ("Q01", "body"),
        ("Q01", "plan"),
        ("Q01", "goals"),
        ("Q01", "step_spans"),
        ("Q01", "start_on"),
        ("Q01", "end_on"),
        ("Q01", "funds"),
        ("Q01", "indicators"),
        ("Q01", "indicators"),
    ]


def test_what_is_refused_leaves_no_trace(
    cast: Cast, by: By, told: Callable[[], list[tuple[str, str]]], history: Callable[[str, int], list[object]]
) -> None:
    declaration = stored(make.declare(cast, complete=False))
    before = (declaration.version, declaration.updated_at)
    with pytest.raises(Invalid):
        declarations.take(declaration, "submit", by(FILLER))
    found = stored(declaration.id)
    assert (found.state, (found.version, found.updated_at), found.submitted_at) == ("draft", before, None)
    assert (told(), len(history("declaration", declaration.id))) == ([], 1)


SPAN = usual_windows(YEAR)["declaration"]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (dt.date(2024, 7, 31), "2025 年度“目标申报”将于 2024年8月1日 开始，现在还不能送审。"),
        (dt.date(2025, 1, 1), "2025 年度“目标申报”已于 2024年12月31日 截止，如需补报请联系系统管理员调整时间。"),
    ],
)
def test_outside_the_window_nothing_is_submitted(cast: Cast, by: By, day: dt.date, sentence: str) -> None:
    declaration = stored(make.declare(cast))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    noon = dt.datetime.combine(day, dt.time(12), dt.timezone(dt.timedelta(hours=8)))
    with pytest.raises(Refused) as refused:
        declarations.take(declaration, "submit", by(FILLER), now=noon)
    assert (sentences(refused), stored(declaration.id).state) == ([sentence], "draft")


@pytest.mark.parametrize(
    ("instant", "state"),
    [
        ("2024-07-31 23:59:59+08:00", "draft"),
        ("2024-08-01 00:00:00+08:00", "submitted"),
        ("2024-12-31 23:59:59+08:00", "submitted"),
        ("2025-01-01 00:00:00+08:00", "draft"),
    ],
)
def test_the_window_opens_and_closes_at_midnight_in_beijing(cast: Cast, by: By, instant: str, state: str) -> None:
    declaration = stored(make.declare(cast))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(YEAR), by(ADMIN))
    with time_machine.travel(instant, tick=False):
        if state == "draft":
            with pytest.raises(Refused):
                declarations.take(declaration, "submit", by(FILLER))
        else:
            declarations.take(declaration, "submit", by(FILLER))
    assert stored(declaration.id).state == state


def test_reviewers_are_not_held_up_by_the_window(cast: Cast, by: By) -> None:
    declaration = stored(make.declare(cast))
    declarations.take(declaration, "submit", by(FILLER))
    cycle = db.session.get_one(Cycle, cast.cycle)
    cycles.update(cycle, cycle.project_scheme_id, cycle.department_scheme_id, usual_windows(2003), by(ADMIN))
    declarations.take(declaration, "return", by(REVIEWER), comment="请改")
    assert stored(declaration.id).state == "returned"


def test_nobody_reviews_their_own_work(cast: Cast, by: By) -> None:
    declaration = stored(make.declare(cast, by=OUTSIDER, unit=cast.other_unit))
    declarations.take(declaration, "submit", by(OUTSIDER))
    for step in ("approve", "return"):
        with pytest.raises(NotAllowed) as refused:
            declarations.take(declaration, step, by(OUTSIDER), comment="好")
        assert sentences(refused) == ["不能审核本人填报的材料，请由其他审核人办理。"]
    assert stored(declaration.id).state == "submitted"


def test_the_approval_by_finance_proposes_the_budget(cast: Cast, by: By, declaration: Declaration) -> None:
    make.take(declaration.id, cast, *APPROVED)
    line = db.session.query(BudgetLine).one()
    names = ("project_id", "year", "unit_id", "department_id", "state", "initial", "adjusted", "executed")
    assert [getattr(line, name) for name in names] == [
        declaration.project_id,
        YEAR,
        cast.unit,
        cast.department,
        "proposed",
        Decimal(5_700_000),
        Decimal(5_700_000),
        Decimal(0),
    ]


def test_a_budget_that_is_there_already_is_left_alone(cast: Cast, by: By, declaration: Declaration) -> None:
    from perfmgr.actions import budgets

    budgets.propose(declaration.project, YEAR, Decimal(123), by(FINANCE))
    make.take(declaration.id, cast, *APPROVED)
    assert [line.initial for line in db.session.query(BudgetLine)] == [Decimal(123)]


def test_the_moments_of_submission_and_approval_are_kept(cast: Cast, by: By, declaration: Declaration) -> None:
    moments = [dt.datetime(2025, 3, n, 1, tzinfo=dt.UTC) for n in (1, 2, 3)]
    for (person, step), now in zip(APPROVED, moments, strict=True):
        declarations.take(stored(declaration.id), step, by(person), now=now)
    found = stored(declaration.id)
    assert (found.submitted_at, found.approved_at, found.updated_at) == (moments[0], moments[2], moments[2])


# --- the project as a whole -------------------------------------------------------------------


def test_after_the_approval_a_filler_cannot_rename_the_project(cast: Cast, by: By, declaration: Declaration) -> None:
    make.take(declaration.id, cast, *APPROVED)
    project = db.session.get_one(Project, declaration.project_id)
    draft = ProjectDraft("", "改名", "specific")
    with pytest.raises(Refused) as refused:
        projects.update(project, draft, by(FILLER))
    assert sentences(refused) == ["目标已批复或已列预算的项目不能更改名称、代码和类别，如确需更改请联系系统管理员。"]
    projects.update(project, draft, by(ADMIN))
    assert db.session.get_one(Project, project.id).name == "改名"


def test_a_correction_of_the_project_is_written_down_from_and_to(
    by: By, declaration: Declaration, history: Callable[[str, int], list[object]]
) -> None:
    from perfmgr.models.event import Event

    project = declaration.project
    projects.update(project, ProjectDraft("", "改名", "specific", total_amount=Decimal(100)), by(FILLER))
    event = db.session.query(Event).filter_by(subject_kind="project", step="correct").one()
    assert event.details == {"name": ["社区服务经费", "改名"], "total_amount": ["", "100"]}


def test_saving_a_project_without_change_writes_nothing_down(by: By, declaration: Declaration) -> None:
    from perfmgr.models.event import Event

    project = declaration.project
    projects.update(project, ProjectDraft(project.code, project.name, "specific"), by(FILLER))
    assert db.session.query(Event).filter_by(subject_kind="project", step="correct").count() == 0


@pytest.mark.parametrize("person", [FILLER_2, REVIEWER, FINANCE, OUTSIDER])
def test_others_do_not_change_the_project(by: By, declaration: Declaration, person: str) -> None:
    with pytest.raises(NotAllowed):
        projects.update(declaration.project, ProjectDraft("", "改名", "specific"), by(person))


def test_exempting_is_for_administrators_and_can_be_ended(
    by: By, declaration: Declaration, history: Callable[[str, int], list[tuple[str, str | None, str | None]]]
) -> None:
    project = declaration.project
    for person in (FILLER, REVIEWER, FINANCE):
        with pytest.raises(NotAllowed):
            projects.set_exemption(project, "上级下达", by(person))
    projects.set_exemption(project, "上级下达", by(ADMIN))
    assert (project.exempt_reason, project.owes) == ("上级下达", False)
    projects.set_exemption(project, "上级下达", by(ADMIN))
    projects.set_exemption(project, " ", by(ADMIN))
    assert (project.exempt_reason, project.owes) == ("", True)
    assert [step for step, _from, _to in history("project", project.id)] == ["start", "exempt", "include"]


def test_what_owes_nothing_needs_no_exemption(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    project, _none = declarations.create(unit, ProjectDraft("", "人员经费", "staff"), YEAR, by(FILLER))
    with pytest.raises(Refused) as refused:
        projects.set_exemption(project, "原因", by(ADMIN))
    assert sentences(refused) == ["这一类别的项目本来就不编报绩效目标，无需豁免。"]


# --- discarding a draft -----------------------------------------------------------------------


def test_a_draft_that_was_never_submitted_goes_with_its_project(cast: Cast, by: By) -> None:
    declaration_id = make.declare(cast)
    project_id = stored(declaration_id).project_id
    assert declarations.discard(stored(declaration_id), by(FILLER)) is True
    assert db.session.get(Project, project_id) is None
    left = db.session.scalars(select(Event).where(Event.subject_kind.in_(("project", "declaration")))).all()
    assert (db.session.get(Declaration, declaration_id), left) == (None, [])


def test_a_project_with_an_earlier_year_stays_and_remembers(cast: Cast, by: By) -> None:
    line = db.session.get_one(BudgetLine, make.budgeted(cast))
    next_cycle(cast, by)
    declaration = declarations.start(line.project, YEAR + 1, by(FILLER))
    assert declarations.discard(declaration, by(FILLER)) is False
    event = db.session.scalars(select(Event).where(Event.step == "discard")).one()
    assert (event.subject_id, event.details) == (line.project_id, {"year": str(YEAR + 1)})


@pytest.mark.parametrize("steps", [((FILLER, "submit"),), ((FILLER, "submit"), (FILLER, "withdraw")), APPROVED])
def test_what_was_submitted_once_is_not_discarded(cast: Cast, by: By, steps: tuple[tuple[str, str], ...]) -> None:
    declaration_id = make.declare(cast)
    make.take(declaration_id, cast, *steps)
    with pytest.raises(Conflict, match="只有从未送审的草稿可以删除"):
        declarations.discard(stored(declaration_id), by(FILLER))
    with pytest.raises(NotAllowed):
        declarations.discard(stored(declaration_id), by(REVIEWER))


def test_nothing_is_begun_after_the_window_has_closed(cast: Cast, by: By) -> None:
    unit = db.session.get_one(Unit, cast.unit)
    late = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(Refused, match=r"“目标申报”已于 2099年12月31日 截止，不能再新建"):
        declarations.create(unit, ProjectDraft("", "迟到的项目", "specific"), YEAR, by(FILLER), late)
    assert db.session.scalars(select(Project)).all() == []


# --- copying last year's projects -------------------------------------------------------------


def test_what_was_copied_is_looked_at_section_by_section(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    with pytest.raises(Invalid) as refused:
        declarations.take(following, "submit", by(FILLER))
    assert [f.field for f in refused.value.findings if f.code == "COPY"] == [
        *("start_on", "step_spans", "funds", "indicators")
    ]
    following = stored(following.id)
    declarations.save_period(following, following.start_on, following.end_on, by(FILLER))
    assert following.to_check == ["step_spans", "funds", "indicators"]
    steps = [StepDraft(s.content, s.start_on, s.end_on, s.responsible) for s in following.steps]
    declarations.save_plan(following, following.plan, following.goals, steps, by(FILLER))
    declarations.save_funds(following, {"general_public": Decimal(5_800_000)}, by(FILLER))
    declarations.save_indicators(following, make.indicator_drafts(), by(FILLER))
    assert stored(following.id).to_check == []
    assert declarations.take(stored(following.id), "submit", by(FILLER)) is True


def test_a_refused_save_has_looked_at_nothing(cast: Cast, by: By, declaration: Declaration) -> None:
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    with pytest.raises(Refused):
        declarations.save_period(following, dt.date(2026, 2, 1), dt.date(2026, 1, 1), by(FILLER))
    assert "start_on" in stored(following.id).to_check


def test_a_text_that_names_the_old_year_is_marked(cast: Cast, by: By, declaration: Declaration) -> None:
    declarations.save_texts(declaration, {"overview": f"{YEAR}年为居民办实事。"}, by(FILLER))
    next_cycle(cast, by)
    following = declarations.start(declaration.project, YEAR + 1, by(FILLER))
    assert following.to_check[0] == "overview"
    declarations.save_texts(following, {"overview": "为居民办实事。"}, by(FILLER))
    assert "overview" not in stored(following.id).to_check


def test_a_project_declared_again_is_a_continuing_one_and_remembers(
    cast: Cast, by: By, declaration: Declaration
) -> None:
    next_cycle(cast, by)
    assert declaration.project.attribute == "new"
    declarations.start(declaration.project, YEAR + 1, by(FILLER))
    event = db.session.scalars(select(Event).where(Event.subject_kind == "project", Event.step == "correct")).one()
    assert event.details == {"attribute": ["新增项目", "延续项目"]}


def continuing(by: By, person: str = FILLER, year: int = YEAR + 1) -> list[str]:
    """Return the names of the projects that may be declared as last year."""
    return [row.Project.name for row in project_queries.continuing(by(person), year)]


def test_projects_that_go_on_are_declared_at_once(cast: Cast, by: By) -> None:
    for name, unit in (("甲", cast.unit), ("乙", cast.unit), ("丙", cast.unit_2)):
        make.take(make.declare(cast, name, unit=unit), cast, *APPROVED)
    make.declare(cast, "没有批复")
    over = stored(make.declare(cast, "到期"))
    make.take(over.id, cast, *APPROVED)
    over.project.end_on = dt.date(YEAR, 12, 31)
    db.session.commit()
    next_cycle(cast, by)
    assert (continuing(by), continuing(by, FILLER_2), continuing(by, OUTSIDER)) == (["甲", "乙", "丙"], ["丙"], [])
    chosen = [row.Project for row in project_queries.continuing(by(FILLER), YEAR + 1)][:2]
    assert declarations.continue_all(chosen, YEAR + 1, by(FILLER)) == 2
    assert declarations.continue_all(chosen, YEAR + 1, by(FILLER)) == 0
    assert continuing(by) == ["丙"]
    assert db.session.query(Declaration).filter_by(year=YEAR + 1, state="draft").count() == 2


def test_all_of_them_or_none(cast: Cast, by: By) -> None:
    for name, unit in (("甲", cast.unit_2), ("乙", cast.unit)):
        make.take(make.declare(cast, name, unit=unit), cast, *APPROVED)
    next_cycle(cast, by)
    both = list(db.session.scalars(select(Project).order_by(Project.id)))
    with pytest.raises(NotAllowed):
        declarations.continue_all(both, YEAR + 1, by(FILLER_2))
    assert db.session.query(Declaration).filter_by(year=YEAR + 1).count() == 0


def test_a_year_left_out_does_not_matter(cast: Cast, by: By) -> None:
    make.take(make.declare(cast, "甲"), cast, *APPROVED)
    assert continuing(by, year=YEAR + 3) == ["甲"]

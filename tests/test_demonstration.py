"""The demonstration department: the figures of two published documents come out again."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from perfmgr.demonstration import department
from perfmgr.documents.disclosures import Block, accounts_blocks, budget_blocks
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.person import Person
from perfmgr.models.unit import Unit
from perfmgr.queries import budgets, coverage, disclosures, people
from perfmgr.queries.people import Viewer
from perfmgr.rules.coverage import Share
from tests.browser import Visitor, text
from tests.conftest import empty

TODAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
NAME = "中共大连高新技术产业园区工作委员会党群工作部"
WAN = Decimal(10_000)


@pytest.fixture(scope="module")
def demonstration(migrated_app: Flask) -> Iterator[Flask]:
    """The application with the demonstration as it stands on 2 March 2026; the tests here only look at it."""
    with time_machine.travel(TODAY, tick=True), migrated_app.app_context():
        department.build(TODAY.date())
    yield migrated_app
    empty(migrated_app)


@pytest.fixture
def finance(demonstration: Flask) -> Iterator[Viewer]:
    """The finance reviewer as the one who asks, in an application context."""
    with demonstration.app_context():
        yield people.viewer(db.session.scalars(select(Person.id).where(Person.username == "caizheng")).one())
        db.session.rollback()


def the_department() -> Unit:
    """Return the one department of the demonstration."""
    return db.session.scalars(select(Unit).where(Unit.name == NAME)).one()


def paragraphs(blocks: list[Block]) -> list[str]:
    """Return the text of all blocks, paragraph by paragraph."""
    return [line for block in blocks for line in block.paragraphs]


def test_the_targets_of_2025_are_those_of_the_published_budget(finance: Viewer) -> None:
    tally = coverage.total(coverage.by_department("targets", finance, 2025))
    assert (tally.projects, tally.money) == (
        Share(Decimal(9), Decimal(9)),
        Share(Decimal("6183.25") * WAN, Decimal("6183.25") * WAN),
    )
    assert coverage.exempt(finance, 2025) == (2, Decimal("2318.98") * WAN)
    kinds = budgets.by_kind(the_department().id, 2025)
    assert kinds["project"].initial == Decimal("8502.23") * WAN
    assert kinds["basic"].initial + kinds["project"].initial == Decimal("9358.59") * WAN


def test_the_sentence_on_targets_can_be_published(finance: Viewer) -> None:
    facts = disclosures.of_department(the_department(), 2025, finance)
    assert paragraphs(budget_blocks(facts, None)) == [
        "2025年，按照“先有绩效，后有预算”的要求，本部门共编制绩效目标项目9项，"
        "预算金额6,183.25万元，占应编报绩效目标的项目支出预算比重100%。"
    ]
    (block,) = budget_blocks(facts, None)
    assert block.remarks[1:] == [
        "另有 2 个项目 2,318.98 万元经批准不编报，未计入分母；按全部项目支出 8,502.23 万元计算，比重为 72.73%。"
    ]


def test_the_whole_department_earned_83_40_in_2022(finance: Viewer) -> None:
    sheet = db.session.scalars(select(Evaluation).where(Evaluation.kind == "department", Evaluation.year == 2022)).one()
    assert (sheet.state, sheet.self_total, sheet.total, sheet.grade) == (
        "confirmed",
        Decimal("83.40"),
        Decimal("83.40"),
        "良",
    )
    assert sheet.explanation is not None
    assert sheet.explanation["execution"]["score"] == "9.03"
    lines = sum((line.self_score for line in sheet.lines if line.self_score is not None), Decimal(0))
    assert lines == Decimal("74.37")


def test_coverage_of_2022_is_one_department_and_no_project(finance: Viewer) -> None:
    tally = coverage.total(coverage.by_department("self_evaluation", finance, 2022))
    assert (tally.departments, tally.projects, tally.money) == (
        Share(Decimal(1), Decimal(1)),
        Share(Decimal(0), Decimal(2)),
        Share(Decimal(0), Decimal("932.14") * WAN),
    )


def test_the_accounts_of_2022_come_out_as_published(finance: Viewer) -> None:
    facts = disclosures.of_department(the_department(), 2022, finance)
    found = paragraphs(accounts_blocks(facts))
    assert found[0] == (
        "本年度支出933.74万元，其中：基本支出1.6万元，项目支出932.14万元。与年初预算相比，"
        "支出完成年初预算的90.3%，其中：基本支出完成100%，项目支出完成90.3%。"
    )
    assert found[1:4] == [
        "一般公共服务支出（类）组织事务（款）行政运行（项）1.6万元，完成年初预算的100%。",
        "一般公共服务支出（类）组织事务（款）一般行政管理事务（项）30.97万元，完成年初预算的77.43%。",
        "一般公共服务支出（类）组织事务（款）其他组织事务支出（项）901.17万元，完成年初预算的90.82%。",
    ]
    assert found[4] == (
        "根据预算绩效管理要求，本部门组织对2022年度预算项目支出和部门整体支出开展绩效自评，"
        "共涉及预算支出项目0个，涉及资金0万元，整体自评1个，部门整体自评覆盖率达到100%，"
        "自评分83.4分（等级为“良”）。"
    )


def test_2022_is_closed_2025_is_evaluated_and_the_next_year_declared(finance: Viewer) -> None:
    rows = db.session.execute(select(Declaration.year, Declaration.state)).all()
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.year, []).append(row.state)
    assert {year: sorted(states) for year, states in found.items()} == {
        2022: ["approved"] * 2,
        2025: ["approved"] * 9,
        # The second one that waits adjusts the approved one.
        2026: ["approved", "department_approved", "draft", "returned", "submitted", "submitted"],
    }
    sheets = db.session.execute(select(Evaluation.state).where(Evaluation.year == 2025)).scalars().all()
    assert sorted(sheets) == ["confirmed", "confirmed", *["open"] * 6, "returned", "submitted"]


def test_every_member_of_the_cast_signs_in_and_sees_work(demonstration: Flask) -> None:
    waiting = {}
    with time_machine.travel(TODAY, tick=True):
        for username in ("tianbao", "rencai", "shenhe", "caizheng", "guanli", "zhuanjia2"):
            visitor = Visitor(demonstration)
            assert visitor.sign_in(username, department.PASSWORD).status_code == 303
            waiting[username] = text(visitor.get("/")).split(" 项等您处理")[0].split()[-1]
    assert waiting == {
        "tianbao": "17",
        "rencai": "5",
        "shenhe": "5",
        "caizheng": "3",
        "guanli": "0",
        "zhuanjia2": "1",
    }

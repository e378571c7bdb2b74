"""Saving a declaration section by section."""

import datetime as dt
from decimal import Decimal

import pytest

from perfmgr import times
from perfmgr.actions import declarations
from perfmgr.actions.declarations import BasisDraft, IndicatorDraft, Opened, StepDraft
from perfmgr.extensions import db
from perfmgr.models.declaration import Declaration
from perfmgr.rules.declarations import Overtaken, base_of
from perfmgr.rules.refusals import Conflict, NotAllowed, Refused
from tests import cast as make
from tests.actions.declared import By, sentences, stored
from tests.cast import ADMIN, FILLER, FILLER_2, FINANCE, OUTSIDER, REVIEWER


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

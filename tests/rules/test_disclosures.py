"""The sentences a department publishes, with the figures of published documents."""

import dataclasses

import pytest
from hypothesis import given

from perfmgr.rules.coverage import Share
from perfmgr.rules.disclosures import (
    EvaluationFacts,
    Sentence,
    Spent,
    TargetFacts,
    evaluation_sentence,
    short_percent,
    short_wan,
    spending_sentences,
    targets_sentence,
)
from perfmgr.rules.numbers import half_up, parse_number
from tests.rules.sheets import D, amounts, steady


@pytest.mark.parametrize(
    ("yuan", "printed"),
    [
        ("61832500", "6,183.25"),
        ("93585900", "9,358.59"),
        ("5700000", "570"),
        ("5705000", "570.5"),
        ("16000", "1.6"),
        ("1000000", "100"),
        ("50", "0.01"),
        ("49.99", "0"),
        ("-49.99", "0"),
        ("0", "0"),
    ],
)
def test_an_amount_is_printed_with_commas_and_without_trailing_zeros(yuan, printed):
    assert short_wan(D(yuan)) == printed


@steady
@given(amounts)
def test_a_printed_amount_is_the_amount_to_two_decimals(yuan):
    assert parse_number(short_wan(yuan)) == half_up(yuan / 10_000)


@pytest.mark.parametrize(
    ("value", "places", "printed"),
    [
        ("77.43", 2, "77.43%"),
        ("77.435", 2, "77.44%"),
        ("100.00", 2, "100%"),
        ("90.30", 1, "90.3%"),
        ("0", 2, "0%"),
        (None, 2, "—"),
    ],
)
def test_a_percentage_is_printed_without_trailing_zeros(value, places, printed):
    assert short_percent(None if value is None else D(value), places) == printed


TARGETS = TargetFacts(
    year=2025,
    count=9,
    money=Share(D(61832500), D(61832500)),
    exempt_count=0,
    exempt_money=D(0),
    project_total=D(61832500),
)


def test_the_sentence_on_targets_of_a_published_budget():
    assert targets_sentence(TARGETS) == Sentence(
        "2025年，按照“先有绩效，后有预算”的要求，本部门共编制绩效目标项目9项，"
        "预算金额6,183.25万元，占应编报绩效目标的项目支出预算比重100%。",
        ("比重的分子为已批复目标的项目预算 6,183.25 万元，分母为应编报项目预算 6,183.25 万元。",),
    )


def test_exempt_projects_are_told_to_the_department_with_the_share_of_all():
    facts = dataclasses.replace(
        TARGETS,
        money=Share(D(61832500), D(75525000)),
        exempt_count=2,
        exempt_money=D(9497300),
        project_total=D(85022300),
    )
    assert targets_sentence(facts) == Sentence(
        "2025年，按照“先有绩效，后有预算”的要求，本部门共编制绩效目标项目9项，"
        "预算金额6,183.25万元，占应编报绩效目标的项目支出预算比重81.87%。",
        (
            "比重的分子为已批复目标的项目预算 6,183.25 万元，分母为应编报项目预算 7,552.5 万元。",
            "另有 2 个项目 949.73 万元经批准不编报，未计入分母；按全部项目支出 8,502.23 万元计算，比重为 72.73%。",
        ),
    )


def test_a_department_that_owes_no_targets_has_no_percentage():
    facts = dataclasses.replace(TARGETS, count=0, money=Share(D(0), D(0)), project_total=D(0))
    assert targets_sentence(facts) == Sentence(
        "2025年，按照“先有绩效，后有预算”的要求，本部门共编制绩效目标项目0项，"
        "预算金额0万元，占应编报绩效目标的项目支出预算比重—（无应编报项目）。",
        ("比重的分子为已批复目标的项目预算 0 万元，分母为应编报项目预算 0 万元。",),
    )


def test_the_sentences_on_spending_of_published_accounts():
    total = Spent("支出", D(10338600), D(9337400))
    basic = Spent("基本支出", D(16000), D(16000))
    project = Spent("项目支出", D(10322600), D(9321400))
    functions = [
        Spent("行政运行", D(16000), D(16000)),
        Spent("一般行政管理事务", D(400000), D(309700)),
        Spent("其他组织事务支出", D(9922600), D(9011700)),
        Spent("年初无预算的支出", D(0), D(5000)),
    ]
    assert spending_sentences(total, basic, project, functions) == [
        Sentence(
            "本年度支出933.74万元，其中：基本支出1.6万元，项目支出932.14万元。与年初预算相比，"
            "支出完成年初预算的90.3%，其中：基本支出完成100%，项目支出完成90.3%。"
        ),
        Sentence("行政运行1.6万元，完成年初预算的100%。"),
        Sentence("一般行政管理事务30.97万元，完成年初预算的77.43%。"),
        Sentence("其他组织事务支出901.17万元，完成年初预算的90.82%。"),
        Sentence("年初无预算的支出0.5万元，年初未安排预算。"),
    ]


def test_without_a_budget_there_is_no_rate_to_publish():
    nothing, project = Spent("基本支出", D(0), D(0)), Spent("项目支出", D(100000), D(50000))
    assert spending_sentences(project, nothing, project, [])[0].text == (
        "本年度支出5万元，其中：基本支出0万元，项目支出5万元。与年初预算相比，支出完成年初预算的50%，其中：项目支出完成50%。"
    )
    assert spending_sentences(nothing, nothing, nothing, []) == [
        Sentence("本年度支出0万元，其中：基本支出0万元，项目支出0万元。")
    ]


def test_a_completion_rate_has_two_decimals_for_a_line_and_one_overall():
    total, basic, project, line = (
        Spent(name, D(30000), D(10000)) for name in ("支出", "基本支出", "项目支出", "行政运行")
    )
    overall, line = spending_sentences(total, basic, project, [line])
    assert line == Sentence("行政运行1万元，完成年初预算的33.33%。")
    assert overall == Sentence(
        "本年度支出1万元，其中：基本支出1万元，项目支出1万元。与年初预算相比，"
        "支出完成年初预算的33.3%，其中：基本支出完成33.3%，项目支出完成33.3%。"
    )


@pytest.mark.parametrize(
    ("executed", "places", "printed"),
    [("90.245", 1, "90.2%"), ("90.245", 2, "90.25%"), ("90.25", 1, "90.3%"), ("90.2499", 1, "90.2%")],
)
def test_a_completion_rate_is_rounded_once(executed, places, printed):
    assert Spent("支出", D(100), D(executed)).completion(places) == printed


ACCOUNTS = EvaluationFacts(
    year=2022,
    projects=Share(D(0), D(0)),
    money=Share(D(0), D(0)),
    departments=Share(D(1), D(1)),
    total=D("83.40"),
    grade="良",
    confirmed=True,
    problems="",
    measures="",
)
WHOLE = "覆盖率按部门整体自评计算：已完成 {} / 应评 {}。"


def test_the_sentence_on_self_evaluation_of_published_accounts():
    assert evaluation_sentence(ACCOUNTS) == Sentence(
        "根据预算绩效管理要求，本部门组织对2022年度预算项目支出和部门整体支出开展绩效自评，"
        "共涉及预算支出项目0个，涉及资金0万元，整体自评1个，部门整体自评覆盖率达到100%，"
        "自评分83.4分（等级为“良”）。",
        (WHOLE.format(1, 1),),
    )


def test_unfinished_projects_and_an_unconfirmed_score_are_told_to_the_department():
    facts = dataclasses.replace(
        ACCOUNTS, projects=Share(D(2), D(3)), money=Share(D(9321400), D(10322600)), confirmed=False
    )
    assert evaluation_sentence(facts) == Sentence(
        "根据预算绩效管理要求，本部门组织对2022年度预算项目支出和部门整体支出开展绩效自评，"
        "共涉及预算支出项目2个，涉及资金932.14万元，整体自评1个，部门整体自评覆盖率达到100%，"
        "自评分83.4分（等级为“良”）。",
        (
            WHOLE.format(1, 1),
            "按项目计算为 2/3（66.67%），按资金计算为 932.14/1,032.26 万元（90.3%）。",
            "项目自评尚未全部完成，公开前请核对覆盖率的口径。",
            "部门整体自评得分尚未复核，公开前请先完成复核。",
        ),
    )


def test_finished_projects_need_no_remark():
    facts = dataclasses.replace(ACCOUNTS, projects=Share(D(3), D(3)), money=Share(D(10322600), D(10322600)))
    assert evaluation_sentence(facts).remarks == (
        WHOLE.format(1, 1),
        "按项目计算为 3/3（100%），按资金计算为 1,032.26/1,032.26 万元（100%）。",
    )


def test_what_was_not_done_is_not_said_to_have_been_done():
    facts = dataclasses.replace(
        ACCOUNTS, projects=Share(D(1), D(2)), departments=Share(D(0), D(1)), total=None, grade=None, confirmed=False
    )
    sentence = evaluation_sentence(facts)
    assert "年度预算项目支出开展绩效自评" in sentence.text
    assert "整体自评0个，项目自评覆盖率达到50%。" in sentence.text
    assert "部门整体自评尚未完成，公开前请先完成。" in sentence.remarks


def test_nothing_owed_is_no_coverage_of_100_and_no_score_is_left_out():
    facts = dataclasses.replace(ACCOUNTS, departments=Share(D(0), D(0)), total=None, grade=None, confirmed=False)
    assert evaluation_sentence(facts) == Sentence(
        "根据预算绩效管理要求，本部门组织对2022年度预算项目支出和部门整体支出开展绩效自评，"
        "共涉及预算支出项目0个，涉及资金0万元，整体自评0个，覆盖率—（无应评项目）。",
        (WHOLE.format(0, 0),),
    )

"""What a declaration or self-evaluation must have before it can be submitted."""

import dataclasses
import datetime as dt

import pytest

from perfmgr.queries.quality import rule_book
from perfmgr.rules.findings import WARNING, Finding, errors
from perfmgr.rules.quality import (
    EvaluatedLine,
    TargetLine,
    TargetSheet,
    check_evaluation,
    check_targets,
    check_weights,
    require,
)
from perfmgr.rules.refusals import Invalid
from perfmgr.rules.scoring import score_sheet
from tests.rules.sheets import BANDED, SCHEME, D, qualitative, quantitative, told

day = dt.date
BOOK = rule_book()


def line(category, name, weight, sign="ge", value="90", text="", unit="%"):
    return TargetLine(category, name, sign, None if value is None else D(value), text, unit, D(weight))


LINES = (
    line("output", "覆盖社区数", "20", value="12", unit="个"),
    line("output", "项目验收合格率", "20", sign="eq", value="100"),
    line("output", "资金12月底前拨付率", "10", sign="eq", value="100"),
    line("benefit", "矛盾化解率", "15"),
    line("benefit", "社区治理水平", "15", sign="qualitative", value=None, text="较上年提升，以考核结果为准", unit=""),
    line("satisfaction", "居民满意度", "10"),
)
SHEET = TargetSheet(
    year=2025,
    overview="用于社区党组织服务群众。",
    bases=["《关于进一步完善社区党组织服务群众经费的通知》"],
    body="区委组织部",
    plan="按季度拨付。",
    goals="惠及全部社区。",
    step_spans=[(day(2025, 1, 1), day(2025, 6, 30)), (None, None)],
    start_on=day(2025, 1, 1),
    end_on=day(2025, 12, 31),
    annual_amount=D(5_700_000),
    total_amount=D(5_700_000),
    lines=LINES,
)


def declared(**changes):
    """What stops a submission."""
    return told(errors(check_targets(dataclasses.replace(SHEET, **changes), SCHEME, BOOK)))


def with_line(n, **changes):
    lines = list(LINES)
    lines[n] = dataclasses.replace(lines[n], **changes)
    return lines


def test_a_complete_declaration_has_no_findings():
    assert told(check_targets(SHEET, SCHEME, BOOK)) == []


def test_without_the_rule_book_the_form_is_checked_all_the_same():
    assert told(check_targets(dataclasses.replace(SHEET, goals=""), SCHEME)) == [
        ("Q01", "goals", "“主要目标”还没有填写，请写明本年度要达到的结果。")
    ]


PERIOD = "“实施周期”还没有填写，请填写{}日期。"
OUTSIDE = "“实施周期” {} 至 {} 不包含申报年度 2025 年，请核对日期。"


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({"overview": ""}, [("Q01", "overview", "“项目概述”还没有填写，请写明项目做什么、为什么做。")]),
        ({"bases": []}, [("Q01", "bases", "“立项依据”还没有填写，请至少列出一项依据的文件名称和文号。")]),
        ({"body": ""}, [("Q01", "body", "“实施主体”还没有填写，请写明具体组织实施的部门或单位。")]),
        ({"plan": ""}, [("Q01", "plan", "“实施方案”还没有填写，请写明怎样实施。")]),
        ({"goals": ""}, [("Q01", "goals", "“主要目标”还没有填写，请写明本年度要达到的结果。")]),
        ({"step_spans": []}, [("Q01", "step_spans", "“步骤和计划”还没有填写，请至少列出一个步骤。")]),
        ({"start_on": None}, [("Q01", "start_on", PERIOD.format("开始"))]),
        ({"end_on": None}, [("Q01", "end_on", PERIOD.format("结束"))]),
        ({"start_on": day(2025, 12, 31)}, []),
        (
            {"start_on": day(2026, 1, 1)},
            [("Q01", "end_on", "“实施周期”的结束日期 2025-12-31 早于开始日期 2026-01-01，请调整其中一个。")],
        ),
        ({"start_on": day(2024, 1, 1), "end_on": day(2026, 12, 31)}, []),
        (
            {"start_on": day(2024, 1, 1), "end_on": day(2024, 12, 31)},
            [("Q01", "start_on", OUTSIDE.format("2024-01-01", "2024-12-31"))],
        ),
        (
            {"start_on": day(2026, 1, 1), "end_on": day(2026, 12, 31)},
            [("Q01", "start_on", OUTSIDE.format("2026-01-01", "2026-12-31"))],
        ),
        (
            {"step_spans": [(None, None), (day(2025, 6, 30), day(2025, 6, 29)), (day(2025, 1, 1), day(2025, 1, 1))]},
            [("Q01", "step_spans", "步骤 2 的结束日期早于开始日期，请调整其中一个。")],
        ),
        ({"annual_amount": D(0)}, [("Q01", "funds", "“年度预算安排”还没有填写，请按资金来源填写本年度金额。")]),
        ({"annual_amount": D("0.01")}, []),
        ({"total_amount": None}, []),
        ({"total_amount": D(771_325_800)}, []),
        (
            {"total_amount": D("5699999.99")},
            [("Q19", "funds", "本年度预算 570.00 万元超过项目总额 569.999999 万元，请核对其中一个。")],
        ),
        (
            {"total_amount": D(3_000_000)},
            [("Q19", "funds", "本年度预算 570.00 万元超过项目总额 300.00 万元，请核对其中一个。")],
        ),
    ],
    ids=str,
)
def test_each_gap_in_a_declaration_has_its_sentence_at_its_field(changes, findings):
    assert declared(**changes) == findings


@pytest.mark.parametrize(
    ("lines", "findings"),
    [
        (with_line(0, name=""), [("Q01", "indicators.0.name", "第 1 项指标没有名称。")]),
        (
            with_line(3, value=None),
            [("Q02", "indicators.3.target", "指标“矛盾化解率”没有目标值，请填一个数字。")],
        ),
        (with_line(3, value=D(0)), []),
        (
            with_line(3, unit=""),
            [("Q02", "indicators.3.unit", "指标“矛盾化解率”没有计量单位，请填写，例如 %、个、万元。")],
        ),
        (
            with_line(4, text=""),
            [
                (
                    "Q02",
                    "indicators.4.target",
                    "定性指标“社区治理水平”没有写明达到什么程度才算达成，请在目标值中写清标准。",
                )
            ],
        ),
        (
            with_line(1, category=""),
            [
                ("Q01", "indicators.1.category", "第 2 项指标没有选择指标类别。"),
                ("Q05", "indicators", "“产出指标”的分值合计为 30 分，应为 50 分，请调整。"),
            ],
        ),
        (
            with_line(5, weight=D(0)),
            [
                ("Q05", "indicators.5.weight", "指标“居民满意度”没有分值，请填写大于 0 的分值。"),
                ("Q05", "indicators", "“满意度指标”的分值合计为 0 分，应为 10 分，请调整。"),
            ],
        ),
        (
            with_line(5, weight=D("0.01")),
            [("Q05", "indicators", "“满意度指标”的分值合计为 0.01 分，应为 10 分，请调整。")],
        ),
        (
            with_line(0, weight=D("20.01")),
            [("Q05", "indicators", "“产出指标”的分值合计为 50.01 分，应为 50 分，请调整。")],
        ),
        ((*LINES[:3], *with_line(3, weight=D(25))[3:5]), []),
        (
            LINES[:5],
            [("Q05", "indicators", "“效益指标”的分值合计为 30 分，应为 40 分，请调整。")],
        ),
        (LINES[:3] + LINES[5:], [("Q01", "indicators", "“效益指标”还没有指标，请至少设置一项。")]),
        (
            (),
            [
                ("Q01", "indicators", "“产出指标”还没有指标，请至少设置一项。"),
                ("Q01", "indicators", "“效益指标”还没有指标，请至少设置一项。"),
            ],
        ),
    ],
    ids=lambda value: None,
)
def test_each_mistake_in_the_indicators_has_its_sentence_at_its_field(lines, findings):
    assert declared(lines=lines) == findings


def test_two_nameless_lines_are_not_each_others_duplicates():
    lines = (dataclasses.replace(LINES[0], name=""), dataclasses.replace(LINES[1], name=" "), *LINES[2:])
    assert declared(lines=lines) == [("Q01", "indicators.0.name", "第 1 项指标没有名称。")]


@pytest.mark.parametrize(
    ("weights", "findings"),
    [
        ({"cost": "20", "output": "40", "benefit": "20", "satisfaction": "10"}, []),
        ({"output": "50", "benefit": "30", "satisfaction": "10"}, []),
        ({"output": "50", "benefit": "40"}, []),
        ({"cost": "20", "output": "40", "benefit": "30"}, []),
        (
            {"output": "40", "benefit": "20", "satisfaction": "10"},
            [
                ("Q05", "indicators", "“产出指标”的分值合计为 40 分，应为 50 分，请调整。"),
                ("Q05", "indicators", "“效益指标”的分值合计为 20 分，应为 30 分，请调整。"),
            ],
        ),
    ],
    ids=str,
)
def test_marks_of_unused_categories_move_as_the_scheme_says(weights, findings):
    lines = [line(category, category, weight) for category, weight in weights.items()]
    assert told(list(check_weights(lines, BANDED))) == findings


# --- self-evaluations ---------------------------------------------------------------------------

ROWS = [quantitative("ge", 100, 100, 60), qualitative("达成", weight=30)]
NOTHING = EvaluatedLine(name="", reason="", measure="", na_reason="")
GOOD = {
    "goal_actual": "全部完成。",
    "execution_reason": "",
    "problems": "",
    "measures": "",
    "whole_department": False,
}


def evaluated(row=ROWS[0], budget=100, spent=100, texts=None, **changes):
    """The findings on a sheet of two lines, the first of which is ``row`` with these texts."""
    score = score_sheet(
        SCHEME, [row, ROWS[1]], None if budget is None else D(budget), None if spent is None else D(spent)
    )
    first = dataclasses.replace(NOTHING, name="覆盖社区数", **(texts or {}))
    lines = [first, dataclasses.replace(NOTHING, name="治理水平")]
    return told(check_evaluation(score, lines, **{**GOOD, **changes}))


def test_a_complete_self_evaluation_has_no_findings():
    assert evaluated() == []


UNEXPLAINED = ("Q26", "lines.0.reason", "指标“覆盖社区数”未达到目标，请填写偏差原因和改进措施。")
FAR_OVER = ("Q26", "lines.0.reason", "指标“覆盖社区数”远超目标，请说明原因（目标是否偏低）。")
LOW_RATE = ("Q30", "execution_reason", "预算执行率偏低，请填写“执行率偏低的原因”。")
NO_VALUE = ("Q23", "lines.0.actual", "指标“覆盖社区数”还没有实际完成值，请填写。")


@pytest.mark.parametrize(
    ("row", "texts", "findings"),
    [
        (quantitative("ge", 100, None, 60), {}, [NO_VALUE]),
        (quantitative("ge", None, 5, 60), {}, [NO_VALUE]),
        (qualitative("", weight=60), {}, [NO_VALUE]),
        (
            qualitative("部分达成", weight=60),
            {},
            [("Q23", "lines.0.share", "指标“覆盖社区数”还没有填写所选档次内的得分比例，请填写。")],
        ),
        (quantitative("ge", 100, 99, 60), {}, [UNEXPLAINED]),
        (quantitative("ge", 100, 99, 60), {"reason": "疫情影响"}, [UNEXPLAINED]),
        (quantitative("ge", 100, 99, 60), {"measure": "次年补足"}, [UNEXPLAINED]),
        (quantitative("ge", 100, 99, 60), {"reason": "疫情影响", "measure": "次年补足"}, []),
        (quantitative("ge", 100, 129, 60), {}, []),
        (quantitative("ge", 100, 130, 60), {}, [FAR_OVER]),
        (quantitative("ge", 100, 130, 60), {"reason": "新增两批"}, []),
        (
            qualitative("达成", "0.5", weight=60),
            {},
            [("Q24", "lines.0.share", "指标“覆盖社区数”的得分比例不在所选档次范围内，请调整比例或档次。")],
        ),
        (
            quantitative("ge", 100, 99, 60, not_applicable=True),
            {},
            [("Q26", "lines.0.na_reason", "指标“覆盖社区数”选择了不适用，请写明原因。")],
        ),
        (quantitative("ge", 100, 99, 60, not_applicable=True), {"na_reason": "项目取消"}, []),
    ],
)
def test_a_deviation_must_be_explained_and_a_value_must_be_there(row, texts, findings):
    assert evaluated(row, texts=texts) == findings


@pytest.mark.parametrize(
    ("budget", "spent", "reason", "findings"),
    [
        (100, 90, "", []),
        (100, "89.99", "", [LOW_RATE]),
        (100, "89.99", "结算推迟", []),
        (100, 120, "", []),
        (0, 0, "", []),
        (0, 5, "", [("Q29", "execution", "全年预算数为 0 而执行数不为 0，请先核对预算与执行数据。")]),
        (100, None, "", [("Q29", "execution", "没有预算数或执行数，请先在“预算与执行”中录入，再进行自评。")]),
        (None, 5, "", [("Q29", "execution", "没有预算数或执行数，请先在“预算与执行”中录入，再进行自评。")]),
    ],
)
def test_budget_execution_must_be_known_and_a_low_rate_explained(budget, spent, reason, findings):
    assert evaluated(budget=budget, spent=spent, execution_reason=reason) == findings


def test_the_goal_needs_its_outcome():
    assert evaluated(goal_actual="") == [
        ("Q01", "goal_actual", "“实际完成情况”还没有填写，请对照年度目标写明完成情况。")
    ]


def test_a_whole_department_must_also_write_problems_and_measures():
    assert evaluated(whole_department=True) == [
        ("Q01", "problems", "“存在的主要问题”还没有填写，它将随决算一并公开。"),
        ("Q01", "measures", "“下一步改进措施”还没有填写，它将随决算一并公开。"),
    ]
    assert evaluated(whole_department=True, problems="量化不足", measures="细化指标") == []


def test_all_findings_come_in_the_order_of_the_form():
    found = evaluated(quantitative("ge", 100, 10, 60), spent=10, goal_actual="", whole_department=True)
    assert [field for _code, field, _sentence in found] == [
        "goal_actual",
        "execution_reason",
        "lines.0.reason",
        "problems",
        "measures",
    ]


def test_only_errors_stop_a_submission_and_all_of_them_are_told():
    warning = Finding("Q03", "目标值过于笼统。", level=WARNING)
    first, second = Finding("Q01", "没有目标。"), Finding("Q05", "分值不对。")
    require([])
    require([warning])
    with pytest.raises(Invalid) as refused:
        require([first, warning, second])
    assert refused.value.findings == [first, second]

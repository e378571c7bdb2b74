"""What a published budget or its accounts state of the department: units, totals, targets, self-evaluation."""

from typing import Any

import pytest

from tests.documents.published_texts import ACCOUNTS, BUDGET, EVALUATED, FIGURES, TOTALS, changed, values

UNITS = "本部门中，行政单位 1 家，事业单位 3 家，具体包括："
UNIT_LIST = BUDGET[BUDGET.index(UNITS) : BUDGET.index("收\n\n入预算")]
TARGETS = BUDGET[BUDGET.index("2025 年，按照") : BUDGET.index("八、社区")]


def test_another_department_and_year() -> None:
    facts = changed(
        BUDGET,
        ("中共大连高新技术产业园区工作委员会党群工作部", "大连市甘井子区财政局"),
        ("高新区党群工作部", "甘井子区财政局"),
        ("2025", "2027"),
        ("9358.59", "12345.6"),
        ("8502.23", "1.005"),
    )
    assert facts["year"] == {"value": 2027, "line": 4}
    assert facts["department"] == {"value": "大连市甘井子区财政局", "line": 2}
    # The replaced line is shorter than the others, and still the next name begins on it.
    assert values(facts["units"])[:2] == [
        {"name": "大连市甘井子区财政局（本级）", "kind": "行政单位"},
        {"name": "大连高新技术产业园区人才服务中心", "kind": "事业单位"},
    ]
    assert facts["income_total_wan"] == {"value": "12345.60", "line": 202}
    assert facts["expenditure_total_wan"] == {"value": "12345.60", "line": 204}
    assert facts["special_expenditure_wan"] == {"value": "1.005", "line": 206}
    assert values(facts["projects"])[0]["body"] == "甘井子区财政局"
    assert values(facts["projects"])[0]["start_on"] == "2027-01-01"


ADMINISTRATIVE, INSTITUTION = "行政单位", "事业单位"


@pytest.mark.parametrize(
    ("sentence", "units"),
    [
        (
            "本部门行政单位2家，事业单位0家，具体包括：甲区财政局（本级）、甲区国库局。",
            [("甲区财政局（本级）", ADMINISTRATIVE), ("甲区国库局", ADMINISTRATIVE)],
        ),
        (
            "本部门行政单位一家，事业单位两家，具体包括：甲区财政局本级，甲区国库中心、甲区评审中心。",
            [("甲区财政局本级", ADMINISTRATIVE), ("甲区国库中心", INSTITUTION), ("甲区评审中心", INSTITUTION)],
        ),
        (  # which of the others is the second 行政单位 is not said
            "本部门行政单位2家，事业单位1家，具体包括：甲区财政局（本级）、甲区国库局、甲区评审中心。",
            [("甲区财政局（本级）", None), ("甲区国库局", None), ("甲区评审中心", None)],
        ),
        (  # no head office of an organ
            "本部门行政单位1家，事业单位1家，具体包括：甲区人才中心（本级）、甲区评审中心。",
            [("甲区人才中心（本级）", None), ("甲区评审中心", None)],
        ),
        (
            "本部门包括2家预算单位，具体包括：甲区财政局（行政单位）、甲区评审中心（事业单位）。",
            [("甲区财政局", ADMINISTRATIVE), ("甲区评审中心", INSTITUTION)],
        ),
        (
            "下属二级预算单位包括：\n1.甲区财政局（本级）；\n2.甲区评审中心。\n",
            [("甲区财政局（本级）", None), ("甲区评审中心", None)],
        ),
        ("纳入2025年部门预算编制范围的二级预算单位包括：无。", []),
        ("本部门行政单位1家，事业单位2家，具体包括：甲区财政局（本级）、甲区评审中心。", None),
        ("本部门行政单位XX家，具体包括：上海市XX局。", None),
        ("本部门行政单位1家，事业单位3家。", None),
    ],
)
def test_units_and_their_kinds(sentence: str, units: list[tuple[str, str | None]] | None) -> None:
    facts = changed(BUDGET, (UNIT_LIST, f"{sentence}\n\n"))
    assert values(facts["units"]) == (units and [{"name": name, "kind": kind} for name, kind in units])


@pytest.mark.parametrize(
    ("sentence", "totals"),
    [
        ("收入预算1,000万元，支出预算1，000万元。", ("1000.00", "1000.00", None, None)),
        ("2025年收入总计10,000,000元，支出总计0.1亿元。", ("1000.00", "1000.00", None, None)),
        ("收支总预算2,000.5万元。", ("2000.50", "2000.50", None, None)),
        (
            "高新区党群工作部2025年收入预算66.6万元；支出预算66.6万元，其中：基本支出60万元，项目支出6.6万元。",
            ("66.60", "66.60", "60.00", "6.60"),
        ),
        ("收入预算1000万元，比2024年收入预算900万元增加100万元。支出预算 万元。", ("1000.00", None, None, None)),
        ("财政拨款收入预算1000万元，政府性基金支出预算5万元。", (None, None, None, None)),
        ("与2024年收入预算900万元相比，增加100万元。", (None, None, None, None)),
        ("人才服务中心收入预算50万元，支出预算XX万元。", (None, None, None, None)),
        ("一般公共预算收入预算500万元，支出预算500万元。", (None, None, None, None)),
        ("财政拨款支出60万元，其中：基本支出50万元，项目支出10万元。", (None, None, None, None)),
        ("收入预算1000万元。收入预算1200万元。支出预算-5万元。", (None, None, None, None)),
    ],
)
def test_totals_are_those_of_the_department_this_year(sentence: str, totals: tuple[str | None, ...]) -> None:
    facts = changed(BUDGET, (FIGURES, f"{sentence}\n\n"))
    assert tuple(values(facts[key]) for key in TOTALS) == totals


@pytest.mark.parametrize(
    ("sentence", "targets"),
    [
        ("本部门编制绩效目标项目12个，涉及金额1,234.5万元。", (12, "1234.50", None)),
        ("编报绩效目标的项目14个，涉及项目预算资金1099.22万元，占比99.5%。", (14, "1099.22", "99.5")),
        ("共对5个项目编制了绩效目标，涉及资金300万元，占项目支出预算的60.5%。", (5, "300.00", "60.5")),
        ("实行绩效目标管理的项目八个，涉及预算拨款12,345,678.9元。", (8, "1234.56789", None)),
        ("编制绩效目标项目3个。另外，专项资金500万元。", (3, None, None)),
        ("编制绩效目标项目3个，预算金额 万元，其中重点项目500万元。", (3, None, None)),
        ("编制绩效目标项目XX个，预算金额XX万元，占比XX%。", (None, None, None)),
        ("编制绩效目标项目3个。编制绩效目标项目4个。", (None, None, None)),
    ],
)
def test_targets(sentence: str, targets: tuple[Any, ...]) -> None:
    facts = changed(BUDGET, (TARGETS, f"{sentence}\n\n"))
    assert (
        tuple(values(facts[key]) for key in ("targets_project_count", "targets_amount_wan", "targets_share_percent"))
        == targets
    )


EVALUATION = "共涉及预算支出项目0个，涉及资金0万元，整体自评1个，覆盖率达到100%，自评分83.4分。"


@pytest.mark.parametrize(
    ("sentence", "figures"),
    [
        (
            "共涉及预算支出项目12个，涉及资金3,210.00万元，整体自评2个，覆盖率达到95.5%，自评得分92.15分。",
            (12, "3210.00", 2, "95.5", "92.15"),
        ),
        (
            "共涉及项目12个，资金3210万元，占项目支出总额的100%。部门整体支出绩效自评得分为92分。",
            (12, "3210.00", None, None, "92"),
        ),
        ("组织对3个项目开展自评，涉及预算资金100万元，平均得分98分。", (3, "100.00", None, None, None)),
        ("绩效目标覆盖率100%，自评覆盖率90%。甲项目自评得分95分。", (None, None, None, "90", None)),
        ("共涉及预算支出项目 个，涉及资金 万元，整体自评 个，覆盖率达到 %，自评分 分。", (None,) * 5),
        ("完成自评。重点评价项目5个，涉及资金100万元，覆盖率50%。", (None,) * 5),
    ],
)
def test_self_evaluation(sentence: str, figures: tuple[Any, ...]) -> None:
    facts = changed(ACCOUNTS, (EVALUATION, sentence))
    assert tuple(values(facts[key]) for key in EVALUATED) == figures


REMARKS = ACCOUNTS[ACCOUNTS.index("通过绩效自评发现") : ACCOUNTS.index("2.部门决算中项目")]


@pytest.mark.parametrize(
    ("text", "problems", "measures"),
    [
        (
            "存在的主要问题：\n1.目标不细。\n2.执行偏慢。\n下一步改进措施：\n1.加强培训。\n2.加快执行。\n",
            ("1.目标不细。2.执行偏慢。", 116),
            ("1.加强培训。2.加快执行。", 119),
        ),
        (
            "（2）存在问题。目标不细，\n执行偏慢。\n（3）改进措施\n加强培训。\n",
            ("目标不细，执行偏慢。", 115),
            ("加强培训。", 118),
        ),
        (
            "自评发现的主要问题及原因：一是目标不细；二是执行偏慢。下一步，我部将加强培训。\n",
            ("一是目标不细；二是执行偏慢。", 115),
            ("下一步，我部将加强培训。", 115),
        ),
        ("本年度自评工作已全部完成。\n", None, None),
    ],
)
def test_problems_and_measures(text: str, problems: tuple[str, int] | None, measures: tuple[str, int] | None) -> None:
    facts = changed(ACCOUNTS, (REMARKS, text))
    stated = [fact and (fact["value"], fact["line"]) for fact in (facts["problems"], facts["measures"])]
    assert stated == [problems, measures]


def functions_of(item: str) -> Any:
    old = next(line for line in ACCOUNTS.split("\n") if line.startswith("（1）一般公共服务支出"))
    return values(changed(ACCOUNTS, (old, item))["functions"])[0]


def test_functions() -> None:
    head = "（1）一般公共服务支出（类）政府办公厅（室）及相关机构事务（款）行政运行（项）"
    for words, amount, completion in (
        ("1,601.6万元，完成年初预算的100.5%。", "1601.60", "100.5"),
        ("。主要用于：开支。年初预算为2万元，支出决算为1.6万元，完成年初预算的80%。", "1.60", "80"),
        ("。年初预算为2万元，支出决算为 万元。", None, None),
    ):
        expected = {"name": "行政运行", "amount_wan": amount, "completion_percent": completion}
        assert functions_of(head + words) == expected

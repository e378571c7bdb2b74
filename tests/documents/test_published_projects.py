"""The projects that a published budget describes, part by part."""

from typing import Any

import pytest

from tests.documents.published_texts import BUDGET, EXPECTED, NAMES, changed, values

PROJECT = BUDGET[BUDGET.index("八、社区") : BUDGET.index("第三部分 名词解释")]
BASIS = BUDGET[BUDGET.index("《大连市（社区）") : BUDGET.index("本项目对加强")]
PERIOD = "项目起止时间为 2025 年 1 月 1 日到 2025 年 12 月 31 日。"
MONEY = "区财政 2025 年拟安排该项目一般公共预算 570 万元。"
BODY = "项目具体组织实施的部门为高新区党群工作部。"


def project_of(*pairs: tuple[str, str]) -> Any:
    return changed(BUDGET, *pairs)["projects"][0]


def test_two_projects() -> None:
    second = PROJECT
    for old, new in (("八、", "九、"), ("社区党组织服务群众经费（区级配套）", "人才公寓补贴"), ("570", "88.8")):
        second = second.replace(old, new)
    facts = changed(BUDGET, ("第三部分 名词解释", f"{second}\n第三部分 名词解释"))
    first, other = values(facts["projects"])
    assert first == values(EXPECTED[NAMES[0]]["projects"])[0]
    assert other == {**first, "name": "人才公寓补贴", "budget_wan": "88.80"}


@pytest.mark.parametrize(
    ("text", "bases"),
    [
        (
            "《甲办法》（大组〔2022〕101 号）、《关于印发〈乙方案〉的通知》（辽财预〔2023〕5号）等",
            [("甲办法", "大组〔2022〕101号", 274), ("关于印发〈乙方案〉的通知", "辽财预〔2023〕5号", 274)],
        ),
        ("1.《甲》\n2.《乙》（大政发〔2021〕3号）等\n", [("甲", None, 274), ("乙", "大政发〔2021〕3号", 275)]),
        ("《甲》（2021年修订）", [("甲", None, 274)]),
        ("《关于《甲》的批复》大财预〔2024〕88号", [("关于《甲》的批复", "大财预〔2024〕88号", 274)]),
        ("根据上级文件。", None),
        ("《XX办法》", None),
    ],
)
def test_legal_bases(text: str, bases: list[tuple[str, str | None, int]] | None) -> None:
    found = project_of((BASIS, f"{text}\n"))["legal_bases"]
    assert (found and [(values(one["title"]), values(one["number"]), one["title"]["line"]) for one in found]) == bases


def test_project_without_a_basis() -> None:
    start, end = BUDGET.index(BASIS), BUDGET.index("3.实施主体")
    assert project_of((BUDGET[start:end], "无。\n"))["legal_bases"] == []
    assert project_of((BUDGET[start:end], "\n"), ("2.立项依据", "2.立项背景"))["legal_bases"] is None


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("高新区党群工作部", "高新区党群工作部"),
        ("由中共大连市委组织部具体组织实施，各街道配合。", "中共大连市委组织部"),
        ("实施主体：大连高新区人才服务中心。", "大连高新区人才服务中心"),
        ("实施单位为党群工作部，监督单位为财政局。", None),
        ("按规定组织实施。", None),
        ("XX部", None),
    ],
)
def test_implementing_body(text: str, body: str | None) -> None:
    assert values(project_of((BODY, text))["body"]) == body


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("自2025年1月1日起至2027年12月31日止。", ("2025-01-01", "2027-12-31")),
        ("2025年3月1日-11月30日", ("2025-03-01", "2025-11-30")),
        ("2025-01-01至2025-12-31", ("2025-01-01", "2025-12-31")),
        ("２０２５．１．１—２０２５．１２．３１", ("2025-01-01", "2025-12-31")),
        ("2025年2月30日至2025年12月31日", (None, "2025-12-31")),
        ("一期2024年1月1日至2024年12月31日，二期2025年1月1日至2025年12月31日", (None, None)),
        ("2025年1月-12月", (None, None)),
        ("长期", (None, None)),
    ],
)
def test_period(text: str, period: tuple[str | None, str | None]) -> None:
    project = project_of((PERIOD, text))
    assert (values(project["start_on"]), values(project["end_on"])) == period


@pytest.mark.parametrize(
    ("text", "amount", "source"),
    [
        ("2025年安排570万元，其中：一般公共预算500万元，政府性基金70万元。", "570.00", None),
        (
            "总投资9,000万元，2024年已安排5,000万元，2025年安排3,000万元，为政府性基金预算。",
            "3000.00",
            "政府性基金预算",
        ),
        ("2025年，区财政安排国有资本经营预算资金5,700,000元。", "570.00", "国有资本经营预算"),
        ("预算金额为10606.7522万元，无政府性基金预算。", "10606.7522", None),
        ("2024年安排500万元。", None, None),
        ("安排资金570万元和30万元。", None, None),
        ("本年度安排 万元。", None, None),
    ],
)
def test_budget_of_the_year_and_its_source(text: str, amount: str | None, source: str | None) -> None:
    project = project_of((MONEY, text))
    assert (values(project["budget_wan"]), values(project["fund_source"])) == (amount, source)


def test_steps_only_where_they_are_announced() -> None:
    assert project_of(("步骤和计划：", "保障措施："))["steps"] is None
    titles = ["制定工作安排", "规范资金预算编制及使用", "组织项目实施"]
    dotted = [(f"（{number}）{title}", f"{number}.{title}") for number, title in enumerate(titles, 1)]
    assert project_of(*dotted) == EXPECTED[NAMES[0]]["projects"][0]
    goals = "（1）目标甲；\n（2）目标乙。\n\n步骤和计划：\n"
    start, end = BUDGET.index("主要用于环境治理"), BUDGET.index("（1）制定工作安排")
    project = project_of((BUDGET[start:end], goals))
    assert project["goals"] == {"value": "（1）目标甲；（2）目标乙。", "line": 300}
    assert values(project["steps"])[0]["value"] == "制定工作安排"


def test_step_with_its_title_in_the_sentence() -> None:
    project = project_of(("（1）制定工作安排\n\n年初", "（1）制定工作安排：年初"))
    assert values(project["steps"]) == values(EXPECTED[NAMES[0]]["projects"][0]["steps"])


def test_heading_that_names_no_project() -> None:
    project = project_of(("八、社区党组织服务群众经费（区级配套）使用情况", "八、项目支出情况说明"))
    assert project["name"] is None


def test_heading_that_is_about_something_else() -> None:
    start = BUDGET.index("八、社区")
    facts = changed(BUDGET, (BUDGET[start : BUDGET.index("1.项目概述")], ""))
    assert facts["projects"][0]["name"] is None


def test_no_project_described() -> None:
    assert changed(BUDGET, (PROJECT, "八、其他重要事项\n\n无。\n\n"))["projects"] is None

"""Published budgets and accounts are read exactly as they print, and nothing is guessed."""

import contextlib
import json
import pathlib
import random
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfmgr.documents.published import LIMIT_CHARACTERS, LIMIT_LINES, read_published, read_published_lines, report
from perfmgr.documents.published.outline import outline_of
from perfmgr.documents.source_files import lines_of
from perfmgr.rules.refusals import Refused

DATA = pathlib.Path(__file__).parents[1] / "data" / "published"
NAMES = ("2025-department-budget", "2022-final-accounts", "putuo-urban-management-2026-budget")
TEXTS = {name: (DATA / f"{name}.txt").read_text(encoding="utf-8") for name in NAMES}
BUDGET, ACCOUNTS = TEXTS[NAMES[0]], TEXTS[NAMES[1]]
EXPECTED = {name: json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8")) for name in NAMES}
Q31_BUDGET, UNIT_BUDGET = EXPECTED[NAMES[0]]["findings"]


def read(text: str) -> dict[str, Any]:
    return read_published_lines(text.split("\n"), "文本")


def changed(text: str, *pairs: tuple[str, str]) -> dict[str, Any]:
    """Read the text after replacing each first string, which must occur, by the second."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return read(text)


def values(facts: Any) -> Any:
    """The facts without line numbers and findings."""
    if isinstance(facts, dict) and set(facts) == {"value", "line"}:
        return facts["value"]
    if isinstance(facts, dict):
        return {key: values(value) for key, value in facts.items() if key not in {"line", "findings"}}
    return [values(item) for item in facts] if isinstance(facts, list) else facts


def codes(facts: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in facts["findings"]]


# --- the documents themselves


@pytest.mark.parametrize("name", NAMES)
def test_reads_every_fact_with_its_line(name: str) -> None:
    assert read_published(DATA / f"{name}.txt") == EXPECTED[name]


def test_finds_no_figure_in_the_empty_template() -> None:
    facts = read_published(DATA / "final-accounts-template-2024.pdf")
    assert facts.pop("document_kind") == {"value": "accounts", "line": 2}
    assert facts.pop("year") == {"value": 2024, "line": 2}
    assert facts.pop("findings") == [
        {
            "code": "Q32",
            "message": "第1行起有174处还留着模板里待填写的文字（如“上海市XX局”一行），请填写或删除。",
        }
    ]
    assert set(facts.values()) == {None}


def test_facts_are_plain_json() -> None:
    for expected in EXPECTED.values():
        assert json.loads(json.dumps(expected)) == expected


# --- the same document in other clothes


def respaced(text: str) -> str:
    return text.replace("\n", "\n\n  ").replace("年", " 年 ")


def full_width(text: str) -> str:
    return text.translate({code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)} | {ord("%"): "％"})


def with_commas(text: str) -> str:
    return re.sub(r"(?<![\d.,])\d{4}(?=\.\d\d 万元)", lambda match: f"{int(match[0]):,}", text)


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_same_facts_from_other_encodings_and_line_ends(name: str, encoding: str) -> None:
    data = TEXTS[name].replace("\n", "\r\n").encode(encoding)
    assert read_published_lines(lines_of(data, "x"), "x") == EXPECTED[name]


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("change", [respaced, full_width, with_commas, str.rstrip])
def test_same_values_in_other_dress(name: str, change: Any) -> None:
    facts = read(change(TEXTS[name]))
    assert values(facts) == values(EXPECTED[name])
    assert codes(facts) == codes(EXPECTED[name])


@pytest.mark.parametrize("name", NAMES)
def test_same_values_without_blank_lines(name: str) -> None:
    facts = read("\n".join(line for line in TEXTS[name].split("\n") if line.strip()))
    assert values(facts) == values(EXPECTED[name])


def paragraphs(text: str) -> list[str]:
    """The document with one line per paragraph, as a word processor holds it."""
    lines, outline = text.split("\n"), outline_of(text.split("\n"))
    items, found = {marker.start for marker in outline.markers}, list[str]()
    for index, row in enumerate(outline.flow.rows):
        if outline.flow.begins_paragraph(index) or outline.flow.starts[index] in items:
            found.append("")
        found[-1] += lines[row.number - 1].strip()
    return found


def cut(paragraph: str, size: int) -> list[str]:
    return [paragraph[start : start + size].strip() for start in range(0, len(paragraph), size)]


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("size", [14, 16, 18, 20, 23, 27, 31, 36, 40, 55, 90, 10_000])
def test_same_values_when_lines_are_cut_elsewhere(name: str, size: int) -> None:
    """Even where the cut falls into a number or a heading."""
    facts = read("\n".join(line for paragraph in paragraphs(TEXTS[name]) for line in cut(paragraph, size)))
    assert values(facts) == values(EXPECTED[name])
    assert codes(facts) == codes(EXPECTED[name])


# --- other departments' documents of the same kind

UNITS = "本部门中，行政单位 1 家，事业单位 3 家，具体包括："
UNIT_LIST = BUDGET[BUDGET.index(UNITS) : BUDGET.index("收\n\n入预算")]
FIGURES = BUDGET[BUDGET.index("收\n\n入预算") : BUDGET.index("二、“三公”")]
TARGETS = BUDGET[BUDGET.index("2025 年，按照") : BUDGET.index("八、社区")]
PROJECT = BUDGET[BUDGET.index("八、社区") : BUDGET.index("第三部分 名词解释")]
BASIS = BUDGET[BUDGET.index("《大连市（社区）") : BUDGET.index("本项目对加强")]
PERIOD = "项目起止时间为 2025 年 1 月 1 日到 2025 年 12 月 31 日。"
MONEY = "区财政 2025 年拟安排该项目一般公共预算 570 万元。"
BODY = "项目具体组织实施的部门为高新区党群工作部。"


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


TOTALS = ("income_total_wan", "expenditure_total_wan", "basic_expenditure_wan", "project_expenditure_wan")


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
EVALUATED = (
    "self_evaluation_project_count",
    "self_evaluation_amount_wan",
    "whole_evaluation_count",
    "coverage_percent",
    "self_score",
)


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


# --- projects


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


# --- findings


def added(facts: dict[str, Any], known: list[dict[str, str]]) -> list[dict[str, str]]:
    return [finding for finding in facts["findings"] if finding not in known]


def test_share_that_follows_from_the_amounts_is_no_finding() -> None:
    assert codes(changed(BUDGET, ("比重 100%", "比重 72.73%"))) == ["UNIT"]
    assert codes(changed(BUDGET, ("比重 100%", "比重 72.7%"))) == ["UNIT"]
    assert codes(changed(BUDGET, ("比重 100%", "比重 72.8%"))) == ["Q31", "UNIT"]


def test_coverage_that_holds_by_money_is_no_finding() -> None:
    facts = changed(ACCOUNTS, ("项目0个，涉及资金0万元", "项目5个，涉及资金932.14万元"))
    assert facts["findings"] == []


@pytest.mark.parametrize(
    ("text", "old", "new", "sentence"),
    [
        (
            BUDGET,
            "8407.98",
            "8407.89",
            "第202行收入预算9,358.59万元，列出的各项合计却是9,358.50万元，相差0.09万元。",
        ),
        (
            BUDGET,
            "增加 34 万元",
            "增加 43 万元",
            None,  # one of the parts has no unit: nothing is certain
        ),
        (
            BUDGET.replace("103.53", "103.53 万元"),
            "增加 34 万元",
            "增加 43 万元",
            "第214行比2024年预算数减少527.77万元，列出的各项合计却是518.77万元，相差9.00万元。",
        ),
        (
            BUDGET,
            "收\n\n入预算 9358.59",
            "收\n\n入预算 9358.60",
            "收入总数9,358.60万元（第202行）与支出总数9,358.59万元（第204行）不相等，相差0.01万元。",
        ),
        (
            ACCOUNTS,
            "901.17万元",
            "900.17万元",
            "第71行支出933.74万元，各功能科目合计却是932.74万元，相差1.00万元。",
        ),
        (
            ACCOUNTS,
            "8.上年结转和结余0万元",
            "8.上年结转和结余5万元",
            "第30行收入总计为933.74万元，列出的各项合计却是938.74万元，相差5.00万元。",
        ),
        (
            ACCOUNTS,
            "（三）年末结转和结余0万元",
            "（三）2022年度支出总计9万元",
            "支出总数前后不一：第48行为933.74万元，第59行为9.00万元。",
        ),
        (
            ACCOUNTS,
            "科学技术支出0万元",
            "科学技术支出1万元",
            "第69行2022年度财政拨款支出933.74万元，列出的各项合计却是934.74万元，相差1.00万元。",
        ),
    ],
)
def test_sums(text: str, old: str, new: str, sentence: str | None) -> None:
    facts = changed(text, (old, new))
    assert [finding["message"] for finding in facts["findings"] if finding["code"] == "SUM"] == (
        [sentence] if sentence else []
    )


def test_a_list_with_brackets_and_comparisons_adds_up() -> None:
    text = (
        "收入预算100万元，其中：财政拨款收入90万元，比上年增加5万元，占90%；其他收入10万元。"
        "支出预算100万元，其中：基本支出40万元（其中人员30万元，公用10万元），项目支出60万元。\n\n"
    )
    assert "SUM" not in codes(changed(BUDGET, (FIGURES, text)))


def test_a_list_that_names_money_twice_proves_nothing() -> None:
    text = "收入预算100万元，其中：财政拨款收入100万元，一般公共预算收入90万元，政府性基金收入10万元。\n\n"
    assert "SUM" not in codes(changed(BUDGET, (FIGURES, text)))


def test_amount_without_unit() -> None:
    assert changed(BUDGET, ("103.53", "103.53 万元"))["findings"] == [Q31_BUDGET]
    facts = changed(BUDGET, ("其他支出 995.5 万元。", "其他支出 995.5。"))
    assert added(facts, [Q31_BUDGET, UNIT_BUDGET]) == [
        {"code": "UNIT", "message": "第210行“其他支出995.5”没有写计量单位，请补上“万元”或“元”。"}
    ]


@pytest.mark.parametrize("filler", ["（绩效目标管理工作情况，以及…）", "本部门XX个项目。", "收入总计为 万元。"])
def test_text_left_from_a_form(filler: str) -> None:
    facts = changed(BUDGET, ("无政府采购事项。", filler))
    assert codes(facts) == ["Q31", "UNIT", "Q32"]
    assert facts["findings"][2]["message"].startswith("第238行起有1处还留着模板里待填写的文字")


# --- refusals, report, robustness


@pytest.mark.parametrize(
    "text",
    [
        "今天天气很好。",
        "关于编制2025年部门预算的通知\n\n各部门：\n\n一、总体要求\n\n提高绩效。\n\n二、时间\n\n6月30日前。",
        "大连市绩效管理办法\n\n第一条 为加强部门预算管理，制定本办法。",
        "1,2,3\n" * 100,
    ],
)
def test_refuses_other_documents(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert str(refused.value) == "“文本”不是部门预算或部门决算的公开文本，请选择这两种文件。"


@pytest.mark.parametrize("more", ["预算" * LIMIT_CHARACTERS, "预算\n" * LIMIT_LINES])
def test_refuses_too_much_text(more: str) -> None:
    with pytest.raises(Refused) as refused:
        read(BUDGET + more)
    assert str(refused.value) == "“文本”的文字太多，请只保留预算或决算说明的正文后再读。"


def test_report_tells_every_fact_with_its_line() -> None:
    lines = report(EXPECTED[NAMES[0]]).split("\n")
    assert lines[:5] == [
        "文件种类：部门预算（第4行）",
        "年度：2025（第4行）",
        "部门：中共大连高新技术产业园区工作委员会党群工作部（第2行）",
        "所属预算单位：4个",
        "  中共大连高新技术产业园区工作委员会党群工作部（本级）（第196行），性质：行政单位（第194行）",
    ]
    assert "基本支出：未载明" in lines
    assert "绩效目标项目金额：6183.25万元（第256行）" in lines
    assert "    年度预算：570.00万元（第338行）" in lines
    assert lines[-4:] == [
        "发现的问题：2个",
        f"  [Q31] {Q31_BUDGET['message']}",
        f"  [UNIT] {UNIT_BUDGET['message']}",
        "",
    ]


def test_report_of_the_accounts() -> None:
    lines = report(EXPECTED[NAMES[1]]).split("\n")
    assert "所属预算单位：无" in lines
    assert "  行政运行（第72行）：1.60万元（第72行），完成年初预算：100%（第72行）" in lines
    assert "公开的项目：未载明" in lines


@pytest.mark.parametrize("name", NAMES)
def test_every_value_stands_in_the_line_it_names(name: str) -> None:
    """What the report says can be looked up: the value begins in the line, amounts with the digits printed there."""
    lines = TEXTS[name].split("\n")

    def check(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                check(item)
        elif isinstance(node, dict) and "line" in node:
            start = {"budget": "预算", "accounts": "决算"}.get(str(node["value"]), str(node["value"]))
            start = start.split(".")[0].split("-")[0][:3]
            assert start in re.sub(r"[ ,]", "", lines[node["line"] - 1])
        elif isinstance(node, dict):
            for item in node.values():
                check(item)

    check({key: value for key, value in EXPECTED[name].items() if key != "findings"})


PIECES = re.findall(
    r"\S+",
    "一、 （一） 1. （1） 收入预算 1万元 9358.59万元 其中 包括 ： ， ； 。 （ ） 《 》 存在 问题 下一步 针对 措施 绩效目标 项目 编制 自评 "
    "覆盖率 100% （类） （款） （项） 2025年 1月 1日 1 9 . , 具体包括： 行政单位 1家 目标： 步骤和计划： 项目概述 立项依据 支出 "
    "完成年初预算的 由 负责 部门为 整体 得分 分 X … 占 比重 基本支出 涉及 金额",
)
SKELETON = (
    "某区财政局\n2025年部门预算\n第一部分 部门概况\n一、主要职责\n二、收入支出\n三、名词解释\n四、绩效\n五、采购\n"
)


@pytest.mark.parametrize(
    "piece",
    [
        *PIECES,
        *(
            "1元",
            "1,",
            "1.\n",
            "（一）\n",
            "1.项目概述\n2.立项依据\n",
            "单位具体包括：",
            "针对问题措施",
            "a\n",
            "《《",
            "（（",
        ),
        "收入预算1万元，其中：甲1万元，乙2万元；",
        "1.项目概述\n",
        None,
    ],
)
def test_reading_time_grows_no_faster_than_the_text(piece: str | None) -> None:
    mixed = "".join(random.Random(1).choices([*PIECES, "\n", " "], k=60_000))
    short, long = (_reading_time((piece * size if piece else mixed)[:size]) for size in (10_000, 40_000))
    # Four times the text: linear work takes four times as long, quadratic work sixteen times.
    assert long < 10 * short + 0.5


def _reading_time(text: str) -> float:
    parts = ("1.项目概述", "2.立项依据", "3.实施方案\n主要目标：", "4.年度预算安排")
    document = SKELETON + text + "".join(f"\n{part}\n{text}" for part in parts)
    began = time.process_time()
    with contextlib.suppress(Refused):
        report(read(document))
    return time.process_time() - began


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "\n", "\n", " "]), max_size=120))
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    facts = read(SKELETON + "".join(pieces))
    assert json.loads(json.dumps(facts)) == facts
    assert report(facts)


@pytest.mark.parametrize(
    ("printed", "left", "key"),
    [
        ("收入总计为933.74万元", "收入总计为933.7\n万元", "income_total_wan"),
        ("收入总计为933.74万元", "收入总计为933\n万元", "income_total_wan"),
        ("收入总计为933.74万元", "收入总计为9\n.74万元", "income_total_wan"),
        ("收入总计为933.74万元", "收入总计为\n3.74万元", "income_total_wan"),
        ("收入总计为933.74万元", "收入总计为933.74\n元", "income_total_wan"),
        ("收入总计为933.74万元", "收入总计为933.74万\n元", "income_total_wan"),
        ("项目支出932.14万元", "项目支出\n2.14万元", "project_expenditure_wan"),
        ("覆盖率达到100%", "覆盖率达到10\n%", "coverage_percent"),
        ("自评分83.4分", "自评分8\n.4分", "self_score"),
    ],
)
def test_a_figure_torn_by_the_end_of_a_short_line_is_none(printed: str, left: str, key: str) -> None:
    facts = changed(ACCOUNTS, (printed, left))
    assert (EXPECTED[NAMES[1]][key] is None, facts[key]) == (False, None)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(BUDGET) - 1), st.integers(1, 400), st.sampled_from([BUDGET, ACCOUNTS]))
def test_a_gap_in_the_text_never_makes_another_figure(start: int, length: int, text: str) -> None:
    """Whatever is lost from a document, each figure still read is one that it printed."""
    try:
        facts = read(text[:start] + "\n" + text[start + length :])
    except Refused:
        return
    name = NAMES[0] if text is BUDGET else NAMES[1]
    for key in (*TOTALS, "special_expenditure_wan", "targets_project_count", "targets_amount_wan", *EVALUATED):
        assert values(facts[key]) in (None, values(EXPECTED[name][key]))

"""Published budgets and accounts are read exactly as they print, and nothing is guessed."""

import json
import re
from typing import Any

import pytest

from perfmgr.documents.published import LIMIT_CHARACTERS, LIMIT_LINES, read_published, read_published_lines, report
from perfmgr.documents.published.outline import outline_of
from perfmgr.documents.source_files import lines_of
from perfmgr.rules.refusals import Refused
from tests.documents.published_texts import (
    BUDGET,
    DATA,
    EXPECTED,
    NAMES,
    Q31_BUDGET,
    TEXTS,
    UNIT_BUDGET,
    codes,
    read,
    values,
)

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

"""Odd, torn and damaged texts are read in time or refused, and never with another figure."""

import contextlib
import json
import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfmgr.documents.published import report
from perfmgr.rules.refusals import Refused
from tests.documents.published_texts import (
    ACCOUNTS,
    BUDGET,
    EVALUATED,
    EXPECTED,
    NAMES,
    TOTALS,
    changed,
    read,
    values,
)

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

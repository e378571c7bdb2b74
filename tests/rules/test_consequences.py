"""What follows from a grade: the default table, tables of schemes, renewals, hints and their sums."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.consequences import (
    ALLOW,
    BLOCK,
    DEFAULT,
    WARN,
    Consequence,
    LastResult,
    hint_sum,
    read_consequences,
    renewal,
)

GRADES = ["优", "良", "中", "差"]


def result(grade, **more):
    return LastResult(2025, grade, DEFAULT.of(grade), 1, **more)


def levels(findings):
    return [(finding.code, finding.level) for finding in findings]


def test_a_scheme_without_the_block_has_the_default_table():
    table, findings = read_consequences(None, GRADES)
    assert findings == []
    assert [(row.grade, row.advice, row.change, row.renewal, row.rectify) for row in table.rows] == [
        ("优", "优先保障", 0, ALLOW, False),
        ("良", "保障", 0, ALLOW, False),
        ("中", "压缩", -20, WARN, True),
        ("差", "取消", -100, BLOCK, True),
    ]
    assert (table.not_evaluated.renewal, table.rectify_days) == (BLOCK, 60)


@pytest.mark.parametrize("grade", ["合格", "优秀", "", "-"])
def test_a_grade_the_table_does_not_name_is_left_to_people(grade):
    row = DEFAULT.of(grade)
    assert (row.grade, row.change, row.renewal, row.rectify) == (grade, None, WARN, False)
    assert row.hint(Decimal(100)) is None
    [finding] = renewal("甲", 2026, LastResult(2025, grade, row, 1))
    assert finding.sentence() == f"“甲”2025 年度绩效等级为“{grade}”，结果应用表没有规定，由预算审核时研究确定。"


def test_a_table_of_a_scheme_replaces_the_default():
    data = {
        "grades": [
            {"grade": "合格", "advice": "照旧", "advice_en": "As before", "change": "5"},
            {"grade": "不合格", "advice": "停", "renewal": "block", "change": -100, "rectify": True},
        ],
        "not_evaluated": {"advice": "补评", "renewal": "warn"},
        "rectify_days": 30,
    }
    table, findings = read_consequences(data, ["合格", "不合格"])
    assert findings == []
    assert table.of("合格") == Consequence("合格", "照旧", "As before", 5, ALLOW)
    assert table.of("不合格") == Consequence("不合格", "停", "停", -100, BLOCK, True)
    assert (table.of(None).advice, table.of(None).renewal, table.rectify_days) == ("补评", WARN, 30)


def test_everything_wrong_with_a_table_is_told_at_once():
    data = {
        "grades": [
            {"grade": "优", "advice": "", "renewal": "maybe", "change": "1e2"},
            {"grade": "优", "advice": "保", "change": -101},
            {"grade": "特", "advice": "保"},
            "差",
        ],
        "rectify_days": 0,
    }
    _table, findings = read_consequences(data, GRADES)
    assert sorted({finding.field for finding in findings}) == [
        "consequences.grades.0.advice",
        "consequences.grades.0.change",
        "consequences.grades.0.renewal",
        "consequences.grades.1",
        "consequences.grades.1.change",
        "consequences.grades.2",
        "consequences.grades.3",
        "consequences.rectify_days",
    ]
    assert all(finding.sentence() and finding.code == "SCHEME" for finding in findings)
    assert [f.field for f in read_consequences(["优"], GRADES)[1]] == ["consequences"]


@pytest.mark.parametrize(
    ("grade", "more", "expected"),
    [
        ("优", {}, []),
        ("良", {}, []),
        ("中", {}, [("Q36", "warning")]),
        ("差", {}, [("Q36", "error")]),
        (None, {}, [("Q36", "error")]),
        ("差", {"lifted": "民生必需"}, [("Q36", "info")]),
        (None, {"lifted": "民生必需"}, [("Q36", "info")]),
        ("良", {"rectifying": 2}, [("Q36", "warning")]),
        ("差", {"rectifying": 1}, [("Q36", "error"), ("Q36", "warning")]),
    ],
)
def test_the_last_result_blocks_warns_or_says_nothing(grade, more, expected):
    assert levels(renewal("甲", 2026, result(grade, **more))) == expected


def test_a_refusal_is_one_sentence_with_its_remedy():
    poor, missing, medium = (renewal("甲", 2026, result(grade))[0].sentence() for grade in ("差", None, "中"))
    assert poor == (
        "“甲”2025 年度绩效等级为“差”（取消），不能申报 2026 年度：确需继续的，"
        "请财政评审人或系统管理员在项目页写明理由后解除限制。"
    )
    assert missing == (
        "“甲”2025 年度绩效自评已过截止日仍未送审，不能申报 2026 年度：请先完成自评，"
        "或由财政评审人、系统管理员写明理由后解除限制。"
    )
    assert medium == "“甲”2025 年度绩效等级为“中”，结果应用建议“压缩”（预算参考变动 -20%），请核减并写明改进措施。"


def test_nothing_is_said_of_what_was_never_evaluated():
    assert renewal("甲", 2026, None) == []


@given(
    amounts=st.lists(st.integers(min_value=0, max_value=10**12), max_size=30),
    change=st.integers(min_value=-100, max_value=100),
)
def test_the_total_is_the_sum_of_the_printed_lines(amounts, change):
    row = Consequence("中", "压缩", "Cut", change, WARN)
    groups = defaultdict(lambda: [0, 0])
    for fen in amounts:
        groups[fen % 100][0] += 1
        groups[fen % 100][1] += fen
    lines = [row.hint(Decimal(fen).scaleb(-2)) for fen in amounts]
    total = hint_sum(row, [(rest, count, fen) for rest, (count, fen) in groups.items()])
    assert Decimal(total).scaleb(-2) == sum(lines, Decimal(0))


def test_a_hint_is_rounded_half_up_to_the_fen():
    row = Consequence("中", "压缩", "Cut", -25, WARN)
    assert [row.hint(Decimal(text)) for text in ("100", "0.02", "0.01", "5700000")] == [
        Decimal("75.00"),
        Decimal("0.02"),
        Decimal("0.01"),
        Decimal("4275000.00"),
    ]
    assert row.hint(None) is None

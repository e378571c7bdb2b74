"""What holds for every sheet whatever: the checker never fails, is quick, and does not depend on the order of lines."""

import dataclasses
import datetime as dt
import random

from hypothesis import given
from hypothesis import strategies as st

from perfmgr.documents import schemes
from perfmgr.rules.findings import ERROR, INFO, WARNING
from perfmgr.rules.indicators import SIGNS
from perfmgr.rules.quality import LastYear, TargetLine, TargetSheet, examine
from perfmgr.rules.quality_score import score_quality
from perfmgr.rules.quality_texts import REASONS, TITLES
from tests.rules.sheets import D, slowest, steady
from tests.rules.targets import BOOK, SHEET

WORDS = st.sampled_from(
    (
        "完成率",
        "和",
        "培训",
        "支付资金",
        "满意",
        "及时",
        "合格率",
        "100%",
        "万元",
        "零增长",
        "2026年",
        "做好",
        "、",
        "总成本",
        "人均",
        "XX",
        "并",
    )
)
texts = st.lists(WORDS | st.text(max_size=5), max_size=8).map("".join)
numbers = st.none() | st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)
units = st.sampled_from(("%", "个", "人", "万元", "元", "元/人", "天", "百分比", "", "𠮷"))
categories = st.none() | st.sampled_from(
    ("output", "benefit", "satisfaction", "cost", "input", "goals", "", "产出指标", "无")
)
dates = st.none() | st.dates(dt.date(1950, 1, 1), dt.date(2999, 12, 31))
lines = st.builds(
    TargetLine,
    category=categories,
    name=texts,
    sign=st.sampled_from((*SIGNS, "")),
    value=numbers,
    text=texts,
    unit=units,
    weight=numbers,
    subcategory=st.none()
    | st.sampled_from(("数量指标", "质量指标", "时效指标", "成本指标", "社会效益指标", "满意度", "", "其他")),
    evidence=st.none() | texts,
    definition=st.none() | texts,
    written=texts,
)
money = st.decimals(0, 10**12, places=2)
sheets = st.builds(
    TargetSheet,
    year=st.integers(0, 9999),
    overview=texts,
    bases=st.lists(texts, max_size=2),
    body=texts,
    plan=texts,
    goals=texts,
    step_spans=st.lists(st.tuples(dates, dates), max_size=2),
    start_on=dates,
    end_on=dates,
    annual_amount=money,
    total_amount=st.none() | money,
    lines=st.lists(lines, max_size=6),
    unknown=st.frozensets(st.sampled_from(("year", "goals", "annual_amount", "start_on", "overview"))),
    name=st.none() | texts,
    goals_total=st.none() | texts,
    funds=st.none() | st.lists(st.tuples(texts, money), max_size=3),
    budget_note=st.none() | texts,
    last=st.none() | st.dictionaries(texts, st.builds(LastYear, numbers, numbers, units), max_size=3),
    duties=st.none() | st.lists(texts, max_size=3),
    last_grade=st.none() | st.sampled_from(("差", "中", "优", "")),
)
judges = st.none() | st.sampled_from(list(schemes.parsed().values()))


@steady
@given(sheets, judges)
def test_every_sheet_gets_an_answer_and_every_finding_is_complete(sheet, scheme):
    report = examine(sheet, scheme, BOOK)
    for finding in report.findings:
        assert finding.code in TITLES
        assert finding.level in (ERROR, WARNING, INFO)
        assert finding.level == BOOK.level(finding.code)
        assert finding.sentence()
        assert finding.why()
        assert "%(" not in finding.sentence() + finding.remedy()
    assert all(unknown.code in TITLES and unknown.why for unknown in report.undetermined)


@steady
@given(sheets, judges, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter_for_the_codes(sheet, scheme, chance: random.Random):
    mixed = list(sheet.lines)
    chance.shuffle(mixed)
    other = dataclasses.replace(sheet, lines=mixed)
    assert {f.code for f in examine(sheet, scheme, BOOK).findings} == {
        f.code for f in examine(other, scheme, BOOK).findings
    }


@steady
@given(sheets, judges)
def test_the_quality_score_lies_between_nought_and_a_hundred_and_the_best_change_raises_it(sheet, scheme):
    findings = examine(sheet, scheme, BOOK).findings
    quality = score_quality(findings, BOOK)
    assert 0 <= quality.total <= 100
    assert quality.total == sum(head.marks for head in quality.heads)
    change = quality.best_change
    if change:
        left = [finding for finding in findings if finding not in change.findings]
        assert score_quality(left, BOOK).total == quality.total + change.gain > quality.total
    elif quality.total == 100:
        assert not any(BOOK.rules[finding.code].points for finding in findings)


def test_hostile_texts_take_no_time():
    def act(text: str) -> None:
        hostile = TargetLine("output", text, "qualitative", None, text, text, D(10), "数量指标", text, text, text)
        quantitative = dataclasses.replace(hostile, sign="ge", value=D(1))
        examine(
            dataclasses.replace(
                SHEET, overview=text, goals=text, goals_total=text, plan=text, name=text, lines=[hostile, quantitative]
            ),
            None,
            BOOK,
        )

    assert slowest(act) < 2


def test_every_rule_has_a_title_a_reason_and_its_data():
    assert TITLES.keys() == REASONS.keys() == BOOK.rules.keys()
    assert sum(BOOK.heads.values()) == 100

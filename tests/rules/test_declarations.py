"""Sections of a declaration: their status in words, what justifies a warning, and what counts as changed."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules import declarations as rules
from perfmgr.rules.declarations import (
    BLOCKED,
    DONE,
    IN_PROGRESS,
    NOT_STARTED,
    PROBLEM,
    SECTIONS,
    STATUSES,
    Overtaken,
    Task,
    base_of,
    check_bases,
    check_period,
    check_steps,
    justified,
    next_task,
    read_base,
    require_unchanged,
    section_of,
    section_status,
    tasks,
    unjustified,
)
from perfmgr.rules.findings import INFO, WARNING, Finding
from tests.rules.sheets import steady

MISSING, WRONG = Finding("Q01", "缺", "plan"), Finding("Q05", "不对", "plan")
ADVICE = Finding("Q03", "“%(name)s”不够具体。", "goals", WARNING, params={"name": "主要目标"})


def step(content: str = "", start: str = "", end: str = "", responsible: str = "") -> Any:
    """Return a row of the plan."""
    days = [dt.date.fromisoformat(day) if day else None for day in (start, end)]
    return SimpleNamespace(content=content, start_on=days[0], end_on=days[1], responsible=responsible)


def record(**values: Any) -> Any:
    """Return an empty declaration with some values."""
    empty = {"overview": "", "rationale": "", "body": "", "plan": "", "goals": "", "start_on": None, "end_on": None}
    return SimpleNamespace(
        **{
            **empty,
            "bases": [],
            "steps": [],
            "funds": [],
            "indicators": [],
            "attachments": [],
            "no_attachments": False,
            **values,
        }
    )


@pytest.mark.parametrize(
    ("findings", "how", "expected"),
    [
        ([], {"filled": False}, NOT_STARTED),
        ([MISSING], {"filled": False}, NOT_STARTED),
        ([MISSING], {"filled": False, "pending": True}, IN_PROGRESS),
        ([MISSING], {"filled": True}, IN_PROGRESS),
        ([], {"filled": True, "pending": True}, IN_PROGRESS),
        ([], {"filled": True}, DONE),
        ([ADVICE, Finding("Q34", "", "plan", INFO)], {"filled": True}, DONE),
        ([WRONG], {"filled": True}, PROBLEM),
        ([MISSING, WRONG], {"filled": True, "pending": True}, PROBLEM),
        ([WRONG], {"filled": True, "may_fill": False}, BLOCKED),
    ],
)
def test_the_status_of_a_section(findings: list[Finding], how: dict[str, bool], expected: str) -> None:
    assert section_status(findings, **how) == expected


def test_the_words_of_the_status() -> None:
    assert list(STATUSES.values()) == ["未开始", "填写中", "已完成", "有问题", "暂不能填写"]


def test_a_finding_belongs_to_one_section() -> None:
    fields = {
        "overview": "overview",
        "bases": "bases",
        "bases.0.title": "bases",
        "rationale": "bases",
        "goals": "plan",
        "step_spans": "plan",
        "steps.2.content": "plan",
        "start_on": "period",
        "funds": "funds",
        "indicators.2.target": "indicators",
        "nowhere": "",
        "": "",
    }
    assert {field: section_of(field) for field in fields} == fields


def test_every_section_is_listed_once_in_the_order_of_the_form() -> None:
    listed = tasks(record(overview="概述", plan="办法"), [MISSING], {"body"}, may_fill=True)
    assert [(task.section.name, task.status) for task in listed] == [
        ("overview", DONE),
        ("bases", NOT_STARTED),
        ("body", IN_PROGRESS),
        ("plan", IN_PROGRESS),
        ("period", NOT_STARTED),
        ("funds", NOT_STARTED),
        ("indicators", NOT_STARTED),
        ("attachments", NOT_STARTED),
    ]
    assert [task.section.name for task in listed] == [section.name for section in SECTIONS]


def next_name(listed: list[Task]) -> str | None:
    """Return the name of the section that comes next."""
    task = next_task(listed)
    return task.section.name if task else None


def test_what_to_do_next_is_what_is_wrong_then_what_was_begun_then_what_is_new() -> None:
    everything = record(overview="概述", plan="办法")
    assert next_name(tasks(everything, [WRONG], {"body"}, may_fill=True)) == "plan"
    assert next_name(tasks(everything, [], {"body"}, may_fill=True)) == "body"
    assert next_name(tasks(everything, [], set(), may_fill=True)) == "bases"
    assert next_task(tasks(everything, [], set(), may_fill=False)) is None


# --- justifications ---------------------------------------------------------------------------


def test_a_warning_needs_one_sentence_and_nothing_else_does() -> None:
    found = unjustified([MISSING, ADVICE, Finding("Q34", "", "goals", INFO)], {})
    assert [(f.field, f.sentence()) for f in found] == [
        ("why-Q03:goals", "请用一句话说明理由，或者修改：“主要目标”不够具体。")
    ]
    assert unjustified([ADVICE], {"Q03:goals": "经费只够这些。"}) == []


def test_a_sentence_may_not_be_an_essay() -> None:
    assert unjustified([ADVICE], {"Q03:goals": "字" * 500}) == []
    assert unjustified([ADVICE], {"Q03:goals": "字" * 503})[0].sentence() == (
        "理由超出 3 字，最多 500 字，请删减：“主要目标”不够具体。"
    )


def test_a_sentence_goes_when_its_warning_is_mended() -> None:
    said = {"Q03:goals": "说明", "Q12:indicators": "别的"}
    assert justified([ADVICE], said) == {"Q03:goals": "说明"}
    assert justified([], said) == {}
    assert justified([ADVICE], {"Q03:goals": ""}) == {}


# --- what counts as changed -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("overview", {"overview": "甲"}, {"overview": "乙"}),
        ("bases", {"rationale": "甲"}, {"rationale": ""}),
        ("plan", {"steps": [step("一"), step("二")]}, {"steps": [step("二"), step("一")]}),
        ("plan", {"steps": [step("一")]}, {"steps": [step("一", "2025-01-01")]}),
        ("period", {"start_on": dt.date(2025, 1, 1)}, {"end_on": dt.date(2025, 1, 1)}),
        ("funds", {"funds": [SimpleNamespace(source="other", amount=Decimal(1))]}, {"funds": []}),
    ],
)
def test_a_changed_section_is_noticed(name: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    base = base_of(name, record(**before))
    require_unchanged(name, record(**before), base)
    with pytest.raises(Overtaken):
        require_unchanged(name, record(**after), base)


def test_equal_content_is_unchanged_however_it_is_stored() -> None:
    def funds(*rows: tuple[str, str]) -> Any:
        return record(funds=[SimpleNamespace(source=s, amount=Decimal(a)) for s, a in rows])

    base = base_of("funds", funds(("other", "1.0"), ("carry_over", "20")))
    require_unchanged("funds", funds(("carry_over", "20.00"), ("other", "1")), base)


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", "[" * 100_000, "\x00", '{"overview": 1}'])
def test_marks_that_cannot_be_read_count_as_changed(text: str) -> None:
    assert isinstance(read_base(text), dict)
    with pytest.raises(Overtaken):
        require_unchanged("overview", record(overview="甲"), text)


def test_a_form_that_carries_no_marks_is_not_compared() -> None:
    require_unchanged("overview", record(overview="甲"), None)


@steady
@given(st.text(), st.text())
def test_marks_are_equal_exactly_when_texts_are(one: str, other: str) -> None:
    assert (rules.mark(one) == rules.mark(other)) == (one == other)


# --- what the section itself must be ----------------------------------------------------------


def test_every_row_that_is_wrong_is_named_at_once() -> None:
    rows = [
        step(),
        step(responsible="科室"),
        step("实施", "2025-03-01", "2025-02-01"),
        step("", "2025-03-01", "2025-02-01"),
    ]
    assert [(f.field, f.sentence()) for f in check_steps(rows)] == [
        ("steps.1.content", "步骤 2 没有内容，请填写或删除这一行。"),
        ("steps.2.end_on", "步骤 3 的结束日期早于开始日期，请调整其中一个。"),
        ("steps.3.content", "步骤 4 没有内容，请填写或删除这一行。"),
        ("steps.3.end_on", "步骤 4 的结束日期早于开始日期，请调整其中一个。"),
    ]


def test_a_document_needs_a_title() -> None:
    rows = [SimpleNamespace(title="", number=""), SimpleNamespace(title="", number="大组〔2022〕101号")]
    assert [f.field for f in check_bases(rows)] == ["bases.1.title"]


def test_a_period_ends_after_it_begins() -> None:
    first, second = dt.date(2025, 1, 1), dt.date(2025, 1, 2)
    assert [check_period(first, second), check_period(first, first), check_period(None, first)] == [[], [], []]
    assert [f.field for f in check_period(second, first)] == ["end_on"]

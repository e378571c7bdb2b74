"""Comparing two frozen contents: sections, rows, and how many changes a reader counts."""

import copy
from typing import Any

import pytest

from perfmgr.rules.versions import compare, count_changes, initial_targets

INDICATOR = {
    "position": 1,
    "category": "output",
    "subcategory": "数量指标",
    "name": "服务人次",
    "sign": "ge",
    "target_value": "60000",
    "target_text": "",
    "unit": "人次",
    "weight": "20",
    "rule": None,
    "evidence": "台账",
}
OTHER = {**INDICATOR, "position": 2, "name": "居民满意度", "target_value": "90", "unit": "%"}
CONTENT: dict[str, Any] = {
    "year": 2027,
    "scheme_id": 1,
    "project": {"name": "社区服务", "code": "1", "category": "specific", "total_amount": "100"},
    "overview": "为居民办实事。",
    "rationale": "",
    "body": "街道",
    "plan": "分季度实施。",
    "goals": "",
    "start_on": "2027-01-01",
    "end_on": None,
    "annual_amount": "5700000",
    "adjust_reason": "",
    "adjust_basis": "",
    "bases": [{"position": 1, "title": "办法", "number": "1号"}],
    "steps": [{"position": 1, "content": "制定计划", "start_on": None, "end_on": None, "responsible": "科室"}],
    "funds": [{"source": "general_public", "amount": "5700000"}],
    "indicators": [INDICATOR, OTHER],
}


def changed(**values: Any) -> dict[str, Any]:
    """Return the content with some of it replaced."""
    return {**copy.deepcopy(CONTENT), **values}


def told(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the sections with changes, and how many."""
    return [(section.name, section.changes) for section in compare(old, new) if section.changes]


def test_a_content_does_not_differ_from_itself() -> None:
    assert (told(CONTENT, CONTENT), count_changes(CONTENT, CONTENT)) == ([], 0)


@pytest.mark.parametrize(
    ("values", "sections"),
    [
        ({"overview": "为居民办好实事。"}, [("overview", 1)]),
        ({"project": {**CONTENT["project"], "name": "社区服务经费"}}, [("project", 1)]),
        ({"end_on": "2027-12-31"}, [("period", 1)]),
        ({"annual_amount": "1", "funds": [{"source": "other", "amount": "1"}]}, [("funds", 3)]),
        ({"bases": []}, [("bases", 1)]),
        ({"indicators": [OTHER, INDICATOR]}, [("indicators", 1)]),
        ({"indicators": [INDICATOR]}, [("indicators", 1)]),
        ({"indicators": [{**INDICATOR, "target_value": "70000", "weight": "15"}, OTHER]}, [("indicators", 2)]),
        ({"indicators": [{**INDICATOR, "rule": {"type": "direct"}}, OTHER]}, [("indicators", 1)]),
        ({"adjust_reason": "扩大范围", "adjust_basis": "1号"}, [("adjustment", 2)]),
    ],
)
def test_each_change_is_counted_where_it_is(values: dict[str, Any], sections: list[tuple[str, int]]) -> None:
    assert told(CONTENT, changed(**values)) == sections
    assert count_changes(CONTENT, changed(**values)) == sum(number for _name, number in sections)


def test_sign_value_and_unit_are_one_target_as_the_forms_print_it() -> None:
    section = compare(CONTENT, changed(indicators=[{**INDICATOR, "sign": "eq", "unit": "人"}, OTHER]))[-2]
    field = next(field for field in section.rows[0].fields if field.name == "target")
    assert (field.before, field.after) == ("≥60,000人次", "＝60,000人")


def test_a_field_nobody_described_is_compared_too() -> None:
    section = compare(CONTENT, changed(indicators=[{**INDICATOR, "justification": "自定义"}, OTHER]))[-2]
    assert [(f.name, f.before, f.after) for f in section.rows[0].fields if f.status != "same"] == [
        ("justification", "", "自定义")
    ]


def test_the_place_of_a_row_alone_is_no_field_of_it() -> None:
    rows = [{**INDICATOR, "position": 2}, {**OTHER, "position": 3}]
    assert count_changes(CONTENT, changed(indicators=rows)) == 0


def test_initial_targets_are_found_by_name_and_what_is_gone_is_told() -> None:
    kept, gone = initial_targets(CONTENT, ["服务人次（全年）", "新指标"])
    assert (kept, [row["name"] for row in gone]) == ({"服务人次（全年）": "≥60,000人次"}, ["居民满意度"])


def test_a_content_of_an_older_schema_is_read_too() -> None:
    assert count_changes({"overview": "旧"}, {"overview": "新"}) == 1

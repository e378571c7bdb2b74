"""Copying last year's project: dates that move, and what must be looked at."""

import datetime as dt
from typing import Any

import pytest

from perfmgr.rules.copying import check_copied, fields_to_check, mentions_year, shift


@pytest.mark.parametrize(
    ("day", "years", "moved"),
    [
        (dt.date(2025, 1, 1), 1, dt.date(2026, 1, 1)),
        (dt.date(2024, 2, 29), 1, dt.date(2025, 2, 28)),
        (dt.date(2024, 2, 29), 4, dt.date(2028, 2, 29)),
        (None, 1, None),
    ],
)
def test_a_day_moves_by_years(day: dt.date | None, years: int, moved: dt.date | None) -> None:
    assert shift(day, years) == moved


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("2025年实施", True),
        ("在2025", True),
        ("12025元", False),
        ("20250", False),
        ("大组〔2022〕", False),
        ("", False),
    ],
)
def test_a_year_is_a_number_of_its_own(text: str, named: bool) -> None:
    assert mentions_year(text, 2025) is named


def given_fields(**changes: Any) -> list[str]:
    """Return what is to be looked at when everything but the changes is harmless."""
    usual: dict[str, Any] = {
        "texts": {},
        "year": 2025,
        "dates": False,
        "steps": False,
        "funds": False,
        "indicators": (),
    }
    usual.update(changes)
    return fields_to_check(usual.pop("texts"), **usual)


def test_nothing_copied_nothing_to_look_at() -> None:
    assert given_fields() == []


def test_dates_and_amounts_and_texts_that_name_the_old_year() -> None:
    texts = {"overview": "自 2025 年起", "plan": "分季度", "goals": "2025年底完成"}
    assert given_fields(texts=texts, dates=True, steps=True, funds=True) == [
        *("overview", "goals", "start_on", "step_spans", "funds")
    ]


@pytest.mark.parametrize(
    ("indicator", "marked"),
    [
        (("总成本", "", "万元"), True),
        (("补助标准", "", "元"), True),
        (("次数", "", "次"), False),
        (("制度", "2025 年底前出台", ""), True),
    ],
)
def test_money_among_the_targets_is_an_amount_too(indicator: tuple[str, str, str], marked: bool) -> None:
    assert given_fields(indicators=[indicator]) == (["indicators"] if marked else [])


def test_each_copied_field_is_one_finding_that_points_to_it() -> None:
    findings = check_copied(["start_on", "funds", "unknown"])
    assert [(f.code, f.level, f.field) for f in findings] == [("COPY", "error", "start_on"), ("COPY", "error", "funds")]
    assert findings[1].sentence() == "“年度预算安排”沿用上年金额，请核对本年金额后保存。"

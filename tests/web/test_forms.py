"""Refusals of tables: the sentence stands at its field, also when an empty row lies before it."""

import datetime as dt
import html
from typing import Any

import pytest
from flask import Flask

from tests import cast as make
from tests.browser import Visitor, problems
from tests.cast import FILLER, Cast

ROW = {"category": "output", "name": "服务次数", "sign": "ge", "target": "190", "unit": "次", "weight": "50"}


def rows(prefix: str, *typed: dict[str, str]) -> dict[str, str]:
    """Return rows as a browser posts them."""
    return {f"{prefix}-{n}-{name}": value for n, row in enumerate(typed) for name, value in row.items()}


@pytest.mark.parametrize(
    ("section", "typed", "field", "sentence"),
    [
        (
            "plan",
            rows("steps", {"content": ""}, {"content": "实施", "start_on": "2025-3-1", "end_on": "2025-2-1"}),
            "steps-1-end_on",
            "步骤 2 的结束日期早于开始日期，请调整其中一个。",
        ),
        (
            "indicators",
            rows("indicators", {"name": ""}, {**ROW, "target": "很多"}),
            "indicators-1-target",
            "第 2 项指标“服务次数”的目标值“很多”不是数字；定量指标请填数字，定性指标请把符号选为“定性”。",
        ),
        (
            "indicators",
            rows("indicators", {"name": ""}, {**ROW, "rule_type": "steps", "rule_numbers": "五"}),
            "indicators-1-rule_numbers",
            "第 2 项指标的评分规则参数“五”无法识别：扣分请写“步长/扣分”如 5/1，分档请写“界限:比例”如 90:100 80:80。",
        ),
        (
            "indicators",
            rows("indicators", {**ROW, "weight": "-5"}),
            "indicators-0-weight",
            "第 1 行：“分值”不能是负数。",
        ),
    ],
)
def test_a_refused_row_names_its_field(
    app: Flask, cast: Cast, section: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    answer = Visitor(app, cast, FILLER).post(f"/declarations/{declaration_id}/sections/{section}", typed)
    assert (answer.status_code, problems(answer)) == (422, [sentence])
    page = html.unescape(answer.get_data(as_text=True))
    assert f'<a href="#{field}">{sentence}</a>' in page
    assert f'<p class="field-error" id="{field}-error">{sentence}</p>' in page


def test_what_fields_and_rules_find_wrong_is_told_in_one_round(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration_id = make.declare(cast, complete=False)
    steps = (
        {"content": "", "responsible": "科室"},
        {"content": "实施", "start_on": "2025-3-1", "end_on": "2025-2-1"},
        {"content": "总结", "start_on": "二月三十"},
    )
    answer = Visitor(app, cast, FILLER).post(
        f"/declarations/{declaration_id}/sections/plan", {"goals": "字" * 10_001, **rows("steps", *steps)}
    )
    assert (answer.status_code, problems(answer)) == (
        422,
        [
            "“主要目标”超出 1 字，最多 10000 字，请删减。",
            "步骤 1 没有内容，请填写或删除这一行。",
            "步骤 2 的结束日期早于开始日期，请调整其中一个。",
            "第 3 行：“开始日期”填的“二月三十”不是真实存在的日期，请按 2025-01-31 的样子填写。",
        ],
    )


def test_a_share_typed_with_its_sign_has_its_unit(app: Flask, cast: Cast) -> None:
    with app.app_context():
        declaration_id = make.declare(cast)
    visitor = Visitor(app, cast, FILLER)
    typed: dict[str, Any] = rows("indicators", {**ROW, "target": "９５％", "unit": ""})
    assert visitor.post(f"/declarations/{declaration_id}/sections/indicators", typed).status_code == 303
    assert "≥95%" in visitor.get(f"/declarations/{declaration_id}").get_data(as_text=True)


def test_downloads_have_chinese_names_and_ascii_ones_for_old_programs(app: Flask, cast: Cast) -> None:
    year = dt.date(2025, 1, 1).year
    header = Visitor(app, cast, FILLER).get(f"/projects/export.csv?year={year}").headers["Content-Disposition"]
    assert header.startswith("attachment; filename=projects-2025.csv; filename*=UTF-8''2025%E5%B9%B4")

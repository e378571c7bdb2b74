"""Chart macros: drawn with nothing, one value and many, with a text alternative and patterns of their own."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, render_template_string

from perfmgr.rules import charts

LIGHTS = """{% from "_macros/charts.html" import lights with context %}
{{ lights(stacked([('', pieces)]), 'monitor', '监控情况', counts) }}"""
DOTS = """{% from "_macros/charts.html" import dots with context %}{{ dots(spread(rows, most), '专家评分') }}"""
NAMES = {"red": "红灯", "yellow": "黄灯", "green": "绿灯", "blue": "蓝灯"}


def drawn(app: Flask, template: str, **values: Any) -> str:
    """Return the macro's HTML in Chinese."""
    with app.test_request_context("/"):
        return render_template_string(template, **values)


@pytest.mark.parametrize(
    ("numbers", "widths"),
    [
        ({"red": 0, "yellow": 0, "green": 0, "blue": 0}, []),
        ({"red": 0, "yellow": 0, "green": 7, "blue": 0}, [320.0]),
        ({"red": 1, "yellow": 2, "green": 4, "blue": 1}, [40.0, 80.0, 160.0, 40.0]),
    ],
)
def test_lights(app: Flask, numbers: dict[str, int], widths: list[float]) -> None:
    counts = [(kind, NAMES[kind], number) for kind, number in numbers.items()]
    page = drawn(app, LIGHTS, pieces=[(kind, Decimal(number)) for kind, number in numbers.items()], counts=counts)
    bar = re.findall(r'<rect x="[\d.]+" y="18" width="([\d.]+)"', page)
    assert [float(width) for width in bar] == widths
    assert ('role="img" aria-label="监控情况"' in page) == bool(widths)
    for kind, number in numbers.items():
        assert re.search(rf"{NAMES[kind]} <b>{number}</b>", page)
    used, made = set(re.findall(r"url\(#([\w-]+)\)", page)), set(re.findall(r'<pattern id="([\w-]+)"', page))
    assert used <= made


@pytest.mark.parametrize(
    ("rows", "dots", "words"),
    [
        ([], 0, "没有数据"),
        ([("立项依据", [])], 0, "—"),
        ([("立项依据", [Decimal("4.5")])], 1, "平均 4.50<"),
        ([("立项依据", [Decimal(3), Decimal(5), Decimal(4)]), ("效益", [Decimal(9)])], 4, "平均 4.00，3–5<"),
    ],
)
def test_dots(app: Flask, rows: list[tuple[str, list[Decimal]]], dots: int, words: str) -> None:
    page = drawn(app, DOTS, rows=rows, most=Decimal(10))
    assert page.count("<circle") == dots
    assert words in page
    height = charts.spread(rows, Decimal(10)).height
    assert all(0 < float(y) < height for y in re.findall(r'cy="([\d.]+)"', page))


def test_what_people_typed_is_escaped(app: Flask) -> None:
    page = drawn(app, DOTS, rows=[("<b>甲</b>", [Decimal(1)])], most=None)
    assert "&lt;b&gt;甲" in page

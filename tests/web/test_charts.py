"""Chart macros: drawn with nothing, one value and many, with a text alternative and patterns of their own."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, render_template_string

from perfmgr.rules import charts
from perfmgr.rules.monitorings import LIGHTS as LIGHT_NAMES

LIGHTS = """{% from "_macros/charts.html" import lights with context %}
{{ lights(light_bar(counts), 'monitor', light_words(counts)) }}"""
DOTS = """{% from "_macros/charts.html" import dots with context %}{{ dots(spread(rows, most), '专家评分') }}"""


def drawn(app: Flask, template: str, **values: Any) -> str:
    """Return the macro's HTML in Chinese."""
    with app.test_request_context("/"):
        return render_template_string(template, **values)


@pytest.mark.parametrize(
    ("numbers", "widths"),
    [
        ({}, []),
        ({"green": 7}, [320.0]),
        ({"red": 1, "yellow": 2, "green": 3, "blue": 1, "none": 1}, [40.0, 80.0, 120.0, 40.0, 40.0]),
    ],
)
def test_lights(app: Flask, numbers: dict[str, int], widths: list[float]) -> None:
    page = drawn(app, LIGHTS, counts=numbers)
    bar = re.findall(r'<rect x="[\d.]+" y="18" width="([\d.]+)"', page)
    assert [float(width) for width in bar] == widths
    words = "; ".join(f"{name} {numbers.get(kind, 0)}" for kind, name in LIGHT_NAMES.items())
    assert (f'role="img" aria-label="{words}"' in page) == bool(widths)
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

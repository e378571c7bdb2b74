"""Targets as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.target_values import Target, misread, read_target
from tests.rules.sheets import D, slowest, steady


@pytest.mark.parametrize(
    ("cells", "sign", "value", "unit"),
    [
        (("≥95%",), "ge", "95", "%"),
        (("=100.00(%)",), "eq", "100", "%"),
        (("＝１００％",), "eq", "100", "%"),
        ((">= 1,500人次",), "ge", "1500", "人次"),
        (("不少于12期",), "ge", "12", "期"),
        (("12期以上",), "ge", "12", "期"),
        (("10个工作日以内",), "le", "10", "个工作日"),
        (("不超过 3 起",), "le", "3", "起"),
        (("95", "≥", "%"), "ge", "95", "%"),
        (("95", "不低于", "%"), "ge", "95", "%"),
        (("95%", "≥", "%"), "ge", "95", "%"),
        (("13台",), "", "13", "台"),
        (("43.2", "", "万元"), "", "43.2", "万元"),
        (("≥100百分比",), "ge", "100", "百分比"),
        (("290%",), "", "290", "%"),
        (("", "≥", "%"), "ge", None, "%"),
        (("",), "", None, ""),
    ],
)
def test_a_figure_is_read_with_sign_and_unit(cells, sign, value, unit):
    read = read_target(*cells)
    assert (read.sign, read.value, read.unit, read.text) == (sign, None if value is None else D(value), unit, "")


@pytest.mark.parametrize(
    "text",
    [
        "及时",
        "合理",
        "12月底前",
        "2026年12月31日前",
        "10月31日前上线试运行为达成",
        "6次/12人",
        "较上年提高5%",
        "按月安排",
    ],
)
def test_a_text_is_qualitative(text):
    for sign in ("", "定性", "="):
        assert read_target(text, sign) == Target("qualitative", None, text, "")


def test_a_figure_with_another_unit_than_its_column_is_kept_as_written():
    assert read_target("28.8万元", "=", "%") == Target("eq", D("28.8"), "", "%", "28.8万元")


@pytest.mark.parametrize(
    ("value", "unit", "meant"),
    [
        ("290", "%", "90"),
        ("295", "%", "95"),
        ("2100", "%", "100"),
        ("290", "人", None),
        ("200", "%", None),
        ("190", "%", None),
    ],
)
def test_a_two_for_a_sign_is_noticed(value, unit, meant):
    assert misread(D(value), unit) == (None if meant is None else D(meant))
    assert misread(None, unit) is None


@steady
@given(st.text(max_size=40), st.text(max_size=6), st.text(max_size=6))
def test_anything_can_be_read(value, sign, unit):
    read = read_target(value, sign, unit)
    assert read.sign in ("", "ge", "gt", "eq", "le", "lt", "qualitative")
    assert (read.sign == "qualitative") <= (read.value is None)


def test_hostile_texts_take_no_time():
    assert slowest(read_target) < 2

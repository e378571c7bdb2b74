"""Indicators: signs, printed targets, and scoring rules of single lines as plain data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.indicators import (
    SIGNS,
    SYMBOLS,
    Band,
    LineRule,
    parse_rule,
    parse_sign,
    parse_value,
    rule_data,
    target_text,
    unknown_sign,
)
from perfmgr.rules.refusals import Refused
from tests.rules.sheets import HOSTILE, D, hundredths, slowest, steady, told

UNUSABLE = "评分规则写得不完整：分档要有下限（或上限）和比例，扣分要有步长和每步扣分，请核对后再保存。"


@pytest.mark.parametrize(
    ("spellings", "sign"),
    [
        ("≥ >= => ≧ ⩾ ＞＝ 不低于 不少于 ge GE", "ge"),
        ("> ＞ 大于 gt", "gt"),
        ("= == ＝ 等于 eq", "eq"),
        ("< ＜ 小于 lt", "lt"),
        ("≤ <= =< ≦ ⩽ ＜＝ 不高于 不超过 le", "le"),
        ("定性 qual qualitative Qual", "qualitative"),
    ],
)
def test_every_usual_spelling_of_a_sign_is_known(spellings, sign):
    assert {spelling: parse_sign(f" {spelling}\u3000") for spelling in spellings.split()} == dict.fromkeys(
        spellings.split(), sign
    )


def test_every_sign_has_a_symbol_that_is_read_as_that_sign():
    assert [parse_sign(SYMBOLS[sign]) for sign in SIGNS] == list(SIGNS)


@pytest.mark.parametrize("text", ["", " ", "290", "≥≤", "＞＝＝", "约", "!=", "≠", "大于等于大于"])
def test_anything_else_is_no_sign(text):
    assert parse_sign(text) is None


@pytest.mark.parametrize(
    ("sign", "value", "text", "unit", "printed"),
    [
        ("ge", "90.00", "", "%", "≥90%"),
        ("eq", "9", "", "项", "＝9项"),
        ("le", "349.80", "", "万元", "≤349.8万元"),
        ("gt", "0", "", "人", "＞0人"),
        ("lt", "0.5", "", "", "＜0.5"),
        ("ge", "60000", "", "人次", "≥60,000人次"),
        ("ge", None, "", "%", "≥%"),
        ("qualitative", None, "显著提升", "", "显著提升"),
    ],
)
def test_a_target_is_printed_as_forms_print_it(sign, value, text, unit, printed):
    assert target_text(sign, None if value is None else D(value), text, unit) == printed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90", "90"),
        ("90%", "90"),
        (" ９０．５ ％ ", "90.5"),
        ("1,000", "1000"),
        ("-3.2%", "-3.2"),
        ("100.00", "100.00"),
    ],
)
def test_a_value_may_have_a_percent_sign(text, value):
    assert str(parse_value(text)) == value


@pytest.mark.parametrize("text", ["", "%", "≥90%", "90%%", "完成", "9 0", "%90", "1e2", "90‰", "NaN"])
def test_a_value_that_is_not_plainly_a_number_is_none(text):
    assert parse_value(text) is None


BANDS = LineRule("bands", (Band(D(10), D(1)), Band(D(15), D("0.6")), Band(D(20), D("0.2"))), absolute=True)
STEPS = LineRule("steps", start=D(90), step=D(5), deduct=D(1))
RULES = {
    "bands": (
        BANDS,
        {
            "type": "bands",
            "bands": [
                {"bound": "10", "share": "1"},
                {"bound": "15", "share": "0.6"},
                {"bound": "20", "share": "0.2"},
            ],
            "absolute": True,
        },
    ),
    "steps": (STEPS, {"type": "steps", "start": "90", "step": "5", "deduct": "1"}),
    "steps from the target": (
        LineRule("steps", step=D("0.5"), deduct=D("0.25")),
        {"type": "steps", "start": None, "step": "0.5", "deduct": "0.25"},
    ),
    "direct": (LineRule("direct"), {"type": "direct"}),
}


@pytest.mark.parametrize(("rule", "data"), RULES.values(), ids=RULES.keys())
def test_a_rule_and_its_data_are_each_other(rule, data):
    assert (rule_data(rule), parse_rule(data)) == (data, rule)


@pytest.mark.parametrize("data", [None, {}])
def test_a_line_without_rule_follows_its_sign(data):
    assert parse_rule(data) is None


def test_no_rule_has_no_data():
    assert rule_data(None) is None


def test_numbers_in_a_rule_may_be_numbers_or_text():
    as_numbers = {"type": "steps", "start": 90, "step": 5.0, "deduct": D(1)}
    assert parse_rule(as_numbers) == LineRule("steps", start=D(90), step=D("5.0"), deduct=D(1))
    assert parse_rule({"type": "steps", "start": "", "step": 5, "deduct": 0}) == LineRule("steps", step=D(5))


def test_bands_count_the_value_itself_unless_the_distance_from_zero_is_asked_for():
    data = {"type": "bands", "bands": [{"bound": 90, "share": 1}]}
    assert parse_rule(data).absolute is False
    assert parse_rule({**data, "absolute": True}).absolute is True
    assert LineRule("bands").absolute is False


def test_numbers_in_a_rule_are_as_wide_and_as_fine_as_targets():
    widest = {"type": "steps", "start": "-999999999999.999999", "step": "999999999999.999999", "deduct": "0.000001"}
    assert rule_data(parse_rule(widest)) == widest


@pytest.mark.parametrize(
    "data",
    [
        {"type": "steps", "step": "1000000000000", "deduct": "1"},
        {"type": "steps", "step": "5", "deduct": "0.0000001"},
        {"type": "steps", "step": "5", "deduct": "1", "start": "-1000000000000"},
        {"type": "unknown"},
        {"bands": []},
        {"type": "bands"},
        {"type": "bands", "bands": []},
        {"type": "bands", "bands": None},
        {"type": "bands", "bands": 5},
        {"type": "bands", "bands": [5]},
        {"type": "bands", "bands": ["10"]},
        {"type": "bands", "bands": {"bound": 1, "share": 1}},
        {"type": "bands", "bands": [{"bound": "1"}]},
        {"type": "bands", "bands": [{"bound": "1", "share": "1.01"}]},
        {"type": "bands", "bands": [{"bound": "1", "share": "-0.01"}]},
        {"type": "bands", "bands": [{"bound": "1", "share": "NaN"}]},
        {"type": "bands", "bands": [{"bound": "Infinity", "share": "1"}]},
        {"type": "bands", "bands": [{"bound": "sNaN", "share": "1"}]},
        {"type": "bands", "bands": [{"bound": "1e999999", "share": "1"}]},
        {"type": "bands", "bands": [{"bound": "1", "share": "1e-999999"}]},
        {"type": "steps"},
        {"type": "steps", "step": "5"},
        {"type": "steps", "deduct": "1"},
        {"type": "steps", "step": "0", "deduct": "1"},
        {"type": "steps", "step": "-5", "deduct": "1"},
        {"type": "steps", "step": "5", "deduct": "-1"},
        {"type": "steps", "step": "abc", "deduct": "1"},
        {"type": "steps", "step": None, "deduct": "1"},
        {"type": "steps", "step": "Infinity", "deduct": "1"},
        {"type": "steps", "step": "1e-999999", "deduct": "1"},
        {"type": "steps", "step": "5", "deduct": "NaN"},
        {"type": "steps", "step": "5", "deduct": "1", "start": "NaN"},
        {"type": "steps", "step": "5", "deduct": "1", "start": "Infinity"},
        {"type": "steps", "step": "5", "deduct": "1", "start": "abc"},
        {"type": "steps", "step": True, "deduct": "1"},
        "bands",
        ["bands"],
        5,
        True,
    ],
    ids=str,
)
def test_data_that_is_no_usable_rule_is_refused_with_one_sentence(data):
    with pytest.raises(Refused) as refused:
        parse_rule(data)
    assert told(refused.value.findings) == [("RULE", "", UNUSABLE)]


@steady
@given(
    st.one_of(
        st.builds(
            lambda bands, absolute: LineRule("bands", tuple(bands), absolute),
            st.lists(st.builds(Band, hundredths(-(10**8), 10**8), hundredths(0, 100)), min_size=1, max_size=6),
            st.booleans(),
        ),
        st.builds(
            lambda start, step, deduct: LineRule("steps", start=start, step=step, deduct=deduct),
            st.none() | hundredths(-(10**8), 10**8),
            hundredths(1, 10**8),
            hundredths(0, 100_00),
        ),
        st.just(LineRule("direct")),
    )
)
def test_every_rule_comes_back_from_its_data(rule):
    assert parse_rule(rule_data(rule)) == rule


def test_an_unknown_sign_is_named_at_its_field():
    assert told([unknown_sign("290%大约差不多左右吧", "indicators.2.sign")]) == [
        ("Q02", "indicators.2.sign", "符号“290%大约差不多左”无法识别，请从 ≥ ＞ ＝ ＜ ≤ 定性 中选一个。")
    ]


def test_hostile_texts_are_refused_in_a_moment():
    assert [parse_sign(text) or parse_value(text) for text in HOSTILE] == [None] * len(HOSTILE)
    assert slowest(lambda text: (parse_sign(text), parse_value(text))) < 2


def test_hostile_texts_in_a_rule_are_refused_in_a_moment():
    def refuse(text):
        for data in ({"type": text}, {"type": "steps", "step": text, "deduct": "1"}, {"type": "bands", "bands": text}):
            with pytest.raises(Refused):
                parse_rule(data)

    assert slowest(refuse) < 2

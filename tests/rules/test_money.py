"""Amounts: typed in 万元, kept in yuan, shown in 万元."""

import pytest
from hypothesis import given

from perfmgr.rules.money import AmountError, parse_wan, wan, wan_exact
from tests.rules.sheets import D, amounts, slowest, steady

LABEL = "年度资金总额（万元）"
NO_NUMBER = "“年度资金总额（万元）”填的“{}”不是数字，请填以万元为单位的数字，例如 1,234.50。"
NO_AMOUNT = "“年度资金总额（万元）”填的“{}”不是一个金额，请只填一个数字，例如 570.00。"
NEGATIVE = "“年度资金总额（万元）”不能是负数，请填 0 或更大的金额。"
TOO_FINE = "“年度资金总额（万元）”填的“{}”小于 1 分，请最多精确到分（万元后 6 位小数）。"
TOO_LARGE = "“年度资金总额（万元）”填的“{}”超过 1 亿万元，请核对单位是否为万元。"


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("570", "5700000.00"),
        ("570.00", "5700000.00"),
        ("1,234.5", "12345000.00"),
        ("１，２３４．５０", "12345000.00"),
        (" 570 万元", "5700000.00"),
        ("570\u00a0万元", "5700000.00"),
        ("570万", "5700000.00"),
        ("570．00万元", "5700000.00"),
        ("0.000001", "0.01"),
        ("89.974", "899740.00"),
        ("10606.7522", "106067522.00"),
        ("3,498,000.00元", "3498000.00"),
        ("0.01 元", "0.01"),
        ("1.5亿元", "150000000.00"),
        ("1.5 亿", "150000000.00"),
        ("￥570", "5700000.00"),
        ("¥ 570 万元", "5700000.00"),
        ("0", "0.00"),
        ("-0", "0.00"),
        ("99999999.999999", "999999999999.99"),
    ],
)
def test_an_amount_in_wan_is_kept_in_yuan_exact_to_the_fen(text, yuan):
    assert str(parse_wan(text, LABEL)) == yuan


@pytest.mark.parametrize("text", ["", " ", "\u3000\n"])
def test_an_empty_field_is_no_amount_and_no_mistake(text):
    assert parse_wan(text, LABEL) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("abc", NO_NUMBER),
        ("1e3", NO_NUMBER),
        ("NaN", NO_NUMBER),
        ("sNaN", NO_NUMBER),
        ("Infinity", NO_NUMBER),
        ("1_000", NO_NUMBER),
        ("0x10", NO_NUMBER),
        ("٣", NO_NUMBER),
        ("1,23", NO_NUMBER),
        ("万元", NO_NUMBER),
        ("五百七十万元", NO_NUMBER),
        ("一亿", NO_NUMBER),
        ("28.8%", NO_NUMBER),
        ("-1", NEGATIVE),
        ("－１", NEGATIVE),
        ("-0.01元", NEGATIVE),
        ("570万元整", NO_AMOUNT),
        ("5亿3000万元", NO_AMOUNT),
        ("570元元", NO_AMOUNT),
        ("570￥", NO_AMOUNT),
        ("570¥", NO_AMOUNT),
        ("5￥70", NO_AMOUNT),
        ("0.0000001", TOO_FINE),
        ("570.005元", TOO_FINE),
        ("33.33333333", TOO_FINE),
        ("100000000", TOO_LARGE),
        ("9999999999999999999999999", TOO_LARGE),
        ("10000亿", TOO_LARGE),
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence_that_names_the_field(text, sentence):
    with pytest.raises(AmountError) as refused:
        parse_wan(text, LABEL)
    assert str(refused.value) == sentence.format(text)
    assert refused.value.finding.code == "AMOUNT"


def test_a_number_with_more_digits_than_can_be_kept_is_refused_and_never_rounded():
    with pytest.raises(AmountError):
        parse_wan("1.0000000000000000000000000000000000001", LABEL)


def test_a_long_refused_text_is_shown_cut_to_forty_characters():
    with pytest.raises(AmountError) as refused:
        parse_wan("甲" * 1000, LABEL)
    assert str(refused.value) == NO_NUMBER.format("甲" * 40)


@pytest.mark.parametrize(
    ("yuan", "shown", "exact"),
    [
        ("61832500", "6,183.25", "6,183.25"),
        ("12345000", "1,234.50", "1,234.50"),
        ("899740", "89.97", "89.974"),
        ("106067522", "10,606.75", "10606.7522"),
        ("333340", "33.33", "33.334"),
        ("0.01", "0.00", "0.000001"),
        ("50", "0.01", "0.005"),
        ("0", "0.00", "0.00"),
        ("-1", "0.00", "-0.0001"),
        ("-1234500", "-123.45", "-123.45"),
    ],
)
def test_an_amount_is_shown_with_two_decimals_and_filled_in_with_all_of_them(yuan, shown, exact):
    assert (wan(D(yuan)), wan_exact(D(yuan))) == (shown, exact)


def test_no_amount_is_shown_as_a_dash_and_filled_in_as_nothing():
    assert (wan(None), wan_exact(None)) == ("—", "")


@steady
@given(amounts)
def test_what_an_input_field_shows_is_read_back_to_the_fen(yuan):
    assert parse_wan(wan_exact(yuan)) == yuan


def test_hostile_texts_are_refused_in_a_moment():
    def refuse(text):
        with pytest.raises(AmountError):
            parse_wan(f"壹{text}")

    assert slowest(refuse) < 2

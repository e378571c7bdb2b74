"""What holds for every sheet: better is never worse, sums add up, the missing is never zero."""

import dataclasses
import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfmgr.rules.indicators import Band, LineRule
from perfmgr.rules.scoring import Row, effective_weights, score_execution, score_line, score_sheet
from tests.rules.sheets import (
    BANDED,
    EXACT,
    LINEAR,
    SCHEME,
    D,
    amounts,
    hundredths,
    qualitative,
    steady,
    values,
    weights,
)

UPWARDS, DOWNWARDS = ("ge", "gt"), ("le", "lt")
band_rules = st.builds(
    lambda bands, absolute: LineRule("bands", tuple(bands), absolute),
    st.lists(st.builds(Band, values, hundredths(0, 100)), min_size=1, max_size=5),
    st.booleans(),
)
step_rules = st.builds(
    lambda start, step, deduct: LineRule("steps", start=start, step=step, deduct=deduct),
    st.none() | values,
    hundredths(1, 50_00),
    hundredths(0, 20_00),
)
rules = st.one_of(st.none(), band_rules, step_rules, st.just(LineRule("direct")))
fewer = settings(steady, max_examples=100)  # whole sheets take long to draw
schemes = st.sampled_from([SCHEME, LINEAR, EXACT, BANDED])


def with_actual(row, actual):
    return dataclasses.replace(row, actual=actual)


def without_absolute(rule):
    return rule is None or not rule.absolute


@steady
@given(schemes, st.sampled_from(UPWARDS + DOWNWARDS), rules, values, values, values, weights)
def test_a_better_actual_never_lowers_the_marks_whatever_sign_and_rule(scheme, sign, rule, target, one, other, weight):
    assume(without_absolute(rule))
    worse, better = sorted([one, other], reverse=sign in DOWNWARDS)
    row = Row(sign, target, None, weight, rule)
    assert score_line(scheme, with_actual(row, better)).score >= score_line(scheme, with_actual(row, worse)).score


@steady
@given(st.sampled_from([SCHEME, LINEAR]), hundredths(1, 1000_00), values, values, weights)
def test_more_never_lowers_the_marks_of_an_equal_line_that_is_scored_upwards(scheme, target, one, other, weight):
    worse, better = sorted([one, other])
    row = Row("eq", target, None, weight)
    assert score_line(scheme, with_actual(row, better)).score >= score_line(scheme, with_actual(row, worse)).score


@steady
@given(st.sampled_from(DOWNWARDS), band_rules, values, values, weights)
def test_a_smaller_distance_from_zero_never_lowers_the_marks_of_bands_by_distance(sign, rule, one, other, weight):
    worse, better = sorted([one, other], key=abs, reverse=True)
    row = Row(sign, None, None, weight, dataclasses.replace(rule, absolute=True))
    assert score_line(SCHEME, with_actual(row, better)).score >= score_line(SCHEME, with_actual(row, worse)).score


@steady
@given(schemes, hundredths(0, 100), hundredths(0, 100), weights)
def test_a_larger_share_never_lowers_the_marks_of_a_qualitative_line(scheme, one, other, weight):
    worse, better = (score_line(scheme, qualitative("", share, weight)).score for share in sorted([one, other]))
    assert better >= worse


@steady
@given(schemes, amounts, amounts, amounts, weights)
def test_more_spending_never_lowers_the_marks_of_execution(scheme, budget, one, other, weight):
    assume(budget > 0)
    worse, better = (score_execution(scheme, budget, spent, weight).score for spent in sorted([one, other]))
    assert better >= worse


@steady
@given(schemes, st.sampled_from(UPWARDS + DOWNWARDS + ("eq",)), rules, st.none() | values, st.none() | values, weights)
def test_marks_are_between_nothing_and_the_weight_in_hundredths(scheme, sign, rule, target, actual, weight):
    score = score_line(scheme, Row(sign, target, actual, weight, rule)).score
    assert score is None or (0 <= score <= weight and score == score.quantize(D("0.01")))


@steady
@given(schemes, st.none() | values, st.none() | values, weights)
def test_marks_of_execution_are_between_nothing_and_the_weight(scheme, budget, spent, weight):
    score = score_execution(scheme, budget, spent, weight).score
    assert score is None or (0 <= score <= weight and score == score.quantize(D("0.01")))


@steady
@given(schemes, st.sampled_from(UPWARDS + DOWNWARDS + ("eq",)), rules, st.none() | values, weights)
def test_a_missing_actual_is_never_zero(scheme, sign, rule, target, weight):
    line = score_line(scheme, Row(sign, target, None, weight, rule))
    assert (line.score, line.formula) == (None, "—")


# --- whole sheets -------------------------------------------------------------------------------


always, sometimes = st.just(True), st.booleans()


@st.composite
def sheets(draw, actuals=values, applicable=sometimes, signs=UPWARDS + DOWNWARDS + ("eq", "qualitative")):
    """Execution marks and lines that add up to 100, with values of any kind."""
    cuts = sorted(draw(st.lists(st.integers(1, 99_99), min_size=1, max_size=5, unique=True)))
    parts = [D(b - a).scaleb(-2) for a, b in zip([0, *cuts], [*cuts, 100_00], strict=True)]
    lines = []
    for weight in parts[1:]:
        sign = draw(st.sampled_from(signs))
        if sign == "qualitative":
            row = Row(sign, None, None, weight, share=draw(hundredths(0, 100)))
        else:
            row = Row(sign, draw(values), draw(actuals), weight, draw(rules))
        lines.append(dataclasses.replace(row, not_applicable=not draw(applicable)))
    return parts[0], lines


@fewer
@given(schemes, sheets(), hundredths(0, 1000_00), hundredths(0, 1000_00))
def test_the_total_is_the_sum_of_the_printed_lines(scheme, sheet, budget, spent):
    weight, rows = sheet
    score = score_sheet(scheme, rows, budget, spent, weight)
    printed = [line["score"] for line in (score.as_dict()["execution"], *score.as_dict()["lines"])]
    total = sum((D(text) for text in printed if text is not None), D(0))
    assert score.earned == total
    assert score.total == (None if all(text is None for text in printed) else total)


@fewer
@given(schemes, sheets(), hundredths(0, 1000_00), hundredths(0, 1000_00))
def test_the_total_is_at_most_100_and_has_a_grade(scheme, sheet, budget, spent):
    weight, rows = sheet
    score = score_sheet(scheme, rows, budget, spent, weight)
    if score.total is not None:
        assert 0 <= score.total <= 100
        assert score.grade == scheme.grade(score.total)


@fewer
@given(schemes, sheets(), hundredths(1, 1000_00), hundredths(0, 1000_00))
def test_the_same_input_has_the_same_explanation(scheme, sheet, budget, spent):
    weight, rows = sheet
    one = score_sheet(scheme, rows, budget, spent, weight).as_dict()
    other = score_sheet(scheme, [dataclasses.replace(row) for row in rows], budget, spent, weight).as_dict()
    assert one == other
    assert json.loads(json.dumps(one)) == one


@fewer
@given(schemes, sheets(actuals=st.none() | values), hundredths(1, 1000_00), st.none() | hundredths(0, 1000_00))
def test_a_sheet_has_a_total_only_when_every_line_that_applies_has_marks(scheme, sheet, budget, spent):
    weight, rows = sheet
    score = score_sheet(scheme, rows, budget, spent, weight)
    open_lines = [
        line
        for line, applies in zip(
            (score.execution, *score.lines), (True, *(not row.not_applicable for row in rows)), strict=True
        )
        if applies and line.score is None
    ]
    assert (score.total is None, score.grade is None) == (bool(open_lines),) * 2
    assert score.open_marks == sum((line.weight for line in open_lines), D(0))


@fewer
@given(schemes, sheets(applicable=always), hundredths(1, 1000_00), hundredths(0, 1000_00), st.data())
def test_a_missing_actual_never_counts_as_zero_in_the_total(scheme, sheet, budget, spent, data):
    weight, rows = sheet
    at = data.draw(st.integers(0, len(rows) - 1))
    full = score_sheet(scheme, rows, budget, spent, weight)
    missing = [dataclasses.replace(row, actual=None, share=None) if n == at else row for n, row in enumerate(rows)]
    score = score_sheet(scheme, missing, budget, spent, weight)
    assert (score.total, score.grade, score.lines[at].score) == (None, None, None)
    assert (score.earned, score.open_marks) == (full.earned - full.lines[at].score, rows[at].weight)


@fewer
@given(
    schemes,
    sheets(applicable=always, signs=UPWARDS + DOWNWARDS),
    hundredths(1, 1000_00),
    hundredths(0, 1000_00),
    st.data(),
)
def test_a_better_line_never_lowers_the_total(scheme, sheet, budget, spent, data):
    weight, rows = sheet
    at = data.draw(st.integers(0, len(rows) - 1))
    row = rows[at]
    assume(without_absolute(row.rule))
    better = row.actual + data.draw(hundredths(0, 1000_00)) * (1 if row.sign in UPWARDS else -1)
    improved = [with_actual(row, better) if n == at else other for n, other in enumerate(rows)]
    before, after = (score_sheet(scheme, some, budget, spent, weight).total for some in (rows, improved))
    assert after >= before


@fewer
@given(schemes, sheets())
def test_whatever_does_not_apply_a_sheet_that_met_everything_has_100(scheme, sheet):
    weight, rows = sheet
    met = [
        dataclasses.replace(row, share=D(1))
        if row.sign == "qualitative"
        else Row("eq", D(5), D(5), row.weight, not_applicable=row.not_applicable)
        for row in rows
    ]
    assert score_sheet(scheme, met, D(5), D(5), weight).total == 100


# --- sharing out --------------------------------------------------------------------------------

shared_out = st.lists(st.tuples(hundredths(0, 60_00), st.booleans()), min_size=1, max_size=12)


@steady
@given(shared_out)
def test_shared_out_marks_add_up_to_the_same_to_the_hundredth(lines):
    weights, applies = zip(*lines, strict=True)
    assume(any(weight and applied for weight, applied in lines))
    shared = effective_weights(weights, applies)
    assert sum(shared) == sum(weights)
    assert [share for share in shared if share != share.quantize(D("0.01"))] == []


@steady
@given(shared_out)
def test_shared_out_marks_keep_their_proportion_to_the_hundredth(lines):
    weights, applies = zip(*lines, strict=True)
    remaining = sum(weight for weight, applied in lines if applied)
    assume(remaining)
    exact = [weight * sum(weights) / remaining if applied else D(0) for weight, applied in lines]
    apart = [abs(share - value) for share, value in zip(effective_weights(weights, applies), exact, strict=True)]
    assert max(apart) < D("0.01")


@steady
@given(shared_out)
def test_what_does_not_apply_has_no_marks_and_equal_lines_differ_by_a_hundredth_at_most(lines):
    weights, applies = zip(*lines, strict=True)
    shared = effective_weights(weights, applies)
    assert {share for share, applied in zip(shared, applies, strict=True) if not applied} <= {D(0)}
    for weight in set(weights):
        alike = [share for share, (own, applied) in zip(shared, lines, strict=True) if applied and own == weight]
        assert max(alike, default=D(0)) - min(alike, default=D(0)) <= D("0.01")

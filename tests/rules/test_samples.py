"""Samples: the size, the weights, and above all that anybody can repeat a draw; sharing out; checking."""

from dataclasses import replace
from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgr.rules.samples import Candidate, Draw, check, differences, drawn, shared_out, size

LIGHTS = st.sampled_from(("", "green", "yellow", "red"))
POPULATIONS = st.dictionaries(st.integers(1, 10**12), LIGHTS, max_size=60).map(
    lambda rows: [Candidate(id_, light) for id_, light in rows.items()]
)
DRAWS = st.builds(
    Draw,
    st.text(min_size=1, max_size=40),
    st.decimals(min_value="0.0001", max_value=1, places=4),
    st.decimals(min_value=1, max_value=100, places=2),
)
PUBLISHED = [36, 8, 50, 45, 71, 73, 29, 20, 23, 85, 57, 42, 60, 40, 5]
USUAL = Draw("20260601", Decimal("0.15"), Decimal(2))


@given(POPULATIONS, DRAWS, st.randoms(use_true_random=False))
def test_a_draw_has_its_size_and_does_not_depend_on_the_order(population, draw, chance):
    sample = drawn(population, draw)
    assert len(sample) == size(len(population), draw.share) == ceil(len(population) * draw.share)
    assert len({one.id for one in sample} & {one.id for one in population}) == len(sample)
    shuffled = list(population)
    chance.shuffle(shuffled)
    assert drawn(shuffled, draw) == sample
    assert differences(shuffled, draw, [one.id for one in sample]).equal


@given(POPULATIONS, DRAWS)
def test_a_larger_share_only_adds_to_the_sample(population, draw):
    """One order of the whole population is cut off where the share ends."""
    everything = drawn(population, replace(draw, share=Decimal(1)))
    assert drawn(population, draw) == everything[: size(len(population), draw.share)]


def test_a_published_draw_comes_out_the_same_everywhere():
    """Fixed figures: another machine or another version of Python must not change what was drawn."""
    population = [Candidate(n, "red" if n % 10 == 0 else "green") for n in range(1, 101)]
    assert [one.id for one in drawn(population, USUAL)] == PUBLISHED
    assert [one.id for one in drawn(population, replace(USUAL, seed="20260602"))] != PUBLISHED


@pytest.mark.parametrize("factor", [1, 3])
def test_risky_sheets_are_drawn_as_often_as_their_weight_says(factor):
    """The first one drawn is red with probability 20 w / (20 w + 80); 2,000 draws come within 4 standard errors."""
    population = [Candidate(n, "red" if n % 5 == 0 else "green") for n in range(1, 101)]
    rounds = 2000
    firsts = [drawn(population, Draw(str(n), Decimal("0.01"), Decimal(factor)))[0] for n in range(rounds)]
    expected = 20 * factor / (20 * factor + 80)
    error = (expected * (1 - expected) / rounds) ** 0.5
    assert abs(sum(one.light == "red" for one in firsts) / rounds - expected) < 4 * error


def test_what_was_changed_afterwards_is_named():
    population = [Candidate(n, "") for n in range(1, 41)]
    ids = [one.id for one in drawn(population, USUAL)]
    stranger = next(n for n in range(1, 41) if n not in ids)
    swapped = differences(population, USUAL, [stranger, *ids[1:]])
    assert (swapped.missing, swapped.extra, swapped.equal) == ((ids[0],), (stranger,), False)
    turned = differences(population, USUAL, ids[::-1])
    assert (turned.missing, turned.extra, turned.reordered, turned.equal) == ((), (), True, False)
    assert differences([Candidate(n, "red") for n in range(1, 4)], USUAL, []).missing != ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"share": Decimal(0)}, "share"),
        ({"share": Decimal("1.01")}, "share"),
        ({"share": Decimal("0.00001")}, "share"),
        ({"factor": Decimal("0.5")}, "factor"),
        ({"factor": Decimal(101)}, "factor"),
        ({"seed": "长" * 41}, "seed"),
        ({"seed": ""}, "seed"),
    ],
)
def test_parameters_out_of_range_are_refused_at_their_field(changes, field):
    assert [finding.field for finding in check(replace(USUAL, **changes))] == [field]
    assert check(USUAL) == []


@given(st.integers(0, 50), st.integers(1, 6), st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_sheets_are_shared_out_evenly(count, people, before):
    load = dict(enumerate(before[:people], 1))
    given_out = shared_out([(n, range(1, people + 1)) for n in range(count)], load)
    after = {person: load[person] + list(given_out.values()).count(person) for person in load}
    assert len(given_out) == count
    got = [person for person in load if after[person] > load[person]]
    # Nobody is given a sheet while somebody has fewer.
    assert all(after[person] - 1 <= min(after.values()) for person in got)


def test_a_sheet_goes_only_to_those_who_may_check_it():
    assert shared_out([(1, {7}), (2, {7, 8}), (3, set()), (4, {8, 7})], {7: 0, 8: 0}) == {1: 7, 2: 8, 4: 7}

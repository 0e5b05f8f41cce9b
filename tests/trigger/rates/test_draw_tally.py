from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.trigger import WeightedSample
from l1ml.trigger.rates.draw_tally import DrawTally
from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.sample_tally import SampleTally

ROWS = st.lists(
    st.tuples(st.lists(st.booleans(), min_size=3, max_size=3), st.floats(0.1, 5.0), st.integers(0, 9)), min_size=2, max_size=30
)


@given(ROWS, st.booleans(), st.booleans())
def test_bits_are_probabilities_of_one(rows, weighted, copied):
    fired = np.array([row[0] for row in rows]).T
    weight, draw = ([row[i] for row in rows] for i in (1, 2))
    draws = Draws.of(len(rows), weight if weighted else None, draw if copied else None)
    of_bits, of_rows = DrawTally.of_bits(fired, draws).sums, DrawTally.of_rows(fired.astype(np.float64), draws).sums
    for one, other in zip(astuple(of_bits), astuple(of_rows), strict=True):
        np.testing.assert_array_equal(one, other)


@given(ROWS.filter(lambda rows: len({row[2] for row in rows}) > 1))
def test_fractions_are_those_of_a_weighted_sample(rows):
    fired = np.array([row[0] for row in rows]).T
    weight, draw = ([row[i] for row in rows] for i in (1, 2))
    draws, sample = Draws.of(len(rows), weight, draw), WeightedSample.from_arrays(weight, draw)
    sums, near = DrawTally.of_bits(fired[:1] & fired[1:2], draws).sums, DrawTally.of_bits(fired[:1], draws).sums
    found = SampleTally.of(draws).sums.fraction(sums, 0, near)
    expected = sample.fraction(fired[0] & fired[1], near=fired[0])
    for value, other in zip(astuple(found), astuple(expected), strict=True):
        assert value == pytest.approx(other, rel=1e-6, abs=1e-7)  # an error loses half of the digits where nearly all pass


def test_sums_of_two_batches_are_added():
    one = DrawTally.of_rows(np.array([[1.0, 0.5]]), Draws.of(2))
    other = DrawTally.of_rows(np.array([[0.25, 0.0]]), Draws.of(2))
    total = (one + other).sums
    assert (total.total[0], total.squares[0], total.cross[0], total.largest[0]) == (1.75, 1.3125, 1.75, 1.0)
    assert (total.n_events[0], total.n_groups[0]) == (3, 3)


def test_draws_of_the_same_weight_hide_no_heavier_one():
    draws = Draws.of(1000, np.full(1000, 0.1))
    passing, near = (DrawTally.of_bits(np.arange(1000)[None] < n, draws).sums for n in (9, 70))
    assert SampleTally.of(draws).sums.fraction(passing, 0, near).error == pytest.approx(np.sqrt(9.0) / 1000, rel=0.01)

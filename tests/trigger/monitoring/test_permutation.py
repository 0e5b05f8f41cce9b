from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import DataError
from l1ml.trigger.monitoring.permutation import merged_columns, permutation_test

STARTS = (0, 12, 13, 14, 20)
N_COLUMNS = 26


def blocks(rng: np.random.Generator, n: int) -> np.ndarray:
    """Three histograms, of which one repeats another's entries, and rates: one common, one rare; blocks differ in activity."""
    activity = rng.gamma(20.0, 1 / 20.0, (n, 1))
    histogram = rng.poisson(activity * np.geomspace(40.0, 0.05, 12))
    rates = rng.poisson(activity * [30.0, 0.02])
    copies = histogram[:, :6] + rng.poisson(1.0, (n, 6))
    return np.concatenate([histogram, rates, copies, rng.poisson(5.0, (n, 6))], axis=1).astype(float)


def test_false_alarms_are_at_most_what_was_asked_for_over_1500_toys(rng: np.random.Generator) -> None:
    n_toys, level, n_alarms, n_single = 1500, 0.05, 0, 0
    for _ in range(n_toys):
        found = permutation_test(blocks(rng, 24), blocks(rng, 40), STARTS, rng, 199)
        n_alarms += bool((found.adjusted <= level).any())
        n_single += bool((found.p_value <= level).any())
    # 99.9 % of a binomial with 5 %; one quantity after the other would alarm in about one toy of six
    assert n_alarms <= 103
    assert n_alarms >= 40
    assert n_single > 150


def test_a_drift_of_one_quantity_is_found_and_the_others_are_left(rng: np.random.Generator) -> None:
    first, second = blocks(rng, 64), blocks(rng, 64)
    first[:, 13] += 1.0
    found = permutation_test(first, second, STARTS, rng, 999)
    assert np.flatnonzero(found.adjusted <= 0.01).tolist() == [2]
    assert found.p_value[2] == 0.001
    assert found.degrees.tolist() == [12, 1, 1, 6, 6]


def test_weights_change_nothing_but_the_unit(rng: np.random.Generator) -> None:
    first, second = blocks(rng, 20), blocks(rng, 20)
    plain, scaled = (permutation_test(a * first, a * second, STARTS, np.random.default_rng(3), 99) for a in (1.0, 1e-4))
    np.testing.assert_array_equal(plain.p_value, scaled.p_value)
    np.testing.assert_array_equal(plain.adjusted, scaled.adjusted)


def test_what_never_varies_says_nothing(rng: np.random.Generator) -> None:
    found = permutation_test(np.full((10, 2), 7.0), np.full((12, 2), 7.0), [0, 1], rng, 99)
    assert found.p_value.tolist() == found.adjusted.tolist() == [1.0, 1.0]
    assert found.degrees.tolist() == [0, 0]


def test_too_few_blocks(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="needs 8 blocks of crossings of each sample, received 7 and 20"):
        permutation_test(np.ones((7, 1)), np.ones((20, 1)), [0], rng, 99)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
@settings(deadline=None)
def test_joined_bins_hold_everything_and_enough(entries: list[int]) -> None:
    counts = np.array(entries, float)
    firsts = merged_columns(counts)
    joined = np.add.reduceat(counts, firsts)
    assert firsts[0] == 0
    assert joined.sum() == counts.sum()
    assert len(joined) == 1 or joined.min() >= 16

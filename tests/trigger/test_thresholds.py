from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import threshold_at_rate

SCORES = st.lists(st.tuples(st.integers(-5, 20), st.integers(0, 5)), min_size=1, max_size=40).filter(
    lambda rows: any(weight for _, weight in rows)
)


def rate_of(scores, weights, threshold):
    return 100.0 * weights[scores >= threshold].sum() / weights.sum()


@given(SCORES, st.floats(0.5, 120.0))
def test_it_is_the_smallest_word_at_or_below_the_target(rows, target):
    scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    weights = weights.astype(np.float64)
    threshold = threshold_at_rate(scores, weights, target, 100.0)
    assert rate_of(scores, weights, threshold) <= target
    if threshold > scores.min():
        assert rate_of(scores, weights, threshold - 1) > target


@given(SCORES, st.floats(0.5, 50.0), st.floats(1.0, 50.0))
def test_a_lower_rate_never_needs_a_lower_threshold(rows, target, more):
    scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    tight, loose = (threshold_at_rate(scores, weights.astype(np.float64), rate, 100.0) for rate in (target, target + more))
    assert tight >= loose


def test_ties_pass_or_fail_together():
    scores, weights = np.array([1, 5, 5, 5, 9]), np.ones(5)
    assert threshold_at_rate(scores, weights, 79.9, 100.0) == 6
    assert threshold_at_rate(scores, weights, 80.0, 100.0) == 2


def test_weights_count():
    assert threshold_at_rate(np.array([1, 2]), np.array([1.0, 9.0]), 50.0, 100.0) == 3
    assert threshold_at_rate(np.array([1, 2]), np.array([9.0, 1.0]), 50.0, 100.0) == 2


def test_bad_input():
    with pytest.raises(ConfigError, match="rate_khz must be positive"):
        threshold_at_rate(np.array([1]), np.ones(1), 0.0, 100.0)
    with pytest.raises(DataError, match="one weight for each score"):
        threshold_at_rate(np.array([1, 2]), np.ones(1), 1.0, 100.0)
    with pytest.raises(DataError, match="one weight for each score"):
        threshold_at_rate(np.array([], dtype=np.int64), np.ones(0), 1.0, 100.0)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.trigger import WeightedSample, roc_curve
from l1ml.trigger.rates.rate_curve import rate_curve
from l1ml.trigger.roc import area_under_curve

WORDS = st.lists(st.integers(0, 8), min_size=1, max_size=20)


@given(WORDS, st.lists(st.tuples(st.integers(0, 8), st.floats(0.1, 5.0)), min_size=1, max_size=20))
def test_area_equals_the_comparison_of_all_pairs(signal, background):
    words, weights = (np.array(column) for column in zip(*background, strict=True))
    pairs = sum(w * ((s > b) + 0.5 * (s == b)) for s in signal for b, w in background)
    assert area_under_curve(np.array(signal), words, weights) == pytest.approx(pairs / (len(signal) * weights.sum()))


def test_efficiency_at_the_thresholds_of_the_rate():
    rng = np.random.default_rng(1)
    background, signal = rng.integers(0, 100, 500), rng.integers(50, 200, 400)
    weights = rng.uniform(0.5, 2.0, 500)
    curve = rate_curve("axo", background, WeightedSample.from_arrays(weights, np.arange(500)), 100.0)
    result = roc_curve("s", curve, words=signal, zero_bias_words=background, zero_bias_weight=weights, crossing_rate_khz=100.0)
    for threshold, value in zip(curve.thresholds, result.efficiency, strict=True):
        assert value == pytest.approx((signal >= threshold).mean())
    np.testing.assert_allclose(result.false_positive_rate, curve.rate_khz / 100.0)

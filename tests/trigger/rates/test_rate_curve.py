from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.trigger import WeightedSample
from l1ml.trigger.rates.rate_curve import rate_curve


@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0.01, 5.0)), min_size=2, max_size=300))
@settings(deadline=None)
def test_rate_falls_from_everything_to_something(rows):
    words, weights = (np.array(column) for column in zip(*rows, strict=True))
    curve = rate_curve("q", words, WeightedSample.from_arrays(weights, np.arange(words.size)), 100.0)
    assert curve.thresholds.size <= 82
    assert (np.diff(curve.thresholds) > 0).all()
    assert (np.diff(curve.rate_khz) < 1e-9).all()
    assert curve.thresholds[0] == words.min()
    assert curve.thresholds[-1] == words.max()
    np.testing.assert_allclose(curve.rate_khz[0], 100.0)
    for threshold, rate, count in zip(curve.thresholds, curve.rate_khz, curve.n_events, strict=True):
        np.testing.assert_allclose(rate, 100.0 * weights[words >= threshold].sum() / weights.sum())
        assert count == (words >= threshold).sum() > 0


def test_physical_thresholds():
    sample = WeightedSample.from_arrays(np.ones(3), np.arange(3))
    curve = rate_curve("muon pt", np.array([1, 45, 45]), sample, 100.0, lsb=0.5, offset=1, unit="GeV")
    np.testing.assert_array_equal(curve.physical, [0.0, 22.0])
    assert curve.to_dict()["unit"] == "GeV"

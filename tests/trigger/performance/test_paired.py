from __future__ import annotations

import numpy as np
import pytest

from l1ml.trigger import WeightedSample
from l1ml.trigger.performance import PairedSamples, ScoredSample


def of(group, weight=None) -> ScoredSample:
    n = len(group)
    groups = np.asarray(group, dtype=np.uint64)
    sample = WeightedSample.from_arrays(np.ones(n) if weight is None else weight, groups)
    return ScoredSample(sample, groups, np.zeros(n, np.int64), np.zeros(n, dtype=np.bool_))


def test_without_common_draws_relative_variances_add_up():
    first, second = of(np.arange(100)), of(np.arange(200, 500))
    a, b = np.arange(100) < 30, np.arange(300) < 60
    ratio = PairedSamples.of(first, second).ratio(a, b)
    parts = [item.sample.fraction(bits).error / bits.mean() for item, bits in ((first, a), (second, b))]
    assert ratio.value == pytest.approx(1.5)
    assert ratio.error == pytest.approx(1.5 * np.hypot(*parts), rel=1e-2)


def test_what_passes_in_both_cancels():
    sample = of(np.arange(1000))
    before, after = np.arange(1000) < 100, (np.arange(1000) >= 5) & (np.arange(1000) < 100)
    ratio = PairedSamples.of(sample, sample).ratio(after, before)
    assert ratio.value == pytest.approx(0.95)
    assert ratio.error == pytest.approx(np.sqrt(0.95 * 0.05 / 100), rel=1e-2)  # binomial: five of a hundred are lost


def test_copies_of_a_collision_are_one_draw():
    once, thrice = of(np.arange(100)), of(np.repeat(np.arange(100), 3))
    before, after = np.arange(100) < 50, np.arange(100) < 40
    expected = PairedSamples.of(once, once).ratio(after, before)
    ratio = PairedSamples.of(thrice, thrice).ratio(np.repeat(after, 3), np.repeat(before, 3))
    assert (ratio.value, ratio.error) == pytest.approx((expected.value, expected.error))


def test_the_ends():
    sample = of(np.arange(100))
    pair, none = PairedSamples.of(sample, sample), np.zeros(100, dtype=np.bool_)
    half = np.arange(100) < 50
    assert pair.ratio(half, none).to_dict() == {"value": None, "error": None}
    nothing = pair.ratio(none, half)
    assert (nothing.value, nothing.error) == (0.0, pytest.approx(1.84 / 50, rel=1e-2))
    same = pair.ratio(half, half)
    assert (same.value, same.error) == (1.0, pytest.approx(1.84 / 50, rel=1e-2))


def test_the_error_is_the_scatter_of_samples():
    rng = np.random.default_rng(5)
    ratios, errors = [], []
    for _ in range(300):
        x = rng.exponential(1.0, 400)
        sample = of(np.repeat(np.arange(200), 2), np.exp(-0.3 * x))
        ratio = PairedSamples.of(sample, sample).ratio(x * rng.uniform(0.8, 1.2, 400) > 1.1, x > 1.0)
        ratios.append(ratio.value)
        errors.append(ratio.error)
    assert np.mean(errors) == pytest.approx(np.std(ratios), rel=0.15)

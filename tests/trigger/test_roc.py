from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.trigger import WeightedSample, roc_curve
from l1ml.trigger.rates.rate_curve import rate_curve
from l1ml.trigger.roc import area_error, area_under_curve

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
    sample = WeightedSample.from_arrays(weights, np.arange(500))
    curve = rate_curve("axo", background, sample, 100.0)
    result = roc_curve(
        "s", curve, words=signal, group=np.arange(400), zero_bias_words=background, zero_bias=sample, crossing_rate_khz=100.0
    )
    for threshold, value in zip(curve.thresholds, result.efficiency, strict=True):
        assert value == pytest.approx((signal >= threshold).mean())
    np.testing.assert_allclose(result.false_positive_rate, curve.rate_khz / 100.0)


def test_the_error_of_the_area_is_that_of_delong():
    rng = np.random.default_rng(2)
    signal, background = rng.integers(3, 20, 60), rng.integers(0, 15, 80)
    pairs = (signal[:, None] > background) + 0.5 * (signal[:, None] == background)
    expected = np.sqrt(pairs.mean(axis=1).var(ddof=1) / 60 + pairs.mean(axis=0).var(ddof=1) / 80)
    samples = (WeightedSample.from_arrays(np.ones(n), np.arange(n)) for n in (60, 80))
    assert area_error(signal, next(samples), background, next(samples)) == pytest.approx(expected)


def test_copies_of_a_collision_and_weights_are_what_the_scatter_of_samples_shows():
    rng = np.random.default_rng(3)
    areas, errors = [], []
    for _ in range(300):
        draws = rng.exponential(1.0, 40)
        background = np.floor(20 * np.repeat(draws, 3) * rng.uniform(0.9, 1.1, 120)).astype(np.int64)
        sample = WeightedSample.from_arrays(np.repeat(np.exp(-draws), 3), np.repeat(np.arange(40), 3))
        signal = np.floor(20 * rng.exponential(1.5, 60)).astype(np.int64)
        areas.append(area_under_curve(signal, background, sample.weight))
        errors.append(area_error(signal, WeightedSample.from_arrays(np.ones(60), np.arange(60)), background, sample))
    assert np.mean(errors) == pytest.approx(np.std(areas), rel=0.15)  # 300 samples know their scatter to 4 %

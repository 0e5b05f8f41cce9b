from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from l1ml.data.splits import split_of
from l1ml.errors import DataError
from offline.unfolding.diagnostics import separation
from offline.unfolding.diagnostics.separation import Sample, area_under_curve, density_ratio


def sample(values: np.ndarray, weight: np.ndarray | None = None, first: int = 0) -> Sample:
    event = np.arange(first, first + len(values), dtype=np.uint64)
    return Sample(values, np.ones(len(values)) if weight is None else weight, event)


def test_area_is_that_of_sklearn_with_ties_and_weights(rng: np.random.Generator) -> None:
    score, weight = rng.integers(0, 9, 500).astype(float), rng.exponential(size=500)
    signal = rng.random(500) < 0.4
    expected = roc_auc_score(signal, score, sample_weight=weight)
    assert area_under_curve(score, weight, signal) == pytest.approx(expected, abs=1e-12)


def test_a_side_without_weight_has_no_area() -> None:
    with pytest.raises(DataError, match="3 and 0 events to tell two samples apart, one side without weight: too few"):
        area_under_curve(np.arange(3.0), np.ones(3), np.ones(3, np.bool_))


def test_shifted_gaussians_have_their_area(rng: np.random.Generator) -> None:
    """Of N(0, 1) and N(1, 1): Phi(1 / sqrt 2); weights that undo the shift leave one half."""
    one, two = rng.normal(1.0, 1.0, (20_000, 1)), rng.normal(size=(20_000, 1))
    found = separation(sample(one), sample(two, first=20_000))
    assert found.auc == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=4 * found.floor)
    undone = separation(sample(one, np.exp(0.5 - one[:, 0])), sample(two, first=20_000))
    assert undone.auc == pytest.approx(0.5, abs=4 * undone.floor)
    assert undone.floor > found.floor


def test_the_floor_is_the_spread_for_equal_samples(rng: np.random.Generator) -> None:
    found = [separation(sample(rng.normal(size=(1000, 1))), sample(rng.normal(size=(1000, 1)), first=1000)) for _ in range(15)]
    areas = np.array([item.auc for item in found])
    assert areas.mean() == pytest.approx(0.5, abs=4 * found[0].floor / np.sqrt(15))
    assert 0.4 < areas.std(ddof=1) / found[0].floor < 1.8


def test_negative_weights_are_judged_by(rng: np.random.Generator) -> None:
    """Background taken out again by events of negative weight leaves the Gaussian alone."""
    values = np.concatenate([rng.normal(size=12_000), rng.uniform(2, 3, 4000), rng.uniform(2, 3, 4000)])[:, None]
    weight = np.concatenate([np.ones(16_000), -np.ones(4000)])
    found = separation(sample(values, weight), sample(rng.normal(size=(12_000, 1)), first=30_000))
    assert found.auc == pytest.approx(0.5, abs=0.05)


def test_density_ratio_of_gaussians(rng: np.random.Generator) -> None:
    one, two = rng.normal(0.5, 1.0, (40_000, 1)), rng.normal(size=(40_000, 1))
    ratio = density_ratio(sample(one), sample(two))
    assert np.average(two[:, 0], weights=ratio) == pytest.approx(0.5, abs=0.03)


def test_half_of_a_split_file_still_has_two_parts(rng: np.random.Generator) -> None:
    event = np.arange(4000, dtype=np.uint64)
    event = event[split_of(event, [0.5, 0.5]) == 0]
    one, two = (Sample(rng.normal(size=(event.size, 1)), np.ones(event.size), event) for _ in range(2))
    found = separation(one, two)
    assert found.auc == pytest.approx(0.5, abs=4 * found.floor)

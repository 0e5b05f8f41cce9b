from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import TrainingError
from l1ml.training.contrastive.collapse import refuse_collapse, spread_of
from l1ml.training.contrastive.loss import loss_terms

pytest.importorskip("keras")


def terms(one: np.ndarray, other: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    found = loss_terms(*(item.astype(np.float32) for item in (one, other, weight)))
    return float(found.invariance), float(found.variance), float(found.covariance)


def reference(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Equations 1 to 6 of the paper by numpy, without weights."""
    variance = covariance = 0.0
    for view in (one, other):
        matrix = np.cov(view, rowvar=False)
        variance += np.maximum(0, 1 - np.sqrt(np.diag(matrix) + 1e-4)).mean()
        covariance += (matrix**2).sum() / view.shape[1] - (np.diag(matrix) ** 2).sum() / view.shape[1]
    return ((one - other) ** 2).mean(), variance, covariance


def test_equal_weights_give_the_published_loss(rng: np.random.Generator) -> None:
    one, other = rng.normal(0, 0.7, (2, 50, 6))
    assert terms(one, other, np.full(50, 3.0)) == pytest.approx(reference(one, other), rel=1e-4)


def test_a_crossing_of_weight_zero_is_not_there(rng: np.random.Generator) -> None:
    one, other = rng.normal(0, 0.7, (2, 50, 6))
    weight = np.r_[np.ones(40), np.zeros(10)]
    assert terms(one, other, weight) == pytest.approx(reference(one[:40], other[:40]), rel=1e-4)


def test_a_weight_of_two_pulls_as_two_crossings_do(rng: np.random.Generator) -> None:
    one, other = rng.normal(0, 0.7, (2, 400, 3))
    weight = np.r_[np.full(200, 2.0), np.ones(200)]
    twice = [np.concatenate([view, view[:200]]) for view in (one, other)]
    found, copied = terms(one, other, weight), terms(*twice, np.ones(600))
    # but for the correction to the variance, which counts crossings: 1 / 360 against 1 / 600
    assert found == pytest.approx(copied, rel=0.01)


def test_a_collapse_costs_the_whole_variance(rng: np.random.Generator) -> None:
    same = np.broadcast_to(rng.normal(size=4), (30, 4))
    invariance, variance, covariance = terms(same, same, np.ones(30))
    assert invariance == 0
    assert variance == pytest.approx(2 * 0.99, abs=1e-3)
    assert covariance == pytest.approx(0, abs=1e-6)


def test_one_crossing_alone_has_no_variance_and_a_finite_loss() -> None:
    found = terms(np.ones((1, 3)), np.zeros((1, 3)), np.ones(1))
    assert np.isfinite(found).all()


def test_the_spread_is_weighted() -> None:
    features = np.array([[0.0, 1.0], [2.0, 1.0], [50.0, 7.0]], np.float32)
    np.testing.assert_array_equal(spread_of(features, np.array([1.0, 1.0, 0.0], np.float32)), [1.0, 0.0])


def test_collapsed_features_are_named(rng: np.random.Generator) -> None:
    features = rng.normal(size=(100, 3)).astype(np.float32)
    weight = np.ones(100, np.float32)
    refuse_collapse(features, weight, 0.25)
    features[:, 1] = 0.5
    with pytest.raises(TrainingError, match=r"1 of 3 features have collapsed.*half a step of 0.25: 1 \(0\)"):
        refuse_collapse(features, weight, 0.25)

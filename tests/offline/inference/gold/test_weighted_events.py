"""A sample of an exponential model whose weights, cross section and scores are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.inference.gold import Morphing, Response, WeightedEvents

Floats = NDArray[np.float64]

MORPHING = Morphing.of(("c",), (2,), np.array([[0.0], [1.0], [-1.0]]))


def events(n: int, seed: int = 1) -> WeightedEvents:
    """z uniform in (0, 1), weight (1 + c z)^2 exp(nu (z - 0.5) - 0.1 nu^2)."""
    z = np.random.default_rng(seed).uniform(size=n)
    weights = np.stack([np.square(1 + c * z) for c in (0.0, 1.0, -1.0)], axis=1) / n
    up, down = (np.exp(nu * (z - 0.5) - 0.1)[:, None] * weights[:, :1] for nu in (1, -1))
    return WeightedEvents(("z",), z[:, None], weights, MORPHING, Response.of(("scale",), weights[:, 0], up, down))


@pytest.mark.parametrize("theta", [(0.0, 0.0), (0.7, 0.0), (0.4, -1.5), (2.0, 2.0)])
def test_weights_and_slopes_are_exact(theta: tuple[float, float]) -> None:
    sample, (c, nu) = events(500), theta
    z = sample.x[:, 0]
    expected = np.square(1 + c * z) * np.exp(nu * (z - 0.5) - 0.1 * nu**2) / 500
    np.testing.assert_allclose(sample.weights_at(np.array(theta)), expected, rtol=1e-9)
    slopes = np.stack([2 * z / (1 + c * z), z - 0.5 - 0.2 * nu], axis=1)
    np.testing.assert_allclose(sample.slopes_at(np.array(theta)), slopes, rtol=1e-9, atol=1e-12)


def test_the_mean_score_is_zero() -> None:
    sample, theta = events(1000), np.array([0.3, 0.5])
    weight = sample.weights_at(theta)
    np.testing.assert_allclose(weight @ sample.scores_at(theta), 0.0, atol=1e-12)


def test_the_cross_section_is_the_integral() -> None:
    # of (1 + c z)^2 over (0, 1)
    assert events(200_000).cross_section(np.array([1.5, 0.0])) == pytest.approx(1 + 1.5 + 1.5**2 / 3, rel=0.01)


def test_refusals() -> None:
    sample = events(10)
    with pytest.raises(DataError, match="do not fit c, scale"):
        sample.weights_at(np.zeros(3))
    with pytest.raises(DataError, match="must be positive"):
        Response.of(("s",), np.ones(2), np.zeros((2, 1)), np.ones((2, 1)))
    bad = WeightedEvents(("z",), sample.x, sample.weights * [1, 1, -1], MORPHING)
    with pytest.raises(DataError, match="negative: nothing can be drawn"):
        bad.weights_at(np.array([-3.0]))
    with pytest.raises(DataError, match="do not have shapes"):
        WeightedEvents(("z",), sample.x[:5], sample.weights, MORPHING)

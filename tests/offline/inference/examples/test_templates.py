"""Templates find shares that depend smoothly on the parameters."""

from __future__ import annotations

import numpy as np
import pytest

from offline.inference.examples.templates import Binning, Templates


def events(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The first column is above 0 with a probability that is linear in one and quadratic in the other parameter."""
    theta = rng.uniform([160, 0.9], [180, 1.1], (n, 2))
    above = rng.random(n) < chance(theta)
    return theta, np.stack([np.where(above, 1.0, -1.0) * rng.random(n), rng.random(n)], axis=1)


def chance(theta: np.ndarray) -> np.ndarray:
    return 0.5 + 0.2 * (theta[..., 0] - 170) / 10 - 20 * (theta[..., 1] - 1) ** 2


def test_shares_follow_the_parameters(rng: np.random.Generator) -> None:
    theta, x = events(200_000, rng)
    binning = Binning((0, 1), (np.array([0.0]), np.array([0.25, 0.5])))
    found = Templates.of(binning, theta, x)
    points = np.array([[165.0, 1.0], [175.0, 1.05], [170.0, 0.95]])
    shares = found.shares(points).reshape(3, 2, 3)
    assert shares.sum(axis=(1, 2)) == pytest.approx(np.ones(3))
    assert shares[:, 1].sum(axis=1) == pytest.approx(chance(points), abs=0.02)
    assert shares.sum(axis=1) == pytest.approx(np.tile([0.25, 0.25, 0.5], (3, 1)), abs=0.02)


def test_the_likelihood_is_that_of_counts(rng: np.random.Generator) -> None:
    theta, x = events(5000, rng)
    found = Templates.of(Binning.of(x, {0: 4}), theta, x)
    points = theta[:6].reshape(2, 3, 2)
    counts = np.bincount(found.binning.number(x), minlength=4)
    assert found.log_likelihood(points, x) == pytest.approx(np.log(found.shares(points)) @ counts)
    # quantiles: as many in each bin
    assert counts.max() - counts.min() <= 1


def test_events_beyond_the_edges_are_in_the_outer_bins() -> None:
    binning = Binning((0,), (np.array([1.0, 2.0]),))
    assert binning.number(np.array([[-9.0], [1.5], [9.0]])).tolist() == [0, 1, 2]

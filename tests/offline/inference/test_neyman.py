"""Confidence sets for the mean of a Gaussian, whose ratio is known: right, and wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from l1ml.errors import ConfigError, DataError
from offline.inference import LikelihoodRatio, Prior, Uniform
from offline.inference.neyman import ConfidenceSet, asymptotic_belt, coverage_map, crossings, likelihood_scan, neyman_belt

Floats = NDArray[np.float64]

PRIOR = Prior({"mean": Uniform(-3.0, 3.0)})
GRID = np.linspace(-2, 2, 81)[:, None]
SOME = np.linspace(-2, 2, 41)[:, None]


@dataclass(frozen=True)
class Ratio:
    """Of unit width, or of one that is wrong."""

    width: float = 1.0
    prior: Prior = PRIOR

    def log_ratio(self, theta: Floats, x: Floats) -> Floats:
        return np.asarray(stats.norm.logpdf(x[:, 0], theta[:, 0], self.width) - stats.norm.logpdf(x[:, 0], 0, 3))


def simulator(theta: Floats, rng: np.random.Generator) -> Floats:
    return theta + rng.normal(size=theta.shape)


def test_a_scan_is_the_square_of_the_pull(rng: np.random.Generator) -> None:
    ratio: LikelihoodRatio = Ratio()
    x = rng.normal(0.3, 1, (4, 10, 1))
    found = likelihood_scan(ratio, GRID, x)
    assert found.shape == (4, 81)
    exact = 10 * np.square(GRID[:, 0] - x.mean(axis=1))
    np.testing.assert_allclose(found, exact - exact.min(axis=1, keepdims=True), atol=1e-9)


def test_toys_of_a_right_ratio_agree_with_chi_squared() -> None:
    belt = neyman_belt(Ratio(), simulator, SOME, level=0.683, events=10, toys=400)
    assert belt.critical[5:-5].mean() == pytest.approx(stats.chi2.ppf(0.683, 1), rel=0.06)
    x = simulator(np.full((10, 1), 0.4), np.random.default_rng(1))
    found = ConfidenceSet(belt, likelihood_scan(Ratio(), SOME, x))
    ends = found.to_dict()["ends"][0]
    assert ends[0] == pytest.approx(x.mean() - np.sqrt(0.1), abs=0.15)
    assert ends[1] == pytest.approx(x.mean() + np.sqrt(0.1), abs=0.15)
    assert abs(found.best[0] - x.mean()) <= 0.05


@pytest.mark.parametrize("width", [1.0, 0.7])
def test_toys_cover_whatever_the_ratio_is_worth(width: float) -> None:
    """A ratio that is too sure of itself: chi squared covers half of what it promises, toys all of it."""
    ratio, points = Ratio(width), SOME[::4]
    belt = neyman_belt(ratio, simulator, points, level=0.683, events=5, toys=400)
    share, error = coverage_map(belt, ratio, simulator, toys=400)
    assert share.mean() == pytest.approx(0.683, abs=4 * error.mean() / np.sqrt(len(points)) + 0.01)
    if width < 1:
        wrong, _ = coverage_map(asymptotic_belt(GRID[::2], 0.683, 5), ratio, simulator, toys=100)
        assert wrong[8:-8].mean() < 0.6


def test_crossings_of_a_parabola() -> None:
    grid = np.linspace(-3, 3, 601)
    assert crossings(grid, np.square(grid - 1), 1.0) == pytest.approx((0.0, 2.0), abs=1e-9)
    # what is never reached: the ends of the grid
    assert crossings(grid, np.square(grid - 1), 9.0) == pytest.approx((-2.0, 3.0), abs=1e-9)


def test_an_empty_set_says_so() -> None:
    belt = asymptotic_belt(SOME, 0.683, 1)
    assert ConfidenceSet(belt, np.full(len(SOME), 9.0)).to_dict()["ends"] is None


def test_what_cannot_be_asked() -> None:
    with pytest.raises(ConfigError, match=r"10 toys are too few for a confidence of 0\.954; give at least 21"):
        neyman_belt(Ratio(), simulator, SOME, level=0.954, events=1, toys=10)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        asymptotic_belt(SOME, 95.0, 1)
    with pytest.raises(DataError, match="points of the grid are outside the prior"):
        likelihood_scan(Ratio(), 2 * SOME, np.zeros((1, 1)))
    with pytest.raises(DataError, match="not of sets"):
        neyman_belt(Ratio(), lambda theta, rng: np.zeros((len(theta), 2, 1)), SOME, level=0.5, events=1, toys=10)

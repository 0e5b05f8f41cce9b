from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from offline.unfolding.diagnostics import energy_distance, energy_distance_1d, triangular, wasserstein
from offline.unfolding.diagnostics.triangular import bins_for

VALUES = arrays(np.float64, st.integers(1, 30), elements=st.floats(-5, 5))


def gaussian_energy(shift: float) -> float:
    """Of N(0, 1) and N(shift, 1): X - Y is N(shift, 2)."""
    folded = 2 / math.sqrt(math.pi) * math.exp(-(shift**2) / 4) + shift * math.erf(shift / 2)
    return 2 * folded - 4 / math.sqrt(math.pi)


@given(VALUES, VALUES, st.randoms(use_true_random=False))
def test_one_dimension_agrees_with_scipy(one: np.ndarray, two: np.ndarray, random) -> None:
    weights = [np.array([random.uniform(0.1, 2) for _ in values]) for values in (one, two)]
    samples = (one, weights[0], two, weights[1])
    expected = stats.wasserstein_distance(one, two, *weights)
    assert wasserstein(*samples) == pytest.approx(expected, abs=1e-9)
    assert energy_distance_1d(*samples) == pytest.approx(stats.energy_distance(one, two, *weights) ** 2, abs=1e-9)


@pytest.mark.parametrize("shift", [0.1, 1.0, 3.0])
def test_gaussians_have_their_closed_form(rng: np.random.Generator, shift: float) -> None:
    """The second sample is the first one, reweighted by the ratio of the densities where that is possible."""
    grid = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    ones = np.ones(grid.size)
    assert wasserstein(grid, ones, grid + shift, ones) == pytest.approx(shift, rel=1e-9)
    assert energy_distance_1d(grid, ones, grid + shift, ones) == pytest.approx(gaussian_energy(shift), rel=1e-3)
    ratio = np.exp(grid * shift - shift**2 / 2)
    if shift <= 1:
        assert wasserstein(grid, ones, grid, ratio) == pytest.approx(shift, rel=2e-3)


def test_energy_of_two_dimensions_is_unbiased_and_has_its_closed_form(rng: np.random.Generator) -> None:
    """Of N(0, 1) and N((s, 0), 1) in two dimensions, from the mean length of a Rice variable."""
    shift, found, none = 1.0, [], []
    for _ in range(20):
        one, two = rng.normal(size=(2, 600, 2))
        ones = np.ones(600)
        none.append(energy_distance(one, ones, two, ones))
        found.append(energy_distance(one + np.array([shift, 0]), ones, two, ones))
    rice = stats.rice(shift / math.sqrt(2), scale=math.sqrt(2)).mean()
    expected = 2 * rice - 2 * stats.rayleigh(scale=math.sqrt(2)).mean()
    assert np.mean(found) == pytest.approx(expected, abs=4 * np.std(found) / math.sqrt(20))
    assert abs(np.mean(none)) < 4 * np.std(none) / math.sqrt(20)
    assert energy_distance(one, ones, two, ones, rows=100, seed=3) == energy_distance(one, ones, two, ones, rows=100, seed=3)


def test_triangular_of_two_bins_by_hand() -> None:
    edges = np.array([0.0, 1.0, 2.0])
    found = triangular(np.array([0.5, 1.5]), np.array([1.0, 3.0]), np.array([-7.0, 1.0]), np.array([1.0, 1.0]), edges)
    assert found.value == pytest.approx(0.5 * (0.25**2 / 0.75 + 0.25**2 / 1.25))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_floor_is_what_equal_distributions_give(rng: np.random.Generator, weighted: bool) -> None:
    edges, found = np.linspace(-2, 2, 21), []
    for _ in range(300):
        one, two = rng.normal(size=(2, 2000))
        weight = rng.exponential(size=2000) if weighted else np.ones(2000)
        found.append(triangular(one, weight, two, np.ones(2000), edges))
    values, floors = np.array([(item.value, item.floor) for item in found]).T
    assert values.mean() == pytest.approx(floors.mean(), rel=0.1)


def test_bins_follow_the_reference(rng: np.random.Generator) -> None:
    values = rng.normal(size=10_000)
    edges = bins_for(values, np.ones(10_000))
    assert edges.size == 51
    assert (values < edges[0]).mean() == pytest.approx(0.001, abs=2e-4)
    counts = rng.poisson(8, 10_000).astype(float)
    edges = bins_for(counts, np.ones(10_000))
    np.testing.assert_array_equal(edges % 1, 0.5)
    np.testing.assert_array_equal(np.diff(edges), 1.0)
    assert np.diff(bins_for(counts * 40, np.ones(10_000)))[0] > 10
    assert bins_for(np.full(5, 0.3), np.ones(5)).size == 2

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from offline.calorimeter.judging.frechet import FrechetSettings, frechet_distance, frechet_physics_distance

QUICK = FrechetSettings(400, 2000, 6, 20)


@given(st.integers(1, 6), st.integers(0, 2**31))
def test_of_diagonal_gaussians_is_that_of_their_widths(d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    means, widths = rng.normal(size=(2, d)), rng.uniform(0.1, 2.0, (2, d))
    distance = frechet_distance((means[0], np.diag(widths[0] ** 2)), (means[1], np.diag(widths[1] ** 2)))
    expected = np.sum((means[0] - means[1]) ** 2) + np.sum((widths[0] - widths[1]) ** 2)
    assert distance == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.integers(1, 6), st.integers(0, 2**31))
def test_is_symmetric_and_turns_with_the_axes(d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, two = ((rng.normal(size=d), np.cov(rng.normal(size=(d, 2 * d + 2))).reshape(d, d)) for _ in range(2))
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    turned = [(turn @ mean, turn @ covariance @ turn.T) for mean, covariance in (one, two)]
    distance = frechet_distance(one, two)
    assert distance == pytest.approx(frechet_distance(two, one), rel=1e-6, abs=1e-6)
    assert distance == pytest.approx(frechet_distance(turned[0], turned[1]), rel=1e-6, abs=1e-6)
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-6)


def test_singular_covariances_have_a_distance() -> None:
    flat = np.diag([1.0, 0.0])
    assert frechet_distance((np.zeros(2), flat), (np.ones(2), flat)) == pytest.approx(2.0)


def test_equal_parents_are_consistent_with_zero_and_finite_pools_are_not(rng: np.random.Generator) -> None:
    found = [
        frechet_physics_distance(rng.normal(size=(2000, 8)), rng.normal(size=(2000, 8)), QUICK, seed=seed) for seed in range(8)
    ]
    corrected = np.array([each.corrected for each in found])
    assert abs(corrected.mean()) < 4 * corrected.std(ddof=1) / np.sqrt(8)
    # what the pools add: variance of mean and covariance, d (d + 3) / 4 N widths squared for each of two
    assert np.mean([each.value for each in found]) > 5 * abs(corrected.mean())


def test_a_known_shift_is_measured(rng: np.random.Generator) -> None:
    truth, generated = rng.uniform(-1, 1, (4000, 4)), rng.uniform(-1, 1, (3000, 4)) + 0.1
    found = frechet_physics_distance(truth, generated, QUICK)
    assert found.corrected == pytest.approx(4 * 0.01, rel=0.15)
    assert found.to_dict()["means"][0] > found.value


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**31))
def test_the_same_seed_gives_the_same_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, generated = rng.normal(size=(2, 200, 3))
    once, again = (frechet_physics_distance(truth, generated, FrechetSettings(20, 100, 3, 2), seed=seed) for _ in range(2))
    assert once.value == again.value
    assert np.array_equal(once.means, again.means)


def test_sizes_are_those_of_the_challenge_for_large_samples() -> None:
    assert FrechetSettings.of_size(100_000) == FrechetSettings()
    assert FrechetSettings().sizes[[0, -1]].tolist() == [10_000, 50_000]
    assert FrechetSettings.of_size(5000).largest == 5000


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ConfigError, match="sizes rise"):
        FrechetSettings(100, 100)
    with pytest.raises(DataError, match="3 quantities, the generated sample 2"):
        frechet_physics_distance(np.zeros((60, 3)), np.zeros((60, 2)))
    with pytest.raises(DataError, match="at least 50"):
        frechet_physics_distance(np.zeros((6, 3)), np.zeros((60, 3)))
    with pytest.raises(DataError, match="quantity 1 of shower 0 of the generated sample is nan"):
        frechet_physics_distance(np.zeros((60, 2)), np.array([[0.0, np.nan]] * 60))
    with pytest.raises(DataError, match="expected \\(showers, quantities\\)"):
        frechet_physics_distance(np.zeros(60), np.zeros((60, 2)))

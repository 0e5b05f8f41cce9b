"""Profiles and integrals over a Gaussian nuisance, which are known."""

from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError
from offline.inference import Normal, Prior, Uniform
from offline.inference.nuisances import Nuisances

PRIOR = Prior({"mean": Uniform(-3, 3), "shift": Normal(0.5, 0.2)})
GRID = np.linspace(-0.2, 1.2, 9)[:, None]
SHIFT = Nuisances(PRIOR, ("shift",))


def log_likelihood(theta: np.ndarray, x: float) -> np.ndarray:
    """Of x, Gaussian of width 0.3 around the sum of the parameters; without its factor."""
    return -0.5 * np.square((x - theta.sum(axis=-1)) / 0.3)


@pytest.mark.parametrize("measured", [0.0, -1.2])
def test_profile_and_integral_of_a_gaussian(measured: float) -> None:
    found = log_likelihood(SHIFT.points(GRID), 1.3)
    # a measurement of the shift that said something else moves it by so many of its standard deviations
    rest = 1.3 - 0.5 - 0.2 * measured - GRID[:, 0]
    expected = -0.5 * np.square(rest) / (0.3**2 + 0.2**2)
    beside = np.array([measured])
    np.testing.assert_allclose(SHIFT.profiled(found, beside), expected, atol=2e-3)
    factor = np.log(0.3 / np.hypot(0.3, 0.2))
    np.testing.assert_allclose(SHIFT.marginalised(found, beside), expected + factor, atol=1e-3)


def test_widths_are_what_data_leave() -> None:
    points = SHIFT.points(GRID)
    # the shift alone is seen, with the width of its prior: both halve the variance
    alone = -0.5 * np.square((points[..., 1] - 0.6) / 0.2)
    np.testing.assert_allclose(SHIFT.widths(np.stack([alone, 0 * alone])), [[np.sqrt(0.5)], [1.0]], atol=2e-3)


def test_two_nuisances_and_many_toys() -> None:
    prior = Prior({"a": Normal(0, 1), "mean": Uniform(-3, 3), "b": Normal(0, 2)})
    nuisances = Nuisances(prior, ("a", "b"))
    assert nuisances.asked == ("mean",)
    points = nuisances.points(GRID)
    assert points.shape == (9, 81, 3)
    np.testing.assert_array_equal(points[:, 0, 1], GRID[:, 0])
    toys = np.array([0.0, 1.0])
    found = np.stack([log_likelihood(points, x) for x in toys])
    expected = -0.5 * np.square(toys[:, None] - GRID[:, 0]) / (0.3**2 + 1 + 2**2)
    np.testing.assert_allclose(nuisances.profiled(found, np.zeros((2, 2))), expected, atol=5e-3)


def test_refusals() -> None:
    for names in ((), ("mean", "shift"), ("shift", "shift")):
        with pytest.raises(ConfigError, match="some, not all"):
            Nuisances(PRIOR, names)
    with pytest.raises(ConfigError, match="no parameter 'shape'"):
        Nuisances(PRIOR, ("shape",))
    with pytest.raises(ConfigError, match="at least 3 points"):
        Nuisances(PRIOR, ("shift",), 2)
    with pytest.raises(DataError, match="has 1 columns"):
        SHIFT.points(np.zeros((5, 2)))
    with pytest.raises(DataError, match="were not asked for"):
        SHIFT.profiled(np.zeros((5, 4)))

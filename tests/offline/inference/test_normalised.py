"""A ratio that is wrong by a factor, made right."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.inference.gold import SmearedGaussian
from offline.inference.neyman import log_likelihoods
from offline.inference.normalised import NormalisedRatio

Floats = NDArray[np.float64]

MODEL = SmearedGaussian(1)


class Wrong:
    """Right but for a factor that depends on theta, against a density that is not that of the events."""

    prior = MODEL.prior

    def log_ratio(self, theta: Floats, x: Floats) -> Floats:
        return MODEL.observed_log_density(theta, x) - MODEL.observed_log_density(0 * x + 0.5, x) + 0.3 * theta[:, 0] ** 2


def test_the_factor_is_taken_out(rng: np.random.Generator) -> None:
    x, _ = MODEL(np.zeros((20_000, 1)), rng)
    weight = rng.uniform(0.5, 1.5, len(x))
    ratio = NormalisedRatio(Wrong(), np.zeros(1), x, weight)
    grid, some = np.linspace(-0.5, 0.5, 5)[:, None], x[:50]
    np.testing.assert_allclose(ratio.log_factors(grid), 0.3 * grid[:, 0] ** 2, atol=0.02)
    found = ratio.log_ratio(np.repeat(grid, 10, axis=0), some)
    exact = MODEL.observed_log_ratio(np.repeat(grid, 10, axis=0), some, np.zeros((1, 1)))
    np.testing.assert_allclose(found, exact, atol=0.02)
    total = ratio.log_likelihoods(grid, some, weight[:50])
    np.testing.assert_allclose(total, log_likelihoods(ratio, grid, some, weight[:50]), atol=1e-9)
    # the mean of a ratio over events of its reference is one, whatever the network
    mean = [weight @ np.exp(ratio.log_ratio(np.tile(point, (len(x), 1)), x)) / weight.sum() for point in grid]
    np.testing.assert_allclose(mean, 1.0, atol=1e-12)


def test_weights_must_fit() -> None:
    with pytest.raises(DataError, match="need as many weights"):
        NormalisedRatio(Wrong(), np.zeros(1), np.zeros((5, 1)), np.ones(3))

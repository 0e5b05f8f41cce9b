from __future__ import annotations

import numpy as np
from scipy import stats

from offline.inference.gold import SmearedGaussian

MODEL = SmearedGaussian(2, width=1.5, noise=0.5)


def test_densities_are_those_of_scipy(rng: np.random.Generator) -> None:
    theta, values = MODEL.prior.sample(50, rng), rng.normal(size=(50, 2))
    for found, width in ((MODEL.log_density, 1.5), (MODEL.observed_log_density, np.sqrt(2.5))):
        np.testing.assert_allclose(found(theta, values), stats.norm.logpdf(values, theta, width).sum(axis=1))


def test_scores_are_slopes(rng: np.random.Generator) -> None:
    theta, values, step = MODEL.prior.sample(50, rng), rng.normal(size=(50, 2)), np.array([0.0, 1e-6])
    for density, score in ((MODEL.log_density, MODEL.score), (MODEL.observed_log_density, MODEL.observed_score)):
        slope = (density(theta + step, values) - density(theta - step, values)) / 2e-6
        np.testing.assert_allclose(score(theta, values)[:, 1], slope, atol=1e-6)


def test_a_ratio_to_itself_is_one(rng: np.random.Generator) -> None:
    theta = np.zeros((10, 2))
    np.testing.assert_allclose(MODEL.observed_log_ratio(theta, rng.normal(size=(10, 2)), theta[:1]), 0.0, atol=1e-12)

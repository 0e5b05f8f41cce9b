from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from l1ml.errors import ConfigError
from offline.inference import DensePosterior, GaussianModel, simulate
from offline.inference.prior import Prior

MODEL = GaussianModel()


def test_the_posterior_is_prior_times_likelihood(rng: np.random.Generator) -> None:
    posterior, found = MODEL.posterior(), simulate(MODEL.prior, MODEL, 3, seed=1)
    theta = rng.normal(size=(3, 40, 2))
    seen = stats.norm(0, MODEL.noise).logpdf(found.x[:, None] - theta @ MODEL.matrix.T).sum(axis=-1)
    difference = posterior.log_density_each(found, theta) - seen - MODEL.prior.log_density(theta)
    np.testing.assert_allclose(difference - difference[:, :1], 0.0, atol=1e-9)
    assert isinstance(posterior, DensePosterior)


def test_draws_follow_the_density(rng: np.random.Generator) -> None:
    posterior, x = MODEL.posterior(), np.array([0.3, -1.0, 0.2])
    draws = posterior.sample(x, 20_000, rng)
    np.testing.assert_allclose(draws.mean(axis=0), posterior.means(x[None])[0], atol=0.02)
    np.testing.assert_allclose(np.cov(draws.T), posterior.covariance, atol=0.01)


def test_wrong_on_purpose(rng: np.random.Generator) -> None:
    x = np.zeros(3)
    sd = np.sqrt(np.diag(MODEL.posterior().covariance))
    wrong = MODEL.posterior(widen=2.0, shift=0.5).sample(x, 20_000, rng)
    np.testing.assert_allclose(wrong.std(axis=0), 2 * sd, rtol=0.03)
    np.testing.assert_allclose(wrong.mean(axis=0), 0.5 * sd, atol=0.03)


def test_names_and_refusals() -> None:
    assert isinstance(MODEL.prior, Prior)
    assert MODEL.prior.names == ("a", "b")
    with pytest.raises(ConfigError, match="rows of one length"):
        GaussianModel(((1.0,), (1.0, 2.0)))

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from l1ml.errors import ConfigError, DataError
from offline.inference import LogUniform, Normal, Prior, Uniform

PRIOR = Prior({"mass": Uniform(170.0, 175.0), "lifetime": LogUniform(0.1, 10.0), "scale": Normal(1.0, 0.02)})


def test_draws_follow_the_density(rng: np.random.Generator) -> None:
    theta = PRIOR.sample(2000, rng)
    assert PRIOR.supports(theta).all()
    assert stats.kstest(theta[:, 0], stats.uniform(170, 5).cdf).pvalue > 1e-3
    assert stats.kstest(theta[:, 1], stats.loguniform(0.1, 10).cdf).pvalue > 1e-3
    each = [stats.uniform(170, 5), stats.loguniform(0.1, 10), stats.norm(1, 0.02)]
    expected = sum(item.logpdf(column) for item, column in zip(each, theta.T, strict=True))
    np.testing.assert_allclose(PRIOR.log_density(theta), expected, rtol=1e-9)


def test_scores_come_back_and_their_volume_is_known(rng: np.random.Generator) -> None:
    theta = PRIOR.sample(50, rng)
    scores = PRIOR.scores(theta)
    np.testing.assert_allclose(PRIOR.values(scores), theta, rtol=1e-9)
    step = 1e-6
    slopes = [(PRIOR.scores(theta + step * unit) - scores) @ unit / step for unit in np.eye(3)]
    np.testing.assert_allclose(PRIOR.log_slope(theta), np.log(slopes).sum(axis=0), atol=1e-3)


def test_it_comes_back_from_plain_values_in_order() -> None:
    again = Prior.from_dict(PRIOR.to_dict())
    assert again == PRIOR
    assert again.names == ("mass", "lifetime", "scale")
    assert (again.dimension, again.column("scale")) == (3, 2)


def test_impossible_parameters_are_named() -> None:
    theta = np.array([[172.0, 1.0, 1.0], [180.0, 1.0, 1.0]])
    with pytest.raises(DataError, match="1 of 2 parameters are outside the prior, the first of them mass = 180, lifetime = 1"):
        PRIOR.check(theta)
    with pytest.raises(DataError, match=r"shape \(2,\) do not fit the 3 parameters mass, lifetime, scale"):
        PRIOR.check(theta[:, 0])


def test_what_is_not_a_prior() -> None:
    with pytest.raises(ConfigError, match="no parameter 'mas'; did you mean 'mass'"):
        PRIOR.column("mas")
    with pytest.raises(ConfigError, match="at least one parameter"):
        Prior({})
    with pytest.raises(ConfigError, match="no kind 'unifrom'; did you mean 'uniform'"):
        Prior.from_dict({"a": {"kind": "unifrom", "low": 0, "high": 1}})
    with pytest.raises(ConfigError, match="the prior of 'a'"):
        Prior.from_dict({"a": {"kind": "normal", "low": 0}})

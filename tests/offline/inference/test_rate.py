"""Poisson numbers, against scipy and, with a nuisance parameter profiled, against pyhf."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from l1ml.errors import DataError
from offline.inference import Normal, Prior, Uniform
from offline.inference.nuisances import Nuisances
from offline.inference.rate import Rate

SIGNAL, BACKGROUND = np.array([5.0, 12.0, 3.0]), np.array([50.0, 40.0, 30.0])
COUNTS = np.array([57, 49, 36])
UP = 1.15


def expected(theta: np.ndarray) -> np.ndarray:
    """Signal times mu, and a background that is uncertain by a factor 1.15^alpha."""
    mu, alpha = theta.T[..., None]
    return np.asarray(mu * SIGNAL + UP**alpha * BACKGROUND)


def test_numbers_are_those_of_scipy(rng: np.random.Generator) -> None:
    theta = rng.normal(size=(4, 2)) + np.array([3, 0])
    found = Rate(expected).log_likelihood(theta, COUNTS)
    np.testing.assert_allclose(found, stats.poisson.logpmf(COUNTS, expected(theta)).sum(axis=1))
    single = Rate(lambda points: expected(points)[:, 0])
    many = single.log_likelihood(theta, np.array([7, 60]))
    np.testing.assert_allclose(many, stats.poisson.logpmf([[7], [60]], expected(theta)[:, 0]))
    with pytest.raises(DataError, match="do not fit 3 bins"):
        Rate(expected).log_likelihood(theta, COUNTS[:2])


def test_a_profile_is_that_of_pyhf() -> None:
    pyhf = pytest.importorskip("pyhf")
    nuisances = Nuisances(Prior({"mu": Uniform(0, 5), "alpha": Normal(0, 1)}), ("alpha",), nodes=11)
    points = nuisances.points(np.linspace(0.01, 4.5, 90)[:, None])
    found = Rate(expected).log_likelihood(points.reshape(-1, 2), COUNTS).reshape(points.shape[:2])
    profiled = nuisances.profiled(found)
    modifier = {"name": "alpha", "type": "normsys", "data": {"hi": UP, "lo": 1 / UP}}
    samples = [
        {"name": "s", "data": SIGNAL.tolist(), "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
        {"name": "b", "data": BACKGROUND.tolist(), "modifiers": [modifier]},
    ]
    spec = {"channels": [{"name": "bins", "samples": samples}]}
    model = pyhf.Model(spec, validate=False, poi_name="mu", modifier_settings={"normsys": {"interpcode": "code1"}})
    data = COUNTS.tolist() + model.config.auxdata
    start, ends, fixed = model.config.suggested_init(), [(0, 10), (-5, 5)], model.config.suggested_fixed()
    for index in (0, 30, 89):
        _, twice = pyhf.infer.mle.fixed_poi_fit(points[index, 0, 0], data, model, start, ends, fixed, return_fitted_val=True)
        # pyhf counts the factor of the normal constraint, too
        assert -2 * profiled[index] + np.log(2 * np.pi) == pytest.approx(float(twice), abs=5e-3)

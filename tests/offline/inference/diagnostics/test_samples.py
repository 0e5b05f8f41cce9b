"""Two samples, predictive checks, misspecification, calibration of ratios."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.inference import GaussianModel, Prior, Uniform, simulate
from offline.inference.diagnostics import (
    c2st,
    calibrated_p_value,
    misspecification,
    predictive_check,
    predictive_checks,
    ratio_calibration,
)
from offline.inference.simulator import Observed

MODEL = GaussianModel()

Floats = NDArray[np.float64]


def test_a_classifier_tells_what_differs(rng: np.random.Generator) -> None:
    same, wide = (rng.normal(0, width, (2, 400, 2)) for width in (1.0, 2.0))
    assert c2st(same[0], same[1], passes=30).p_value > 1e-3
    found = c2st(same[0], wide[0], passes=60)
    assert found.p_value < 1e-6
    assert found.accuracy == pytest.approx(0.736, abs=0.05)  # of the best classifier
    assert found.to_dict()["rows"] == 800


def test_samples_that_do_not_fit() -> None:
    with pytest.raises(DataError, match="cannot be compared in 5 folds"):
        c2st(np.zeros((50, 2)), np.zeros((50, 3)))


def test_predictions_of_a_right_and_of_a_wrong_model(rng: np.random.Generator) -> None:
    x = MODEL(MODEL.prior.sample(1, rng), rng)[0]
    draws = MODEL.posterior().sample(x, 400, rng)
    assert predictive_check(MODEL, MODEL.prior, draws, x, rng).p_value > 0.01
    # 0.5, 1 and -0.7 cannot come of two numbers that way
    strange = np.array([0.0, 3.0, 5.0])
    found = predictive_check(MODEL, MODEL.prior, MODEL.posterior().sample(strange, 400, rng), strange, rng)
    assert found.p_value < 0.01
    assert min(found.p_values) < 0.01


def test_predictive_checks_are_calibrated_by_right_models(rng: np.random.Generator) -> None:
    posterior, checks = MODEL.posterior(), simulate(MODEL.prior, MODEL, 120, seed=1)
    right = predictive_checks(MODEL, posterior, checks, rng, draws=60)
    raw = np.array([found.p_value for found in right])
    calibrated = np.array([calibrated_p_value(found, right) for found in right])
    # without, fewer than a twentieth are below 5 %
    assert (raw < 0.05).sum() <= 3
    assert 2 <= (calibrated < 0.08).sum() <= 10


def test_statistics_of_sets(rng: np.random.Generator) -> None:
    prior = Prior({"mean": Uniform(-1.0, 1.0)})

    def sets(theta: Floats, rng: np.random.Generator) -> Observed:
        return theta[:, None] + rng.normal(size=(len(theta), 8, 1)), np.ones((len(theta), 8), np.bool_)

    draws, x = rng.uniform(-0.2, 0.2, (300, 1)), rng.normal(size=(8, 1)) * 4
    found = predictive_check(sets, prior, draws, x, rng, statistics=lambda values: values.std(axis=1))
    assert found.p_value < 0.02
    with pytest.raises(DataError, match="give `statistics`"):
        predictive_check(sets, prior, draws, x, rng)
    with pytest.raises(DataError, match="not what the simulator makes"):
        predictive_check(MODEL, MODEL.prior, rng.normal(size=(20, 2)), np.zeros(4), rng)


def test_misspecification_has_an_exact_p_value(rng: np.random.Generator) -> None:
    """60 observations of the model: 3 below 5 % expected, 10 or more in one of a thousand such tests."""
    simulated = MODEL(MODEL.prior.sample(300, rng), rng)
    observed = MODEL(MODEL.prior.sample(60, rng), rng)
    alarms = sum(misspecification(row[None], simulated, rng, permutations=199).p_value < 0.05 for row in observed)
    assert alarms <= 9


def test_an_observation_far_outside_has_a_score(rng: np.random.Generator) -> None:
    simulated = MODEL(MODEL.prior.sample(500, rng), rng)
    found = misspecification(np.full((1, 3), 9.0), simulated, rng, permutations=499)
    assert found.p_value < 0.01
    assert found.score > 2
    shifted = MODEL(MODEL.prior.sample(200, rng), rng) + 0.5
    assert misspecification(shifted, simulated, rng, permutations=199).p_value < 0.05
    with pytest.raises(DataError, match="cannot be compared"):
        misspecification(np.zeros(3), simulated, rng)


def test_a_calibrated_ratio_and_others(rng: np.random.Generator) -> None:
    right = rng.normal(0, 1.5, 4000)
    joint = rng.random(4000) < 1 / (1 + np.exp(-right))
    assert ratio_calibration(right, joint).p_value > 1e-3
    assert ratio_calibration(1.3 * right, joint).p_value < 1e-3
    assert ratio_calibration(right + 0.3, joint).p_value < 1e-3
    found = ratio_calibration(right, joint)
    assert (np.abs(found.observed - found.predicted) < 5 * found.error).all()
    with pytest.raises(DataError, match="of one length"):
        ratio_calibration(right, joint[:-1])

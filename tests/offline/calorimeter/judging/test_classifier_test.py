from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from l1ml.errors import ConfigError
from offline.calorimeter.judging.classifier import ClassifierSettings, Labelled
from offline.calorimeter.judging.classifier_test import FOLDS, ClassifierTest, _parts, classifier_test
from offline.calorimeter.judging.ranks import Area, area_under_curve
from offline.calorimeter.judging.weights import weight_test

QUICK = ClassifierSettings((32,), 12, 500, 1e-2, 3)


def _samples(rng: np.random.Generator, shift: float, n: int = 2500) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(n, 4)), rng.normal(size=(n, 4)) + shift


def test_a_shift_has_nearly_the_area_of_the_best_classifier_and_calibrated_weights(rng: np.random.Generator) -> None:
    found = classifier_test(*_samples(rng, 0.5), QUICK)
    ideal = norm.cdf(np.sqrt(4 * 0.5**2 / 2))
    assert ideal - 0.02 - 3 * found.error < found.auc < ideal + 4 * found.error
    assert found.calibrated.mean() < 2 * found.calibration_floor
    assert not np.isnan(found.truth).any()
    assert not np.isnan(found.generated).any()
    weights = weight_test(found.truth, found.generated)
    assert weights.mean == pytest.approx(1.0, abs=0.1)
    assert weights.effective < 0.8


def test_the_same_seed_gives_the_same_area_and_another_one_other_parts(rng: np.random.Generator) -> None:
    truth, generated = _samples(rng, 0.2, 300)
    small = ClassifierSettings((8,), 2, 100)
    once, again, other = (classifier_test(truth, generated, small, trainings=2, seed=seed) for seed in (1, 1, 2))
    assert once.to_dict() == again.to_dict()
    assert once.auc != other.auc
    judged = ~np.isnan(once.truth), ~np.isnan(once.generated)
    assert [int(side.sum()) for side in judged] == [120, 120]


def test_a_single_training_has_no_spread_and_constants_do_not_matter(rng: np.random.Generator) -> None:
    truth, generated = (np.hstack([side, np.zeros((len(side), 1))]) for side in _samples(rng, 3.0, 300))
    found = classifier_test(truth, generated, QUICK, trainings=1)
    assert found.spread is None
    assert found.auc > 0.95
    assert found.to_dict()["spread"] is None


def test_settings_out_of_range_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="must be positive"):
        ClassifierSettings(hidden=())
    with pytest.raises(ConfigError, match="received 0"):
        classifier_test(*_samples(rng, 0, 200), QUICK, trainings=0)
    assert ClassifierSettings.challenge().hidden == (2048, 2048, 2048)


def test_the_error_of_a_round_is_the_scatter_for_equal_parents(rng: np.random.Generator) -> None:
    def of_means(truth: np.ndarray, generated: np.ndarray, seed: int) -> list[Area]:
        """Areas of the simplest of linear classifiers on the parts of a round."""
        both = Labelled.of(truth, generated)
        areas = []
        for number in range(FOLDS):
            training, _, judged = _parts(both, number, seed)
            sides = [both.values[rows[both.truth[rows] == kind]] for rows in (training, judged) for kind in (True, False)]
            axis = sides[0].mean(axis=0) - sides[1].mean(axis=0)
            areas.append(area_under_curve(sides[2] @ axis, sides[3] @ axis))
        return areas

    none = np.zeros(1)
    found = [ClassifierTest((*of_means(*_samples(rng, 0.0, 150), seed),), none, none, 0.0, none, none, ()) for seed in range(400)]
    assert np.mean([each.error for each in found]) == pytest.approx(np.std([each.auc for each in found], ddof=1), rel=0.12)
    assert np.mean([each.auc for each in found]) == pytest.approx(0.5, abs=0.006)


@pytest.mark.slow
def test_identical_samples_of_ten_thousand_showers_have_an_area_of_one_half(rng: np.random.Generator) -> None:
    found = classifier_test(*_samples(rng, 0.0, 10_000))
    assert found.error == pytest.approx(0.0053, abs=2e-4)
    assert abs(found.auc - 0.5) < 3 * found.error

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.calorimeter.judging.calibration import Calibrator, calibration_error, calibration_floor

CHANCES = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=30)


@settings(deadline=None)  # the first example imports scikit-learn
@given(CHANCES, CHANCES, CHANCES)
def test_rises_and_claims_no_certainty(truth: list[float], generated: list[float], asked: list[float]) -> None:
    calibrator = Calibrator.of(np.array(truth), np.array(generated))
    found = calibrator(np.sort(asked))
    assert (np.diff(found) >= 0).all()
    assert ((found > 0) & (found < 1)).all()


def test_overconfident_chances_come_back(rng: np.random.Generator) -> None:
    def samples() -> list[np.ndarray]:
        # logit of the ratio of two Gaussians, one standard deviation apart, three times too large
        return [1 / (1 + np.exp(-3 * (rng.normal(mean, 1, 4000) - 0.5))) for mean in (1.0, 0.0)]

    calibrator, judged = Calibrator.of(*samples()), samples()
    floor = calibration_floor(8000)
    assert calibration_error(*judged) > 8 * floor
    assert calibration_error(*(calibrator(side) for side in judged)) < 2 * floor


def test_samples_of_unlike_size_weigh_the_same(rng: np.random.Generator) -> None:
    calibrator = Calibrator.of(rng.random(300), rng.random(3000))
    assert calibrator(np.array([0.5]))[0] == pytest.approx(0.5, abs=0.1)


def test_equal_claims_have_no_order() -> None:
    assert calibration_error(np.full(50, 0.5), np.full(50, 0.5)) == 0.0
    assert calibration_error(np.full(50, 0.9), np.full(50, 0.9)) == pytest.approx(0.4)


def test_the_floor_is_what_chance_makes(rng: np.random.Generator) -> None:
    found = []
    for _ in range(50):
        claims = 0.5 + 1e-6 * rng.random((2, 500))  # all different, so that they fall into all bins
        found.append(calibration_error(*claims))
    assert np.mean(found) == pytest.approx(calibration_floor(1000), rel=0.15)

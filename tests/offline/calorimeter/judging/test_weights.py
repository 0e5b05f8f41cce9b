from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import DataError
from offline.calorimeter.judging.weights import weight_test


def _chance(z: np.ndarray, shift: float) -> np.ndarray:
    """Exact chance to be of N(shift, 1) and not of N(0, 1)."""
    return 1 / (1 + np.exp(-(shift * z - shift**2 / 2)))


def test_exact_weights_have_a_mean_of_one_and_tails_that_agree(rng: np.random.Generator) -> None:
    truth, generated = _chance(rng.normal(2, 1, 40_000), 2), _chance(rng.normal(0, 1, 40_000), 2)
    found = weight_test(truth, generated)
    assert abs(found.mean - 1) < 4 * found.mean_error
    # of a Gaussian ratio E w^2 = exp(shift^2)
    assert found.effective == pytest.approx(np.exp(-4), rel=0.5)
    low = found.tails[1]
    assert (low.chance, low.weight) == (0.1, pytest.approx(1 / 9))
    assert low.expected == pytest.approx(low.generated, rel=0.1)
    assert low.generated > 10 * low.truth
    high = found.tails[2]
    assert high.truth > 5 * high.generated
    assert found.truth.sum() == found.generated.sum() == 40_000


def test_the_worst_are_named_and_unjudged_ones_are_not() -> None:
    truth, generated = np.array([0.5, np.nan, 0.9, 0.99]), np.array([0.2, 0.01, np.nan, 0.5])
    found = weight_test(truth, generated, worst=5)
    assert found.missed.tolist() == [3, 2, 0]
    assert found.invented.tolist() == [1, 0, 3]
    assert set(found.to_dict()) >= {"tails", "mean", "invented"}


@pytest.mark.parametrize("chance", [np.array([np.nan]), np.array([1.0]), np.array([0.0])])
def test_what_is_no_chance_is_refused(chance: np.ndarray) -> None:
    with pytest.raises(DataError, match="calibrate"):
        weight_test(chance, np.array([0.5]))

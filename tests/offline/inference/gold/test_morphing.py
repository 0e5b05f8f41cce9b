from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.errors import ConfigError
from offline.inference.gold import Morphing

SQUARE = Morphing.of(("a", "b"), (2, 2), np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1]], np.float64))


def test_a_squared_amplitude_has_six_terms() -> None:
    assert sorted(map(tuple, SQUARE.powers.tolist())) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)]


@given(arrays(np.float64, 6, elements=st.floats(-3, 3)), arrays(np.float64, (4, 2), elements=st.floats(-5, 5)))
def test_polynomials_are_met_everywhere(coefficients: np.ndarray, theta: np.ndarray) -> None:
    def polynomial(point: np.ndarray) -> np.ndarray:
        return np.prod(point[:, None] ** SQUARE.powers, axis=-1) @ coefficients

    known = polynomial(SQUARE.benchmarks)
    np.testing.assert_allclose(SQUARE.shares(theta) @ known, polynomial(theta), atol=1e-9)
    step = np.array([0.0, 1e-5])
    slope = (polynomial(theta + step) - polynomial(theta - step)) / 2e-5
    np.testing.assert_allclose(SQUARE.slopes(theta)[:, 1] @ known, slope, atol=1e-6)


def test_benchmarks_are_their_own_share() -> None:
    np.testing.assert_allclose(SQUARE.shares(SQUARE.benchmarks), np.eye(6), atol=1e-12)


def test_what_cannot_be_told_apart() -> None:
    with pytest.raises(ConfigError, match="2 benchmarks tell 2 of 3 terms apart"):
        Morphing.of(("a",), (2,), np.array([[0.0], [1.0]]))
    with pytest.raises(ConfigError, match="need shapes"):
        Morphing.of(("a",), (2,), np.zeros((3, 2)))

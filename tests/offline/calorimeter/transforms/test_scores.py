from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import DataError
from offline.calorimeter.transforms.scores import Scores


def _columns(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Energies, and three columns: skewed, correlated, and with means and widths that go with the energy."""
    incident = 1000.0 * 2.0 ** rng.uniform(0, 6, n)
    x = rng.standard_normal((n, 3))
    at = np.log(incident / 1e3)
    return incident, np.stack([np.exp(0.5 * x[:, 0]) + at, at * x[:, 1], x[:, 2] + 0.8 * x[:, 0] - at**2], axis=1)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), levels=st.sampled_from([0, 1, 3]))
def test_columns_to_scores_and_back(seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    incident, columns = _columns(600, rng)
    if levels:
        # particles of a few energies alone
        incident = 1000.0 * 4.0 ** np.floor(levels * rng.random(600))
    scores = Scores.of(columns, incident)
    values = scores.forward(columns, incident)
    np.testing.assert_allclose(scores.inverse(values, incident), columns, rtol=1e-6, atol=1e-6)
    # and from numbers far outside, at energies that were not there
    far, other = 3.0 * rng.standard_normal((50, 3)), 1000.0 * 2.0 ** rng.uniform(-1, 8, 50)
    np.testing.assert_allclose(scores.forward(scores.inverse(far, other), other), far, atol=1e-6)


def test_scores_are_standard_normal_at_any_energy(rng: np.random.Generator) -> None:
    incident, columns = _columns(20_000, rng)
    scores = Scores.of(columns, incident)
    energies, fresh = _columns(20_000, rng)
    values = scores.forward(fresh, energies)
    for low in (1e3, 4e3, 2e4):
        rows = (energies > low) & (energies < 2 * low)
        error = 1 / np.sqrt(rows.sum())
        np.testing.assert_allclose(values[rows].mean(axis=0), 0.0, atol=0.03 + 4 * error)
        np.testing.assert_allclose(np.corrcoef(values[rows].T), np.eye(3), atol=0.04 + 4 * error)
        # what lies below -2, 0 and 2 of a normal distribution
        shares = (values[rows][:, :, None] < np.array([-2.0, 0.0, 2.0])).mean(axis=0)
        np.testing.assert_allclose(shares, np.broadcast_to([0.0228, 0.5, 0.9772], (3, 3)), atol=0.015 + 2 * error)


def test_few_showers_are_refused(rng: np.random.Generator) -> None:
    incident, columns = _columns(99, rng)
    with pytest.raises(DataError, match="100 showers or more, received 99"):
        Scores.of(columns, incident)

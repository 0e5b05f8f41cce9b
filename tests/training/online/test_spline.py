from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.training.online.spline import n_spline_parameters, spline, spline_inverse, spline_parameters


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), bins=st.integers(2, 40), spread=st.floats(0, 2))
def test_it_is_a_distribution_function_with_its_density_and_its_inverse(seed: int, bins: int, spread: float) -> None:
    raw = np.random.default_rng(seed).normal(0, spread, n_spline_parameters(bins)).astype(np.float32)
    u = np.linspace(0, 1, 4001, dtype=np.float32)
    share, log_density = (np.asarray(item, np.float64) for item in spline(u, raw[None], bins))
    assert share[[0, -1]] == pytest.approx([0, 1], abs=1e-6)
    assert np.diff(share).min() > -1e-6
    density = np.exp(log_density)
    assert np.cumsum((density[1:] + density[:-1]) / 2) / 4000 == pytest.approx(share[1:], abs=2e-2)
    # where the density is small, the argument is not known as well as the share
    again = np.asarray(spline(spline_inverse(share.astype(np.float32), raw[None], bins), raw[None], bins)[0])
    assert again == pytest.approx(share, abs=1e-4)


def test_parameters_put_the_knots_where_they_are_asked_for() -> None:
    knots, values = np.array([0, 0.1, 0.4, 1]), np.array([0, 0.5, 0.8, 1])
    raw = spline_parameters(knots, values).astype(np.float32)
    assert np.asarray(spline(knots.astype(np.float32), raw[None], 3)[0]) == pytest.approx(values, abs=1e-4)

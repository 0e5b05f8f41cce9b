from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from l1ml.training.online.spline import n_spline_parameters, spline, spline_inverse, spline_parameters


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), bins=st.integers(2, 40), spread=st.floats(0, 2))
@example(seed=108, bins=4, spread=2.0)  # a density of 476 at its very end
def test_it_is_a_distribution_function_with_its_density_and_its_inverse(seed: int, bins: int, spread: float) -> None:
    raw = np.random.default_rng(seed).normal(0, spread, n_spline_parameters(bins))
    # fine enough for a sum over densities that rise a thousandfold within a thousandth
    n = 200_000
    share, log_density = (np.asarray(item) for item in spline(np.linspace(0, 1, n + 1), raw[None], bins))
    assert share[[0, -1]] == pytest.approx([0, 1], abs=1e-6)
    assert np.diff(share).min() > -1e-6
    density = np.exp(log_density)
    assert np.abs(np.cumsum((density[1:] + density[:-1]) / 2) / n - share[1:]).max() < 5e-3
    # where the density is small, the argument is not known as well as the share
    asked, raw = share[::50].astype(np.float32), raw.astype(np.float32)
    again = np.asarray(spline(spline_inverse(asked, raw[None], bins), raw[None], bins)[0])
    assert np.abs(again - asked).max() < 1e-4


def test_parameters_put_the_knots_where_they_are_asked_for() -> None:
    knots, values = np.array([0, 0.1, 0.4, 1]), np.array([0, 0.5, 0.8, 1])
    raw = spline_parameters(knots, values).astype(np.float32)
    assert np.asarray(spline(knots.astype(np.float32), raw[None], 3)[0]) == pytest.approx(values, abs=1e-4)

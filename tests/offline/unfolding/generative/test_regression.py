from __future__ import annotations

import numpy as np

from offline.unfolding.generative.profile import Profile
from offline.unfolding.generative.regression import fit_regression


def test_residuals_of_a_sharp_measurement_are_standard_normal(rng: np.random.Generator) -> None:
    gen = rng.normal(size=(5000, 2))
    reco = gen @ np.array([[2.0, 0.5], [0.0, 1.0]]) + rng.normal(0, 0.01, (5000, 2)) + 3
    regression = fit_regression(gen, reco)
    residual = regression.residual(gen, reco)
    np.testing.assert_allclose(residual.std(axis=0), 1, atol=0.02)
    np.testing.assert_allclose(regression.restored(residual, reco), gen, atol=1e-12)
    twice = regression.restored(np.repeat(residual, 2, axis=0), reco)
    np.testing.assert_allclose(twice[::2], gen, atol=1e-12)


def test_what_has_no_residual_is_left_alone() -> None:
    values = np.arange(10.0)[:, None]
    regression = fit_regression(values, values)
    np.testing.assert_allclose(regression.residual(values, values), 0, atol=1e-6)


def test_bent_line_growing_spread_and_tails_are_taken_out(rng: np.random.Generator) -> None:
    centre = rng.normal(size=50_000)
    z = centre + 0.05 * centre**2 + 0.02 * np.exp(centre / 2) * rng.standard_t(2, 50_000)
    profile = Profile.of(centre, z)
    residual = profile.residual(centre, z)
    np.testing.assert_allclose(profile.restored(centre, residual), z, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.quantile(residual, [0.0228, 0.1587, 0.5, 0.8413, 0.9772]), [-2, -1, 0, 1, 2], atol=0.02)
    assert np.abs(residual).max() < 8
    for low, high in ((-2, -1), (-1, 0), (0, 1), (1, 2)):
        rows = (centre > low) & (centre < high)
        np.testing.assert_allclose(np.quantile(residual[rows], [0.16, 0.5, 0.84]), [-1, 0, 1], atol=0.15)

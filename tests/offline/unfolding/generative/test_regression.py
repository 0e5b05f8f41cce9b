from __future__ import annotations

import numpy as np

from offline.unfolding.generative.regression import fit_regression


def test_residuals_of_a_sharp_measurement_are_of_order_one(rng: np.random.Generator) -> None:
    gen = rng.normal(size=(5000, 2))
    reco = gen @ np.array([[2.0, 0.5], [0.0, 1.0]]) + rng.normal(0, 0.01, (5000, 2)) + 3
    regression = fit_regression(gen, reco)
    residual = regression.residual(gen, reco)
    np.testing.assert_allclose(residual.std(axis=0), 1)
    assert regression.width.max() < 0.02
    np.testing.assert_allclose(regression.restored(residual, reco), gen, atol=1e-12)
    twice = regression.restored(np.repeat(residual, 2, axis=0), reco)
    np.testing.assert_allclose(twice[::2], gen, atol=1e-12)


def test_what_has_no_residual_is_left_alone() -> None:
    values = np.arange(10.0)[:, None]
    regression = fit_regression(values, values)
    np.testing.assert_allclose(regression.residual(values, values), 0, atol=1e-9)

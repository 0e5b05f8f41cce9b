from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import DataError
from offline.inference.networks.observations import Scaling
from offline.inference.networks.start import LinearGaussian


def test_the_core_is_straight_and_the_tails_are_logarithms(rng: np.random.Generator) -> None:
    scaling = Scaling.of(rng.normal(3.0, 2.0, (100_000, 1)))
    steps = np.linspace(-40, 40, 4001)[:, None] * 2 + 3
    scaled = scaling(steps)[:, 0]
    assert (np.diff(scaled) > 0).all()
    core = np.abs(scaled) < 4
    np.testing.assert_allclose(scaled[core], ((steps - scaling.centre) / scaling.width)[core, 0], atol=1e-12)
    assert np.abs(scaled).max() < 8
    np.testing.assert_allclose([scaling.centre[0], scaling.width[0]], [3.0, 2.0], atol=0.05)


def test_constant_columns_stay_finite() -> None:
    assert np.isfinite(Scaling.of(np.ones((50, 2)))(np.ones((3, 2)))).all()


def test_sets_do_not_depend_on_order_nor_on_what_is_not_there(rng: np.random.Generator) -> None:
    x, mask = rng.normal(size=(30, 5, 2)), rng.random((30, 5)) < 0.6
    mask[0] = True
    scaling = Scaling.of(x, mask)
    padded = np.where(mask[..., None], x, np.nan)
    inputs = scaling.inputs(padded, mask)
    assert inputs.shape == (30, 15)
    order = rng.permutation(5)
    np.testing.assert_allclose(scaling.features(scaling.inputs(padded[:, order], mask[:, order])), scaling.features(inputs))
    # a smaller set in a smaller array is the same set
    small = scaling.inputs(x[1][mask[1]][None], None)
    np.testing.assert_array_equal(small[0], inputs[1])


def test_what_was_not_simulated(rng: np.random.Generator) -> None:
    rows, sets = Scaling.of(rng.normal(size=(50, 3))), Scaling.of(rng.normal(size=(50, 4, 3)))
    with pytest.raises(DataError, match=r"shape \(1, 2\) are not what was simulated: expected \(n, 3\)"):
        rows.inputs(np.zeros((1, 2)))
    with pytest.raises(DataError, match=r"expected \(n, m, 3\)"):
        sets.inputs(np.zeros((1, 3)))
    with pytest.raises(DataError, match="a set of 5 events is larger than the largest simulated one, 4"):
        sets.inputs(np.zeros((1, 5, 3)))


def test_a_straight_line_is_found(rng: np.random.Generator) -> None:
    f, slope = rng.normal(size=(20_000, 3)), rng.normal(size=(3, 2))
    root = np.array([[0.5, 0.0], [0.3, 0.2]])
    z = 1.0 + f @ slope + rng.normal(size=(20_000, 2)) @ root.T
    start = LinearGaussian.of(z, f)
    np.testing.assert_allclose(start.coefficients, np.concatenate([np.ones((1, 2)), slope]), atol=0.02)
    np.testing.assert_allclose(start.root, root, atol=0.01)
    np.testing.assert_allclose(start.restored(start.residual(z, f), f), z)
    assert start.log_slope == pytest.approx(-np.log(0.1), abs=0.03)

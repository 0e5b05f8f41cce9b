from __future__ import annotations

import numpy as np
import pytest

from offline.unfolding import Replica, Spectrum, Unfolded
from offline.unfolding.quantities import Mean, Spread, Yield, errors_of, values_of


@pytest.fixture
def result(rng: np.random.Generator) -> Unfolded:
    draws = [Replica(kind, k, rng.poisson(1.0, 500).astype(float)) for kind in ("data", "mc") for k in range(10)]
    gen = rng.normal(2.0, 3.0, (500, 1))
    shifts = [Replica("systematic:scale", k, np.ones(500), gen * scale) for k, scale in enumerate((1.1, 0.9))]
    return Unfolded("none", ("z",), gen, np.ones(500), np.arange(500, dtype=np.uint64), replicas=(*draws, *shifts))


def test_of_unit_weights_as_numpy_has_them(result: Unfolded) -> None:
    column = result.gen[:, 0]
    found = values_of(result.gen, result.weight, [Mean(), Spread(), Yield(0.0, 1.0), Yield()])
    np.testing.assert_allclose(found, [column.mean(), column.std(), ((column >= 0) & (column < 1)).sum(), 500])


def test_errors_of_yields_are_those_of_the_spectrum(result: Unfolded) -> None:
    errors = errors_of(result, [Yield(-2.0, 1.0), Yield(1.0, 4.0)])
    np.testing.assert_allclose(errors, Spectrum.of(result, {"z": [-2.0, 1.0, 4.0]}).errors())

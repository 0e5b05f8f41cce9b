from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import DataError
from offline.calorimeter.transforms.layer_code import LayerCode

CAPACITY = (2, 30, 3, 16)


def _layers(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energies of particles, layers and hits; many layers are empty, no shower is."""
    hits = rng.integers(0, np.array(CAPACITY) + 1, (n, 4)) * (rng.random((n, 4)) < 0.6)
    hits[np.arange(n), rng.integers(4, size=n)] += 1
    hits = np.minimum(hits, CAPACITY)
    layers = 0.5 * hits + rng.gamma(np.maximum(hits, 1e-3)) * (hits > 0)
    return layers.sum(axis=1) / rng.uniform(0.5, 1.0, n), layers, hits


def _code(rng: np.random.Generator) -> LayerCode:
    incident, layers, hits = _layers(400, rng)
    return LayerCode.of(incident, layers, hits, capacity=CAPACITY, threshold=0.5)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_layers_to_columns_and_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    incident, layers, hits = _layers(20, rng)
    code = _code(rng)
    columns = code.forward(incident, layers, hits, rng)
    assert columns.shape == (20, 8)
    assert np.isfinite(columns).all()
    again, counted = code.inverse(incident, columns)
    np.testing.assert_array_equal(counted, hits)
    np.testing.assert_array_equal(again == 0, layers == 0)
    np.testing.assert_allclose(again, layers, rtol=1e-6)
    # within the ranges that they stand for, other columns are the same showers
    low, high = code.ranges(columns, layers, hits)
    known = low == high
    np.testing.assert_array_equal(columns[known], low[known])
    other = np.where(known, columns, np.clip(columns + rng.standard_normal(columns.shape), low, high - 1e-6))
    again, counted = code.inverse(incident, other)
    np.testing.assert_array_equal(counted, hits)
    np.testing.assert_allclose(again, layers, rtol=1e-6)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.floats(0.1, 30.0))
def test_any_columns_are_layers(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    code = _code(rng)
    columns = size * rng.standard_normal((50, 8))
    columns[:, 0] = np.clip(columns[:, 0], -20.0, 5.0)
    layers, hits = code.inverse(np.full(50, 100.0), columns)
    # the total is that of the first column, or just above one threshold
    np.testing.assert_allclose(layers.sum(axis=1), np.maximum(100.0 * np.exp(columns[:, 0]), 0.5005), rtol=1e-9)
    np.testing.assert_array_equal(hits > 0, layers > 0)
    assert (hits <= CAPACITY).all()
    assert (layers >= 0.5 * hits).all()
    assert hits.any(axis=1).all()


def test_what_cannot_be_learnt_is_refused(rng: np.random.Generator) -> None:
    incident, layers, hits = _layers(20, rng)
    layers[:, 0], hits[:, 0] = 1.0, 1
    with pytest.raises(DataError, match="layer 2 has no energy in any of 20 showers"):
        LayerCode.of(incident, layers * [1, 1, 0, 1], hits * [1, 1, 0, 1], capacity=CAPACITY, threshold=0.5)
    layers[7] = 0.0
    with pytest.raises(DataError, match="shower 7 has no energy in any voxel"):
        LayerCode.of(incident, layers, hits, capacity=CAPACITY, threshold=0.5)

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from offline.calorimeter.transforms.sticks import from_sticks, to_sticks

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=8)


@given(arrays(np.float64, SHAPES, elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e6))))
def test_layers_to_sticks_and_back(layers: np.ndarray) -> None:
    total, share = to_sticks(layers)
    assert (share >= 0).all()
    assert (share <= 1).all()
    again = from_sticks(total, share)
    np.testing.assert_allclose(again, layers, rtol=1e-9, atol=1e-9 * max(1.0, layers.max()))
    # a layer without energy stays without, but the first, which gets what rounding leaves
    np.testing.assert_array_equal(again[:, 1:] == 0, (layers[:, 1:] == 0) | (share == 0))


@given(
    shares=arrays(np.float64, SHAPES, elements=st.floats(0.0, 1.0)),
    total=st.floats(1e-6, 1e7),
)
def test_the_total_is_kept_whatever_the_shares_are(shares: np.ndarray, total: float) -> None:
    layers = from_sticks(np.full(len(shares), total), shares)
    assert (layers >= 0).all()
    np.testing.assert_allclose(layers.sum(axis=1), total, rtol=1e-12)

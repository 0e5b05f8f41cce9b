from __future__ import annotations

import numpy as np
from calo_toy import irregular_geometry, toy_showers

from offline.calorimeter.generators.ring_sums import RingSums, ring_layers, ring_sizes


def test_sums_are_those_over_voxels(rng: np.random.Generator) -> None:
    geometry = irregular_geometry()
    showers = toy_showers(geometry, 6, rng).above(0.5)
    sums = RingSums.of(showers, 0.5)
    assert ring_layers(geometry).tolist() == [0, 0, 1, 1, 1, 2]
    assert ring_sizes(geometry).tolist() == [1, 1, 10, 10, 10, 3]
    np.testing.assert_array_equal(sums.layer_hits(geometry), showers.layer_hits())
    voxels = geometry.voxels
    for row, shower in enumerate(showers.energies):
        for ring, layer in enumerate(ring_layers(geometry)):
            whole = shower[(voxels.layer == layer) & (shower > 0)] - 0.5
            own = shower[(voxels.ring == ring) & (shower > 0)] - 0.5
            assert sums.hits[row, ring] == len(own)
            if len(own):
                np.testing.assert_allclose(sums.shares[row, ring], own.sum() / whole.sum(), rtol=1e-5)
                np.testing.assert_allclose(sums.logs[row, ring], np.log(own / whole.sum()).sum(), rtol=1e-4, atol=1e-5)


def test_parts_are_joined_and_picked(rng: np.random.Generator) -> None:
    showers = toy_showers(irregular_geometry(), 6, rng)
    whole = RingSums.of(showers, 0.0)
    joined = RingSums.concatenate([RingSums.of(showers.select(slice(0, 2)), 0.0), RingSums.of(showers.select(slice(2, 6)), 0.0)])
    for name in RingSums.__slots__:
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))
        np.testing.assert_array_equal(getattr(whole.select(np.array([4, 1])), name), getattr(whole, name)[[4, 1]])

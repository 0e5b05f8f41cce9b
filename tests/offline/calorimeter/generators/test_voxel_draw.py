from __future__ import annotations

import numpy as np
from calo_toy import irregular_geometry
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.calorimeter import CalorimeterGeometry, Layer, Showers
from offline.calorimeter.generators.voxel_draw import RingTable, draw_voxels


def _table(n: int, logit: list[float], log_shape: list[float], log_scale: list[float]) -> RingTable:
    return RingTable(*(np.tile(np.array(part, np.float32), (n, 1)) for part in (logit, log_shape, log_scale)))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), threshold=st.sampled_from([0.0, 0.5]))
def test_layers_get_their_energy_and_their_hits(seed: int, threshold: float) -> None:
    rng, geometry = np.random.default_rng(seed), irregular_geometry()
    hits = np.stack([rng.integers(0, layer.n_voxels + 1, 30) for layer in geometry.layers], axis=1)
    layers = hits * threshold + rng.exponential(10.0, hits.shape) * (hits > 0)
    table = RingTable(*(3.0 * rng.standard_normal((30, 6)).astype(np.float32) for _ in range(3)))
    drawn = draw_voxels(geometry, layers, hits, table, threshold=threshold, rng=rng)
    showers = Showers(geometry, np.ones(30), drawn)
    np.testing.assert_allclose(showers.layer_energies(), layers, rtol=1e-5, atol=1e-6)
    if threshold:
        np.testing.assert_array_equal(showers.layer_hits(), hits)
        assert drawn[drawn > 0].min() >= np.float32(threshold)


def test_rings_are_hit_as_often_as_they_say(rng: np.random.Generator) -> None:
    geometry, n = CalorimeterGeometry((Layer(0, (0.0, 1.0, 2.0, 3.0), 8),)), 20_000
    share = np.array([0.6, 0.25, 0.025])
    table = _table(n, list(np.log(share / (1 - share))), [0.0] * 3, [0.0] * 3)
    # 7 hits: as many as there are in the mean
    drawn = draw_voxels(geometry, np.ones((n, 1)), np.full((n, 1), 7), table, threshold=0.0, rng=rng)
    found = (drawn > 0).reshape(n, 8, 3).mean(axis=(0, 1))
    np.testing.assert_allclose(found, share, atol=0.005)


def test_shares_are_a_dirichlet_distribution_where_scales_are_equal(rng: np.random.Generator) -> None:
    geometry, n = CalorimeterGeometry((Layer(0, (0.0, 1.0, 2.0), 1),)), 40_000
    table = _table(n, [0.0, 0.0], [np.log(2.0), np.log(6.0)], [1.0, 1.0])
    drawn = draw_voxels(geometry, np.ones((n, 1)), np.full((n, 1), 2), table, threshold=0.0, rng=rng)
    # Beta(2, 6)
    np.testing.assert_allclose(drawn[:, 0].mean(), 0.25, atol=0.004)
    np.testing.assert_allclose(drawn[:, 0].var(), 2 * 6 / (64 * 9), rtol=0.03)

from __future__ import annotations

import numpy as np
import pytest
from calo_toy import irregular_geometry, toy_showers

from offline.calorimeter import CalorimeterGeometry, Showers
from offline.calorimeter.generators.diffusion.voxel_scores import VoxelScores, voxel_logarithms
from offline.calorimeter.generators.layer_inputs import LayerInputs
from offline.calorimeter.simulation import Simulator


def _scores(showers: Showers, least: float, rng: np.random.Generator) -> tuple[VoxelScores, np.ndarray, np.ndarray]:
    layers, hits = showers.layer_energies(), showers.layer_hits()
    scaled = LayerInputs.of(showers.incident_energy, layers, hits, 1.0)(showers.incident_energy, layers, hits)
    logs = voxel_logarithms(showers.energies, least, rng)
    return VoxelScores.of(showers.geometry, least, scaled, logs), scaled, logs


@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_what_becomes_scores_comes_back(threshold: float, rng: np.random.Generator) -> None:
    showers = toy_showers(irregular_geometry(), 800, rng).above(0.5)
    scores, scaled, logs = _scores(showers, 0.5, rng)
    back = scores.inverse(
        scaled, showers.layer_energies(), showers.layer_hits(), scores.forward(scaled, logs), threshold=threshold
    )
    np.testing.assert_allclose(back, showers.energies, rtol=2e-3, atol=2e-3)
    np.testing.assert_array_equal(back > 0, showers.energies > 0)


def test_scores_of_each_ring_are_normal(small: Simulator, rng: np.random.Generator) -> None:
    showers = Showers.concatenate(list(small.batches(2000, 1e3, 1e4, seed=1)))
    scores, scaled, logs = _scores(showers, small.threshold, rng)
    found = scores.forward(scaled, logs)
    ring = showers.geometry.voxels.ring
    for at in range(ring.max() + 1):
        column = found[:, ring == at]
        assert column.mean() == pytest.approx(0.0, abs=0.02)
        assert column.std() == pytest.approx(1.0, abs=0.03)


def test_layers_get_their_energy_and_their_hits_whatever_is_drawn(rng: np.random.Generator) -> None:
    geometry: CalorimeterGeometry = irregular_geometry()
    showers = toy_showers(geometry, 800, rng).above(0.5)
    scores, scaled, _ = _scores(showers, 0.5, rng)
    wild = 30.0 * rng.standard_normal(showers.energies.shape).astype(np.float32)
    layers, hits = showers.layer_energies(), showers.layer_hits()
    made = Showers(geometry, showers.incident_energy, scores.inverse(scaled, layers, hits, wild, threshold=0.5))
    np.testing.assert_allclose(made.layer_energies(), layers, rtol=1e-5)
    np.testing.assert_array_equal(made.layer_hits(), hits)
    assert made.energies[made.energies > 0].min() >= 0.5

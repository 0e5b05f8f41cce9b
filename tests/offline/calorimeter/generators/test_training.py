from __future__ import annotations

import keras
import numpy as np
import pytest
from calo_toy import irregular_geometry, toy_showers
from scipy.special import gammaln, xlogy

from l1ml.errors import TrainingError
from l1ml.progress import SILENT
from offline.calorimeter import Showers
from offline.calorimeter.generators.ring_sums import RingSums, ring_layers, ring_sizes
from offline.calorimeter.generators.settings import Schedule
from offline.calorimeter.generators.training import _log_gamma, ring_loss, train_flow, train_rings


def test_the_logarithm_of_the_gamma_function() -> None:
    x = np.geomspace(0.05, 1e4, 200)
    np.testing.assert_allclose(_log_gamma(keras.ops.convert_to_tensor(x)), gammaln(x), rtol=1e-6, atol=2e-6)


def test_the_loss_is_the_likelihood_of_the_voxels(rng: np.random.Generator) -> None:
    geometry = irregular_geometry()
    showers = toy_showers(geometry, 5, rng)
    sums, numbers = RingSums.of(showers, 0.0), rng.standard_normal((5, 6, 3))
    stacked = np.stack([sums.hits, sums.logs, sums.shares], axis=2).astype(np.float64)
    found = ring_loss(geometry)(keras.ops.convert_to_tensor(stacked), keras.ops.convert_to_tensor(numbers))
    np.testing.assert_allclose(found, [-_likelihood(showers, row, numbers[row]) / 6 for row in range(5)], rtol=2e-4)
    assert ring_sizes(geometry).sum() == 35


def _likelihood(showers: Showers, row: int, numbers: np.ndarray) -> float:
    """ln p of hits and shares of one shower, voxel by voxel."""
    geometry, energies, total = showers.geometry, showers.energies[row].astype(np.float64), 0.0
    logit, log_a, log_b = numbers[geometry.voxels.ring].T
    q, a, b = 1 / (1 + np.exp(-logit)), np.exp(log_a), np.exp(log_b)
    for place in geometry.voxel_slices:
        hit = energies[place] > 0
        if hit.any():
            total += xlogy(hit, q[place]).sum() + xlogy(~hit, 1 - q[place]).sum()
            share = energies[place][hit] / energies[place].sum()
            own_a, own_b = a[place][hit], b[place][hit]
            total += gammaln(own_a.sum()) - own_a.sum() * np.log((share / own_b).sum())
            total += ((own_a - 1) * np.log(share) - own_a * np.log(own_b) - gammaln(own_a)).sum()
    return total


def test_rings_learn_where_hits_are(rng: np.random.Generator) -> None:
    geometry, n = irregular_geometry(), 1500
    voxels = geometry.voxels
    # rings of the middle layer are hit more and more often, and the inner one has most of the energy
    share = np.array([0.9, 0.9, 0.3, 0.5, 0.7, 0.9])[voxels.ring]
    energies = rng.gamma(2.0, np.where(voxels.ring == 2, 30.0, 3.0), (n, 35)) * (rng.random((n, 35)) < share)
    energies[:, 0] += 1e-3
    sums = RingSums.of(Showers(geometry, rng.uniform(1e3, 2e3, n), energies), 0.0)
    law, record = train_rings(geometry, sums, 100, 3.0, Schedule((16,), 20, 50, 1e-2), seed=1, progress=SILENT)
    assert record["loss"][-1] < record["loss"][0]
    table = law.table(sums.incident, sums.layers, sums.layer_hits(geometry))
    rings = ring_layers(geometry) == 1
    found = (1 / (1 + np.exp(-table.logit[:, rings].astype(np.float64)))).mean(axis=0)
    np.testing.assert_allclose(found, [0.3, 0.5, 0.7], atol=0.03)
    ratio = (table.log_shape + table.log_scale)[:, rings].astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(ratio - ratio[2], [np.log(10.0), 0.0, 0.0], atol=0.25)


def test_a_flow_that_finds_nothing_is_left_out(rng: np.random.Generator) -> None:
    at, schedule = rng.uniform(-1, 1, 1000), Schedule((8,), 2, 100)
    velocity, record = train_flow(rng.standard_normal((1000, 3)), at, 100, schedule, seed=1, progress=SILENT)
    assert (velocity is None) == (record["held_out_loss"] >= record["held_out_loss_without"])
    shifted = 3.0 + rng.standard_normal((1000, 2))
    velocity, record = train_flow(shifted, at, 100, Schedule((32,), 10, 50, 1e-2), seed=1, progress=SILENT)
    assert velocity is not None
    assert record["held_out_loss"] < 0.5 * record["held_out_loss_without"]


def test_a_loss_that_is_none_is_said(rng: np.random.Generator) -> None:
    scores = np.full((200, 2), np.nan)
    with pytest.raises(TrainingError, match="smaller learning rate"):
        train_flow(scores, np.zeros(200), 20, Schedule((8,), 1, 50), seed=1, progress=SILENT)

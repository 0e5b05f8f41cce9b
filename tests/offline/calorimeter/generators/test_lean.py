from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from calo_toy import irregular_geometry, toy_showers

from offline.calorimeter import CalorimeterGeometry, Showers
from offline.calorimeter.generators import Cascade, read_generator, write_generator
from offline.calorimeter.generators.lean import Dipoles, Lean, ring_indices
from offline.calorimeter.generators.voxel_draw import RingTable, draw_voxels


def _showers(geometry: CalorimeterGeometry, incident: np.ndarray, lean: np.ndarray | None, rng: np.random.Generator) -> Showers:
    """All voxels hit, with equal shares on average."""
    n, rings = len(incident), int(geometry.voxels.ring[-1]) + 1
    hits = np.tile([layer.n_voxels for layer in geometry.layers], (n, 1))
    numbers = [np.full((n, rings), value, np.float32) for value in (0.0, 2.0, 0.0)]
    layers = np.full(hits.shape, 100.0)
    return Showers(
        geometry, incident, draw_voxels(geometry, layers, hits, RingTable(*numbers), threshold=0.0, rng=rng, lean=lean)
    )


def test_a_lean_that_was_put_in_is_found(rng: np.random.Generator) -> None:
    geometry = CalorimeterGeometry.regular(3, 12, [0.0, 5.0, 10.0])
    incident = np.geomspace(1e3, 1e5, 4000)
    # the inner ring leans, less at high energies, and alike in the first two layers; the outer one does not
    widths = np.zeros((2, 6))
    widths[:, ::2] = [[0.6], [0.2]]
    roots = np.eye(6)
    roots[2] = [0.8, 0.0, 0.6, 0.0, 0.0, 0.0]
    law = Lean(np.log([1e3, 1e5]), widths, roots)
    truth = Dipoles.of(_showers(geometry, incident, law.draw(incident, rng), rng))
    found = Lean.none(geometry, incident)
    for _ in range(3):
        found = found.corrected(geometry, truth, Dipoles.of(_showers(geometry, incident, found.draw(incident, rng), rng)))
    np.testing.assert_allclose(found.width(incident)[[500, 3500]][:, ::2], law.width(incident)[[500, 3500]][:, ::2], rtol=0.2)
    assert (found.widths[:, 1::2] < 0.1).all()
    inner = (found.roots @ found.roots.T)[::2, ::2]
    np.testing.assert_allclose(inner, [[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 1.0]], atol=0.15)


def test_showers_that_do_not_lean_are_left_alone(rng: np.random.Generator) -> None:
    geometry = irregular_geometry()
    truth, drawn = (Dipoles.of(toy_showers(geometry, 2000, rng)) for _ in range(2))
    drawn = replace(drawn, incident=truth.incident)
    found = Lean.none(geometry, truth.incident).corrected(geometry, truth, drawn)
    assert np.count_nonzero(found.widths) <= 1
    # the first layer is not divided
    assert not found.widths[:, :2].any()


def test_dipoles_are_means_of_directions() -> None:
    geometry = irregular_geometry()
    energies = np.zeros((2, geometry.n_voxels), np.float32)
    at = np.flatnonzero((geometry.voxels.layer == 1) & (geometry.voxels.ring == 3))
    energies[0, at[0]], energies[1, at] = 5.0, 2.0
    found = Dipoles.of(Showers(geometry, np.array([1e3, 2e3]), energies)).values
    alpha = geometry.voxels.alpha[at[0]]
    np.testing.assert_allclose(found[0, 3], [np.cos(alpha), np.sin(alpha)], rtol=1e-6)
    np.testing.assert_allclose(found[1, 3], 0.0, atol=1e-6)
    assert np.isnan(np.delete(found, 3, axis=1)).all()
    np.testing.assert_array_equal(ring_indices(geometry), [0, 1, 0, 1, 2, 0])


def test_a_leaning_generator_survives_its_file(tmp_path: Path, trained: Cascade) -> None:
    n = int(trained.geometry.voxels.ring[-1]) + 1
    leaning = replace(trained, lean=Lean(np.log([1e3, 1e4]), np.full((2, n), 0.5), np.eye(n)))
    write_generator(tmp_path / "g.h5", leaning)
    energies = np.full(50, 4e3)
    again = read_generator(tmp_path / "g.h5").sample(energies, np.random.default_rng(1))
    made = leaning.sample(energies, np.random.default_rng(1))
    np.testing.assert_array_equal(again.energies, made.energies)
    upright = replace(leaning, lean=None).sample(energies, np.random.default_rng(1))
    assert (upright.energies != made.energies).any()

from __future__ import annotations

import numpy as np
import pytest
from calo_toy import irregular_geometry, regular_geometry, toy_showers

from l1ml.errors import DataError
from offline.calorimeter import Showers


def test_layers_add_up_to_the_shower(rng: np.random.Generator) -> None:
    showers = toy_showers(irregular_geometry(), 7, rng)
    by_hand = [[row[part].sum(dtype=np.float64) for part in showers.geometry.voxel_slices] for row in showers.energies]
    np.testing.assert_array_equal(showers.layer_energies(), by_hand)
    hits = [[np.count_nonzero(row[part]) for part in showers.geometry.voxel_slices] for row in showers.energies]
    np.testing.assert_array_equal(showers.layer_hits(), hits)
    np.testing.assert_allclose(showers.total_energy(), showers.layer_energies().sum(axis=1), rtol=1e-12)


def test_rows_are_picked_and_joined(rng: np.random.Generator) -> None:
    showers = toy_showers(regular_geometry(), 7, rng)
    joined = Showers.concatenate([showers.select(slice(0, 3)), showers.select(np.arange(3, 7))])
    np.testing.assert_array_equal(joined.energies, showers.energies)
    np.testing.assert_array_equal(joined.incident_energy, showers.incident_energy)
    with pytest.raises(DataError, match="2 geometries"):
        Showers.concatenate([showers, toy_showers(irregular_geometry(), 1, rng)])


def test_a_threshold_takes_what_is_below(rng: np.random.Generator) -> None:
    geometry = irregular_geometry()
    showers = Showers(geometry, np.ones(1), np.arange(geometry.n_voxels, dtype=np.float32)[None])
    assert showers.above(3.0).energies[0, :5].tolist() == [0.0, 0.0, 0.0, 3.0, 4.0]


def _changed(value: float) -> np.ndarray:
    energies = np.ones((3, irregular_geometry().n_voxels))
    energies[1, 4] = value
    return energies


@pytest.mark.parametrize(
    ("incident", "energies", "match"),
    [
        (np.ones(3), np.ones((3, 36)), r"shape \(3, 36\), expected \(3, 35\): 3 showers in 3 layers of 35 voxels"),
        (np.ones(2), np.ones((3, 35)), r"expected \(2, 35\)"),
        (np.ones(3), _changed(-1.0), "voxel 4 of shower 1 holds -1.0 MeV"),
        (np.ones(3), _changed(np.nan), "voxel 4 of shower 1 holds nan MeV"),
        (np.ones(3), _changed(np.inf), "voxel 4 of shower 1 holds inf MeV"),
        (np.array([1.0, 0.0, 1.0]), np.ones((3, 35)), "energy of particle 1 is 0.0 MeV"),
        (np.array([1.0, 1.0, np.nan]), np.ones((3, 35)), "energy of particle 2 is nan MeV"),
        (np.ones(0), np.ones((0, 35)), "one or more"),
        (np.ones((3, 2)), np.ones((3, 35)), r"expected \(n,\)"),
    ],
)
def test_what_are_no_showers_is_refused(incident: np.ndarray, energies: np.ndarray, match: str) -> None:
    with pytest.raises(DataError, match=match):
        Showers(irregular_geometry(), incident, energies)


def test_a_column_of_energies_is_one_energy_each() -> None:
    showers = Showers(irregular_geometry(), np.ones((3, 1)), np.ones((3, 35)))
    assert showers.incident_energy.shape == (3,)
    assert showers.energies.dtype == np.float32

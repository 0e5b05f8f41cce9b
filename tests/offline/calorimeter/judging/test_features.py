from __future__ import annotations

import numpy as np
import pytest
from calo_toy import irregular_geometry, regular_geometry, toy_showers

from l1ml.errors import DataError
from offline.calorimeter import Showers, layout
from offline.calorimeter.judging.features import RESPONSE, Features, manifold_inputs, voxel_inputs


def test_names_are_those_of_the_challenge(rng: np.random.Generator) -> None:
    found = Features.of(toy_showers(regular_geometry(), 7, rng))
    assert len(found.names) == 2 + 8 * 5 == found.values.shape[1]
    # a layer of one sector has no direction: the first has one here, the others do
    irregular = Features.of(toy_showers(irregular_geometry(), 7, rng))
    assert len(irregular.names) == 2 + 4 + 8 + 8
    assert "centre x layer 0" not in irregular.names
    assert "width y layer 12" in irregular.names


def test_values_are_the_moments_of_the_energy(rng: np.random.Generator) -> None:
    showers = toy_showers(irregular_geometry(), 5, rng)
    found = Features.of(showers)
    part, voxels = showers.geometry.voxel_slices[1], showers.geometry.voxels
    energies = showers.energies[3, part].astype(np.float64)
    mean = np.average(voxels.x[part], weights=energies)
    width = np.sqrt(np.average((voxels.x[part] - mean) ** 2, weights=energies))
    assert found.column("centre x layer 1")[3] == pytest.approx(mean / 100)
    assert found.column("width x layer 1")[3] == pytest.approx(width / 100)
    assert found.column("centre r layer 1")[3] == pytest.approx(np.average(voxels.r[part], weights=energies) / 100)
    assert found.column("log10 E layer 1")[3] == pytest.approx(np.log10(energies.sum()))
    assert found.column("sparsity layer 1")[3] == np.mean(energies == 0)
    assert found.with_response().column(RESPONSE) == pytest.approx(showers.total_energy() / showers.incident_energy)


def test_an_empty_layer_is_at_zero() -> None:
    geometry = regular_geometry()
    found = Features.of(Showers(geometry, np.array([1000.0]), np.zeros((1, geometry.n_voxels), np.float32)))
    assert np.isfinite(found.values).all()
    assert found.column("width r layer 2").tolist() == [0.0]
    assert found.column("sparsity layer 2").tolist() == [1.0]


def test_inputs_have_the_shapes_of_the_challenge(rng: np.random.Generator) -> None:
    showers = toy_showers(layout("45x16x9"), 3, rng)
    assert Features.of(showers).values.shape == (3, 362)
    inputs = voxel_inputs(showers)
    assert (inputs.shape, inputs.dtype) == ((3, 6481), np.float32)
    assert inputs[:, 1:].sum(axis=1) == pytest.approx(showers.total_energy() / showers.incident_energy, rel=1e-5)
    assert manifold_inputs(showers)[showers.energies == 0] == pytest.approx(-1.0)


def test_a_feature_that_is_not_there_is_named(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="did you mean 'width r layer 0'"):
        Features.of(toy_showers(regular_geometry(), 2, rng)).column("width r layer0")

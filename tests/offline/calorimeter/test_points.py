from __future__ import annotations

import numpy as np
import pytest
from calo_toy import irregular_geometry, regular_geometry, toy_showers
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import DataError
from offline.calorimeter import CalorimeterGeometry, Points, Showers


@given(seed=st.integers(0, 2**32 - 1), regular=st.booleans())
def test_voxels_to_points_and_back_is_the_same(seed: int, regular: bool) -> None:
    geometry = regular_geometry() if regular else irregular_geometry()
    showers = toy_showers(geometry, 4, np.random.default_rng(seed))
    again = Points.of(showers).voxelised(geometry)
    np.testing.assert_array_equal(again.energies, showers.energies)
    np.testing.assert_array_equal(again.incident_energy, showers.incident_energy)


def test_a_coarser_geometry_keeps_the_energy_of_each_layer(rng: np.random.Generator) -> None:
    showers = toy_showers(regular_geometry(), 6, rng)
    coarse = CalorimeterGeometry.regular(5, 2, [0.0, 5.0, 10.0])
    again = Points.of(showers).voxelised(coarse)
    np.testing.assert_allclose(again.layer_energies(), showers.layer_energies(), rtol=1e-6)


def test_points_beyond_the_rings_are_lost() -> None:
    geometry = irregular_geometry()
    place = np.array([0.5, 8.9, 9.0, 1.9])
    column = np.zeros(4, np.int64)
    points = Points(np.array([50.0]), column, column + 2, -place, np.zeros(4), np.ones(4))
    # the third layer reaches from 2 mm to below 9 mm
    assert points.voxelised(geometry).layer_energies().tolist() == [[0.0, 0.0, 1.0]]


def _points(**change: np.ndarray) -> Points:
    ones = np.ones(3)
    columns = {"shower": np.zeros(3, np.int64), "layer": np.zeros(3, np.int64), "x": ones, "y": ones, "energy": ones}
    return Points(np.array([50.0]), **{**columns, **change})


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"x": np.ones(2)}, "one length"),
        ({"shower": np.array([0, 1, 0])}, "showers 0 to 0, received 0 to 1"),
        ({"energy": np.array([1.0, np.nan, 1.0])}, "finite energy"),
        ({"energy": np.array([1.0, -1.0, 1.0])}, "finite energy"),
    ],
)
def test_what_are_no_points_is_refused(change: dict[str, np.ndarray], match: str) -> None:
    with pytest.raises(DataError, match=match):
        _points(**change)


def test_a_layer_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="layers 0 to 9, the geometry has 3"):
        _points(layer=np.array([0, 9, 1])).voxelised(irregular_geometry())


def test_showers_without_hits_have_no_points() -> None:
    geometry = irregular_geometry()
    showers = Showers(geometry, np.ones(2), np.zeros((2, geometry.n_voxels), np.float32))
    points = Points.of(showers)
    assert points.energy.size == 0
    np.testing.assert_array_equal(points.voxelised(geometry).energies, showers.energies)

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from calo_toy import irregular_geometry, regular_geometry

from l1ml.errors import ConfigError
from offline.calorimeter import CalorimeterGeometry, Layer, layout


def test_voxels_are_counted_radius_first_then_alpha_then_layer() -> None:
    geometry = regular_geometry()
    voxels = geometry.voxels
    assert geometry.grid == (5, 4, 3)
    assert voxels.layer.reshape(geometry.grid)[:, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert voxels.sector.reshape(geometry.grid)[0, :, 0].tolist() == [0, 1, 2, 3]
    assert voxels.r.reshape(geometry.grid)[0, 0].tolist() == [1.0, 3.5, 7.5]
    np.testing.assert_array_equal(voxels.alpha.reshape(geometry.grid)[0, :, 0], np.pi * np.array([-0.75, -0.25, 0.25, 0.75]))
    assert voxels.z.reshape(geometry.grid)[:, 1, 1].tolist() == [1.5, 4.5, 7.5, 10.5, 16.0]
    assert voxels.ring[:6].tolist() == [0, 1, 2, 0, 1, 2]
    assert voxels.ring[-1] == 14


def test_layers_of_their_own_have_slices_of_their_own() -> None:
    geometry = irregular_geometry()
    assert geometry.n_voxels == 2 + 30 + 3
    assert geometry.voxel_slices == (slice(0, 2), slice(2, 32), slice(32, 35))
    assert not geometry.is_regular
    assert np.bincount(geometry.voxels.ring).tolist() == [1, 1, 10, 10, 10, 3]
    # undivided rings have no direction
    assert geometry.voxels.x[:2].tolist() == [0.0, 0.0]
    assert np.isnan(geometry.voxels.z).all()
    with pytest.raises(ConfigError, match="no common grid"):
        _ = geometry.grid


def test_equal_layers_are_an_equal_geometry_with_an_equal_digest() -> None:
    geometry = irregular_geometry()
    again = CalorimeterGeometry.from_dict(json.loads(json.dumps(geometry.to_dict())))
    assert again == geometry
    assert again.digest == geometry.digest
    other = CalorimeterGeometry((*geometry.layers[:2], replace(geometry.layers[2], n_alpha=4)))
    assert other != geometry
    assert other.digest != geometry.digest


def test_arrays_of_voxels_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        regular_geometry().voxels.r[0] = 1.0


@pytest.mark.parametrize(
    ("layer", "match"),
    [
        (lambda: Layer(-1, (0.0, 1.0), 1), "start at 0"),
        (lambda: Layer(0, (0.0, 1.0), 0), "at least one sector"),
        (lambda: Layer(0, (0.0,), 1), "rising edges"),
        (lambda: Layer(0, (0.0, 2.0, 1.0), 1), "rising edges"),
        (lambda: Layer(0, (0.0, np.inf), 1), "rising edges"),
        (lambda: Layer(0, (-1.0, 1.0), 1), "rising edges"),
        (lambda: Layer(0, (0.0, 1.0), 1, (3.0, 2.0)), "front and a back"),
        (lambda: CalorimeterGeometry(()), "one or more layers"),
        (lambda: CalorimeterGeometry((Layer(1, (0.0, 1.0), 1), Layer(1, (0.0, 1.0), 1))), "rising ids"),
        (lambda: CalorimeterGeometry.regular(3, 1, [0.0, 1.0], z_edges=[0.0, 1.0]), "4 edges in z, received 2"),
        (lambda: CalorimeterGeometry.from_dict({"layer": []}), "list of layers"),
        (lambda: CalorimeterGeometry.from_dict({"layers": [{"id": 0, "r_edge": [0.0, 1.0]}]}), "did you mean 'r_edges'"),
        (lambda: layout("45x16x8"), "did you mean '45x16x9'"),
    ],
)
def test_what_is_no_geometry_is_refused(layer: object, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        layer()  # type: ignore[operator]

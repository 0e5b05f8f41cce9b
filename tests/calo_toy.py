"""Small showers without physics."""

from __future__ import annotations

import numpy as np

from offline.calorimeter import CalorimeterGeometry, Layer, Showers

__all__ = ["irregular_geometry", "regular_geometry", "toy_showers"]


def regular_geometry() -> CalorimeterGeometry:
    return CalorimeterGeometry.regular(5, 4, [0.0, 2.0, 5.0, 10.0], z_edges=[0.0, 3.0, 6.0, 9.0, 12.0, 20.0])


def irregular_geometry() -> CalorimeterGeometry:
    return CalorimeterGeometry((Layer(0, (0.0, 5.0, 10.0), 1), Layer(1, (0.0, 1.0, 4.0, 7.5), 10), Layer(12, (2.0, 9.0), 3)))


def toy_showers(geometry: CalorimeterGeometry, n: int, rng: np.random.Generator) -> Showers:
    energies = rng.exponential(100.0, (n, geometry.n_voxels)) * (rng.random((n, geometry.n_voxels)) < 0.4)
    return Showers(geometry, 1000.0 * 2.0 ** rng.uniform(0, 6, n), energies.astype(np.float32))

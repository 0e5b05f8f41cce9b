"""Showers with a response, a depth and a radius that tests can change."""

from __future__ import annotations

import numpy as np

from offline.calorimeter import CalorimeterGeometry, Showers

__all__ = ["GEOMETRY", "sampled_showers"]

GEOMETRY = CalorimeterGeometry.regular(6, 4, [0.0, 5.0, 10.0, 20.0, 40.0], z_edges=list(20.0 * np.arange(7)))


def sampled_showers(n: int, rng: np.random.Generator, *, scale: float = 1.0, widening: float = 1.0) -> Showers:
    """Response 0.9 with a resolution of 10 % / sqrt(E / GeV), 1 to 100 GeV; `widening` multiplies the radius of the core."""
    incident = 10 ** rng.uniform(3, 5, n)
    depth = rng.dirichlet([2, 5, 8, 6, 4, 2], n)
    # an exponential of 6 mm in rings, which fluctuate by Dirichlet
    edges = np.array(GEOMETRY.layers[0].r_edges)
    inside = np.diff(-np.exp(-edges / (6.0 * widening)))
    rings = rng.dirichlet(40 * inside / inside.sum(), (n, 6))
    sectors = rng.dirichlet([5] * 4, (n, 6, 4)).transpose(0, 1, 3, 2)
    total = scale * 0.9 * incident * (1 + 0.1 * rng.normal(size=n) / np.sqrt(incident / 1000))
    voxels = total[:, None, None, None] * depth[:, :, None, None] * sectors * rings[:, :, None, :]
    return Showers(GEOMETRY, incident, voxels.reshape(n, -1)).above(1.0)

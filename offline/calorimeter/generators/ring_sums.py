"""What the likelihood of voxels needs of a shower: three sums in each ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.showers import Showers

__all__ = ["RingSums", "ring_layers", "ring_sizes"]

_LEAST = 1e-6
"""Smallest share: a hit exactly at the threshold has none."""


@dataclass(frozen=True, eq=False, slots=True)
class RingSums:
    """Sums over the hits of each ring, all of shape (n, n_rings) but the first.

    The share of a hit is what it has above the threshold over what all hits of its layer have.

    Parameters
    ----------
    incident : ndarray of float64, shape (n,)
        Energy of the particle, MeV.
    layers : ndarray of float64, shape (n, n_layers)
        Energy of each layer, MeV.
    hits : ndarray of float32
        Number of hits.
    logs : ndarray of float32
        Sum of the logarithms of their shares.
    shares : ndarray of float32
        Sum of their shares.
    """

    incident: NDArray[np.float64]
    layers: NDArray[np.float64]
    hits: NDArray[np.float32]
    logs: NDArray[np.float32]
    shares: NDArray[np.float32]

    @classmethod
    def of(cls, showers: Showers, threshold: float) -> Self:
        """Sums of `showers`, whose voxels hold `threshold` MeV or more, or nothing."""
        geometry, n = showers.geometry, len(showers)
        layer_of = ring_layers(geometry)
        row, voxel = np.nonzero(showers.energies)
        excess = np.maximum(showers.energies[row, voxel] - threshold, 0.0)
        place, shape = row * len(layer_of) + geometry.voxels.ring[voxel], (n, len(layer_of))
        total = np.bincount(row * geometry.n_layers + geometry.voxels.layer[voxel], excess, n * geometry.n_layers)
        share = np.maximum(excess / np.maximum(total, 1e-30)[row * geometry.n_layers + geometry.voxels.layer[voxel]], _LEAST)
        sums = [np.bincount(place, values, n * len(layer_of)).reshape(shape) for values in (None, np.log(share), share)]
        return cls(showers.incident_energy, showers.layer_energies(), *(part.astype(np.float32) for part in sums))

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """All of `parts`, in this order."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))

    def select(self, rows: NDArray[np.int64]) -> Self:
        """Some showers."""
        return type(self)(*(getattr(self, name)[rows] for name in self.__slots__))

    def layer_hits(self, geometry: CalorimeterGeometry) -> NDArray[np.int64]:
        """Hits of each layer, shape (n, n_layers)."""
        starts = np.searchsorted(ring_layers(geometry), np.arange(geometry.n_layers))
        return np.add.reduceat(self.hits, starts, axis=1).astype(np.int64)


def ring_layers(geometry: CalorimeterGeometry) -> NDArray[np.int64]:
    """Layer of each ring."""
    return np.repeat(np.arange(geometry.n_layers), [layer.n_r for layer in geometry.layers])


def ring_sizes(geometry: CalorimeterGeometry) -> NDArray[np.int64]:
    """Sectors of each ring."""
    return np.bincount(geometry.voxels.ring)

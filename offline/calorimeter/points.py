"""Showers as clouds of points: a place and an energy for each hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.showers import Showers

__all__ = ["Points"]

_COLUMNS = ("shower", "layer", "x", "y", "energy")


@dataclass(frozen=True, eq=False, slots=True)
class Points:
    """Hits of `n` showers, `m` in all.

    Parameters
    ----------
    incident_energy : ndarray of float64, shape (n,)
        Energy of each particle, MeV.
    shower : ndarray of int64, shape (m,)
        Which shower each hit belongs to.
    layer : ndarray of int64, shape (m,)
        Index of its layer in the geometry.
    x, y : ndarray of float64, shape (m,)
        Place across the direction of the particle, mm.
    energy : ndarray of float64, shape (m,)
        Energy, MeV.

    Raises
    ------
    DataError
        If numbers of rows disagree, a hit belongs to no shower, or a place or energy is none.
    """

    incident_energy: NDArray[np.float64]
    shower: NDArray[np.int64]
    layer: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    energy: NDArray[np.float64]

    def __post_init__(self) -> None:
        shapes = {name: np.shape(getattr(self, name)) for name in _COLUMNS}
        if len(set(shapes.values())) > 1 or len(shapes["shower"]) != 1:
            msg = f"columns of points have one length, received {shapes}"
            raise DataError(msg)
        if self.shower.size and not 0 <= self.shower.min() <= self.shower.max() < len(self.incident_energy):
            last, received = len(self.incident_energy) - 1, f"{self.shower.min()} to {self.shower.max()}"
            msg = f"points belong to showers 0 to {last}, received {received}"
            raise DataError(msg)
        if not (np.isfinite(self.x) & np.isfinite(self.y) & np.isfinite(self.energy) & (self.energy >= 0)).all():
            msg = "a point has a finite place and a finite energy that is not negative"
            raise DataError(msg)

    @classmethod
    def of(cls, showers: Showers) -> Points:
        """One point in the centre of each voxel that has energy, in the order of showers and voxels.

        An undivided ring has its centre in the middle: only a finer geometry keeps all of what a point says.
        """
        shower, voxel = np.nonzero(showers.energies)
        voxels = showers.geometry.voxels
        # not x and y of the voxels: the radius of an undivided ring is kept, too
        x, y = voxels.r[voxel] * np.cos(voxels.alpha[voxel]), voxels.r[voxel] * np.sin(voxels.alpha[voxel])
        energy = showers.energies[shower, voxel].astype(np.float64)
        return cls(showers.incident_energy, shower, voxels.layer[voxel], x, y, energy)

    def voxelised(self, geometry: CalorimeterGeometry) -> Showers:
        """Energies summed in the voxels of `geometry`; points beyond the outer ring, or within the inner one, are lost.

        Raises
        ------
        DataError
            If there are layers that the geometry does not have.
        """
        if self.layer.size and not 0 <= self.layer.min() <= self.layer.max() < geometry.n_layers:
            msg = f"points are in layers {self.layer.min()} to {self.layer.max()}, the geometry has {geometry.n_layers}"
            raise DataError(msg)
        voxel = self._voxel_in(geometry)
        inside, n = voxel >= 0, geometry.n_voxels
        flat = np.bincount(self.shower[inside] * n + voxel[inside], self.energy[inside], len(self.incident_energy) * n)
        return Showers(geometry, self.incident_energy, flat.reshape(-1, n).astype(np.float32))

    def _voxel_in(self, geometry: CalorimeterGeometry) -> NDArray[np.int64]:
        """Voxel of each point, -1 outside."""
        radius, alpha = np.hypot(self.x, self.y), np.arctan2(self.y, self.x)
        voxel = np.full(len(radius), -1, np.int64)
        for at, (layer, place) in enumerate(zip(geometry.layers, geometry.voxel_slices, strict=True)):
            here = np.flatnonzero(self.layer == at)
            ring = np.searchsorted(layer.r_edges, radius[here], side="right") - 1
            # alpha of exactly pi belongs to the last sector
            sector = np.minimum(((alpha[here] + np.pi) * (layer.n_alpha / (2 * np.pi))).astype(np.int64), layer.n_alpha - 1)
            found: NDArray[Any] = place.start + sector * layer.n_r + ring
            voxel[here] = np.where((ring >= 0) & (ring < layer.n_r), found, -1)
        return voxel

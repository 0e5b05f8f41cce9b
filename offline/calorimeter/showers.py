"""Showers: what a calorimeter of voxels saw of single particles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.geometry import CalorimeterGeometry

__all__ = ["Showers", "checked_energies"]


@dataclass(frozen=True, eq=False, slots=True)
class Showers:
    """A batch of showers.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        The voxels.
    incident_energy : ndarray of float64, shape (n,)
        Energy of each particle in MeV, positive.
    energies : ndarray of float32, shape (n, n_voxels)
        Energy in each voxel in MeV, none negative; other types of numbers are converted.

    Raises
    ------
    DataError
        If shapes disagree, there is no shower, or an energy is negative or not finite.
    """

    geometry: CalorimeterGeometry
    incident_energy: NDArray[np.float64]
    energies: NDArray[np.float32]

    def __post_init__(self) -> None:
        incident = checked_energies(self.incident_energy)
        energies = np.asarray(self.energies, np.float32)
        expected = (len(incident), self.geometry.n_voxels)
        if energies.shape != expected:
            msg = (
                f"energies of voxels have the shape {energies.shape}, expected {expected}: {len(incident)} showers in "
                f"{self.geometry.n_layers} layers of {self.geometry.n_voxels} voxels"
            )
            raise DataError(msg)
        # a NaN is passed on by both, and no array as large as the showers is made
        if not (energies.min() >= 0 and energies.max() < np.inf):
            raise DataError(_first_bad(energies))
        object.__setattr__(self, "incident_energy", incident)
        object.__setattr__(self, "energies", energies)

    def __len__(self) -> int:
        return len(self.incident_energy)

    def select(self, rows: NDArray[Any] | slice) -> Self:
        """Those that a mask, an index array or a slice picks."""
        return type(self)(self.geometry, self.incident_energy[rows], self.energies[rows])

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """All showers of `parts`, in this order.

        Raises
        ------
        DataError
            If there are none, or geometries differ.
        """
        if len({part.geometry for part in parts}) != 1:
            msg = (
                f"{len(parts)} sets of showers of one geometry are needed, received {len({p.geometry for p in parts})} geometries"
            )
            raise DataError(msg)
        incident = np.concatenate([part.incident_energy for part in parts])
        return cls(parts[0].geometry, incident, np.concatenate([part.energies for part in parts]))

    def layer_energies(self) -> NDArray[np.float64]:
        """Energy in each layer, shape (n, n_layers), MeV."""
        starts = [part.start for part in self.geometry.voxel_slices]
        return np.add.reduceat(self.energies, starts, axis=1, dtype=np.float64)

    def layer_hits(self) -> NDArray[np.int64]:
        """Voxels with energy in each layer, shape (n, n_layers)."""
        starts = [part.start for part in self.geometry.voxel_slices]
        return np.add.reduceat(self.energies > 0, starts, axis=1, dtype=np.int64)

    def total_energy(self) -> NDArray[np.float64]:
        """Energy in all voxels, shape (n,), MeV."""
        return np.asarray(self.energies.sum(axis=1, dtype=np.float64))

    def above(self, threshold: float) -> Self:
        """The same without the energy of voxels below `threshold`, MeV."""
        kept = np.where(self.energies < np.float32(threshold), np.float32(0), self.energies)
        return type(self)(self.geometry, self.incident_energy, kept)


def checked_energies(incident: NDArray[Any]) -> NDArray[np.float64]:
    """Energies of particles as float64 of shape (n,), positive and finite; a single column of shape (n, 1) is one, too.

    Raises
    ------
    DataError
        Where they are not.
    """
    values = np.asarray(incident, np.float64)
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.ndim != 1 or not len(values):
        msg = f"energies of particles have the shape {values.shape}, expected (n,) with one or more of them"
        raise DataError(msg)
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if bad.size:
        msg = f"the energy of particle {bad[0]} is {values[bad[0]]} MeV; {bad.size} are not positive and finite"
        raise DataError(msg)
    return values


def _first_bad(energies: NDArray[np.float32]) -> str:
    """What is wrong with which voxel."""
    for row, shower in enumerate(energies):
        bad = np.flatnonzero(~(np.isfinite(shower) & (shower >= 0)))
        if bad.size:
            return (
                f"voxel {bad[0]} of shower {row} holds {shower[bad[0]]} MeV: energies are finite and not negative; "
                "leave such showers out, or cut noise with a threshold before"
            )
    return "energies are finite and not negative"

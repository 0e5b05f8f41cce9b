"""High-level features of showers, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError, nearest
from offline.calorimeter.geometry import Layer
from offline.calorimeter.judging.samples import FloatArray
from offline.calorimeter.showers import Showers

__all__ = ["RESPONSE", "Features", "manifold_inputs", "voxel_inputs"]

RESPONSE = "E / E inc"
"""Name of the energy in all voxels over that of the particle, which is beside the features of the challenge."""

_TINY = 1e-8
"""MeV added under a logarithm."""

_HUNDRED = 100.0
"""Millimetres in the unit of lengths."""


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """A named table.

    Parameters
    ----------
    names : tuple of str
        Of the columns.
    values : ndarray of float64, shape (n, d)
        One row for each shower.
    """

    names: tuple[str, ...]
    values: FloatArray

    @classmethod
    def of(cls, showers: Showers) -> Self:
        """Features of the CaloChallenge (arXiv:2410.21611): two, eight for each layer with sectors and four for one without.

        Logarithms to base ten of the energy of the particle, of each layer and of all voxels, in MeV; in each layer centre and
        width of the energy in x and y, where there are sectors, and in r, in units of 100 mm; and its share of empty voxels.
        A layer without energy has its centre and width at zero.
        """
        columns = {"log10 E inc": np.log10(showers.incident_energy), "log10 E": np.log10(showers.total_energy() + _TINY)}
        geometry = showers.geometry
        voxels = geometry.voxels
        for layer, part in zip(geometry.layers, geometry.voxel_slices, strict=True):
            across = {"r": voxels.r[part]}
            if layer.n_alpha > 1:
                across |= {"x": voxels.x[part], "y": voxels.y[part]}
            columns |= dict(_of_layer(layer, showers.energies[:, part], across))
        return cls(tuple(columns), np.stack(list(columns.values()), axis=1))

    def with_response(self) -> Self:
        """The same and `RESPONSE` behind them."""
        ratio = 10 ** (self.column("log10 E") - self.column("log10 E inc"))
        return type(self)((*self.names, RESPONSE), np.column_stack([self.values, ratio]))

    def column(self, name: str) -> FloatArray:
        """One feature, shape (n,).

        Raises
        ------
        DataError
            If there is none of that name.
        """
        if name not in self.names:
            msg = f"there is no feature {name!r}; {nearest(name, self.names)}"
            raise DataError(msg)
        return np.asarray(self.values[:, self.names.index(name)])


def _of_layer(layer: Layer, energies: NDArray[np.float32], across: dict[str, FloatArray]) -> Iterator[tuple[str, FloatArray]]:
    """Names and values of one layer."""
    voxels = energies.astype(np.float64)
    total = voxels.sum(axis=1)
    yield f"log10 E layer {layer.id}", np.log10(total + _TINY)
    yield f"sparsity layer {layer.id}", 1.0 - np.count_nonzero(voxels, axis=1) / voxels.shape[1]
    share = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    for axis, place in across.items():
        mean = (voxels @ place) * share
        square = (voxels @ place**2) * share
        yield f"centre {axis} layer {layer.id}", mean / _HUNDRED
        yield f"width {axis} layer {layer.id}", np.sqrt(np.maximum(square - mean**2, 0)) / _HUNDRED


def voxel_inputs(showers: Showers) -> NDArray[np.float32]:
    """Low-level inputs of a classifier, as in the challenge: log10 of E inc in MeV, each voxel over E inc; shape (n, 1 + v)."""
    shares = showers.energies / showers.incident_energy[:, None].astype(np.float32)
    return np.column_stack([np.log10(showers.incident_energy).astype(np.float32), shares])


def manifold_inputs(showers: Showers, empty: float = 0.1) -> NDArray[np.float32]:
    """What neighbours are sought in, as in the challenge: log10 of each voxel in MeV, empty ones counting as `empty` MeV."""
    return np.log10(np.where(showers.energies > 0, showers.energies, np.float32(empty)))

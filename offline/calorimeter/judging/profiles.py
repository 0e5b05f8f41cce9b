"""Where showers leave their energy: means over layers and rings, and single showers, as figures show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.judging.samples import FloatArray, IndexArray
from offline.calorimeter.showers import Showers

__all__ = ["Profile", "ring_energies", "ring_layout", "shower_profiles"]


@dataclass(frozen=True, eq=False, slots=True)
class Profile:
    """Mean share of the energy of the particle, of both samples.

    Parameters
    ----------
    axis : str
        What the bins are of, with its unit.
    edges : ndarray of float64, shape (k + 1,)
        Of the bins.
    truth, generated, truth_error, generated_error : ndarray of float64, shape (k,)
        Means and their standard errors.
    """

    axis: str
    edges: FloatArray
    truth: FloatArray
    truth_error: FloatArray
    generated: FloatArray
    generated_error: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        arrays = {name: getattr(self, name).tolist() for name in self.__slots__ if name != "axis"}
        return {"axis": self.axis, **arrays}


def shower_profiles(truth: Showers, generated: Showers) -> dict[str, Profile]:
    """Profiles along the particle (`depth`) and across it (`radius`).

    Layers are bins of their numbers. Rings are those of all layers if all have the same, otherwise of the layer that holds most.
    """
    sides = [ring_energies(showers) / showers.incident_energy[:, None] for showers in (truth, generated)]
    layer_of_ring, geometry = ring_layout(truth.geometry), truth.geometry
    layers = [layer.id for layer in geometry.layers]
    starts = np.searchsorted(layer_of_ring, np.arange(geometry.n_layers))
    depth = _profile("layer", np.arange(-0.5, len(layers)), *(np.add.reduceat(side, starts, axis=1) for side in sides))
    if len({layer.r_edges for layer in geometry.layers}) == 1:
        rings = [side.reshape(len(side), geometry.n_layers, -1).sum(axis=1) for side in sides]
        chosen, axis = 0, "r [mm]"
    else:
        chosen = int(depth.truth.argmax())
        rings = [side[:, layer_of_ring == chosen] for side in sides]
        axis = f"r in layer {layers[chosen]} [mm]"
    return {"depth": depth, "radius": _profile(axis, np.array(geometry.layers[chosen].r_edges), *rings)}


def _profile(axis: str, edges: FloatArray, truth: FloatArray, generated: FloatArray) -> Profile:
    means = [(side.mean(axis=0), side.std(axis=0, ddof=1) / np.sqrt(len(side))) for side in (truth, generated)]
    return Profile(axis, edges, *means[0], *means[1])


def ring_layout(geometry: CalorimeterGeometry) -> IndexArray:
    """Index of the layer of each ring of all layers, shape (rings,)."""
    return np.repeat(np.arange(geometry.n_layers), [layer.n_r for layer in geometry.layers])


def ring_energies(showers: Showers) -> FloatArray:
    """Energy in each ring of each layer, all sectors together, shape (n, rings), MeV."""
    parts = []
    for layer, part in zip(showers.geometry.layers, showers.geometry.voxel_slices, strict=True):
        voxels = showers.energies[:, part].reshape(len(showers), layer.n_alpha, layer.n_r)
        parts.append(voxels.sum(axis=1, dtype=np.float64))
    return np.concatenate(parts, axis=1)

"""Showers to look at: the average one, and single ones side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.calorimeter.judging.profiles import ring_energies, ring_layout
from offline.calorimeter.judging.samples import FloatArray, IndexArray
from offline.calorimeter.showers import Showers

__all__ = ["Picked", "Pictures", "pictures_of"]


@dataclass(frozen=True, eq=False, slots=True)
class Picked:
    """Single showers of one kind.

    Parameters
    ----------
    rows : ndarray of int64, shape (n,)
        Where they are in their sample.
    incident_energy : ndarray of float64, shape (n,)
        MeV.
    energies : ndarray of float64, shape (n, rings)
        MeV, as in `Pictures`.
    """

    rows: IndexArray
    incident_energy: FloatArray
    energies: FloatArray

    @classmethod
    def of(cls, showers: Showers, rows: IndexArray) -> Picked:
        """The showers `rows`."""
        chosen = showers.select(rows)
        return cls(rows, chosen.incident_energy, ring_energies(chosen))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: np.round(getattr(self, name), 4).tolist() for name in self.__slots__}


@dataclass(frozen=True, eq=False, slots=True)
class Pictures:
    """Energies in rings, all sectors of a ring together.

    Parameters
    ----------
    layer_of_ring : ndarray of int64, shape (rings,)
        Index of the layer.
    r_edges : ndarray of float64, shape (rings, 2)
        Inner and outer edge, mm.
    truth, generated : ndarray of float64, shape (rings,)
        Mean energies, MeV.
    singles : mapping of str to Picked
        By what they are.
    """

    layer_of_ring: IndexArray
    r_edges: FloatArray
    truth: FloatArray
    generated: FloatArray
    singles: Mapping[str, Picked]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        arrays = {name: getattr(self, name).tolist() for name in ("layer_of_ring", "r_edges", "truth", "generated")}
        return {**arrays, "singles": {name: picked.to_dict() for name, picked in self.singles.items()}}


def pictures_of(truth: Showers, generated: Showers, rows: Mapping[str, tuple[str, IndexArray]]) -> Pictures:
    """Average of both samples, and the showers that `rows` names.

    Parameters
    ----------
    truth, generated : Showers
        The samples.
    rows : mapping of str to tuple
        Which sample, ``truth`` or ``generated``, and its rows, by what they are.
    """
    sides = {"truth": truth, "generated": generated}
    geometry = truth.geometry
    edges = [(low, high) for layer in geometry.layers for low, high in zip(layer.r_edges, layer.r_edges[1:], strict=False)]
    return Pictures(
        ring_layout(geometry),
        np.array(edges),
        ring_energies(truth).mean(axis=0),
        ring_energies(generated).mean(axis=0),
        {name: Picked.of(sides[side], chosen) for name, (side, chosen) in rows.items()},
    )
